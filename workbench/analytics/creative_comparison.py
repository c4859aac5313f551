"""Which ad of one ad set is better, how sure, what choosing wrongly costs, and what it would cost to know.

Each ad's rate has a gamma distribution: the prior that all ads of the account and objective share, updated with the
ad's own count. P(best) and the expected loss of choosing an ad come from one grid of rates, without random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import polars as pl

from workbench.analytics.shrinkage import Gamma

SURE = 0.975
DIFFERENCE = 0.2
"""The relative difference that the needed exposure is meant for."""
FALSE_CALLS, POWER = 0.025, 0.8
LEAST_SHARE = 0.1
"""An ad with less than this part of the mean exposure is listed, not compared."""
_CELLS = 4000
_SDS = 8
VERDICTS = ("better", "too_close", "not_enough", "too_little")


@dataclass(frozen=True)
class Arm:
    """Exposure and count of one ad on the compared days, as reported; `phi` is what both are divided by."""

    exposure: float
    count: float
    phi: float = 1.0


@dataclass(frozen=True)
class ArmResult:
    """What is known of one ad's rate.

    Attributes:
        rate: count ÷ exposure.
        mean, low, high: of its distribution: mean and 90 % interval.
        p_best: probability that it has the highest rate of all arms, 0 to 1.
        expected_loss: by how much the best rate is expected to be above this one, as a share of this one's mean.
    """

    rate: float
    mean: float
    low: float
    high: float
    p_best: float
    expected_loss: float


@dataclass(frozen=True)
class Comparison:
    """The ads of one ad set side by side.

    Attributes:
        verdict: one of `VERDICTS`.
        arms: by ad, those that are compared; empty if the verdict is `too_little` for want of a prior.
        not_compared: ads with under a tenth of the mean exposure, sorted.
        leader: the ad with the highest P(best); None without a comparison.
        needed: exposure per ad at which a difference of a fifth would show; None without a comparison.
        more: what the smallest arm still lacks of it, 0 or more.
        more_cost: cost of that, per ad, in the account's currency; None without a CPM.
    """

    verdict: str
    arms: Mapping[str, ArmResult]
    not_compared: tuple[str, ...] = ()
    leader: str | None = None
    needed: float | None = None
    more: float | None = None
    more_cost: float | None = None


def compare(arms: Mapping[str, Arm], prior: Gamma | None, *, cpm: float | None = None) -> Comparison:
    """The comparison of ads that ran on the same days in one ad set.

    Args:
        arms: by ad.
        prior: of the rates of all ads of the account and objective (`shrinkage.gamma_prior`); None: no comparison.
        cpm: cost of 1,000 exposures of these ads, in the account's currency.
    """
    compared, left_out = _comparable(arms)
    if prior is None or len(compared) < 2 or not any(arm.count > 0 for arm in compared.values()):
        return Comparison("too_little", {}, left_out)
    results = _results(compared, prior)
    leader = min(results, key=lambda name: (-results[name].p_best, name))
    needed = needed_exposure(list(compared.values()), prior)
    smallest = min(arm.exposure for arm in compared.values())
    more = max(0.0, needed - smallest)
    verdict = "better" if results[leader].p_best >= SURE else "too_close" if more == 0 else "not_enough"
    cost = more * cpm / 1000 if cpm is not None else None
    return Comparison(verdict, results, left_out, leader, needed, more, cost)


def gamma_interval(rate: Gamma, probability: float = 0.9) -> tuple[float, float]:
    """The rates between which a gamma variable lies with `probability`, as much of the rest below as above."""
    cell = (rate.mean + _SDS * rate.sd) / _CELLS
    weights = _grid_weights({"rate": rate}, cell)["rate"]
    tail = (1 - probability) / 2
    return _quantile(weights, tail, cell), _quantile(weights, 1 - tail, cell)


def needed_exposure(arms: Sequence[Arm], prior: Gamma) -> float:
    """The exposure per ad at which a relative difference of `DIFFERENCE` would show in four of five cases."""
    z = NormalDist().inv_cdf(1 - FALSE_CALLS / (len(arms) - 1)) + NormalDist().inv_cdf(POWER)
    rate = math.fsum(arm.count for arm in arms) / math.fsum(arm.exposure for arm in arms)
    mean_phi = math.fsum(arm.phi for arm in arms) / len(arms)
    return (z**2 * (2 + DIFFERENCE) / (rate * DIFFERENCE**2) + prior.exposure) * mean_phi


def _comparable(arms: Mapping[str, Arm]) -> tuple[dict[str, Arm], tuple[str, ...]]:
    """The arms with at least a tenth of the mean exposure, by name in order, and the names of the others."""
    mean = math.fsum(arm.exposure for arm in arms.values()) / len(arms) if arms else 0.0
    kept = {name: arms[name] for name in sorted(arms) if 0 < arms[name].exposure >= LEAST_SHARE * mean}
    return kept, tuple(sorted(set(arms) - set(kept)))


def _results(arms: Mapping[str, Arm], prior: Gamma) -> dict[str, ArmResult]:
    posteriors = {name: prior.updated(arm.count / arm.phi, arm.exposure / arm.phi) for name, arm in arms.items()}
    cell = max(one.mean + _SDS * one.sd for one in posteriors.values()) / _CELLS
    weights = _grid_weights(posteriors, cell)
    halfway = weights.select(pl.all().cum_sum() - pl.all() / 2)
    below_all = halfway.select(pl.reduce(lambda one, other: one * other, pl.all())).to_series()
    best_rate = float((1 - below_all).sum()) * cell
    # Σ w_i Π_{j≠i} F_j: the product of the others, because the product of all cannot be divided by an F of 0.
    chances = {name: _chance_of_best(name, weights, halfway) for name in arms}
    total = math.fsum(chances.values())
    return {
        name: ArmResult(
            rate=arm.count / arm.exposure,
            mean=posteriors[name].mean,
            low=_quantile(weights[name], 0.05, cell),
            high=_quantile(weights[name], 0.95, cell),
            p_best=chances[name] / total,
            expected_loss=(best_rate - posteriors[name].mean) / posteriors[name].mean,
        )
        for name, arm in arms.items()
    }


def _grid_weights(posteriors: Mapping[str, Gamma], cell: float) -> pl.DataFrame:
    """The weight of each cell, one column per arm, adding up to 1."""
    rates = pl.select(((pl.int_range(0, _CELLS) + 0.5) * cell).alias("rate"))
    rate = pl.col("rate")
    logs = rates.select(
        ((one.shape - 1) * rate.log() - one.exposure * rate).alias(name) for name, one in posteriors.items()
    )
    raw = logs.select((pl.all() - pl.all().max()).exp())
    return raw.select(pl.all() / pl.all().sum())


def _chance_of_best(name: str, weights: pl.DataFrame, halfway: pl.DataFrame) -> float:
    product = weights[name]
    for other in halfway.columns:
        if other != name:
            product = product * halfway[other]
    return float(product.sum())


def _quantile(weights: pl.Series, probability: float, cell: float) -> float:
    """The rate below which `probability` lies, interpolated linearly inside a cell."""
    cumulated = weights.cum_sum()
    index = min(int(cumulated.search_sorted(probability)), _CELLS - 1)
    before = cumulated[index - 1] if index else 0.0
    weight = cumulated[index] - before
    return cell * (index + ((probability - before) / weight if weight > 0 else 0.0))
