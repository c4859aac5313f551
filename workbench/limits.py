"""How fast and how much we may ask: concurrency, rate, pauses, and quotas that are spent until midnight UTC."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


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
        """Wait for a turn, and hold a place while the request is under way."""
        async with self._places:
            await asyncio.sleep(self._turn() - _now())
            while (wait := self._paused_until.get(endpoint, 0.0) - _now()) > 0:  # noqa: ASYNC110  (it may grow meanwhile)
                await asyncio.sleep(wait)
            yield

    def pause(self, endpoint: str, seconds: float) -> None:
        """Nobody asks `endpoint` for the next `seconds`."""
        self._paused_until[endpoint] = max(_now() + seconds, self._paused_until.get(endpoint, 0.0))

    def _turn(self) -> float:
        turn = max(_now(), self._next_turn)
        self._next_turn = turn + self._interval
        return turn


class Quotas:
    """Which endpoints have spent their day's quota, and until when; remembered for the next process.

    The file is a convenience: lost or unreadable, it costs one refused request.
    """

    def __init__(self, file: Path | None, *, clock: Clock = utc_now) -> None:
        self._file = file
        self._clock = clock
        self._until: dict[str, datetime] = _read(file) if file else {}

    def spent_until(self, endpoint: str) -> datetime | None:
        """The moment from which `endpoint` may be asked again, or None if it may be asked now."""
        until = self._until.get(endpoint)
        return until if until and until > self._clock() else None

    def spend(self, endpoint: str, until: datetime) -> None:
        """Remember that `endpoint` refuses everything until then."""
        self._until[endpoint] = until
        if self._file is not None:
            with suppress(OSError):
                _write(self._file, {name: moment.isoformat() for name, moment in self._until.items()})


def _now() -> float:
    return asyncio.get_running_loop().time()


def _read(file: Path) -> dict[str, datetime]:
    try:
        entries = json.loads(file.read_bytes())
        return {str(name): datetime.fromisoformat(moment).astimezone(UTC) for name, moment in entries.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write(file: Path, entries: dict[str, str]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.unfinished")
    unfinished.write_text(json.dumps(entries), encoding="utf-8")
    unfinished.replace(file)
