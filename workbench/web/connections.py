"""Bound the connections of a server: how many there are, and how long each may keep it waiting.

uvicorn waits for ever for a request's head, for its body and for a WebSocket's handshake, so silent connections would
use up the process's files. Here each has a deadline. Where there are too many, the one that has been silent longest is
closed, and where none is silent, newcomers get 503, except for `/health`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import h11
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from workbench.web.security.complaints import Complaints
from workbench.web.security.passwords import network

_LOG = logging.getLogger(__name__)

BACKLOG = 32  # how many are accepted at once: so many files may be open before the first of them is refused
_FILES = 4096  # some systems give a process only 256


@dataclass(frozen=True)
class Limits:
    """How many connections there may be, and how many seconds each has.

    Attributes:
        total: at once; at most half of the files that the process may open.
        each: at once from one client, an IPv4 address or an IPv6 /64; trusted proxies are not clients.
        spare: how many more than that are answered with 503, or about `/health`.
        head: until a request's head has come, or a WebSocket is accepted.
        body: until a request's body has come.
        stalled: until a client reads on.
    """

    total: int = 512
    each: int = 128
    spare: int = 32
    head: float = 10
    body: float = 60
    stalled: float = 60


class Connections:
    """All connections of a server.

    Args:
        limits: their bounds.
        proxies: addresses and networks whose connections are those of many people.
    """

    def __init__(self, limits: Limits | None = None, *, proxies: Sequence[str] = ()) -> None:
        self.limits = limits or Limits()
        self._total = min(self.limits.total, _raised_file_limit() // 2)
        self._proxies = [ipaddress.ip_network(proxy) for proxy in proxies]
        self._open: dict[asyncio.Transport, _Connection] = {}  # the one that came or was answered first is first

    def protocols(self) -> dict[str, Any]:
        """The options of a `uvicorn.Config` that make its connections ours."""
        return {"http": partial(_Http, self), "ws": partial(_WebSocket, self), "backlog": BACKLOG}

    def opened(self, transport: asyncio.Transport) -> bool:
        """Whether a new connection may ask for more than `/health`."""
        client = self._client(transport)
        there = [one for one in self._open.values() if not one.closing]
        usual = [one for one in there if not one.spare]
        mates = [one for one in usual if one.client == client]
        room = client is None or len(mates) < self.limits.each or _close_silent(mates)
        room = room and (len(usual) < self._total or _close_silent(usual))
        self._open[transport] = _Connection(transport, client, spare=not room)
        self.wait(transport, self.limits.head)
        spare = [one for one in there if one.spare]
        if not room and len(spare) >= self.limits.spare and not _close_silent(spare):
            transport.abort()
        return room

    def closed(self, transport: asyncio.Transport) -> None:
        """Forget a connection."""
        if (connection := self._open.pop(transport, None)) is not None:
            connection.proceed()

    def wait(self, transport: asyncio.Transport, seconds: float) -> None:
        """Close a connection unless it goes on within `seconds`; it counts as silent from now on."""
        if (connection := self._open.pop(transport, None)) is not None:
            self._open[transport] = connection
            connection.wait(seconds, grace=self.limits.stalled)

    def proceed(self, transport: asyncio.Transport) -> None:
        """Remove a connection's deadline: its request is complete."""
        if (connection := self._open.get(transport)) is not None:
            connection.proceed()

    def _client(self, transport: asyncio.Transport) -> str | None:
        """The client's address; None for a proxy, or without an address."""
        peer = transport.get_extra_info("peername")
        if not isinstance(peer, tuple):
            return None
        client = network(str(peer[0]))
        with suppress(ValueError):
            address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
            if any(address in proxy for proxy in self._proxies):
                return None
        return client


class _Connection:
    """One connection and its deadline."""

    def __init__(self, transport: asyncio.Transport, client: str | None, *, spare: bool) -> None:
        self._transport, self.client, self.spare = transport, client, spare
        self._timer: asyncio.TimerHandle | None = None

    @property
    def closing(self) -> bool:
        return self._transport.is_closing()

    @property
    def silent(self) -> bool:
        return self._timer is not None and not self.closing

    def wait(self, seconds: float, *, grace: float) -> None:
        self.proceed()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._late, grace)

    def proceed(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def abort(self) -> None:
        self._transport.abort()

    def _late(self, grace: float) -> None:
        if grace and self._transport.get_write_buffer_size():  # a slow reader still gets the end of the last answer
            self.wait(grace, grace=0)
        else:
            self.abort()


def _close_silent(connections: Iterable[_Connection]) -> bool:
    """Close the one that has been silent longest, if there is any."""
    for connection in connections:
        if connection.silent:
            connection.abort()
            return True
    return False


class _Http(H11Protocol):
    """uvicorn's HTTP protocol, with deadlines."""

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._all = connections
        self._phase = "head"

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if not self._all.opened(transport):
            self.app = _only_health(self.app)
            self.ws_protocol_class = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.closed(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is self:  # not an upgraded one
            self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._phase = "answered"
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._all.wait(self.transport, self._all.limits.stalled)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._phase = "reading on"
        self._watch()

    def _watch(self) -> None:
        """Give the phase that has begun its deadline; what trickles in within a phase does not renew it."""
        phase = self._now()
        if phase == self._phase:
            return
        self._phase = phase
        limits = self._all.limits
        if phase == "answer":
            self._all.proceed(self.transport)
        else:
            self._all.wait(self.transport, limits.body if phase == "body" else limits.head)

    def _now(self) -> str:
        if self.conn.their_state is h11.SEND_BODY:
            return "body"
        return "answer" if self.cycle is not None and not self.cycle.response_complete else "head"


class _WebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, with deadlines."""

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._all = connections

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._all.wait(transport, self._all.limits.head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.closed(self.transport)
        super().connection_lost(exc)

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._all.proceed(self.transport)
        elif message["type"] == "websocket.close":
            self._all.wait(self.transport, self._all.limits.head)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._all.wait(self.transport, self._all.limits.stalled)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._all.proceed(self.transport)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._all.wait(self.transport, 0)  # who answers no ping reads no goodbye either


def _only_health(app: Any) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("/health"):
            await app(scope, receive, send)
            return
        headers = {"connection": "close", "retry-after": "10", "cache-control": "no-store"}
        busy = PlainTextResponse("Too many connections are open. Try again in a few seconds.\n", 503, headers)
        await busy(scope, receive, send)

    return answer


def _raised_file_limit() -> int:
    """How many files this process may open, after it has asked for enough of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return _FILES if soft == resource.RLIM_INFINITY else soft


def quiet_handler(
    *, every: float = 60, clock: Callable[[], float] = time.monotonic
) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """A handler for the event loop's complaints that logs one line about each kind a minute.

    Whatever a visitor can bring about he can bring about without end, and asyncio writes a traceback each time.
    """
    complaints = Complaints(every=every, clock=clock)

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        message = str(context.get("message"))[:200]
        error = type(context.get("exception")).__name__
        if complaints.due(f"{message.partition('(')[0].partition('<')[0]} {error}"):  # arguments differ each time
            _LOG.error("%s (%s)", message, error)

    return handle
