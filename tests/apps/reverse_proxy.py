"""A reverse proxy with TLS in front of a server of ours: what nginx does, in as few lines as show what matters."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
import subprocess
import threading
from contextlib import closing, suppress
from pathlib import Path

from workbench.web.server import free_port

_HEAD_ENDS = b"\r\n\r\n"


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
        self._loop = asyncio.new_event_loop()  # of one thread: before Python 3.13 two may not share a TLS connection
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> ReverseProxy:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, *failure: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port, ssl=self._tls)

    async def _end(self) -> None:
        self._server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _pass_on(self, from_visitor: asyncio.StreamReader, to_visitor: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError), closing(to_visitor):
            head = (await from_visitor.readuntil(_HEAD_ENDS)).removesuffix(_HEAD_ENDS)
            visitor = to_visitor.get_extra_info("peername")[0]
            from_target, to_target = await asyncio.open_connection("127.0.0.1", self.target)
            with closing(to_target):
                to_target.write(self._rewritten(head, visitor) + _HEAD_ENDS)
                ways = [_pump(from_visitor, to_target), _pump(from_target, to_visitor)]
                await _first_of([asyncio.ensure_future(way) for way in ways])

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


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()


async def _first_of(ways: list[asyncio.Future[None]]) -> None:
    """Wait until one of them has ended, and end the others."""
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that says localhost, and its key."""
    openssl, certificate, key = shutil.which("openssl"), folder / "proxy.pem", folder / "proxy.key"
    assert openssl, "these tests need openssl"
    arguments = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    places = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, "req", "-x509", *arguments, *places], check=True, capture_output=True)
    return certificate, key
