"""A gamma prior of many rates, fitted to all of them, so that no list of rates needs corrections for its length.

Sources: Marshall 1991 (method of moments); Gelman, Hill and Yajima 2012 (partial pooling instead of corrections);
Deng 2015.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

SMALLEST_CV, LARGEST_CV = 0.1, 1.0
DEFAULT_CV = 0.5
ENOUGH_ROWS = 5
"""With fewer rows that have an event, the spread between rows is taken to be `DEFAULT_CV`."""


@dataclass(frozen=True)
class Gamma:
    """A gamma distribution of a rate (events per unit of exposure).

    Attributes:
        shape: a; as good as so many events seen before.
        exposure: b, the inverse scale; as good as so much exposure seen before.
    """

    shape: float
    exposure: float

    @property
    def mean(self) -> float:
        return self.shape / self.exposure

    @property
    def sd(self) -> float:
        return math.sqrt(self.shape) / self.exposure

    def updated(self, count: float, exposure: float) -> Gamma:
        """The distribution after `count` events at `exposure`."""
        return Gamma(self.shape + count, self.exposure + exposure)


def gamma_prior(rows: Iterable[tuple[float, float]]) -> Gamma | None:
    """The prior that the rates of all rows share, or None where no row has an event.

    Args:
        rows: (exposure, count), both already divided by φ (`overdispersion`); rows without exposure are left out.
    """
    shown = [(float(exposure), float(count)) for exposure, count in rows if exposure > 0]
    exposure, count = math.fsum(n for n, _ in shown), math.fsum(c for _, c in shown)
    if count <= 0:
        return None
    rate = count / exposure
    cv = _spread(shown, rate, exposure)
    return Gamma(1 / cv**2, 1 / (cv**2 * rate))


def _spread(rows: list[tuple[float, float]], rate: float, exposure: float) -> float:
    """The coefficient of variation of the true rates, `SMALLEST_CV` to `LARGEST_CV`."""
    if sum(count > 0 for _, count in rows) < ENOUGH_ROWS:
        return DEFAULT_CV
    scatter = math.fsum(n * (c / n - rate) ** 2 for n, c in rows) - (len(rows) - 1) * rate
    variance = scatter / (math.fsum(n * (exposure - n) for n, _ in rows) / exposure)
    return min(LARGEST_CV, max(SMALLEST_CV, math.sqrt(max(0.0, variance)) / rate))
