"""Answer `/ready`: whether the data can be read and how old it is. No name, no secret, no internal reason.

However many ask, the source is asked at most every other second.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from workbench.errors import WorkbenchError
from workbench.queries.sources import Source

_LOG = logging.getLogger(__name__)

Ready = Callable[[], Mapping[str, Any]]

ANSWER_SECONDS = 2.0  # an answer serves for this long
TIMEOUT = 5.0


def readiness(source: Source = "database") -> Mapping[str, Any]:
    """`{"ready": …, "source": …, "complete_until": …, "age_days": …}`; without data the last two are None."""
    from workbench.clock import utc_now
    from workbench.queries.api import query

    try:
        accounts = query("accounts", source=source)
    except WorkbenchError as error:
        why = "nothing synced yet" if getattr(error, "nothing_synced", False) else "out of reach"
        return {"ready": False, "source": source, "why": why}
    days: list[date] = [day for day in accounts["last_complete_day"] if day is not None]
    until = min(days, default=None)
    age = (utc_now().date() - until).days if until else None
    return {"ready": True, "source": source, "complete_until": str(until) if until else None, "age_days": age}


class Readiness:
    """An endpoint that answers with the last result of `ready`, or 503."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._asked, self._facts = float("-inf"), dict[str, Any]()
        self._lock: asyncio.Lock | None = None

    async def answer(self, request: Request) -> Response:
        self._lock = self._lock or asyncio.Lock()  # a lock belongs to the loop that first uses it
        async with self._lock:
            if time.monotonic() - self._asked > ANSWER_SECONDS:
                self._facts = await self._ask()
                self._asked = time.monotonic()
        return JSONResponse(self._facts, 200 if self._facts["ready"] else 503)

    async def _ask(self) -> dict[str, Any]:
        try:
            facts = await asyncio.wait_for(asyncio.to_thread(self._ready), TIMEOUT)
        except Exception as error:
            _LOG.warning("Not ready: %s", error)
            return {"ready": False}
        return {"ready": True, **facts}
