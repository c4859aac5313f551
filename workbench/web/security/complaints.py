"""Log failures once a minute each: whatever a visitor can bring about he can bring about without end."""

from __future__ import annotations

import time
from collections.abc import Callable
from logging import Logger
from traceback import extract_tb

_MOST = 100
"""Kinds that are remembered; the oldest is forgotten first."""


class Complaints:
    """Which complaints are logged: one of each kind in so many seconds."""

    def __init__(self, *, every: float = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = every, clock
        self._logged: dict[str, float] = {}

    def due(self, kind: str) -> bool:
        """Whether a complaint of this kind is to be logged now; then it counts as logged."""
        now = self._clock()
        if now - self._logged.get(kind, float("-inf")) < self._every:
            return False
        self._logged.pop(kind, None)
        if len(self._logged) >= _MOST:
            del self._logged[next(iter(self._logged))]
        self._logged[kind] = now
        return True

    def failed(self, log: Logger, what: str, error: Exception) -> None:
        """Log that something failed: with its traceback if that is due, else as a line of the level INFO."""
        place = extract_tb(error.__traceback__)[-1]
        if self.due(f"{type(error).__name__} {place.filename} {place.lineno}"):
            log.error("%s failed", what, exc_info=error)
        else:
            log.info("%s failed again: %s", what, type(error).__name__)
