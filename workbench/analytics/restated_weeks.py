"""Spend, results and cost per result of past weeks, as known at an earlier snapshot and as known now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from workbench.analytics import wording
from workbench.analytics.metrics import key_result, objective, sum_or_null
from workbench.errors import ValidationError

WEEKS = 4
_MONEY = pl.Decimal(38, 6)
_STATES = ("before", "after")
_KEY = ("account_id", "currency", "objective_type", "week", "last_day")

RESTATED_WEEKS: Mapping[str, pl.DataType] = {
    "account_id": pl.Int64(),
    "currency": pl.String(),
    "objective_type": pl.String(),
    "week": pl.Date(),
    "last_day": pl.Date(),
    "spend_before": _MONEY,
    "spend_after": _MONEY,
    "results_before": pl.Int64(),
    "results_after": pl.Int64(),
    "cost_per_result_before": pl.Float64(),
    "cost_per_result_after": pl.Float64(),
}


def complete_weeks(until: date, count: int = WEEKS) -> list[tuple[date, date]]:
    """Monday and Sunday of the last complete ISO weeks, the newest last.

    Args:
        until: the last complete day.
    """
    sunday = until - timedelta(days=(until.weekday() + 1) % 7)
    mondays = [sunday - timedelta(days=6 + 7 * number) for number in reversed(range(count))]
    return [(monday, monday + timedelta(days=6)) for monday in mondays]


def restated_weeks(
    before: pl.DataFrame,
    after: pl.DataFrame,
    before_covered: pl.DataFrame,
    after_covered: pl.DataFrame,
    campaigns: pl.DataFrame,
    periods: Sequence[tuple[date, date]],
) -> pl.DataFrame:
    """Spend, results and cost per result of periods, as known then and as known now.

    Args:
        before, after: account_id, campaign_id, date and all metrics, one row per ad set and day with activity.
        before_covered, after_covered: account_id, date, age (days at the deciding fetch) of each covered day.
        campaigns: account_id, campaign_id, objective_type, currency; ad sets not listed have no objective.
        periods: first and last day of each; `complete_weeks` for the last four weeks.

    Returns:
        `RESTATED_WEEKS`: `week` is the first day of a period; money in the account's currency. A state that does not
        know every day of a period has null there, and an objective without key result has no results.
    """
    if not periods:
        return pl.DataFrame(schema=RESTATED_WEEKS)
    spans = pl.DataFrame(periods, schema={"week": pl.Date(), "last_day": pl.Date}, orient="row").unique()
    rows = pl.concat(
        [_with_results(frame, campaigns, state) for frame, state in ((before, "before"), (after, "after"))]
    )
    within = rows.join_where(spans, pl.col("date") >= pl.col("week"), pl.col("date") <= pl.col("last_day"))
    sums = within.group_by(_KEY).agg(_sum_of(name, state) for name in ("spend", "results") for state in _STATES)
    for covered, state in ((before_covered, "before"), (after_covered, "after")):
        sums = sums.join(_known(covered, spans, state), on=["account_id", "week", "last_day"], how="left")
    counted = pl.col("objective_type").map_elements(
        lambda name: key_result(name).metric is not None, return_dtype=pl.Boolean
    )
    kept = [
        pl.when(pl.col(f"known_{state}")).then(pl.col(f"spend_{state}")).alias(f"spend_{state}") for state in _STATES
    ]
    kept += [
        pl.when(pl.col(f"known_{state}") & counted).then(pl.col(f"results_{state}")).alias(f"results_{state}")
        for state in _STATES
    ]
    figures = sums.with_columns(kept).with_columns(_cost(state) for state in _STATES)
    return figures.select(pl.col(name).cast(kind) for name, kind in RESTATED_WEEKS.items()).sort(_KEY, nulls_last=True)


def sentence(weeks: pl.DataFrame, *, label: str) -> str:
    """`Cost per lead of 3–9 Nov: €148 then, €121 now.`: the newest period whose cost is known in both states.

    Args:
        weeks: `RESTATED_WEEKS` of one account and objective.
        label: the result, such as `lead`.

    Returns:
        The sentence, or "" where no period has both costs or none differs.

    Raises:
        ValidationError: the rows are of several accounts, currencies or objectives.
    """
    if weeks.select(_KEY[:3]).unique().height > 1:
        raise ValidationError(
            "Weeks of several accounts or objectives cannot be said in one sentence.",
            why="Their costs per result are not of one currency and one result.",
            next_step="Ask for one account and objective at a time.",
        )
    known = weeks.drop_nulls(["cost_per_result_before", "cost_per_result_after"]).sort("last_day", "week")
    for row in reversed(known.to_dicts()):
        amounts = row["cost_per_result_before"], row["cost_per_result_after"]
        then, now = (wording.money(amount, row["currency"], like=max(amounts)) for amount in amounts)
        if then != now:
            days = wording.days(row["week"], row["last_day"])
            return f"Cost per {label} of {days}: {then} then, {now} now."
    return ""


def _with_results(frame: pl.DataFrame, campaigns: pl.DataFrame, state: str) -> pl.DataFrame:
    """account_id, currency, objective_type, date, spend, results, state; the result is the objective's own."""
    settings = campaigns.select("account_id", "campaign_id", "objective_type", "currency")
    found = settings["objective_type"].unique().to_list()
    spelled = pl.col("objective_type").replace_strict(
        found, [objective(name) for name in found], return_dtype=pl.String
    )
    joined = frame.join(settings.with_columns(spelled), on=["account_id", "campaign_id"], how="left")
    currency = pl.col("currency").fill_null(pl.col("currency").drop_nulls().first().over("account_id"))
    result = pl.lit(None, dtype=pl.Int64)
    for name in sorted({spelling for one in found if (spelling := objective(one)) is not None}):
        metric = key_result(name).metric
        if metric is not None:
            result = pl.when(pl.col("objective_type") == name).then(pl.col(metric).cast(pl.Int64)).otherwise(result)
    return joined.select(
        pl.col("account_id").cast(pl.Int64),
        currency.alias("currency"),
        pl.col("objective_type").cast(pl.String),
        "date",
        pl.col("cost_in_local_currency").cast(_MONEY).alias("spend"),
        result.alias("results"),
        pl.lit(state).alias("state"),
    )


def _sum_of(name: str, state: str) -> pl.Expr:
    return sum_or_null(pl.col(name).filter(pl.col("state") == state)).alias(f"{name}_{state}")


def _known(covered: pl.DataFrame, spans: pl.DataFrame, state: str) -> pl.DataFrame:
    """account_id, week, last_day, known: whether every day of the period is covered and complete."""
    days = covered.filter(pl.col("age") >= 1).select("account_id", "date").unique()
    within = days.join_where(spans, pl.col("date") >= pl.col("week"), pl.col("date") <= pl.col("last_day"))
    whole = pl.len() == (pl.col("last_day") - pl.col("week")).dt.total_days().first() + 1
    return within.group_by("account_id", "week", "last_day").agg(whole.alias(f"known_{state}"))


def _cost(state: str) -> pl.Expr:
    spend, results = pl.col(f"spend_{state}").cast(pl.Float64), pl.col(f"results_{state}")
    thousands = pl.when(pl.col("objective_type") == "BRAND_AWARENESS").then(1000).otherwise(1)
    return pl.when(results > 0).then(spend * thousands / results).alias(f"cost_per_result_{state}")
