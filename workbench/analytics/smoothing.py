"""The level of a daily series, smoothed under weekday factors, and how far the sum of coming days may stray from it.

The smallest member of the exponential smoothing family (Hyndman, Koehler, Ord and Snyder 2008): one level and fixed
factors for weekdays. The variance of a sum of coming days is known in closed form, so no random number is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = 7
ENOUGH_FOR_WEEKDAYS = 14
"""With fewer known days every weekday counts alike."""
ALPHAS = tuple(step / 100 for step in range(5, 65, 5))
"""The weights of the newest error that are tried; the one with the least squared error is taken."""
SEEN_ENOUGH_TO_REST = 2
"""A weekday seen so often without any spend is a day of rest."""

Day = tuple[date, float | None]
"""A day and its value; None is unknown."""


@dataclass(frozen=True)
class Fit:
    """A series as it was smoothed.

    Attributes:
        factors: of Monday to Sunday, mean 1.
        seen: known days of each weekday.
        alpha: weight of the newest error.
        level: value of an average day after the last known day.
        sigma: sd of a day's error on an average day.
        errors: number of one-step errors that `sigma` rests on.
    """

    factors: tuple[float, ...]
    seen: tuple[int, ...]
    alpha: float
    level: float
    sigma: float
    errors: int

    def expected(self, day: date) -> float:
        """The mean of one day."""
        return self.level * self.factors[day.weekday()]

    def mean(self, days: Sequence[date]) -> float:
        """The mean of the sum of coming days."""
        return math.fsum(self.expected(day) for day in days)

    def sd(self, days: Sequence[date]) -> float:
        """The sd of the sum of coming days, given in order: their errors, the moving level, the factors' own error."""
        weights = [self.factors[day.weekday()] for day in days]
        ahead = 0.0
        terms = []
        for weight in reversed(weights):
            terms.append((weight + self.alpha * weight**2 * ahead) ** 2)
            ahead += weight
        counts = [sum(day.weekday() == weekday for day in days) for weekday in range(WEEK)]
        terms += [
            (count - len(days) / WEEK) ** 2 / (seen + 1)
            for count, seen, factor in zip(counts, self.seen, self.factors, strict=True)
            if factor > 0
        ]
        return self.sigma * math.sqrt(math.fsum(terms))


def fit(days: Sequence[Day], *, level_after: date | None = None) -> Fit | None:
    """The smoothed series, or None without a known day.

    Args:
        days: the history in any order; unknown days are skipped.
        level_after: the level and its errors use only days after this one; the factors use all of them.
    """
    known = sorted((day, value) for day, value in days if value is not None)
    recent = [(day, value) for day, value in known if level_after is None or day > level_after]
    if not recent:
        return None
    factors = weekday_factors(known)
    alpha, level = _best(recent, factors)
    # A level that began anew has few errors of its own or none; those of the whole history stand in for them.
    judged = recent if len(recent) >= WEEK + 2 else known
    sigma, errors = _sigma(judged, factors, alpha)
    seen = tuple(sum(day.weekday() == weekday for day, _ in known) for weekday in range(WEEK))
    return Fit(factors, seen, alpha, level, sigma, errors)


def weekday_factors(known: Sequence[tuple[date, float]]) -> tuple[float, ...]:
    """The factors of Monday to Sunday, mean 1; all 1 below `ENOUGH_FOR_WEEKDAYS` days or without any spend.

    Each is the weekday's mean over the overall mean, with one more day of the overall mean, so that a single odd
    Sunday does not decide; a weekday that was seen and never spent is 0.
    """
    total = math.fsum(value for _, value in known)
    if len(known) < ENOUGH_FOR_WEEKDAYS or total <= 0:
        return (1.0,) * WEEK
    overall = total / len(known)
    raw = [_factor([value for day, value in known if day.weekday() == k], overall) for k in range(WEEK)]
    mean = math.fsum(raw) / WEEK
    return tuple(value / mean for value in raw)


def one_step(known: Sequence[tuple[date, float]], factors: Sequence[float], alpha: float) -> tuple[list[float], float]:
    """The mean expected of each day from the eighth on, from the days before it, and the level after the last day.

    Args:
        known: the known days in order of date. The first seven give the level to start from, weekdays allowed for.
    """
    first, later = known[:WEEK], known[WEEK:]
    weight = math.fsum(factors[day.weekday()] for day, _ in first)
    level = math.fsum(value for _, value in first) / weight if weight > 0 else 0.0
    expected = []
    for day, value in later:
        factor = factors[day.weekday()]
        expected.append(factor * level)
        level += alpha * factor * (value - factor * level)
    return expected, level


def quantile_of_t(freedom: int) -> float:
    """The 90 % quantile of Student's t (Cornish and Fisher's expansion), for two-sided intervals of 80 %."""
    z = 1.281552
    nu = max(1, freedom)
    return z + (z**3 + z) / (4 * nu) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * nu**2)


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both inclusive; none if `last` is earlier."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _factor(values: Sequence[float], overall: float) -> float:
    if len(values) >= SEEN_ENOUGH_TO_REST and not any(values):
        return 0.0
    return (math.fsum(values) + overall) / (len(values) + 1) / overall


def _best(known: Sequence[tuple[date, float]], factors: Sequence[float]) -> tuple[float, float]:
    """α and the level of the fit with the least squared errors; the smallest α of equals."""
    tried = []
    for alpha in ALPHAS:
        expected, level = one_step(known, factors, alpha)
        tried.append((_squares(known, expected), alpha, level))
    _, alpha, level = min(tried)
    return alpha, level


def _sigma(known: Sequence[tuple[date, float]], factors: Sequence[float], alpha: float) -> tuple[float, int]:
    """The sd of an average day's error, and how many errors it rests on; 0 with fewer than two."""
    expected, _ = one_step(known, factors, alpha)
    count = len(expected)
    scale = math.fsum(factors[day.weekday()] ** 2 for day, _ in known[WEEK:])
    if count < 2 or scale <= 0:
        return 0.0, count
    return math.sqrt(_squares(known, expected) / scale * count / (count - 1)), count


def _squares(known: Sequence[tuple[date, float]], expected: Sequence[float]) -> float:
    return math.fsum((value - mean) ** 2 for (_, value), mean in zip(known[WEEK:], expected, strict=True))
