"""How much of a day's results has arrived after so many days, and where the cost per result of a week settles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from workbench.analytics import maturity_rows
from workbench.analytics.maturity_rows import LATE_COLUMNS, LATE_COUNTS, MATURITY, SETTLING
from workbench.analytics.metrics import key_result, sum_or_null
from workbench.analytics.restated_weeks import complete_weeks
from workbench.answers.figures import SPEND, result_words
from workbench.answers.inputs import Asker, known, wanted
from workbench.answers.registry import ACCOUNTS, LAST_DAY, OBJECTIVE, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item
from workbench.schema.resources import CAMPAIGN_DAYS

_SHARE = "share of the results known at 30 days; low to high is 90 %"
_MATURITY = Output(
    dict(MATURITY), {"age": "days", **dict.fromkeys(("maturity", "maturity_low", "maturity_high"), _SHARE)}
)
_COSTS = ("cost_per_result_now", "cost_per_result", "cost_per_result_low", "cost_per_result_high")
_SETTLING = Output(dict(SETTLING), {**dict.fromkeys(_COSTS, "account currency"), "maturity": "share, 0 to 1"})


def _answer(ask: Asker, values: Mapping[str, Any]) -> Found:
    days = known(ask, values["account_ids"], CAMPAIGN_DAYS, values["last_day"])
    versions = _added_up(wanted(ask("result_versions", account_ids=values["account_ids"]), values["objective_type"]))
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
            said.append(Said(text, account_id, objective_type))
    return Found(frames, tuple(said))


def _period(values: Mapping[str, Any], last_day: date) -> tuple[date, date]:
    """The days from the first one asked for, or the last complete ISO week."""
    return (values["first_day"], last_day) if values["first_day"] else complete_weeks(last_day, 1)[0]


def _added_up(versions: pl.DataFrame) -> pl.DataFrame:
    """One row per objective in its one spelling."""
    key = ["snapshot", "account_id", "currency", "objective_type", "date"]
    return versions.group_by(key).agg(sum_or_null(pl.col(SPEND, *LATE_COLUMNS))).sort(key)


ANSWER = Answer(
    name="maturity",
    title="How much of a day's results has arrived after so many days, and where will last week's cost settle?",
    params={
        "account_ids": ACCOUNTS,
        "first_day": Item("date", "null: the last complete week, from Monday to Sunday"),
        "last_day": LAST_DAY,
        "objective_type": OBJECTIVE,
    },
    inputs=("accounts", "covered_days", "result_versions"),
    outputs={"maturity": _MATURITY, "settling": _SETTLING},
    method=_answer,
    snapshots_only=True,
)
