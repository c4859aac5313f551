"""A server that speaks as much of S3 as snapshots need, with faults to order: put once, get, list.

Faults: "503", "403", "slow", "drop" (no answer) and "lost" (done, but no answer).
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "bucket"
SECRET = "secret-of-the-storage-4711"


@dataclass
class Storage:
    """The content of the server, what was asked, and what is to go wrong."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def fault_at(self, method: str, part: str, do: str, times: int = 1) -> None:
        """Let the next requests of a method whose address has this part go wrong."""
        self.faults.append({"method": method, "part": part, "do": do, "times": times})

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "key-of-the-storage",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "eu-central-1",
            "AWS_ALLOW_HTTP": "true",
        }

    def fault(self, request: str) -> str | None:
        with self.mutex:
            self.asked.append(request)
            for fault in self.faults:
                hit = request.startswith(fault["method"]) and fault["part"] in request
                if hit and fault["times"] > 0:
                    fault["times"] -= 1
                    return str(fault["do"])
        return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    storage: Storage

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key, fault = self._key(), self._fault()
        if fault == "stopped":
            return
        with self.storage.mutex:
            taken = key in self.storage.objects and self.headers.get("If-None-Match") == "*"
            if not taken:
                self.storage.objects[key] = body
        if fault == "lost":
            self.close_connection = True
            return
        self._answer(412 if taken else 200, b"", body)

    def do_GET(self) -> None:
        key, fault = self._key(), self._fault()
        if fault == "stopped":
            return
        if not key:
            self._answer(200, self._listing())
        elif key in self.storage.objects:
            self._answer(200, self.storage.objects[key], self.storage.objects[key])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET

    def _key(self) -> str:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        bucket, _, key = path.partition("/")
        assert bucket == BUCKET, path
        return key

    def _fault(self) -> str | None:
        fault = self.storage.fault(f"{self.command} {self.path}")
        if fault == "503":
            self._answer(503, b"<Error><Code>SlowDown</Code></Error>")
        elif fault == "403":
            self._answer(403, f"<Error><Code>AccessDenied</Code><Message>{SECRET}</Message></Error>".encode())
        elif fault == "drop":
            self.close_connection = True
        elif fault == "slow":
            time.sleep(0.5)
        return "stopped" if fault in ("503", "403", "drop") else fault

    def _listing(self) -> bytes:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter")
        found = sorted(key for key in list(self.storage.objects) if key.startswith(prefix))
        folders = {f"{prefix}{key[len(prefix) :].partition('/')[0]}/" for key in found if "/" in key[len(prefix) :]}
        keys = [key for key in found if not delimiter or "/" not in key[len(prefix) :]]
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-22T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{_etag(self.storage.objects[key])}&quot;</ETag>"
            f"<Size>{len(self.storage.objects[key])}</Size></Contents>"
            for key in keys
        )
        common = "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in sorted(folders))
        return (
            f'<?xml version="1.0"?><ListBucketResult><Name>{BUCKET}</Name><Prefix>{escape(prefix)}</Prefix>'
            f"<IsTruncated>false</IsTruncated>{contents}{common if delimiter else ''}</ListBucketResult>"
        ).encode()

    def _answer(self, status: int, body: bytes, about: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/xml")
        self.send_header("ETag", f'"{_etag(about)}"')
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@contextmanager
def object_storage() -> Iterator[Storage]:
    """A server on loopback, for the block."""
    storage = Storage()
    handler = type("Handler", (_Handler,), {"storage": storage})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    storage.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield storage
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
