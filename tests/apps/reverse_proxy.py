"""A reverse proxy with TLS in front of a server of ours: what nginx does, in as few lines as show what matters."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

from workbench.web.server import free_port


class ReverseProxy:
    """Answers `https://localhost:<port>` with what `target` says; one request a connection, WebSockets included.

    Args:
        target: the port behind.
        folder: where its certificate lies.
        strip: a path that it takes away in front of every other.
    """

    def __init__(self, folder: Path, *, strip: str = "") -> None:
        self.port, self.target = free_port(), 0
        self.origin, self._strip = f"https://localhost:{self.port}", strip.encode()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(*_certificate(folder))

    def __enter__(self) -> ReverseProxy:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *failure: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, address = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(near, address[0]), daemon=True).start()

    def _pass_on(self, near: socket.socket, visitor: str) -> None:
        with suppress(OSError), self._tls.wrap_socket(near, server_side=True) as secured:
            head, separator, rest = _head(secured)
            if not separator:
                return
            with socket.create_connection(("127.0.0.1", self.target)) as far:
                far.sendall(self._rewritten(head, visitor) + separator + rest)
                back = threading.Thread(target=_pump, args=(far, secured), daemon=True)
                back.start()
                _pump(secured, far)
                back.join()

    def _rewritten(self, head: bytes, visitor: str) -> bytes:
        """The path without the prefix, who asks and how; one answer a connection, unless it becomes a WebSocket."""
        request, *headers = head.split(b"\r\n")
        method, path, version = request.split(b" ")
        if self._strip and path.startswith(self._strip):
            path = b"/" + path.removeprefix(self._strip).lstrip(b"/")
        upgrade = re.search(rb"(?i)\r\nupgrade: *websocket", head) is not None
        ours = (b"connection",) if not upgrade else ()
        dropped = (*ours, b"x-forwarded-for", b"x-forwarded-proto")
        kept = [header for header in headers if header.partition(b":")[0].lower() not in dropped]
        kept += [b"X-Forwarded-For: " + visitor.encode(), b"X-Forwarded-Proto: https"]
        kept += [] if upgrade else [b"Connection: close"]
        return b"\r\n".join([b" ".join([method, path, version]), *kept])


def _head(source: ssl.SSLSocket) -> tuple[bytes, bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received and (data := source.recv(65536)):
        received += data
    return received.partition(b"\r\n\r\n")


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """All that comes from one goes to the other; its end ends both."""
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that says localhost, and its key."""
    openssl, certificate, key = shutil.which("openssl"), folder / "proxy.pem", folder / "proxy.key"
    assert openssl, "these tests need openssl"
    arguments = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    places = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", "-x509", *arguments, *places], check=True, capture_output=True)
    return certificate, key
