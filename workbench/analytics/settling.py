"""Where the results and the cost per result of a week settle, from what other weeks say and what the week says itself.

Dividing by the maturity multiplies noise where few results are known. Here the rate of other weeks (Cape Cod) gives
what is expected, and the week's own results move it as far as weeks have differed (credibility).

Sources: Bornhuetter and Ferguson 1972; England and Verrall 2002.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.analytics.maturity import Curve

REFERENCE_WEEKS = 8
WEEKS_TO_TELL_SPREAD = 4
DEFAULT_SPREAD, SMALLEST_SPREAD, LARGEST_SPREAD = 0.1, 0.01, 1.0
LOW, HIGH = 0.1, 0.9
_STEPS = 2_000
"""Counts are summed one by one while the deviation is no more than so many; larger ones in steps of its part."""

AgedDay = tuple[int, float, float]
"""Age in days, results so far, spend."""


@dataclass(frozen=True)
class Settling:
    """Where one week settles; money in the account's currency.

    Attributes:
        results_so_far: as known now.
        cost: spend of the week.
        maturity: share of the week's settled results that is expected to be known, by spend; None without spend.
        week_variance: squared coefficient of variation between weeks.
        remaining: mean of the results still to come.
        remaining_low, remaining_high: whole results between which 80 % lie.
        settled: results so far and those to come.
        cost_per_result_now, cost_per_result: as known now, and settled; None without results.
        cost_per_result_low, cost_per_result_high: 80 % interval; None where an end is open.
    """

    results_so_far: float
    cost: float
    maturity: float | None
    week_variance: float
    remaining: float
    remaining_low: int
    remaining_high: int
    settled: float
    cost_per_result_now: float | None
    cost_per_result: float | None
    cost_per_result_low: float | None
    cost_per_result_high: float | None


def settle(target: Sequence[AgedDay], reference_weeks: Sequence[Sequence[AgedDay]], curve: Curve) -> Settling | None:
    """Where a week settles, or None without reference weeks that spent something.

    Args:
        target: the days of the week.
        reference_weeks: the days of up to 8 weeks before, each with its own age.
        curve: how results arrive.
    """
    mature_spend = [_mature_spend(week, curve) for week in reference_weeks]
    if not math.fsum(mature_spend) > 0:
        return None
    results = [math.fsum(value for _, value, _ in week) for week in reference_weeks]
    rate = math.fsum(results) / math.fsum(mature_spend)
    spread = _week_variance(results, [rate * spend for spend in mature_spend])
    credibility = 1 / spread
    so_far = math.fsum(value for _, value, _ in target)
    cost = math.fsum(spend for _, _, spend in target)
    known = rate * _mature_spend(target, curve)
    to_come = rate * math.fsum(spend * (1 - curve.at(age)) for age, _, spend in target)
    theta = (credibility + so_far) / (credibility + known)
    remaining = theta * to_come
    of_curve = theta * rate * math.fsum(spend * curve.at(age) * curve.sd_at(age) for age, _, spend in target)
    variance = curve.phi * remaining + remaining**2 / (credibility + so_far) + of_curve**2
    low, high = (_quantile(remaining, variance, share) for share in (LOW, HIGH))
    return Settling(
        results_so_far=so_far,
        cost=cost,
        maturity=_mature_spend(target, curve) / cost if cost > 0 else None,
        week_variance=spread,
        remaining=remaining,
        remaining_low=low,
        remaining_high=high,
        settled=so_far + remaining,
        cost_per_result_now=_cost_per(cost, so_far),
        cost_per_result=_cost_per(cost, so_far + remaining),
        cost_per_result_low=_cost_per(cost, so_far + high),
        cost_per_result_high=_cost_per(cost, so_far + low),
    )


def _mature_spend(week: Sequence[AgedDay], curve: Curve) -> float:
    return math.fsum(spend * curve.at(age) for age, _, spend in week)


def _cost_per(cost: float, results: float) -> float | None:
    return cost / results if results > 0 else None


def _week_variance(results: Sequence[float], expected: Sequence[float]) -> float:
    """Squared coefficient of variation between weeks beyond chance, 0.01 to 1."""
    squares = math.fsum(mean**2 for mean in expected)
    if len(results) < WEEKS_TO_TELL_SPREAD or squares <= 0:
        return DEFAULT_SPREAD
    errors = math.fsum((value - mean) ** 2 for value, mean in zip(results, expected, strict=True))
    return min(LARGEST_SPREAD, max(SMALLEST_SPREAD, (errors - math.fsum(expected)) / squares))


def _quantile(mean: float, variance: float, share: float) -> int:
    """The smallest whole number that a count does not exceed with probability `share`; 0 where none is to come."""
    if mean <= 0:
        return 0 if share > 0.5 else math.floor(mean)
    log_probability = _negative_binomial(mean, variance) if variance > mean * (1 + 1e-12) else _poisson(mean)
    deviation = math.sqrt(variance)
    step = max(1, math.floor(deviation / _STEPS))
    count = max(0, math.floor(mean - 12 * deviation))
    cumulated = math.exp(log_probability(count))
    while cumulated < share and count < mean + 40 * deviation + 40:
        count += step
        cumulated += step * math.exp(log_probability(count - (step - 1) / 2))
    return count


def _poisson(mean: float) -> Callable[[float], float]:
    return lambda count: count * math.log(mean) - mean - math.lgamma(count + 1)


def _negative_binomial(mean: float, variance: float) -> Callable[[float], float]:
    size = mean**2 / (variance - mean)
    share = mean / variance
    constant = size * math.log(share) - math.lgamma(size)
    return lambda count: constant + math.lgamma(count + size) - math.lgamma(count + 1) + count * math.log1p(-share)
