"""Limit requests: how many at a time and a second, pauses, and quotas that are spent until midnight UTC."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.clock import Clock, utc_now
from workbench.files import atomic_write, make_private_folder

_LAST_TRIES = 5  # requests that still go to an endpoint after one has waited in vain


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
        """Wait for a turn, and hold a place during the request. A request that waits out a pause holds no place."""
        while True:
            while (wait := self._paused(endpoint)) > 0:  # noqa: ASYNC110  (it may grow meanwhile)
                await asyncio.sleep(wait)
            async with self._places:
                await asyncio.sleep(self._turn() - _now())
                if self._paused(endpoint) <= 0:  # it may have begun while we waited
                    yield
                    return

    def pause(self, endpoint: str, seconds: float) -> None:
        """Let no request to `endpoint` begin for the next `seconds`."""
        self._paused_until[endpoint] = max(_now() + seconds, self._paused_until.get(endpoint, 0.0))

    def _paused(self, endpoint: str) -> float:
        return self._paused_until.get(endpoint, 0.0) - _now()

    def _turn(self) -> float:
        turn = max(_now(), self._next_turn)
        self._next_turn = turn + self._interval
        return turn


@dataclass
class Refusals:
    """The refusals in a row ("busy") of one endpoint.

    Attributes:
        count: refusals in a row.
        since: when the first of them came, by the event loop's clock.
        given_up: how many there were when a request had waited as often as it may; 0: none has yet.
    """

    count: int = 0
    since: float = 0.0
    given_up: int = 0

    def words(self) -> str:
        """The count and duration as words."""
        minutes = max(1, round((_now() - self.since) / 60))
        return f"It refused {self.count} requests in a row, over {minutes} minute{'s' * (minutes > 1)}."


class Breakers:
    """Remember endpoints that stay busy: once a request has waited in vain, others try once, later none does."""

    def __init__(self) -> None:
        self._refusals: dict[str, Refusals] = {}

    def of(self, endpoint: str) -> Refusals:
        return self._refusals.setdefault(endpoint, Refusals())

    def refused(self, endpoint: str) -> None:
        """Count that the endpoint is busy."""
        refusals = self.of(endpoint)
        refusals.since = refusals.since if refusals.count else _now()
        refusals.count += 1

    def answered(self, endpoint: str) -> None:
        """Forget the refusals of an endpoint that answers again."""
        self._refusals.pop(endpoint, None)

    def give_up(self, endpoint: str) -> None:
        """Count a request that has waited as often as it may."""
        refusals = self.of(endpoint)
        refusals.given_up = refusals.given_up or refusals.count

    def tries(self, endpoint: str, most: int) -> int:
        """How often a request may try now; 0: it should not be sent."""
        refusals = self.of(endpoint)
        if not refusals.given_up:
            return most
        return 1 if refusals.count < refusals.given_up + _LAST_TRIES else 0


class Quotas:
    """Remember which endpoints have spent their day's quota, and until when; kept in a file for the next process.

    The file is a convenience: lost or unreadable, it costs one refused request.
    """

    def __init__(self, file: Path | None, *, scope: str = "", clock: Clock = utc_now) -> None:
        """Read what is remembered.

        Args:
            file: where to remember; None forgets with the process.
            scope: key of the quotas' owner: an API origin, and an app or member there.
            clock: the time in UTC.
        """
        self._file = file
        self._scope = scope
        self._clock = clock
        self._until: dict[str, datetime] = _read(file).get(scope, {}) if file else {}

    def spent_until(self, endpoint: str) -> datetime | None:
        """The moment from which `endpoint` may be asked again, or None if it may be asked now."""
        until = self._until.get(endpoint)
        return until if until and until > self._clock() else None

    def spend(self, endpoint: str, until: datetime) -> None:
        """Remember that `endpoint` refuses everything until then."""
        self._until[endpoint] = until
        if self._file is not None:
            with suppress(OSError):
                _write(self._file, {**_read(self._file), self._scope: self._until})


def _now() -> float:
    return asyncio.get_running_loop().time()


def _read(file: Path) -> dict[str, dict[str, datetime]]:
    try:
        return {str(scope): _moments(entries) for scope, entries in json.loads(file.read_bytes()).items()}
    except (OSError, ValueError, AttributeError, TypeError, OverflowError, RecursionError):
        return {}


def _moments(entries: dict[str, str]) -> dict[str, datetime]:
    return {str(endpoint): datetime.fromisoformat(moment).astimezone(UTC) for endpoint, moment in entries.items()}


def _write(file: Path, quotas: dict[str, dict[str, datetime]]) -> None:
    make_private_folder(file.parent)
    with atomic_write(file, locked=False) as written:
        written.write(json.dumps(quotas, default=datetime.isoformat).encode())
