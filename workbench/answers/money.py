"""Why cost per result moved, and whether money should move between ad sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import drivers, reallocation, wording
from workbench.analytics.drivers import Drivers
from workbench.analytics.equal_age import late_objective
from workbench.analytics.maturity import Curve
from workbench.analytics.metrics import key_result
from workbench.answers.figures import SPEND, campaign_days, result_words
from workbench.answers.inputs import Asker, Known, parts
from workbench.answers.late import key_curves, share_arrived
from workbench.answers.registry import ACCOUNTS, LAST_DAY, OBJECTIVE, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item
from workbench.schema.key_results import KEY_RESULTS, PROVISIONAL_RESULT_DAYS

PERIOD_DAYS = 28
_INPUTS = ("accounts", "covered_days", "campaign_budgets", "campaign_day_figures", "completeness", "result_versions")
_KEY = {"account_id": pl.Int64(), "currency": pl.String(), "objective_type": pl.String()}
_PER_RESULT = "account currency per result"
_DRIVERS = Output({**_KEY, **drivers.DRIVERS}, {"amount": _PER_RESULT})
_DRIVER_CAMPAIGNS = Output({**_KEY, **drivers.CAMPAIGNS}, dict.fromkeys((*drivers.FACTORS, "sum"), _PER_RESULT))
_MATURITIES = ("maturity_before", "maturity_after")
UNKNOWN_ARRIVALS = "How many {} of the last 30 days are still to come is not known, so a part may be lateness."
_AMOUNTS = ("before", "after", "change", "chance_low", "chance_high")
_DRIVER_TOTALS = Output(
    {
        **_KEY,
        "previous_first_day": pl.Date(),
        "previous_last_day": pl.Date(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        **dict.fromkeys(_AMOUNTS, pl.Float64()),
        "results_before": pl.Float64(),
        "results_after": pl.Float64(),
        "beyond_chance": pl.Boolean(),
        "unknown_days": pl.Int64(),
        **dict.fromkeys(_MATURITIES, pl.Float64()),
    },
    {**dict.fromkeys(_AMOUNTS, _PER_RESULT), **dict.fromkeys(_MATURITIES, "share of results arrived; null: not known")},
)
_REALLOCATION = Output(
    {**_KEY, **reallocation.SCHEMA},
    {
        **dict.fromkeys(("ratio", "low", "high"), "results per money of the target over the source; 90 %"),
        "p_cheaper": "probability, 0 to 1",
        **dict.fromkeys(("break_even_cost", "target_cost"), _PER_RESULT),
        "amount": "account currency",
    },
)


def _drivers(ask: Asker, values: Mapping[str, Any]) -> Found:
    results = (goal.metric for goal in KEY_RESULTS.values() if goal.metric is not None)
    figures = tuple(dict.fromkeys((SPEND, "impressions", "clicks", *results)))
    days, rows = campaign_days(ask, values, last_day=values["last_day"], figures=figures)
    said = [Said(text) for text in days.left_out()]
    parts_made: list[pl.DataFrame] = []
    campaigns: list[pl.DataFrame] = []
    totals: list[dict[str, Any]] = []
    if days.last_day is not None:
        span = _periods(values, days.last_day)
        period = (
            pl.when(pl.col("date").is_between(*span[2:]))
            .then(pl.lit("current"))
            .when(pl.col("date").is_between(*span[:2]))
            .then(pl.lit("previous"))
        )
        within = rows.with_columns(period.alias("period")).drop_nulls("period")
        if values["campaign_group_id"] is not None:
            within = within.filter(pl.col("campaign_group_id") == values["campaign_group_id"])
        curves = key_curves(ask, values)
        for (account_id, objective_type), mine in parts(within, ("account_id", "objective_type")):
            goal = key_result(objective_type)
            if goal.metric is None:
                continue
            key = {"account_id": account_id, "currency": days.currencies.get(account_id)}
            key["objective_type"] = objective_type
            unknown = _unknown(days, account_id, span) + mine.filter(pl.col("results").is_null())["date"].n_unique()
            mature = _maturity(mine, objective_type, curves.get((account_id, objective_type)))
            shares = None if mature is None or None in mature else (mature[0] or 0.0, mature[1] or 0.0)
            found = (
                None if unknown else drivers.drivers_of(_summed(mine, goal.metric), scale=goal.scale, maturity=shares)
            )
            literal = [pl.lit(value).alias(name) for name, value in key.items()]
            parts_made.append(drivers.drivers_frame(found).with_columns(literal))
            campaigns.append(drivers.campaigns_frame(found).with_columns(literal))
            totals.append({**key, **_totals(found, span, unknown), **_shares(mature)})
            text = _driver_text(found, objective_type, key["currency"], unknown)
            if found is not None and mature is not None and shares is None:
                text = f"{text} {UNKNOWN_ARRIVALS.format(result_words(objective_type)[1])}"
            said.append(Said(text, account_id, objective_type))
    frames = {
        "drivers": frame_of(parts_made, _DRIVERS),
        "driver_campaigns": frame_of(campaigns, _DRIVER_CAMPAIGNS),
        "driver_totals": frame_of(totals, _DRIVER_TOTALS),
    }
    return Found(frames, tuple(said))


def _periods(values: Mapping[str, Any], last: date) -> tuple[date, date, date, date]:
    """First and last day of the period before and of the period; the one before is as long and ends just before."""
    first = values["first_day"] or last - timedelta(days=PERIOD_DAYS - 1)
    before_last = values["previous_last_day"] or first - timedelta(days=1)
    before_first = values["previous_first_day"] or before_last - (last - first)
    return before_first, before_last, first, last


def _unknown(days: Known, account_id: int, span: tuple[date, date, date, date]) -> int:
    """How many days of both periods are not known."""
    complete = days.complete(account_id)
    return sum(
        first + timedelta(days=n) not in complete
        for first, last in (span[:2], span[2:])
        for n in range((last - first).days + 1)
    )


def _summed(rows: pl.DataFrame, metric: str) -> pl.DataFrame:
    """The figures of both periods; results that do not follow a click are taken per impression."""
    clicks = pl.col("impressions" if metric in drivers.WITHOUT_A_CLICK else "clicks").alias("clicks")
    return rows.select("period", "campaign_id", SPEND, "impressions", clicks, "results", "currency", "objective_type")


def _maturity(rows: pl.DataFrame, objective_type: str, curve: Curve | None) -> tuple[float | None, float | None] | None:
    """The shares of results that have arrived, of the period before and of the period; None where all have.

    Without a curve, the share of a period with provisional days is not known.
    """
    if not late_objective(objective_type) or rows.filter(pl.col("age") <= PROVISIONAL_RESULT_DAYS).is_empty():
        return None
    periods = [rows.filter(pl.col("period") == name) for name in ("previous", "current")]
    before, after = (None if curve is None else share_arrived(one, curve) for one in periods)
    return before, after


def _shares(mature: tuple[float | None, float | None] | None) -> dict[str, float | None]:
    return dict(zip(_MATURITIES, mature or (1.0, 1.0), strict=True))


def _totals(found: Drivers | None, span: tuple[date, date, date, date], unknown: int) -> dict[str, Any]:
    names = ("previous_first_day", "previous_last_day", "first_day", "last_day")
    facts: dict[str, Any] = {**dict(zip(names, span, strict=True)), "unknown_days": unknown}
    wanted = (*_AMOUNTS, "results_before", "results_after", "beyond_chance")
    return facts | {name: None if found is None else getattr(found, name) for name in wanted}


def _driver_text(found: Drivers | None, objective_type: str, currency: str | None, unknown: int) -> str:
    singular, plural = result_words(objective_type)
    if unknown:
        days = wording.counted(unknown, "day")
        verb = "is" if unknown == 1 else "are"
        return f"{days} of these periods {verb} not known, so cost per {singular} is not compared."
    goal = key_result(objective_type)
    label = singular if goal.scale == 1 else f"{goal.scale:,} {plural}"
    per = "impression" if goal.metric in drivers.WITHOUT_A_CLICK else "click"
    return drivers.sentence(found, label=label, singular=singular, plural=plural, currency=currency, per=per)


def _reallocation(ask: Asker, values: Mapping[str, Any]) -> Found:
    days, rows = campaign_days(ask, values, last_day=values["last_day"])
    said = [Said(text) for text in days.left_out()]
    made: list[pl.DataFrame] = []
    curves = key_curves(ask, values)
    for (account_id, objective_type), mine in parts(rows, ("account_id", "objective_type")):
        if days.last_day is None or key_result(objective_type).metric is None:
            continue
        currency = days.currencies.get(account_id)
        sets = _sets(mine, currency, curves.get((account_id, objective_type)))
        found = reallocation.reallocation(reallocation.ad_sets(sets, last_day=days.last_day))
        literal = {"account_id": account_id, "currency": currency, "objective_type": objective_type}
        made.append(
            reallocation.reallocation_table(found).with_columns(
                pl.lit(value).alias(name) for name, value in literal.items()
            )
        )
        names = dict(mine.select("campaign_id", "name").unique().drop_nulls().iter_rows())
        _, plural = result_words(objective_type)
        text = reallocation.reallocation_sentences(found, names, result=plural, currency=currency)
        said.append(Said(text, account_id, objective_type))
    return Found({"reallocation": frame_of(made, _REALLOCATION)}, tuple(said))


def _sets(rows: pl.DataFrame, currency: str | None, curve: Curve | None) -> pl.DataFrame:
    """The days of ad sets, with the share of their results that has arrived; without a curve, all count alike."""
    columns = ("campaign_id", "date", SPEND, "results", "daily_budget", "objective_type")
    share = pl.lit(1.0)
    if curve is not None:
        ages = sorted(rows["age"].drop_nulls().unique().to_list())
        shares = [min(1.0, curve.at(age)) for age in ages]
        share = pl.col("age").replace_strict(ages, shares, default=1.0, return_dtype=pl.Float64)
    return rows.select(*columns, share.alias("arrived"), pl.lit(currency, pl.String).alias("currency"))


DRIVERS = Answer(
    name="drivers",
    title="Why did cost per result move: price, ads, form or page, or spend moving between ad sets?",
    params={
        "account_ids": ACCOUNTS,
        "first_day": Item("date", "null: 28 days to the last one"),
        "last_day": LAST_DAY,
        "previous_first_day": Item("date", "null: as many days as the period has"),
        "previous_last_day": Item("date", "null: the day before the period"),
        "campaign_group_id": Item("bigint", "null: every campaign group"),
        "objective_type": OBJECTIVE,
    },
    inputs=_INPUTS,
    outputs={"drivers": _DRIVERS, "driver_campaigns": _DRIVER_CAMPAIGNS, "driver_totals": _DRIVER_TOTALS},
    method=_drivers,
)
REALLOCATION = Answer(
    name="reallocation",
    title="Which ad set has been cheaper beyond chance, and is it worth a test to move money there?",
    params={"account_ids": ACCOUNTS, "last_day": LAST_DAY, "objective_type": OBJECTIVE},
    inputs=_INPUTS,
    outputs={"reallocation": _REALLOCATION},
    method=_reallocation,
)
