"""Guard an ASGI app: check every request and WebSocket, limit sizes, hide details of failures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.web.security.complaints import Complaints
from workbench.web.security.headers import secure
from workbench.web.security.logins import VISITOR, Login
from workbench.web.security.origins import Addresses
from workbench.web.security.responses import FAILED, TOO_LARGE, Refusal, refuse

_LOG = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024


def _none(path: str) -> bool:
    return False


async def _nothing(visitor: str) -> None:
    return None


class Guard:
    """Lets through what the addresses and the login allow, within limits.

    Args:
        app: what is guarded.
        addresses: the names we answer to.
        login: who may come in.
        public: paths that need no login (a health check); their answers must reveal nothing.
        probes: of these, the paths that are answered under any Host: probes of a balancer ask by address.
        immutable: paths whose content never changes, so that browsers may keep it.
        edited: what is done to every page, before its policy is made.
        max_body: bytes of a request's body, and of one WebSocket message.
        ended: called with a visitor whose session is over while a WebSocket of his is open, before that is closed.
        recheck: seconds between looks whether the session of an open WebSocket is over.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        addresses: Addresses,
        login: Login,
        public: Callable[[str], bool] = _none,
        probes: tuple[str, ...] = (),
        immutable: Callable[[str], bool] = _none,
        edited: Callable[[bytes], bytes] = lambda html: html,
        max_body: int = MEGABYTE,
        ended: Callable[[str], Awaitable[None]] = _nothing,
        recheck: float = 15,
    ) -> None:
        self.app, self.addresses, self.login = app, addresses, login
        self.public, self.probes, self.immutable = public, probes, immutable
        self.edited, self.max_body = edited, max_body
        self.ended, self.recheck = ended, recheck
        self._complaints = Complaints()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        public = self.public(path)
        exchange = _Exchange(self, scope, receive, send, public=public)
        try:
            response = exchange.too_large() or self._refused(scope)
            if response is None and not public:
                request = Request(scope, exchange.receive)
                response = await self.login.answer(request)
                if response is None:
                    scope = {**scope, VISITOR: self.login.visitor(request)}
            exchange.kept = response is None and self.immutable(path)
            await (response or self.app)(scope, exchange.receive, exchange.send)
        except Exception as error:
            if not exchange.overflowed:
                self._complaints.failed(_LOG, f"{scope['method']} {path}", error)
        await exchange.finish()

    def _refused(self, scope: Scope) -> Response | None:
        probe = scope["path"] in self.probes and scope["method"] in ("GET", "HEAD")
        refusal = self.addresses.refusal(scope, any_host=probe)
        if refusal is None:
            return None
        _LOG.info("refused %s %r: %s", scope["method"], scope["path"], refusal.title)
        return refuse(refusal, Headers(scope=scope))

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        if self.addresses.refusal(scope) is not None or not self.login.admits(connection):
            _LOG.info("refused WebSocket %r", scope["path"])
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: HTTP 403
            return
        socket, visitor = _Socket(receive, send, max_body=self.max_body), self.login.visitor(connection)
        watching = asyncio.create_task(self._end_with_session(connection, socket, visitor))
        try:
            await self.app({**scope, VISITOR: visitor}, socket.receive, socket.send)
        except Exception as error:
            self._complaints.failed(_LOG, f"WebSocket {scope['path']}", error)
            await socket.send({"type": "websocket.close", "code": 1011})
        finally:
            if not socket.ending:
                watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _end_with_session(self, connection: HTTPConnection, socket: _Socket, visitor: str) -> None:
        """Close a WebSocket when the session that let it in is over: what is open asks for no cookie again."""
        while self.login.lasts(connection):  # noqa: ASYNC110  (it ends by the clock, too)
            await asyncio.sleep(self.recheck)
        socket.ending = True
        await self.ended(visitor)
        await socket.send({"type": "websocket.close", "code": 1008})


class _Exchange:
    """One request and its answer: it counts the body, and holds a page back until its content policy is computed."""

    def __init__(self, guard: Guard, scope: Scope, receive: Receive, send: Send, *, public: bool) -> None:
        self.overflowed = False
        self.kept = False  # whether browsers may keep what the app answers
        self._scope, self._receive, self._send = scope, receive, send
        self._headers = Headers(scope=scope)
        self._tls = guard.addresses.secure(self._headers.get("host", ""))
        self._left, self._edited = guard.max_body, guard.edited
        self._public = public
        self._held: list[Message] = []  # the start of a page whose body is still coming
        self._body, self._is_page = b"", False
        self._started = self._replaced = self._done = False

    def too_large(self) -> Response | None:
        """The refusal of a body that is announced as too large."""
        length = self._headers.get("content-length", "0")
        return refuse(TOO_LARGE, self._headers) if not length.isdigit() or int(length) > self._left else None

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.overflowed = True
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if self._replaced or self._done:
            return
        if message["type"] == "http.response.start":
            await self._start(message)
        elif message["type"] == "http.response.body" and self._held:
            await self._first_body(message)
        else:
            await self._pass(message)

    async def finish(self) -> None:
        """Answer for an app that failed, or that did not answer at all."""
        if not self._started:
            await self._replace(TOO_LARGE if self.overflowed else FAILED)

    async def _start(self, message: Message) -> None:
        """Hold the start of the answer back until its body begins: the app may fail; a page is changed whole."""
        status = message["status"]
        if self.overflowed or (status >= 500 and not (status == 503 and self._public)):
            await self._replace(TOO_LARGE if self.overflowed else FAILED)
            return
        headers = MutableHeaders(raw=list(message["headers"]))
        self._is_page = headers.get("content-type", "").startswith("text/html")
        self._held = [{**message, "headers": headers.raw}]

    async def _first_body(self, message: Message) -> None:
        if not self._is_page:
            await self._release({**message})
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._release({**message, "body": self._edited(self._body)})

    async def _release(self, message: Message) -> None:
        start = self._held.pop()
        headers = MutableHeaders(raw=start["headers"])
        body = message.get("body", b"")
        if self._is_page and body:  # the answer to HEAD has none
            headers["content-length"] = str(len(body))
        secure(
            headers,
            html=body if self._is_page else b"",
            cacheable=self.kept and start["status"] in (200, 304),
            tls=self._tls,
        )
        await self._pass(start)
        await self._pass(message)

    async def _replace(self, refusal: Refusal) -> None:
        self._held, self._replaced = [], True
        response = refuse(refusal, self._headers)
        secure(response.headers, html=bytes(response.body), tls=self._tls)
        self._started = True
        await response(self._scope, self._receive, self._send)

    async def _pass(self, message: Message) -> None:
        self._started = True
        self._done = message["type"] == "http.response.body" and not message.get("more_body", False)
        await self._send(message)


class _Socket:
    """One WebSocket: a message over the limit ends it."""

    def __init__(self, receive: Receive, send: Send, *, max_body: int) -> None:
        self._receive, self._send, self._max_body = receive, send, max_body
        self._closed = False
        self.ending = False  # whether it is being closed because its session is over

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.receive" and _size(message) > self._max_body:
            await self.send({"type": "websocket.close", "code": 1009})
            return {"type": "websocket.disconnect", "code": 1009}
        self._closed = self._closed or message["type"] == "websocket.disconnect"
        return message

    async def send(self, message: Message) -> None:
        if self._closed:
            return
        self._closed = message["type"] == "websocket.close"
        await self._send(message)


def _size(message: Message) -> int:
    return len(message.get("bytes") or b"") or len((message.get("text") or "").encode())
