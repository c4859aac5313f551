"""How mature results are: how much of a day's results has arrived after so many days, and comparison at equal age.

The chain ladder pools, for each age, all days that were seen on two mornings in a row; two weeks of daily snapshots
give the whole curve, because every sync fetches 30 days again.

Sources: Mack 1993; England and Verrall 2002.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

LOOKBACK = 30
"""Settled means so many days old: attribution beyond is outside of what is fetched again."""
LONGEST_GAP = 7
"""Two observations of a day that are further apart say nothing about the ages between them."""
ENOUGH_PAIRS, ENOUGH_VOLUME = 14, 30
ENOUGH_ARRIVALS = 10
"""With fewer expected arrivals, scatter beyond chance cannot be seen."""
SETTLED, WHOLE = 0.98, 0.99
BATCH_SHARE, BATCH_FROM_AGE = 0.6, 3
Z_90 = 1.645

Observation = tuple[date, date, float]
"""A day, the UTC day on which it was seen, and its results as known then."""


@dataclass(frozen=True)
class Curve:
    """How results arrive, by age 1 … lookback.

    Attributes:
        maturity: share of the settled results that is known, 1 at the last age; it may pass 1 where results are
            taken back.
        sd_ln: sd of ln maturity.
        pairs: days that were known at this age and the next; 0 at the last age.
        volume: their results at this age.
        phi: dispersion of arrivals, 1 or more.
        enough: whether the curve can be shown.
    """

    maturity: Mapping[int, float]
    sd_ln: Mapping[int, float]
    pairs: Mapping[int, int]
    volume: Mapping[int, float]
    phi: float
    enough: bool

    @property
    def lookback(self) -> int:
        return max(self.maturity)

    def at(self, age: int) -> float:
        """The maturity at an age; 1 beyond the last one."""
        return self.maturity.get(age, 1.0)

    def sd_at(self, age: int) -> float:
        return self.sd_ln.get(age, 0.0)

    def interval(self, age: int) -> tuple[float, float]:
        """The 90 % interval of the maturity at an age."""
        spread = math.exp(Z_90 * self.sd_at(age))
        return self.at(age) / spread, self.at(age) * spread

    def settled_age(self) -> int:
        """The age from which results are no longer provisional: maturity 0.98 and no less at any later age."""
        return _first_age(self, SETTLED)

    def recommended_lookback(self) -> int:
        """The smallest number of days to fetch again that misses under 1 % of the results."""
        return _first_age(self, WHOLE)


@dataclass(frozen=True)
class EqualAge:
    """A period against the one before, each day's results as known at the same age.

    Attributes:
        known_days: days whose partner was seen at the same age.
        days: days of the period.
        current, previous: results; None unless every day has its partner.
        change: current ÷ previous − 1; None also where previous is 0.
    """

    known_days: int
    days: int
    current: float | None = None
    previous: float | None = None
    change: float | None = None


def curve(observations: Iterable[tuple[Hashable, date, date, float]], *, lookback: int = LOOKBACK) -> Curve:
    """The maturity curve of one objective and metric.

    Args:
        observations: (series, day, seen on, results); `series` tells accounts apart whose days are pooled. Of two
            observations of the same day on the same UTC day the caller keeps the newest.
        lookback: the age at which results count as settled.
    """
    versions = _versions(observations)
    ages = range(1, lookback)
    steps = {age: [(v[age], v[age + 1]) for v in versions if age in v and age + 1 in v] for age in ages}
    volume = {age: math.fsum(now for now, _ in pairs) for age, pairs in steps.items()}
    factor = {age: _factor(pairs) for age, pairs in steps.items()}
    phi = _dispersion(steps, factor)
    maturity, variance = {lookback: 1.0}, {lookback: 0.0}
    for age in reversed(ages):
        maturity[age] = maturity[age + 1] / factor[age]
        step = phi * max(0.0, factor[age] - 1) / (volume[age] * factor[age] ** 2) if volume[age] > 0 else 0.0
        variance[age] = variance[age + 1] + step
    pairs_at = {age: len(pairs) for age, pairs in steps.items()}
    enough = (
        lookback > 1
        and min(pairs_at.values()) >= ENOUGH_PAIRS
        and math.fsum(volume.values()) / len(volume) >= ENOUGH_VOLUME
    )
    order = range(1, lookback + 1)
    return Curve(
        maturity={age: maturity[age] for age in order},
        sd_ln={age: math.sqrt(variance[age]) for age in order},
        pairs={**pairs_at, lookback: 0},
        volume={**volume, lookback: 0.0},
        phi=phi,
        enough=enough,
    )


def equal_age(observations: Iterable[Observation], first: date, last: date, *, as_of: date) -> EqualAge:
    """The results of a period and of the equal period before it, day by day at the same age.

    Args:
        observations: of one account, objective and metric.
        first, last: the period, both inclusive.
        as_of: the UTC day of the newest snapshot that may be used for the period.
    """
    seen: dict[date, dict[int, float]] = {}
    for day, seen_on, value in observations:
        if seen_on <= as_of and seen_on > day:
            seen.setdefault(day, {})[(seen_on - day).days] = float(value)
    length = (last - first).days + 1
    pairs = []
    for number in range(length):
        day = first + timedelta(days=number)
        if day not in seen:
            continue
        age = max(seen[day])
        partner = interpolated(seen.get(day - timedelta(days=length), {})).get(age)
        if partner is not None:
            pairs.append((seen[day][age], partner))
    if len(pairs) < length:
        return EqualAge(len(pairs), length)
    current, previous = math.fsum(now for now, _ in pairs), math.fsum(before for _, before in pairs)
    return EqualAge(length, length, current, previous, current / previous - 1 if previous > 0 else None)


def interpolated(versions: Mapping[int, float]) -> dict[int, float]:
    """Results by age, ages between two observations at most `LONGEST_GAP` apart filled linearly."""
    filled = dict(versions)
    ages = sorted(versions)
    for one, other in pairwise(ages):
        if other - one <= LONGEST_GAP:
            slope = (versions[other] - versions[one]) / (other - one)
            filled |= {age: versions[one] + slope * (age - one) for age in range(one + 1, other)}
    return filled


def batch_weekday(observations: Iterable[tuple[Hashable, date, date, float]]) -> int | None:
    """The weekday (0 is Monday) on which over 60 % of late results arrive, if there is one: weekly batches.

    Only results that arrive at ages above 3, between two snapshots of consecutive days, are counted.
    """
    arrived: dict[int, list[float]] = {}
    for day, versions in _by_day(observations):
        for age, value in versions.items():
            if age > BATCH_FROM_AGE and age + 1 in versions and versions[age + 1] > value:
                weekday = (day + timedelta(days=age + 1)).weekday()
                arrived.setdefault(weekday, []).append(versions[age + 1] - value)
    sums = {weekday: math.fsum(values) for weekday, values in arrived.items()}
    total = math.fsum(sums.values())
    return next((weekday for weekday, value in sorted(sums.items()) if value > BATCH_SHARE * total), None)


def _by_day(observations: Iterable[tuple[Hashable, date, date, float]]) -> list[tuple[date, dict[int, float]]]:
    """Each day's results by age as they were observed; days under way (age 0 or less) are left out."""
    days: dict[tuple[Hashable, date], dict[int, float]] = {}
    for series, day, seen_on, value in observations:
        if seen_on > day:
            days.setdefault((series, day), {})[(seen_on - day).days] = float(value)
    return [(day, versions) for (_, day), versions in days.items()]


def _versions(observations: Iterable[tuple[Hashable, date, date, float]]) -> list[dict[int, float]]:
    return [interpolated(versions) for _, versions in _by_day(observations)]


def _factor(pairs: Sequence[tuple[float, float]]) -> float:
    """How results grow in one step of age; 1 without volume, and where all of it was taken back."""
    now, then = math.fsum(one for one, _ in pairs), math.fsum(other for _, other in pairs)
    return then / now if now > 0 and then > 0 else 1.0


def _dispersion(steps: Mapping[int, Sequence[tuple[float, float]]], factor: Mapping[int, float]) -> float:
    """Squared errors of arrivals against their expectation, over steps that grow; 1 means as chance does."""
    growing = [age for age in steps if factor[age] > 1]
    expected = [(factor[age] - 1) * now for age in growing for now, _ in steps[age]]
    arrived = [then - now for age in growing for now, then in steps[age]]
    total = math.fsum(expected)
    free = len(expected) - len(growing)
    if total < ENOUGH_ARRIVALS or free <= 0:
        return 1.0
    errors = math.fsum((one - other) ** 2 for one, other in zip(arrived, expected, strict=True))
    return max(1.0, errors / total * len(expected) / free)


def _first_age(found: Curve, share: float) -> int:
    """The first age from which the maturity stays at `share` or above."""
    low = [age for age, value in found.maturity.items() if value < share]
    return max(low, default=0) + 1
