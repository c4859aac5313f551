"""What is broken or bleeding this morning, of every account's active ad sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from workbench.analytics import morning_inputs
from workbench.analytics.morning_check import Alarm, Morning, alarm_sentence, morning_sentences
from workbench.answers.figures import SPEND, campaign_days, result_words
from workbench.answers.inputs import Asker, parts
from workbench.answers.late import key_curves
from workbench.answers.registry import ACCOUNTS, LAST_DAY, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item

_MORNING = Output(
    {
        "account_id": pl.Int64(),
        "currency": pl.String(),
        **{
            name: pl.List(pl.String()) if str(kind).startswith("List") else kind
            for name, kind in morning_inputs.SCHEMA.items()
        },
    },
    {
        "money": "account currency",
        "expected": "account currency; results for no_result",
        "actual": "account currency; results for no_result",
        "p": "probability, 0 to 1",
    },
)


def _answer(ask: Asker, values: Mapping[str, Any]) -> Found:
    days, rows = campaign_days(ask, values, last_day=values["last_day"])
    said = [Said(text) for text in days.left_out()]
    made: list[pl.DataFrame] = []
    settings = ask("campaign_budgets", account_ids=values["account_ids"])
    curves = key_curves(ask, values)
    changed = _changes(ask, values)
    if days.last_day is None:
        return Found({"morning": frame_of([], _MORNING)}, tuple(said))
    for (account_id,), campaigns in parts(settings.filter("listed", pl.col("status") == "ACTIVE"), ["account_id"]):
        if account_id not in days.accounts:
            continue
        mine = changed.filter(pl.col("account_id") == account_id) if changed is not None else None
        found = morning_inputs.morning_check(
            _days(rows, campaigns),
            _campaigns(campaigns),
            mine,
            last_day=days.last_day,
            maturity={
                objective_type: [curve.at(age) for age in range(1, curve.lookback + 1)]
                for (account, objective_type), curve in curves.items()
                if account == account_id
            },
            stale=_stale(days.last_day, values["today"]),
        )
        currency = days.currencies.get(account_id)
        frame = morning_inputs.morning_table([*found.alarms, *found.explained])
        made.append(frame.with_columns(pl.lit(account_id).alias("account_id"), pl.lit(currency).alias("currency")))
        said += _said(found, campaigns, account_id, currency)
    return Found({"morning": frame_of(made, _MORNING)}, tuple(said))


def _days(rows: pl.DataFrame, campaigns: pl.DataFrame) -> pl.DataFrame:
    """The days of some ad sets, with their age, spend and results."""
    mine = rows.join(campaigns.select("account_id", "campaign_id"), on=["account_id", "campaign_id"], how="semi")
    return mine.select("campaign_id", "date", "age", SPEND, "results")


def _campaigns(campaigns: pl.DataFrame) -> pl.DataFrame:
    budget = pl.any_horizontal(pl.col("campaign_group_daily_budget", "campaign_group_total_budget").is_not_null())
    group = (budget & pl.col("daily_budget").is_null()).alias("group_budget")
    return campaigns.select("campaign_id", "currency", "objective_type", "daily_budget", group, "serving_statuses")


def _changes(ask: Asker, values: Mapping[str, Any]) -> pl.DataFrame | None:
    """What a person changed in ad sets since a snapshot; None where that was not asked for."""
    if values["changed_since"] is None:
        return None
    newest = ask("snapshots")["snapshot"].max()
    states = {"before": values["changed_since"], "after": newest}
    changed = ask.at(None)("changed_settings", account_ids=values["account_ids"], **states)
    mine = changed.filter(pl.col("entity") == "campaign", ~pl.col("is_new"))
    return mine.select("account_id", pl.col("entity_id").alias("campaign_id"), "field")


def _stale(last_day: date, today: date | None) -> tuple[str, ...]:
    return () if today is None else morning_inputs.stale_reasons(last_day, today)


def _said(found: Morning, campaigns: pl.DataFrame, account_id: int, currency: str | None) -> list[Said]:
    settings = {row["campaign_id"]: row for row in campaigns.iter_rows(named=True)}
    said = [_alarm(alarm, settings, account_id, currency) for alarm in (*found.alarms, *found.explained)]
    return said + [Said(text, account_id) for text in morning_sentences(found)]


def _alarm(alarm: Alarm, settings: Mapping[int, Mapping[str, Any]], account_id: int, currency: str | None) -> Said:
    row = settings.get(alarm.campaign_id or 0, {})
    singular, _ = result_words(row.get("objective_type"))
    text = alarm_sentence(alarm, currency=currency, name=row.get("name") or "", result=singular)
    return Said(text, account_id, row.get("objective_type"), alarm.campaign_id)


ANSWER = Answer(
    name="morning",
    title="Is anything broken or bleeding, worst money first?",
    params={
        "account_ids": ACCOUNTS,
        "last_day": LAST_DAY,
        "today": Item("date", "null: whether the figures are old is not said"),
        "changed_since": Item("text", "null: changes explain nothing; the name of a snapshot, with snapshots only"),
    },
    inputs=(
        "accounts",
        "covered_days",
        "campaign_budgets",
        "campaign_day_figures",
        "completeness",
        "result_versions",
        "snapshots",
        "changed_settings",
    ),
    outputs={"morning": _MORNING},
    method=_answer,
)
