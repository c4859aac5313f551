"""What LinkedIn restated between two snapshots: which past figures differ now, by how much, and what that does to cost.

Coverage, not the presence of rows, says what was known: a paused day has no rows and is known all the same. Nothing
is added up over accounts of different currencies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from workbench.analytics import wording
from workbench.analytics.currency import one_currency
from workbench.analytics.metrics import SUMS

KINDS = ("new", "finished", "restated", "appeared", "taken_back")
TRULY = ("restated", "appeared", "taken_back")
"""The kinds that change what had been reported for a day that was over."""
RESIDUE = Decimal("0.005")
"""Smaller differences of money are LinkedIn's rounding."""
MONEY = tuple(name for name, metric in SUMS.items() if metric.unit in ("money", "usd"))
_NUMBER = pl.Decimal(38, 6)
_KEY = ("account_id", "campaign_id", "date")
_SPEND = "cost_in_local_currency"

RESTATEMENTS: Mapping[str, pl.DataType] = {
    "account_id": pl.Int64(),
    "campaign_id": pl.Int64(),
    "date": pl.Date(),
    "metric": pl.String(),
    "kind": pl.String(),
    "before_value": _NUMBER,
    "after_value": _NUMBER,
    "delta": _NUMBER,
    "age_before": pl.Int64(),
}
ONE_SNAPSHOT = "The workbench knows one snapshot so far. Tomorrow's will show what changed."


def restatements(
    before: pl.DataFrame,
    after: pl.DataFrame,
    before_covered: pl.DataFrame,
    after_covered: pl.DataFrame,
    *,
    before_day: date,
    metrics: Sequence[str] = tuple(SUMS),
) -> pl.DataFrame:
    """Every figure of an ad set's day that differs between two states.

    Args:
        before, after: account_id, campaign_id, date and `metrics`, one row per ad set and day with activity.
        before_covered, after_covered: account_id, date, age (days at the deciding fetch) of each covered day.
        before_day: the UTC day of the earlier snapshot; that day and later ones were not over.
        metrics: the figures to compare.

    Returns:
        `RESTATEMENTS`: before_value is null for what is `new`; sorted by account, campaign, date and metric. Money
        that differs by under 0.005 and equal values make no row. Days that `after` does not cover make none either,
        nor does a figure that a state has a row for and does not know.
    """
    both = _long(before, metrics, "before_value").join(
        _long(after, metrics, "after_value"), on=[*_KEY, "metric"], how="full", coalesce=True
    )
    known = both.filter(~_unknown("before_value"), ~_unknown("after_value"))
    known = known.join(_ages(before_covered, "age_before"), on=["account_id", "date"], how="left").join(
        _ages(after_covered, "age_after"), on=["account_id", "date"], how="inner"
    )
    kinds = known.with_columns(_kind(before_day).alias("kind")).filter(~_absent_and_new())
    filled = kinds.with_columns(
        pl.when(pl.col("kind") != "new").then(pl.col("before_value").fill_null(0)).alias("before_value"),
        pl.col("after_value").fill_null(0),
    )
    delta = pl.col("after_value") - pl.col("before_value").fill_null(0)
    least = pl.when(pl.col("metric").is_in(MONEY)).then(pl.lit(RESIDUE)).otherwise(pl.lit(Decimal("1E-6")))
    differing = filled.with_columns(delta.cast(_NUMBER).alias("delta")).filter(
        (pl.col("kind") == "new") | (pl.col("delta").abs() >= least)
    )
    return differing.select(pl.col(name).cast(kind) for name, kind in RESTATEMENTS.items()).sort(*_KEY, "metric")


def truly(changes: pl.DataFrame) -> pl.DataFrame:
    """The changes of days that were over and reported: restated, appeared and taken_back."""
    return changes.filter(pl.col("kind").is_in(TRULY))


def sums(changes: pl.DataFrame) -> pl.DataFrame:
    """What was truly restated, added up: account_id, metric, delta (count or account currency), days; sorted."""
    by_metric = truly(changes).group_by("account_id", "metric")
    return by_metric.agg(pl.col("delta").sum(), pl.col("date").n_unique().alias("days")).sort("account_id", "metric")


def ranked(changes: pl.DataFrame, results: Sequence[str]) -> pl.DataFrame:
    """What was truly restated by ad set, the largest change of money first, then of results.

    Args:
        results: the metrics that count as results.

    Returns:
        account_id, campaign_id, spend_delta (account currency), results_delta, days.
    """
    rows = truly(changes).group_by("account_id", "campaign_id")
    added = rows.agg(
        pl.col("delta").filter(pl.col("metric") == _SPEND).sum().alias("spend_delta"),
        pl.col("delta").filter(pl.col("metric").is_in(list(results))).sum().alias("results_delta"),
        pl.col("date").n_unique().alias("days"),
    )
    size = [pl.col(name).abs() for name in ("spend_delta", "results_delta")]
    return added.sort(*size, "account_id", "campaign_id", descending=[True, True, False, False])


def sentence(
    changes: pl.DataFrame,
    *,
    before_day: date,
    after_day: date,
    currencies: pl.DataFrame | None = None,
) -> str:
    """What was truly restated since a snapshot, in words.

    Args:
        changes: as `restatements` returns them.
        before_day, after_day: UTC days of the two snapshots.
        currencies: account_id, currency; None where no currency is known.

    Raises:
        ValidationError: the accounts that changed are of two currencies.
    """
    rows = truly(changes)
    since = wording.day(before_day)
    if rows.is_empty():
        return f"Nothing LinkedIn had reported by {since} has changed."
    currency = None
    if currencies is not None:
        currency = one_currency(currencies.join(rows.select("account_id").unique(), on="account_id", how="semi"))
    delta = {metric: _sum_of(rows, metric) for metric in rows["metric"].unique().to_list()}
    oldest = (after_day - min(rows["date"].to_list())).days
    span = f"({wording.counted(rows['date'].n_unique(), 'day')}, oldest {wording.counted(oldest, 'day')} old)"
    arrived = _arrived(delta)
    spend = delta.get(_SPEND, Decimal(0))
    moved = f"spend moved by {wording.signed_money(spend, currency)}" if spend else ""
    if not arrived:
        figures = moved or f"{wording.counted(rows.height, 'figure')} changed"
        return f"Since {since}, {figures} for days already reported {span}."
    return f"Since {since}, {arrived} for days already reported {span}{', and ' + moved if moved else ''}."


def _arrived(delta: dict[str, Decimal]) -> str:
    """How many leads and conversions arrived, and how many were taken back."""
    words = {"one_click_leads": ("lead", "leads"), "external_website_conversions": ("conversion", "conversions")}
    said: dict[str, list[str]] = {"arrived": [], "taken back": []}
    for metric, (singular, plural) in words.items():
        count = int(delta.get(metric, 0))
        if count:
            said["arrived" if count > 0 else "taken back"].append(wording.counted(abs(count), singular, plural))
    came, went = wording.listed(said["arrived"]), wording.listed(said["taken back"])
    lost = f"{went} {'was' if went.startswith('1 ') and ' and ' not in went else 'were'} taken back" if went else ""
    return " and ".join(part for part in (f"{came} arrived" if came else "", lost) if part)


def _sum_of(rows: pl.DataFrame, metric: str) -> Decimal:
    return sum(rows.filter(pl.col("metric") == metric)["delta"], Decimal(0))


def _long(frame: pl.DataFrame, metrics: Sequence[str], value: str) -> pl.DataFrame:
    """One row per ad set, day and metric, exact."""
    exact = frame.select(*_KEY, *(pl.col(name).cast(_NUMBER) for name in metrics))
    return exact.unpivot(index=list(_KEY), on=list(metrics), variable_name="metric", value_name=value).with_columns(
        pl.lit(True).alias(f"has_{value}")
    )


def _unknown(value: str) -> pl.Expr:
    """There is a row, but its snapshot did not ask for the figure."""
    return pl.col(f"has_{value}").is_not_null() & pl.col(value).is_null()


def _ages(covered: pl.DataFrame, name: str) -> pl.DataFrame:
    return covered.select("account_id", "date", pl.col("age").cast(pl.Int64).alias(name))


def _kind(before_day: date) -> pl.Expr:
    under_way = (pl.col("date") >= before_day) | (pl.col("age_before") <= 0)
    return (
        pl.when(pl.col("age_before").is_null())
        .then(pl.lit("new"))
        .when(under_way)
        .then(pl.lit("finished"))
        .when(pl.col("has_before_value").is_null())
        .then(pl.lit("appeared"))
        .when(pl.col("has_after_value").is_null())
        .then(pl.lit("taken_back"))
        .otherwise(pl.lit("restated"))
    )


def _absent_and_new() -> pl.Expr:
    """A day that only `after` covers, and that has no row there: nothing became known of the ad set."""
    return (pl.col("kind") == "new") & pl.col("has_after_value").is_null()
