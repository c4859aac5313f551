"""Which ad set has been cheaper, how sure that is, and how dear its next result may be before moving money is a loss.

What the next money earns cannot be known from past days, because spend and results move together with demand. So there
is no forecast and no optimum here: a suggestion is a test to run.

Sources: Lewis and Rao 2015; Gordon et al. 2019 (what observed spend cannot tell).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from workbench.analytics import rate_ratio, wording
from workbench.analytics.currency import money_word, one_currency, one_objective
from workbench.analytics.overdispersion import day_scatter
from workbench.analytics.shrinkage import Gamma, gamma_prior
from workbench.errors import capitalized

PERIOD_DAYS = 28
LIMITED_SHARE, LIMITED_DAYS, LIMITED_OF = Decimal("0.95"), 5, 7
"""An ad set is limited if it spent this share of its daily budget on so many of its last complete days."""
SMALLEST_RATIO, ENOUGH_RESULTS = 1.25, 20
"""A suggestion needs the lower end of the ratio, and the results of both ad sets together, to reach these."""
PART_OF_TARGET, PART_OF_SOURCE = Decimal("0.2"), Decimal("0.5")
TEST_RESULTS = 440
"""Results at which alternating a budget by ±20 % tells a marginal cost of twice the average; a quarter at ±40 %."""
NONE_CHEAPER = "No ad set is cheaper by more than chance may explain."
TOO_LITTLE = "There are too few results to compare the cost of ad sets."
_SPEND = "cost_in_local_currency"

SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "source_id": pl.Int64,
    "target_id": pl.Int64,
    "ratio": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p_cheaper": pl.Float64,
    "break_even_cost": pl.Float64,
    "target_cost": pl.Float64,
    "amount": pl.Decimal(38, 2),
    "suggestion": pl.Boolean,
}
"""The columns of `reallocation_table`: costs and amount in the account's currency, ratio as results per money."""


@dataclass(frozen=True)
class AdSet:
    """What an ad set spent and brought in the period.

    Attributes:
        id: its id; any that can be sorted.
        spend: in the account's currency.
        results: as known so far.
        limited: whether it spends its daily budget.
        phi: how much less its counts weigh than chance alone would have it (`overdispersion`), 1 or more.
        mature_spend: the spend whose results have arrived, in the account's currency; None: all of it.
    """

    id: int | str
    spend: Decimal
    results: float
    limited: bool
    phi: float = 1.0
    mature_spend: float | None = None

    @property
    def exposure(self) -> float:
        """The spend that its results stand for, divided by φ."""
        return (float(self.spend) if self.mature_spend is None else self.mature_spend) / self.phi


@dataclass(frozen=True)
class Pair:
    """A source and a cheaper target.

    Attributes:
        ratio: results per money of the target over those of the source, the median.
        low, high: its 90 % interval.
        p_cheaper: P(ratio > 1), 0 to 1.
        break_even_cost: money a result of the source has cost; the target's next results may cost so much.
        target_cost: money a result of the target has cost.
        amount: a fifth of the target's spend, at most half of the source's.
        results: of both together.
    """

    source: AdSet
    target: AdSet
    ratio: float
    low: float
    high: float
    p_cheaper: float
    break_even_cost: float
    target_cost: float
    amount: Decimal
    results: float

    @property
    def clear(self) -> bool:
        """Whether the target is cheaper by enough, on enough results, to suggest a test."""
        return self.low >= SMALLEST_RATIO and self.results >= ENOUGH_RESULTS


@dataclass(frozen=True)
class Reallocation:
    """Pairs with a limited target, the surest difference first, and at most one suggestion.

    Attributes:
        unspent: without a suggestion, the first clear pair whose target does not spend its budget, or None.
        judged: whether any two ad sets could be compared.
    """

    pairs: tuple[Pair, ...]
    suggestion: Pair | None
    unspent: Pair | None
    judged: bool


def reallocation(sets: Iterable[AdSet]) -> Reallocation:
    """The pairs of ad sets of one objective and currency, and the one test that they suggest.

    Args:
        sets: in any order; those that spent nothing are left out.
    """
    spent = sorted((row for row in sets if row.spend > 0), key=lambda row: row.id)
    prior = gamma_prior((row.exposure, row.results / row.phi) for row in spent)
    if prior is None or len(spent) < 2:
        return Reallocation((), None, None, judged=False)
    posterior = {row.id: prior.updated(row.results / row.phi, row.exposure) for row in spent}
    limited = [row for row in spent if row.limited]
    pairs = _pairs(spent, limited, posterior)
    if pairs and pairs[0].clear:
        return Reallocation(pairs, pairs[0], None, judged=True)
    others = _pairs(spent, [row for row in spent if not row.limited], posterior, smallest=SMALLEST_RATIO)
    return Reallocation(pairs, None, next((pair for pair in others if pair.clear), None), judged=True)


def ad_sets(days: pl.DataFrame, *, last_day: date) -> list[AdSet]:
    """The ad sets of the last 28 complete days, with the scatter of their weeks; unknown days are left out.

    Args:
        days: campaign_id, date, cost_in_local_currency, results, daily_budget (null: none); one row per ad set and
            day, figures null where unknown. May have arrived: the share of the day's results that is known, 0 to 1;
            without it all days count alike, whatever their age.
        last_day: the last complete day.

    Raises:
        ValidationError: the rows are of two currencies (`currency`) or objectives (`objective_type`).
    """
    one_currency(days)
    one_objective(days)
    first = last_day - timedelta(days=PERIOD_DAYS - 1)
    known = days.filter(pl.col("date").is_between(first, last_day)).drop_nulls([_SPEND, "results"])
    if known.is_empty():
        return []
    arrived = pl.col("arrived") if "arrived" in known.columns else pl.lit(1.0)
    week = (pl.lit(last_day) - pl.col("date")).dt.total_days() // 7
    mature = (pl.col(_SPEND).cast(pl.Float64) * arrived).sum().alias("mature")
    sums = [pl.col(_SPEND).cast(pl.Decimal(38, 18)).sum(), pl.col("results").sum(), mature]
    weeks = known.group_by("campaign_id", week.alias("week")).agg(sums).sort("campaign_id", "week")
    scatter = day_scatter((row, n, c) for row, _, _, c, n in weeks.iter_rows())
    full = _limited(days, last_day)
    totals = weeks.group_by("campaign_id").agg(pl.col(_SPEND, "results", "mature").sum()).sort("campaign_id")
    return [AdSet(name, n, c, name in full, scatter.phi[name], mature) for name, n, c, mature in totals.iter_rows()]


def reallocation_table(found: Reallocation) -> pl.DataFrame:
    """The pairs as a frame (`SCHEMA`), the surest difference first; the suggestion, if any, is the first."""
    rows = [
        {
            **{name: getattr(pair, name) for name in SCHEMA if hasattr(pair, name)},
            "source_id": pair.source.id,
            "target_id": pair.target.id,
            "amount": round(pair.amount, 2),
            "suggestion": pair is found.suggestion,
        }
        for pair in found.pairs
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def reallocation_sentences(
    found: Reallocation, names: Mapping[int | str, str], *, result: str, currency: str | None, days: int = PERIOD_DAYS
) -> str:
    """What the comparison says, always as a test; plain text.

    Args:
        names: of ad sets, by id.
        result: the plural name of results in lower case, such as `leads`.
        days: of the period.
    """
    if not found.judged:
        return TOO_LITTLE
    if found.suggestion is not None:
        return " ".join(_suggested(found.suggestion, names, result, currency, days))
    if found.unspent is not None:
        target = _name(found.unspent.target, names)
        return f"{target} is cheaper but does not spend its budget: more would stay unspent."
    return NONE_CHEAPER


def weeks_of_test(results_a_week: float, *, step: float = 0.2) -> int:
    """Weeks of alternating a budget by ±`step` that tell a marginal cost of twice the average from the average."""
    needed = TEST_RESULTS * (0.2 / step) ** 2
    return max(2, math.ceil(needed / results_a_week - 1e-9))


def _suggested(
    pair: Pair, names: Mapping[int | str, str], result: str, currency: str | None, days: int
) -> Sequence[str]:
    source, target = _name(pair.source, names), _name(pair.target, names)
    cost, dearer = (wording.money(amount, currency) for amount in (pair.target_cost, pair.break_even_cost))
    times = wording.factor_range(pair.low, pair.high)
    said = [
        f"{capitalized(result)} of {target} have cost {cost} against {dearer} of {source} "
        f"({times} times as many per {money_word(currency)}), and {target} spends its whole budget.",
        f"Moving {wording.money(pair.amount, currency)} pays as long as the next {result} of {target} cost under "
        f"{dearer}.",
        "Past days do not show that: raise it by a fifth for two weeks and look again.",
    ]
    weekly = pair.target.results * 7 / days
    if weekly > 0:
        weeks, fewer = weeks_of_test(weekly), weeks_of_test(weekly, step=0.4)
        said.append(
            f"To know it, alternate the budget of {target} by ±20 % from week to week for {weeks} weeks, "
            f"or by ±40 % for {fewer}."
        )
    return said


def _name(row: AdSet, names: Mapping[int | str, str]) -> str:
    return f"‘{names.get(row.id, row.id)}’"


def _pairs(
    sources: Sequence[AdSet], targets: Sequence[AdSet], posterior: Mapping[int | str, Gamma], *, smallest: float = 1.0
) -> tuple[Pair, ...]:
    """Pairs whose target's mean efficiency is more than `smallest` times the source's; the highest lower end first."""
    found = [
        _pair(source, target, posterior)
        for target in targets
        for source in sources
        if posterior[target.id].mean > smallest * posterior[source.id].mean
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.low, pair.source.id, pair.target.id)))


def _pair(source: AdSet, target: AdSet, posterior: Mapping[int | str, Gamma]) -> Pair:
    one, other = posterior[source.id], posterior[target.id]
    ratio = rate_ratio.from_shapes(one.shape, one.exposure, other.shape, other.exposure, reach=_reach(one, other))
    low, high = ratio.interval(0.9)
    return Pair(
        source,
        target,
        ratio.quantile(0.5),
        low,
        high,
        1 - ratio.below(1),
        1 / one.mean,
        1 / other.mean,
        min(PART_OF_TARGET * target.spend, PART_OF_SOURCE * source.spend),
        source.results + target.results,
    )


def _reach(one: Gamma, other: Gamma) -> float:
    """How far |ln ρ| may go: beyond lies less than 10⁻¹², as both the normal middle and the exponential tails say."""
    middle, spread = abs(math.log(other.mean / one.mean)), math.sqrt(1 / one.shape + 1 / other.shape)
    return min(rate_ratio.REACH, math.ceil(middle + 8 * spread + 30 / min(one.shape, other.shape)))


def _limited(days: pl.DataFrame, last_day: date) -> set[int]:
    """The ad sets that spent their daily budget on most of the last complete days; unknown days do not count."""
    first = last_day - timedelta(days=LIMITED_OF - 1)
    spend, budget = (pl.col(name).cast(pl.Decimal(38, 18)) for name in (_SPEND, "daily_budget"))
    full = (budget > 0) & (spend.cast(pl.Float64) >= float(LIMITED_SHARE) * budget.cast(pl.Float64) - 1e-9)
    counted = (
        days.filter(pl.col("date").is_between(first, last_day)).group_by("campaign_id").agg(full.sum().alias("full"))
    )
    return set(counted.filter(pl.col("full") >= LIMITED_DAYS)["campaign_id"].to_list())
