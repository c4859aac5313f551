"""The sandbox's time: a UTC day that can be pinned and moved, and a wall clock for the life of tokens."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day


class Clock:
    """`today` for reports and quotas, `seconds()` for tokens.

    Without a pinned day it follows the real UTC date. Tokens always age in real seconds, so that what the sandbox
    says about them agrees with a client's own clock; moving the clock ages them too.
    """

    def __init__(self, today: date | None = None) -> None:
        self._pinned = today
        self._moved = timedelta(0)
        self.noon: datetime | None = None
        """The real moment at which it is noon on `today`; None: the noon of the machine."""

    @property
    def today(self) -> date:
        if self._pinned is not None:
            return self._pinned + timedelta(days=self._moved.days)
        return (datetime.now(UTC) + self._moved).date()

    def now(self) -> datetime:
        """The moment that answers carry in their `Date`: this time of day on `today`, unless a `noon` was set."""
        if self.noon is None:
            return datetime.combine(self.today, datetime.now(UTC).timetz())
        return datetime.combine(self.today, time_of_day(12), UTC) + (datetime.now(UTC) - self.noon)

    def seconds(self) -> int:
        """Epoch seconds."""
        return int(time.time() + self._moved.total_seconds())

    def advance(self, *, days: int = 0, seconds: int = 0) -> None:
        self._moved += timedelta(days=days, seconds=seconds)

    def move_to(self, today: date) -> None:
        """Make `today` the current day."""
        self.advance(days=(today - self.today).days)
