"""Why cost per result moved between two periods: mix of ad sets, CPM, CTR, conversions per click, late results.

Results per money E = R/C is the sum over ad sets of share of spend × impressions per money × clicks per impression ×
results per click. Additive LMDI-I splits its change into these four factors without a rest, whatever their order, and
with reversed signs for reversed periods. Zeros take LMDI's analytical limits.

Sources: Ang 2004, 2015 (LMDI); Ang and Liu 2007, Wood and Lenzen 2006 (zeros).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import polars as pl

from workbench.analytics import wording
from workbench.analytics.currency import one_currency, one_objective
from workbench.errors import ValidationError

FACTORS = ("mix", "cpm", "ctr", "cvr")
NAMES = {
    "mix": "spend moving between ad sets",
    "cpm": "CPM",
    "ctr": "CTR",
    "late": "results that have not arrived yet",
}
WITHOUT_A_CLICK = frozenset({"impressions", "video_views"})
"""Metrics that are results and do not follow a click: per impression they say more."""
_Z_90 = NormalDist().inv_cdf(0.95)
_WORTH_NAMING = 0.02
"""A part below this share of the largest one is not named in the sentence."""

DRIVERS = {"factor": pl.String, "amount": pl.Float64}
CAMPAIGNS = {"campaign_id": pl.Int64, **dict.fromkeys((*FACTORS, "sum"), pl.Float64)}


@dataclass(frozen=True)
class Sums:
    """Figures of one ad set in one period; money in the account's currency."""

    cost: float = 0.0
    impressions: float = 0.0
    clicks: float = 0.0
    results: float = 0.0


@dataclass(frozen=True)
class Drivers:
    """What moved cost per result.

    Attributes:
        before, after: cost per result of each period, in the account's currency.
        parts: amount of the change by factor: mix, cpm, ctr, cvr, late. They add up to `change`.
        campaigns: amount by campaign_id and factor (mix, cpm, ctr, cvr). They add up to `change`, too: what is late
            is known for the total only and stands in their cvr.
        results_before, results_after: counts that the change rests on.
        chance_low, chance_high: what chance alone moves cost per result by, 90 %.
        beyond_chance: whether the change lies outside of that.
    """

    before: float
    after: float
    parts: Mapping[str, float]
    campaigns: Mapping[int, Mapping[str, float]]
    results_before: float
    results_after: float
    chance_low: float
    chance_high: float
    beyond_chance: bool

    @property
    def change(self) -> float:
        return self.after - self.before


def drivers(
    before: Mapping[int, Sums],
    after: Mapping[int, Sums],
    *,
    maturity: tuple[float, float] | None = None,
    scale: int = 1,
) -> Drivers | None:
    """The parts of the change of cost per result, or None where a period has no spend or no result.

    Args:
        before, after: figures by campaign_id, of one objective and one currency.
        maturity: of the results of both periods (before, after); None if not known, as where one is 0.
        scale: cost is per so many results (1,000 for impressions).
    """
    spent_0, spent_1 = _total(before, "cost"), _total(after, "cost")
    results_0, results_1 = _total(before, "results"), _total(after, "results")
    if not (spent_0 > 0 and spent_1 > 0 and results_0 > 0 and results_1 > 0):
        return None
    cost_0, cost_1 = scale * spent_0 / results_0, scale * spent_1 / results_1
    money = -log_mean(cost_1, cost_0) / log_mean(results_1 / spent_1, results_0 / spent_0)
    campaigns = {}
    for campaign_id in sorted({*before, *after}):
        one, other = before.get(campaign_id, Sums()), after.get(campaign_id, Sums())
        if any((one.cost, one.results, other.cost, other.results)):
            split = _split(one, other, spent_0, spent_1)
            campaigns[campaign_id] = {factor: money * split.get(factor, 0.0) + 0.0 for factor in FACTORS}
    parts = {factor: math.fsum(row[factor] for row in campaigns.values()) for factor in FACTORS}
    arrived = maturity if maturity and min(maturity) > 0 else (1.0, 1.0)
    parts["late"] = log_mean(cost_1, cost_0) * math.log(arrived[0] / arrived[1])
    parts["cvr"] -= parts["late"]
    spread = _Z_90 * math.sqrt(1 / results_0 + 1 / results_1)
    return Drivers(
        before=cost_0,
        after=cost_1,
        parts=parts,
        campaigns=campaigns,
        results_before=results_0,
        results_after=results_1,
        chance_low=cost_0 * math.expm1(-spread),
        chance_high=cost_0 * math.expm1(spread),
        beyond_chance=abs(math.log(cost_1 / cost_0)) > spread,
    )


def drivers_of(frame: pl.DataFrame, *, maturity: tuple[float, float] | None = None, scale: int = 1) -> Drivers | None:
    """`drivers` of a frame, or None where a period has no spend, no result, or an unknown figure.

    Args:
        frame: rows of period (`previous` or `current`), campaign_id, cost_in_local_currency, impressions, clicks,
            results; may have currency and objective_type. Rows of one ad set and period are added up.

    Raises:
        ValidationError: rows of two currencies or two objectives.
    """
    one_currency(frame)
    one_objective(frame)
    figures = ["cost_in_local_currency", "impressions", "clicks", "results"]
    if frame.select(pl.any_horizontal(pl.col(figures).is_null().any())).to_series().any():
        return None
    sums = frame.group_by("period", "campaign_id").agg(pl.col(figures).sum())
    periods: dict[str, dict[int, Sums]] = {"previous": {}, "current": {}}
    for row in sums.iter_rows(named=True):
        if row["period"] not in periods:
            raise ValidationError(
                f"{row['period']!r} is not a period.",
                why="Rows are of the period previous or of the period current.",
                next_step="Name the period of every row.",
            )
        periods[row["period"]][row["campaign_id"]] = Sums(*(float(row[name]) for name in figures))
    return drivers(periods["previous"], periods["current"], maturity=maturity, scale=scale)


def drivers_frame(found: Drivers | None) -> pl.DataFrame:
    """One row per factor: factor (mix, cpm, ctr, cvr, late), amount (account currency per result); empty for None."""
    parts = found.parts.items() if found else ()
    return pl.DataFrame(list(parts), schema=DRIVERS, orient="row")


def campaigns_frame(found: Drivers | None) -> pl.DataFrame:
    """One row per ad set: campaign_id, mix, cpm, ctr, cvr, sum (account currency per result); largest move first."""
    rows = [{"campaign_id": key, **row, "sum": math.fsum(row.values())} for key, row in campaigns_of(found).items()]
    return pl.DataFrame(rows, schema=CAMPAIGNS).sort(pl.col("sum").abs(), "campaign_id", descending=[True, False])


def campaigns_of(found: Drivers | None) -> Mapping[int, Mapping[str, float]]:
    """The parts by ad set; none for None."""
    return found.campaigns if found else {}


def log_mean(one: float, other: float) -> float:
    """The logarithmic mean of two positive numbers: (one − other) / ln(one / other)."""
    difference = math.log(one / other)
    if abs(difference) < 1e-4:
        # The quotient loses digits here; its series does not: √(ab)·(1 + d²/24 + …).
        return math.sqrt(one * other) * (1 + difference**2 / 24)
    return (one - other) / difference


def sentence(
    found: Drivers | None, *, label: str, singular: str, plural: str, currency: str | None, per: str = "click"
) -> str:
    """How much cost per result moved, by what, and what chance alone does.

    Args:
        label: what cost is per, such as `lead`.
        singular, plural: the result, such as `lead` and `leads`.
        per: what the rate of results is of.
    """
    if found is None:
        return f"In one of the periods there was no {singular}: there is no cost per {label} to explain."
    largest = max(abs(found.change), *map(abs, found.parts.values()))
    moved = f"{wording.money(abs(found.change), currency, like=largest)}"
    if not any(digit in "123456789" for digit in moved):
        return f"Cost per {label} did not move. {_chance(found, singular, plural, currency)}"
    rose = found.change > 0
    share = wording.change(found.change / found.before)
    parts = _parts(found, currency, largest, f"{plural} per {per}")
    said = f"Cost per {label} {'rose' if rose else 'fell'} by {moved} ({share}): {parts}."
    if _all_late(found):
        said = f"Of the {'rise' if rose else 'fall'} of {moved}, all is results that have not arrived yet."
    return f"{said} {_chance(found, singular, plural, currency)}"


def _parts(found: Drivers, currency: str | None, largest: float, rate: str) -> str:
    names = {**NAMES, "cvr": rate}
    named = [(name, amount) for name, amount in found.parts.items() if abs(amount) > _WORTH_NAMING * largest]
    named.sort(key=lambda part: (-abs(part[1]), part[0]))
    amounts = [(names[name], wording.signed_money(amount, currency, like=largest)) for name, amount in named]
    return ", ".join(f"{name} {amount}" for name, amount in amounts if amount[0] in "+−")


def _all_late(found: Drivers) -> bool:
    """Whether the change is late results and the other parts together hardly matter."""
    late = found.parts["late"]
    others = math.fsum(abs(amount) for name, amount in found.parts.items() if name != "late")
    return late * found.change > 0 and others <= 0.1 * abs(found.change)


def _chance(found: Drivers, singular: str, plural: str, currency: str | None) -> str:
    ends = found.chance_low, found.chance_high
    low, high = (wording.signed_money(end, currency, like=max(map(abs, ends))) for end in ends)
    if not any(digit in "123456789" for digit in low + high):  # less than the currency's smallest coin
        low, high = (wording.change(end / found.before) for end in ends)
    counts = f"{found.results_before:,.0f} and {found.results_after:,.0f}"
    noun = singular if found.results_before == found.results_after == 1 else plural
    return f"With {counts} {noun}, chance alone moves it by {low} to {high}."


def _total(period: Mapping[int, Sums], name: str) -> float:
    return math.fsum(getattr(sums, name) for sums in period.values())


def _split(one: Sums, other: Sums, spent_0: float, spent_1: float) -> Mapping[str, float]:
    """The change of results per money of one ad set, by factor."""
    share_0, share_1 = one.results / spent_0, other.results / spent_1
    if not (one.results > 0 and other.results > 0):
        lacking = other if one.results > 0 else one
        return {_first_zero(lacking): share_1 - share_0}
    if not all((one.cost, other.cost, one.impressions, other.impressions)):
        return {"mix": share_1 - share_0}
    weight = log_mean(share_1, share_0)
    logs = {
        "mix": math.log(other.cost / spent_1) - math.log(one.cost / spent_0),
        "cpm": math.log(other.impressions / other.cost) - math.log(one.impressions / one.cost),
    }
    if one.clicks > 0 and other.clicks > 0:
        logs["ctr"] = math.log(other.clicks / other.impressions) - math.log(one.clicks / one.impressions)
        logs["cvr"] = math.log(other.results / other.clicks) - math.log(one.results / one.clicks)
    else:
        logs["cvr"] = math.log(other.results / other.impressions) - math.log(one.results / one.impressions)
    return {factor: weight * value for factor, value in logs.items()}


def _first_zero(sums: Sums) -> str:
    """The first factor that is 0 where there is no result."""
    if not sums.cost > 0:
        return "mix"
    if not sums.impressions > 0:
        return "cpm"
    return "cvr" if sums.clicks > 0 else "ctr"
