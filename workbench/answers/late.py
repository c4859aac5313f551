"""How much of a day's results has arrived after so many days, and where the cost per result of a week settles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import maturity_rows
from workbench.analytics.equal_age import late_objective
from workbench.analytics.maturity import Curve, EqualAge
from workbench.analytics.maturity_rows import LATE_COLUMNS, LATE_COUNTS, MATURITY, SETTLING
from workbench.analytics.metrics import key_result, sum_or_null
from workbench.analytics.restated_weeks import complete_weeks
from workbench.answers.figures import SPEND, result_words
from workbench.answers.inputs import Asker, known, parts, wanted
from workbench.answers.registry import ACCOUNTS, LAST_DAY, NO_HISTORY, OBJECTIVE, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item
from workbench.schema.resources import CAMPAIGN_DAYS

_SHARE = "share of the results known at 30 days; low to high is 90 %"
_MATURITY = Output(
    dict(MATURITY), {"age": "days", **dict.fromkeys(("maturity", "maturity_low", "maturity_high"), _SHARE)}
)
_COSTS = ("cost_per_result_now", "cost_per_result", "cost_per_result_low", "cost_per_result_high")
_SETTLING = Output(dict(SETTLING), {**dict.fromkeys(_COSTS, "account currency"), "maturity": "share, 0 to 1"})


_EQUAL_AGE = Output(
    {
        "account_id": pl.Int64(),
        "currency": pl.String(),
        "objective_type": pl.String(),
        "metric": pl.String(),
        "first_day": pl.Date(),
        "last_day": pl.Date(),
        "days": pl.Int64(),
        "known_days": pl.Int64(),
        **dict.fromkeys(
            ("current", "previous", "change", "previous_as_known", "change_as_known"),
            pl.Float64(),
        ),
    },
    {
        "known_days": "days with a partner of the same age",
        "previous": "results of the days before at equal age; null: not every day has its partner",
        "change": "share of the previous results",
        "previous_as_known": "results of the days before as known now",
        "change_as_known": "share of the previous results",
    },
)


def _answer(ask: Asker, values: Mapping[str, Any]) -> Found:
    days = known(ask, values["account_ids"], CAMPAIGN_DAYS, values["last_day"])
    versions = versions_of(ask, values)
    if versions is None:
        frames = {"maturity": frame_of([], _MATURITY), "settling": frame_of([], _SETTLING)}
        return Found(frames, (Said(NO_HISTORY),))
    curves = maturity_rows.curves(versions)
    said = [Said(text) for text in days.left_out()]
    frames = {"maturity": maturity_rows.maturity_frame(curves), "settling": frame_of([], _SETTLING)}
    if days.last_day is not None:
        first, last = _period(values, days.last_day)
        frames["settling"] = maturity_rows.settling_frame(versions, curves, first, last)
        settled = maturity_rows.settlings(versions, curves, first, last)
        for (account_id, objective_type, metric), curve in curves.items():
            if metric not in LATE_COUNTS or metric != key_result(objective_type).metric or account_id is None:
                continue
            singular, plural = result_words(objective_type)
            text = maturity_rows.settle_sentence(
                settled.get((account_id, objective_type, metric)),
                curve,
                singular=singular,
                plural=plural,
                currency=days.currencies.get(account_id),
                week="Last week" if values["first_day"] is None else "The period",
            )
            mine = versions.filter(account_id=account_id, objective_type=objective_type)
            batched = maturity_rows.batches(mine, metric) if curve.enough else ""
            said.append(Said(f"{text} {batched}".rstrip(), account_id, objective_type))
    return Found(frames, tuple(said))


def versions_of(ask: Asker, values: Mapping[str, Any]) -> pl.DataFrame | None:
    """What each snapshot said of late results, by account and objective; None where that cannot be asked.

    Args:
        values: account_ids and, where the answer has it, objective_type.
    """
    history = ask.history()
    if history is None:
        return None
    said = history("result_versions", account_ids=values["account_ids"])
    return _added_up(wanted(said, values.get("objective_type")))


def key_curves(ask: Asker, values: Mapping[str, Any]) -> dict[tuple[int, str], Curve]:
    """By account and objective, how its key results arrive, where enough was seen to say so."""
    versions = versions_of(ask, values)
    if versions is None:
        return {}
    return {
        (account_id, objective_type): curve
        for (account_id, objective_type, metric), curve in maturity_rows.curves(versions).items()
        if account_id is not None and metric == key_result(objective_type).metric and curve.enough
    }


def share_arrived(days: pl.DataFrame, curve: Curve) -> float | None:
    """The share of the settled results of days that is known at their ages, weighted by spend; None without spend.

    Args:
        days: age, cost_in_local_currency.
    """
    known = days.drop_nulls(["age", SPEND]).select("age", pl.col(SPEND).cast(pl.Float64)).rows()
    spend = math.fsum(cost for _, cost in known)
    return math.fsum(cost * curve.at(age) for age, cost in known) / spend if spend > 0 else None


def _period(values: Mapping[str, Any], last_day: date) -> tuple[date, date]:
    """The days from the first one asked for, or the last complete ISO week."""
    return (values["first_day"], last_day) if values["first_day"] else complete_weeks(last_day, 1)[0]


def _added_up(versions: pl.DataFrame) -> pl.DataFrame:
    """One row per objective in its one spelling."""
    key = ["snapshot", "account_id", "currency", "objective_type", "date"]
    return versions.group_by(key).agg(sum_or_null(pl.col(SPEND, *LATE_COLUMNS))).sort(key)


def _equal_age(ask: Asker, values: Mapping[str, Any]) -> Found:
    days = known(ask, values["account_ids"], CAMPAIGN_DAYS, values["last_day"])
    history = ask.history()
    said = [Said(text) for text in days.left_out()]
    if history is None or days.last_day is None:
        return Found({"equal_age": frame_of([], _EQUAL_AGE)}, (*said, *([Said(NO_HISTORY)] if history is None else [])))
    first, last = _period(values, days.last_day)
    before = first - (last - first) - timedelta(days=1)
    span = {"first_day": first, "last_day": last, "previous_first_day": before}
    ids = days.accounts
    at_age = wanted(history("equal_age_results", account_ids=ids, **span), values["objective_type"])
    figures = ask("campaign_day_figures", account_ids=ids, first_day=before, last_day=last)
    rows: list[dict[str, Any]] = []
    for (account_id, objective_type), mine in parts(at_age, ("account_id", "objective_type")):
        if not late_objective(objective_type):
            continue
        metric = str(key_result(objective_type).metric)
        counts = figures.join(mine.select("account_id", "campaign_id"), on=["account_id", "campaign_id"], how="semi")
        found = _compared(mine, counts, metric, first)
        row = {"account_id": account_id, "currency": days.currencies.get(account_id), "objective_type": objective_type}
        rows.append({**row, "metric": metric, "first_day": first, "last_day": last, **found})
        equal = EqualAge(*(found[name] for name in ("known_days", "days", "current", "previous", "change")))
        _, plural = result_words(objective_type)
        text = maturity_rows.equal_age_sentence(equal, plural=plural, change_as_known=found["change_as_known"])
        said.append(Said(text, account_id, objective_type))
    return Found({"equal_age": frame_of(rows, _EQUAL_AGE)}, tuple(said))


def _compared(mine: pl.DataFrame, counts: pl.DataFrame, metric: str, first: date) -> dict[str, Any]:
    """The results of one account and objective, of the days before at equal age and as known now."""
    known_days, days = int(mine["known_days"].to_list()[0]), int(mine["days"].to_list()[0])
    whole = known_days == days
    now = pl.col("date") >= first
    current, as_known = (float(counts.filter(one)[metric].sum()) for one in (now, ~now))
    previous = float(mine[f"previous_{metric}"].sum()) if whole else None
    return {
        "days": days,
        "known_days": known_days,
        "current": current if whole else None,
        "previous": previous,
        "change": current / previous - 1 if previous else None,
        "previous_as_known": as_known,
        "change_as_known": current / as_known - 1 if as_known else None,
    }


EQUAL_AGE = Answer(
    name="equal_age",
    title="How did late results change, if both periods are taken at the same age?",
    params={
        "account_ids": ACCOUNTS,
        "first_day": Item("date", "null: the last complete week, from Monday to Sunday"),
        "last_day": LAST_DAY,
        "objective_type": OBJECTIVE,
    },
    inputs=("accounts", "covered_days", "completeness", "equal_age_results", "campaign_day_figures"),
    outputs={"equal_age": _EQUAL_AGE},
    method=_equal_age,
)
ANSWER = Answer(
    name="maturity",
    title="How much of a day's results has arrived after so many days, and where will last week's cost settle?",
    params={
        "account_ids": ACCOUNTS,
        "first_day": Item("date", "null: the last complete week, from Monday to Sunday"),
        "last_day": LAST_DAY,
        "objective_type": OBJECTIVE,
    },
    inputs=("accounts", "covered_days", "completeness", "result_versions"),
    outputs={"maturity": _MATURITY, "settling": _SETTLING},
    method=_answer,
)
