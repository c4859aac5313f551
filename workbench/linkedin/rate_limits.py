"""How fast and how much we may ask: concurrency, rate, pauses, and quotas that are spent until midnight UTC."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from workbench.clock import Clock, utc_now
from workbench.private_files import make_private_folder


class Limiter:
    """At most `concurrency` requests at a time, `per_second` a second, and none while an endpoint is paused.

    Create it inside the event loop that uses it.
    """

    def __init__(self, *, concurrency: int, per_second: float) -> None:
        self._places = asyncio.Semaphore(concurrency)
        self._interval = 1 / per_second
        self._next_turn = 0.0
        self._paused_until: dict[str, float] = {}

    @asynccontextmanager
    async def place(self, endpoint: str) -> AsyncIterator[None]:
        """Wait for a turn, and hold a place while the request is under way; who waits out a pause holds none."""
        while True:
            while (wait := self._paused(endpoint)) > 0:  # noqa: ASYNC110  (it may grow meanwhile)
                await asyncio.sleep(wait)
            async with self._places:
                await asyncio.sleep(self._turn() - _now())
                if self._paused(endpoint) <= 0:  # it may have begun while we waited
                    yield
                    return

    def pause(self, endpoint: str, seconds: float) -> None:
        """Nobody asks `endpoint` for the next `seconds`."""
        self._paused_until[endpoint] = max(_now() + seconds, self._paused_until.get(endpoint, 0.0))

    def _paused(self, endpoint: str) -> float:
        return self._paused_until.get(endpoint, 0.0) - _now()

    def _turn(self) -> float:
        turn = max(_now(), self._next_turn)
        self._next_turn = turn + self._interval
        return turn


class Quotas:
    """Which endpoints have spent their day's quota, and until when; remembered for the next process.

    The file is a convenience: lost or unreadable, it costs one refused request.
    """

    def __init__(self, file: Path | None, *, whose: str = "", clock: Clock = utc_now) -> None:
        """Read what is remembered.

        Args:
            file: where to remember; None forgets with the process.
            whose: whom the quotas belong to: a server, and an app or member there.
            clock: the time in UTC.
        """
        self._file = file
        self._whose = whose
        self._clock = clock
        self._until: dict[str, datetime] = _read(file).get(whose, {}) if file else {}

    def spent_until(self, endpoint: str) -> datetime | None:
        """The moment from which `endpoint` may be asked again, or None if it may be asked now."""
        until = self._until.get(endpoint)
        return until if until and until > self._clock() else None

    def spend(self, endpoint: str, until: datetime) -> None:
        """Remember that `endpoint` refuses everything until then."""
        self._until[endpoint] = until
        if self._file is not None:
            with suppress(OSError):
                _write(self._file, {**_read(self._file), self._whose: self._until})


def _now() -> float:
    return asyncio.get_running_loop().time()


def _read(file: Path) -> dict[str, dict[str, datetime]]:
    try:
        return {str(whose): _moments(entries) for whose, entries in json.loads(file.read_bytes()).items()}
    except (OSError, ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return {}


def _moments(entries: dict[str, str]) -> dict[str, datetime]:
    return {str(endpoint): datetime.fromisoformat(moment).astimezone(UTC) for endpoint, moment in entries.items()}


def _write(file: Path, quotas: dict[str, dict[str, datetime]]) -> None:
    make_private_folder(file.parent)
    descriptor, unfinished = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".unfinished", dir=file.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        json.dump(quotas, written, default=datetime.isoformat)
    Path(unfinished).replace(file)
