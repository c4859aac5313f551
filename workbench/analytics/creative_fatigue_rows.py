"""The verdicts of `creative_fatigue` for the ads of whole accounts, from their days, with the sentences of the page."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from datetime import date, timedelta

import polars as pl

from workbench.analytics import wording
from workbench.analytics.creative_fatigue import AdWindows, Fatigue, fatigue
from workbench.analytics.currency import one_currency
from workbench.analytics.metrics import sum_or_null
from workbench.analytics.overdispersion import Scatter, day_scatter

EARLY_DAYS, LATE_DAYS = 14, 7
FELL_TOGETHER = -0.1
"""A common change below this is said before anything about single ads."""
NO_ADS = "No active ad has run for three weeks, so none can be compared with its own first two weeks."
_GROUP = ("account_id", "objective_type")

CREATIVE_FATIGUE: Mapping[str, pl.DataType] = {
    "account_id": pl.Int64(),
    "objective_type": pl.String(),
    "creative_id": pl.Int64(),
    "first_day": pl.Date(),
    "early_count": pl.Float64(),
    "early_exposure": pl.Float64(),
    "late_count": pl.Float64(),
    "late_exposure": pl.Float64(),
    "late_cost_in_local_currency": pl.Decimal(38, 6),
    "unknown_days": pl.Int64(),
    "early_rate": pl.Float64(),
    "late_rate": pl.Float64(),
    "change": pl.Float64(),
    "change_low": pl.Float64(),
    "change_high": pl.Float64(),
    "p_fell": pl.Float64(),
    "p_beyond": pl.Float64(),
    "verdict": pl.String(),
    "needed_late": pl.Int64(),
}
PEERS: Mapping[str, pl.DataType] = {
    "account_id": pl.Int64(),
    "objective_type": pl.String(),
    "common_change": pl.Float64(),
    "kappa": pl.Float64(),
    "ads": pl.Int64(),
}


def fatigue_rows(days: pl.DataFrame, active: Collection[int], *, last_day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Verdicts of all active ads, and what the ads of each account and objective have in common.

    Args:
        days: account_id, objective_type, creative_id, date, exposure, count, cost_in_local_currency, all days of the
            ads from their first one; null exposure or count is an unknown day. May have currency.
        active: creative ids that are active and listed.
        last_day: the last complete day of the creative resource.

    Returns:
        `CREATIVE_FATIGUE`, by p_fell × late spend, highest first, and `PEERS` by account and objective. Ads whose
        first 14 days reach into the last 7 are left out.

    Raises:
        ValidationError: rows of two currencies.
    """
    one_currency(days)
    windows = _windows(days, active, last_day)
    judged, peers = [], []
    for (account_id, objective_type), rows in _groups(windows):
        scatter, found = _judge(rows)
        ads = rows.group_by("creative_id", maintain_order=True).agg(*_sums())
        judged.append(_verdict_rows(ads, found))
        peers.append((account_id, objective_type, math.expm1(found.mu), scatter.kappa, ads.height))
    if not judged:
        return pl.DataFrame(schema=CREATIVE_FATIGUE), pl.DataFrame(schema=PEERS)
    weight = pl.col("p_fell").fill_null(0) * pl.col("late_cost_in_local_currency").cast(pl.Float64).fill_null(0)
    ranked = pl.concat(judged).sort(weight, "account_id", "creative_id", descending=[True, False, False])
    return ranked, pl.DataFrame(peers, schema=PEERS, orient="row")


def summary_sentence(verdicts: pl.DataFrame, common_change: float, *, noun: str = "active ad") -> str:
    """How many ads of one account and objective are tired, how often such a call is wrong, and the common change.

    Args:
        verdicts: `CREATIVE_FATIGUE` of one account and objective.
        common_change: of `PEERS`; 0, where too few ads tell, is not spoken of.
        noun: what one of them is called.
    """
    if verdicts.is_empty():
        return NO_ADS
    counts = dict(verdicts.group_by("verdict").len().rows())
    tired, watch, few = (counts.get(name, 0) for name in ("tired", "watch", "too_little"))
    if few == verdicts.height:
        return f"Not enough data: none of the {wording.counted(few, noun)} was seen enough to show a fall."
    said = [
        f"{tired} of {wording.counted(verdicts.height, noun)} {'is' if tired == 1 else 'are'} tired, "
        f"{watch} probably{'; about 1 in 10 of such calls is wrong' if tired or watch else ''}.",
    ]
    if common_change:
        said.append(f"All ads together changed by {wording.change(common_change)}.")
    if common_change <= FELL_TOGETHER:
        size = wording.percent(-common_change)
        fell = f"The ads fell together by {size}: look at season, audience and bids before the ads."
        said = [said[0], fell]
    return " ".join(said)


def ad_sentence(row: Mapping[str, float | int | str | None], *, rate: str, noun: str, exposure: str) -> str:
    """What one ad lost or kept, or what it would take to know.

    Args:
        row: of `CREATIVE_FATIGUE`.
        rate, noun, exposure: such as `landing-page CTR`, `click` and `impressions`.
    """
    if row["verdict"] == "too_little":
        needed = row["needed_late"]
        if needed is None:
            return f"Its first two weeks had too few {noun}s ever to show a fall."
        about = wording.about(float(needed))
        return f"Even a week without a single {noun} would not prove a fall: it needs about {about} {exposure} a week."
    change, low, high = (float(row[name] or 0.0) for name in ("change", "change_low", "change_high"))
    if row["verdict"] in ("tired", "fell_with_others", "watch"):
        span = wording.percent_range(-high, -low)
        others = ", as the other ads did" if row["verdict"] == "fell_with_others" else ""
        probably = "probably " if row["verdict"] == "watch" else ""
        return f"{probably}lost {wording.percent(-change)} ({span}) of its {rate}{others}."
    span = wording.percent_range(low, high)
    if row["verdict"] == "holding":
        return f"holds its {rate}: {wording.change(change)} ({span})."
    return f"its {rate} changed by {wording.change(change)} ({span}), which chance may explain."


def _windows(days: pl.DataFrame, active: Collection[int], last_day: date) -> pl.DataFrame:
    """The days of both windows, with `window` (early or late) and the ad's `first_day`."""
    first = pl.col("date").min().over("account_id", "creative_id").alias("first_day")
    until = last_day - timedelta(days=LATE_DAYS)
    own = days.filter(pl.col("creative_id").is_in(list(active)), pl.col("date") <= last_day).with_columns(first)
    early_until = pl.col("first_day") + timedelta(days=EARLY_DAYS - 1)
    apart = own.filter(early_until <= until)
    kind = (
        pl.when(pl.col("date") <= early_until).then(pl.lit("early")).when(pl.col("date") > until).then(pl.lit("late"))
    )
    return apart.with_columns(kind.alias("window")).drop_nulls("window").sort(*_GROUP, "creative_id", "date")


def _groups(windows: pl.DataFrame) -> list[tuple[tuple[int, str], pl.DataFrame]]:
    found = windows.partition_by(list(_GROUP), as_dict=True, maintain_order=True)
    return [((account_id, objective_type), rows) for (account_id, objective_type), rows in found.items()]


def _judge(rows: pl.DataFrame) -> tuple[Scatter, Fatigue]:
    known = rows.drop_nulls(["exposure", "count"])
    columns = known.select("creative_id", "window", "exposure", "count").rows()
    scatter = day_scatter(((creative, window), shown, count) for creative, window, shown, count in columns)
    sums = rows.group_by("creative_id", maintain_order=True).agg(*_sums()).to_dicts()
    ads = [
        AdWindows(
            row["early_count"],
            row["early_exposure"],
            row["late_count"],
            row["late_exposure"],
            scatter.phi.get((row["creative_id"], "early"), 1.0),
            scatter.phi.get((row["creative_id"], "late"), 1.0),
        )
        for row in sums
    ]
    return scatter, fatigue(ads)


def _sums() -> list[pl.Expr]:
    both = pl.col("exposure").is_not_null() & pl.col("count").is_not_null()
    sums = [
        pl.col(name).filter((pl.col("window") == window) & both).sum().alias(f"{window}_{name}")
        for window in ("early", "late")
        for name in ("count", "exposure")
    ]
    money = sum_or_null(pl.col("cost_in_local_currency").filter(pl.col("window") == "late"))
    facts = pl.col("account_id", "objective_type", "first_day").first()
    return [facts, *sums, money.alias("late_cost_in_local_currency"), (~both).sum().alias("unknown_days")]


def _verdict_rows(ads: pl.DataFrame, found: Fatigue) -> pl.DataFrame:
    names = ("early_rate", "late_rate", "change", "change_low", "change_high", "p_fell", "p_beyond", "verdict")
    said = [
        pl.Series(name, [getattr(ad, name) for ad in found.ads], CREATIVE_FATIGUE[name])
        for name in (*names, "needed_late")
    ]
    return ads.with_columns(said).select(pl.col(name).cast(kind) for name, kind in CREATIVE_FATIGUE.items())
