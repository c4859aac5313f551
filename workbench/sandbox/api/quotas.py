"""LinkedIn's two kinds of quota: calls per endpoint and UTC day, and metric values per five minutes.

Source: LinkedIn docs "Rate limiting" and "Ads reporting"; the daily numbers are invented, LinkedIn's are not public.
"""

from __future__ import annotations

import time
from collections import Counter, deque

from workbench.sandbox.clock import Clock
from workbench.sandbox.refusals import throttled, too_many_values
from workbench.sandbox.switches import Switches

_WINDOW_SECONDS = 300


class Throttles:
    """Counts calls and values; days begin at midnight UTC on the sandbox's clock."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock, self._switches = clock, switches
        self._day = clock.today
        self._calls: Counter[str] = Counter()
        self._values: deque[tuple[float, int]] = deque()

    def call(self, endpoint: str) -> None:
        """Count one call.

        Raises:
            Refusal: 429, the day's quota of the application or of its member is spent.
        """
        if self._day != self._clock.today:
            self._day = self._clock.today
            self._calls.clear()
        quota = self._switches.quota(endpoint)
        if self._calls[endpoint] >= quota.application:
            raise throttled("APPLICATION")
        if self._calls[endpoint] >= quota.member:
            raise throttled("MEMBER")
        self._calls[endpoint] += 1

    def spend(self, values: int) -> None:
        """Count the metric values of an answer.

        Raises:
            Refusal: 429, the budget of the last five minutes is spent.
        """
        now = time.monotonic()
        while self._values and self._values[0][0] <= now - _WINDOW_SECONDS:
            self._values.popleft()
        if sum(spent for _, spent in self._values) + values > self._switches.values_per_five_minutes:
            raise too_many_values()
        self._values.append((now, values))
