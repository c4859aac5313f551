"""Receive LinkedIn's redirect after consent, with a one-shot web server on loopback.

It answers one path once and everything else with 404. It never listens beyond this machine and does not use the code.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

from workbench.errors import ConfigurationError
from workbench.paths import NO_SUCH_ADDRESS, is_loopback

Reply = Callable[[str], str | None]
"""The page for a query that belongs to this sign-in, None for any other."""

_BROWSER_SECONDS = 10
_VISITS = 64  # connections at once: silent ones would use up the files of the process, and no browser could come in
_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\r\n"
)
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>:root{{color-scheme:light dark}}body{{font:17px/1.5 system-ui,sans-serif;max-width:30rem;
margin:20vh auto;padding:0 1.5rem}}h1{{font-size:1.5rem}}</style><h1>{title}</h1><p>{text}</p></html>"""


def page(title: str, text: str) -> str:
    """A small HTML page; title and text are our own words, never a visitor's."""
    return _PAGE.format(title=title, text=text)


def can_listen(redirect_uri: str) -> bool:
    """Whether a redirect to this URI reaches a plain server on this machine."""
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def check_port(redirect_uri: str) -> None:
    """Listen at the redirect URI for a moment.

    Raises:
        ConfigurationError: the port cannot be listened on.
    """
    parts = urlsplit(redirect_uri)
    for listener in _listeners(parts.hostname or "", parts.port or 80):
        listener.close()


class Callback:
    """Listens at the redirect URI from `async with` until its end.

    Raises:
        ConfigurationError: the port cannot be listened on.
    """

    def __init__(self, redirect_uri: str, reply: Reply) -> None:
        parts = urlsplit(redirect_uri)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._path = parts.path or "/"
        self._reply = reply
        self._servers: list[asyncio.Server] = []
        self._visits: dict[asyncio.Task[None], asyncio.StreamWriter] = {}  # the one that came first is first

    async def __aenter__(self) -> Self:
        self._query: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._taken = False
        for listener in _listeners(self._host, self._port):
            self._servers.append(await asyncio.start_server(self._visit, sock=listener))
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for writer in self._visits.values():
            writer.transport.abort()  # browsers hold connections open that they may never use
        await asyncio.gather(*self._visits, return_exceptions=True)
        self._query.cancel()

    async def query(self, seconds: float) -> str:
        """The query LinkedIn sent the browser back with.

        Raises:
            TimeoutError: it did not come in time.
        """
        return await asyncio.wait_for(asyncio.shield(self._query), seconds)

    def fail(self, error: Exception) -> None:
        """Raise `error` in the caller that waits for the query."""
        if not self._query.done():
            self._query.set_exception(error)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = asyncio.current_task()
        assert visit is not None  # noqa: S101  # asyncio runs this as a task
        if len(self._visits) >= _VISITS:
            self._visits.pop(next(iter(self._visits))).transport.abort()
        self._visits[visit] = writer
        try:
            with suppress(TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
                async with asyncio.timeout(_BROWSER_SECONDS):
                    await self._answer(await reader.readuntil(b"\r\n\r\n"), writer)
        finally:
            self._visits.pop(visit, None)
            writer.close()

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        if (target := _target(head)) is None:
            return
        path, _, query = target.partition("?")
        text = self._reply(query) if path == self._path and not self._taken else None
        self._taken = self._taken or text is not None
        body = (text or page("Nothing here", "This address only receives LinkedIn's answer, once.")).encode()
        status = "404 Not Found" if text is None else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\n{_HEADERS.format(length=len(body))}".encode() + body)
        try:
            await writer.drain()
        finally:
            if text is not None and not self._query.done():
                self._query.set_result(query)


def _target(head: bytes) -> str | None:
    """The path and query of a GET, or None for what no browser sends."""
    words = head.partition(b"\r\n")[0].split(b" ")
    if len(words) != 3 or words[0] != b"GET" or not words[1].startswith(b"/") or not words[2].startswith(b"HTTP/1."):
        return None
    return words[1].decode("ascii") if words[1].isascii() else None


def _listeners(host: str, port: int) -> list[socket.socket]:
    """Sockets on loopback; `localhost` may mean IPv4 or IPv6 to a browser, so both where there are both."""
    listeners: list[socket.socket] = []
    refused: OSError | None = None
    for address in ("127.0.0.1", "::1") if host == "localhost" else (host,):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            listeners.append(socket.create_server((address, port), family=family))
        except OSError as error:
            refused = error
            if error.errno in NO_SUCH_ADDRESS and host == "localhost":
                continue  # a machine without IPv4, or without IPv6
            for listener in listeners:
                listener.close()
            raise _not_listening(port, error) from error
    if not listeners:
        assert refused is not None  # noqa: S101  # no listener: each address was refused
        raise _not_listening(port, refused) from refused
    return listeners


def _not_listening(port: int, error: OSError) -> ConfigurationError:
    busy = error.errno == errno.EADDRINUSE
    return ConfigurationError(
        "LinkedIn's answer cannot be received.",
        why=f"Another program uses port {port}." if busy else f"Port {port}: {error.strerror or error}.",
        next_step="Stop it, or register another port as redirect URL on the app's Auth tab and set "
        "LINKEDIN_REDIRECT_URI to it; `workbench auth login --paste` needs no port.",
    )
