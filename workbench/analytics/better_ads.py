"""`creative_comparison` of the ads of one ad set, from their days, with its sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from workbench.analytics import wording
from workbench.analytics.creative_comparison import Arm, Comparison, compare
from workbench.analytics.currency import one_currency, one_objective
from workbench.analytics.overdispersion import day_scatter, phi
from workbench.analytics.shrinkage import gamma_prior
from workbench.errors import ValidationError

PRIOR_DAYS = 90
DELIVERED = "LinkedIn chose who saw which ad, so this compares the ads as delivered, not what people like better."
RANDOMISED = "ROUND_ROBIN"

CREATIVE_COMPARISON: Mapping[str, pl.DataType] = {
    "account_id": pl.Int64(),
    "campaign_id": pl.Int64(),
    "creative_id": pl.Int64(),
    "exposure": pl.Float64(),
    "count": pl.Float64(),
    "rate": pl.Float64(),
    "mean": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "p_best": pl.Float64(),
    "expected_loss": pl.Float64(),
}


@dataclass(frozen=True)
class AdSetComparison:
    """The comparison of one ad set.

    Attributes:
        ads: `CREATIVE_COMPARISON`, one row per ad that ran on the compared days; ads that are listed and not compared
            have no mean, interval, p_best and expected_loss.
        verdict, leader: as in `creative_comparison`; leader is a creative id.
        needed_per_ad, more_per_ad: exposure; more_cost: account currency, per ad.
        kappa: scatter of days beyond chance.
        randomised: whether the ad set shows its ads in turn.
        first_day, last_day, days: the compared days, on which at least two ads ran; None and 0 if there are none.
        unknown_days: days with an ad's unknown figures, left out.
    """

    ads: pl.DataFrame
    verdict: str
    leader: int | None
    needed_per_ad: float | None
    more_per_ad: float | None
    more_cost: float | None
    kappa: float
    randomised: bool
    first_day: date | None
    last_day: date | None
    days: int
    unknown_days: int
    currency: str | None


def compare_ads(
    days: pl.DataFrame, campaign_id: int, first: date, last: date, *, creative_selection: str | None = None
) -> AdSetComparison:
    """The ads of one ad set on the days from first to last on which at least two of them ran.

    Args:
        days: account_id, creative_id, campaign_id, date, exposure, count, cost_in_local_currency of all ads of one
            account and objective over 90 days up to `last` (`ad_rates.creative_days`); null is an unknown day.
        creative_selection: the ad set's setting; anything but ROUND_ROBIN means that LinkedIn chose.

    Raises:
        ValidationError: rows of two accounts, two currencies or two objectives.
    """
    currency = one_currency(days)
    one_objective(days)
    _one_account(days)
    recent = days.filter(pl.col("date") > last - timedelta(days=PRIOR_DAYS), pl.col("date") <= last)
    known = recent.drop_nulls(["exposure", "count"])
    scatter = day_scatter(known.select("creative_id", "exposure", "count").rows())
    sums = known.group_by("creative_id").agg(pl.col("exposure", "count").sum()).rows()
    prior = gamma_prior((n / scatter.phi[ad], c / scatter.phi[ad]) for ad, n, c in sums)
    of_campaign = (pl.col("campaign_id") == campaign_id) & pl.col("date").is_between(first, last)
    ran = known.filter(of_campaign, pl.col("exposure") > 0)
    common = ran.filter(pl.col("creative_id").n_unique().over("date") > 1)
    arms = _arms(common, scatter.kappa)
    found = compare({str(ad): arm for ad, arm in arms.items()}, prior, cpm=_cpm(common))
    span = common["date"].unique().sort().to_list()
    return AdSetComparison(
        ads=_rows(days, campaign_id, arms, found),
        verdict=found.verdict,
        leader=int(found.leader) if found.leader else None,
        needed_per_ad=found.needed,
        more_per_ad=found.more,
        more_cost=found.more_cost,
        kappa=scatter.kappa,
        randomised=creative_selection == RANDOMISED,
        first_day=span[0] if span else None,
        last_day=span[-1] if span else None,
        days=len(span),
        unknown_days=recent.filter(of_campaign).height - known.filter(of_campaign).height,
        currency=currency,
    )


def sentence(
    found: AdSetComparison,
    names: Mapping[int, str],
    *,
    rate: str = "landing-page CTR",
    counts: str = "clicks",
    exposure: str = "impressions",
) -> str:
    """Which ad is better and how sure, or why that cannot be said and what knowing would cost.

    Args:
        names: of the ads, by creative id.
        rate, counts, exposure: what is compared, in words.
    """
    if found.leader is None:
        said = "Not enough data: no two ads of this ad set can be compared on days on which both ran."
        return said if found.days == 0 else f"Not enough data: the ads had no {counts} that could be compared."
    window = f"On {wording.counted(found.days, 'day')} up to {wording.day(found.last_day)}: " if found.last_day else ""
    body = {"better": _better, "too_close": _too_close}.get(found.verdict, _not_enough)
    said = window + body(found, names, rate, counts, exposure)
    return said if found.randomised else f"{said} {DELIVERED}"


def _better(found: AdSetComparison, names: Mapping[int, str], rate: str, counts: str, exposure: str) -> str:
    best, second = found.ads.drop_nulls("p_best").head(2).to_dicts()
    sure = wording.probability(best["p_best"])
    return (
        f"‘{_name(names, best)}’ is better: {sure} sure, {rate} {_rate(best, best['mean'])} "
        f"against {_rate(second, best['mean'])}."
    )


def _too_close(found: AdSetComparison, names: Mapping[int, str], rate: str, counts: str, exposure: str) -> str:
    return (
        "Too close to call: the ads have run enough that a difference of a fifth would have shown. "
        "Choose by other reasons."
    )


def _not_enough(found: AdSetComparison, names: Mapping[int, str], rate: str, counts: str, exposure: str) -> str:
    best = found.ads.row(0, named=True)
    cost = f", ≈ {wording.about_money(found.more_cost, found.currency)} an ad" if found.more_cost is not None else ""
    return (
        f"Not enough data. ‘{_name(names, best)}’ leads with {wording.probability(best['p_best'])}; if it is the wrong "
        f"choice, it costs about {wording.percent(best['expected_loss'])} of its {counts}. To see a difference of a "
        f"fifth, each ad needs about {wording.about(found.more_per_ad or 0.0)} more {exposure}{cost}."
    )


def _name(names: Mapping[int, str], row: Mapping[str, int]) -> str:
    return names.get(row["creative_id"], f"Ad {row['creative_id']}")


def _rate(row: Mapping[str, float], like: float) -> str:
    decimals = wording.rate_decimals(like)
    return f"{wording.percent(row['mean'], decimals)} ({wording.percent_range(row['low'], row['high'], decimals)})"


def _one_account(days: pl.DataFrame) -> None:
    if days["account_id"].n_unique() > 1:
        raise ValidationError(
            "Ads of more than one account cannot be compared.",
            why="Their rates do not share a prior.",
            next_step="Ask for one account at a time.",
        )


def _arms(common: pl.DataFrame, kappa: float) -> dict[int, Arm]:
    found: dict[int, list[tuple[float, float]]] = {}
    for ad, exposure, count in common.select("creative_id", "exposure", "count").rows():
        found.setdefault(ad, []).append((exposure, count))
    return {
        ad: Arm(math.fsum(n for n, _ in pairs), math.fsum(c for _, c in pairs), phi(kappa, pairs))
        for ad, pairs in sorted(found.items())
    }


def _cpm(common: pl.DataFrame) -> float | None:
    """Cost of 1,000 exposures of the compared ads on the compared days."""
    shown = math.fsum(common["exposure"].to_list())
    cost = common["cost_in_local_currency"].sum()
    return 1000 * float(cost) / shown if shown > 0 and cost else None


def _rows(days: pl.DataFrame, campaign_id: int, arms: Mapping[int, Arm], found: Comparison) -> pl.DataFrame:
    """The ads, the most likely best first; those that are not compared last."""
    account = days["account_id"].first()
    rows = []
    for ad, arm in arms.items():
        result = found.arms.get(str(ad))
        known = vars(result) if result else {"rate": arm.count / arm.exposure}
        key = {"account_id": account, "campaign_id": campaign_id, "creative_id": ad}
        rows.append({**key, "exposure": arm.exposure, "count": arm.count, **known})
    frame = pl.DataFrame(rows, schema=dict(CREATIVE_COMPARISON))
    return frame.sort("p_best", "creative_id", descending=[True, False], nulls_last=True)
