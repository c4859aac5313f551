"""Bind marimo's sessions to the visitor who opened them, and bound their number.

Every open page has a session of marimo's: a kernel, its files and a WebSocket. The browser chooses its id, so an id
alone must not be enough to take part in it. Where there are too many, the one that has been idle longest is ended, and
its page says why.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.web.security.logins import VISITOR
from workbench.web.security.responses import Refusal, refuse

_LOG = logging.getLogger(__name__)

NO_SESSION = Refusal(404, "This page is no longer open here.", "Reload it.")
CROWDED = ("This page was closed to make room.", "Too many pages were open. Reload it to go on.")
LEFT = ("You have signed out.", "Reload the page to sign in again.")
OVER = ("Your sign-in has ended.", "Reload the page to sign in again.")

_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_OURS_TO_SAY = frozenset({"file", "kiosk", "access_token"})  # which notebook, and how: only the address says it
_GOODBYE_SECONDS = 2.0
_STARTING_SECONDS, _PAUSE = 15.0, 0.1


class Manager(Protocol):
    """The part of marimo's session manager that is used here; every page has one."""

    @property
    def sessions(self) -> Mapping[Any, Any]:
        """The sessions there are, by id."""

    def close_session(self, session_id: Any) -> bool:
        """End a session, with its kernel and files."""


@dataclass(frozen=True)
class PageLimits:
    """How many pages may be open at once: by one visitor, and in all."""

    each: int = 16
    total: int = 64


class PageSessions:
    """In front of marimo: lets visitors use their own sessions, within limits.

    Args:
        app: marimo's pages.
        managers: the session manager of each page, by the page's path.
        limits: how many sessions there may be.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        app: ASGIApp,
        managers: Mapping[str, Manager],
        *,
        limits: PageLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app, self._managers, self._clock = app, managers, clock
        self._limits = limits or PageLimits()
        self._open: dict[tuple[str, str], _Session] = {}
        self._ending: dict[asyncio.Task[None], str] = {}  # of whom

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "query_string": _without_ours(scope["query_string"])}
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["method"] == "POST" and not self._own(scope):
            await refuse(NO_SESSION, Headers(scope=scope))(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def leave(self, visitor: str) -> None:
        """End all sessions of a visitor who signs out."""
        await asyncio.gather(*(self._end(one, LEFT) for one in self._of(visitor)))

    async def expire(self, visitor: str) -> None:
        """End all sessions of a visitor whose sign-in is over."""
        await asyncio.gather(*(self._end(one, OVER) for one in self._of(visitor)))

    def _own(self, scope: Scope) -> bool:
        """Whether a request names a session of its visitor's on this page; it is not idle then."""
        named = Headers(scope=scope).getlist("marimo-session-id")
        found = self._open.get((self._page(scope), named[0])) if len(named) == 1 else None
        if found is None or found.visitor != scope.get(VISITOR, ""):
            return False
        found.seen = self._clock()
        return True

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        page, visitor = self._page(scope), scope.get(VISITOR, "")
        named = [value for name, value in parse_qsl(scope["query_string"].decode("latin-1")) if name == "session_id"]
        known = self._open.get((page, named[0])) if len(named) == 1 else None
        plain = len(named) == 1 and _ID.fullmatch(named[0]) is not None
        if not plain or (self._hurried(visitor) if known is None else known.visitor != visitor):
            _LOG.info("refused a WebSocket: no session of this visitor, or too many that still start")
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if known is None:
            await self._make_room(visitor)
        session = self._open.setdefault((page, named[0]), _Session(page, named[0], visitor, self._clock()))
        wire = session.wire = _Wire(send)
        try:
            await self.app(scope, receive, wire.send)
        except Exception:
            if not wire.closed:  # marimo does not expect that a page it starts is closed
                raise
        finally:
            session.seen = self._clock()
            if session.wire is wire:
                session.wire = None
                if not session.ended and session.id not in self._managers[page].sessions:
                    self._end_when_started(session)

    def _hurried(self, visitor: str) -> bool:
        """Whether too many sessions are still starting although their pages are closed."""
        own = sum(one == visitor for one in self._ending.values())
        return (bool(visitor) and own >= self._limits.each) or len(self._ending) >= self._limits.total

    def _end_when_started(self, session: _Session) -> None:
        """End a session once it has started: marimo cannot close it before, and would keep it for two minutes."""
        if self._open.get((session.page, session.id)) is session:
            del self._open[session.page, session.id]
        task = asyncio.create_task(self._wait_and_end(session))
        self._ending[task] = session.visitor
        task.add_done_callback(self._ending.pop)

    async def _wait_and_end(self, session: _Session) -> None:
        for _ in range(int(_STARTING_SECONDS / _PAUSE)):
            if (session.page, session.id) in self._open:  # its page came back
                return
            if self._managers[session.page].close_session(session.id):
                return
            await asyncio.sleep(_PAUSE)

    def _page(self, scope: Scope) -> str:
        path: str = scope["path"]
        return next((page for page in self._managers if path.startswith(f"{page}/")), "")

    async def _make_room(self, visitor: str) -> None:
        """Make room for one more: end the longest idle session, of this visitor, else of the visitor who has most."""
        self._forget()
        if visitor and len(own := self._of(visitor)) >= self._limits.each:
            await self._end(min(own, key=_use), CROWDED)
        if len(self._open) >= self._limits.total:
            shares = Counter(one.visitor for one in self._open.values())
            most = max(shares.values())
            candidates = [one for one in self._open.values() if shares[one.visitor] == most]
            await self._end(min(candidates, key=_use), CROWDED)

    def _of(self, visitor: str) -> list[_Session]:
        return [one for one in self._open.values() if one.visitor == visitor]

    def _forget(self) -> None:
        """Forget sessions that marimo has ended, some time after their page was closed."""
        for key, one in list(self._open.items()):
            if one.wire is None and one.id not in self._managers[one.page].sessions:
                del self._open[key]

    async def _end(self, session: _Session, why: tuple[str, str]) -> None:
        session.ended = True
        self._open.pop((session.page, session.id), None)
        if session.wire is not None:
            await session.wire.say_goodbye(*why)
        if not self._managers[session.page].close_session(session.id):
            self._end_when_started(session)


@dataclass
class _Session:
    page: str
    id: str
    visitor: str
    seen: float
    wire: _Wire | None = None
    ended: bool = False


def _use(session: _Session) -> tuple[bool, float]:
    """A sort key that is smaller the less a session is used; closed pages come first."""
    return session.wire is not None, session.seen


class _Wire:
    """The WebSocket of an open page."""

    def __init__(self, send: Send) -> None:
        self._send, self._accepted, self.closed = send, False, False

    async def send(self, message: Message) -> None:
        if self.closed:
            return
        self._accepted = self._accepted or message["type"] == "websocket.accept"
        self.closed = message["type"] == "websocket.close"
        await self._send(message)

    async def say_goodbye(self, title: str, description: str) -> None:
        """Show a banner, and close it so that the page does not come back by itself."""
        banner = {"op": "banner", "data": {"op": "banner", "title": title, "description": description}}
        with suppress(Exception):  # whatever keeps a goodbye from arriving must not keep the session
            async with asyncio.timeout(_GOODBYE_SECONDS):
                if self._accepted:
                    await self.send({"type": "websocket.send", "text": json.dumps(banner)})
                await self.send({"type": "websocket.close", "code": 1000, "reason": "MARIMO_SHUTDOWN"})


def _without_ours(query: bytes) -> bytes:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    kept = [pair for pair in pairs if pair[0] not in _OURS_TO_SAY]
    return query if len(kept) == len(pairs) else urlencode(kept, encoding="latin-1").encode()
