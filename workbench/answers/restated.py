"""What LinkedIn restated between two snapshots, and what that does to past weeks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import restated_weeks, restatements
from workbench.analytics.metrics import key_result
from workbench.analytics.restated_weeks import RESTATED_WEEKS
from workbench.analytics.restatements import ONE_SNAPSHOT, RESTATEMENTS
from workbench.answers.figures import result_words
from workbench.answers.inputs import Asker, parts
from workbench.answers.registry import ACCOUNTS, NO_HISTORY, Answer, Found, Output, Said, frame_of
from workbench.errors import ValidationError
from workbench.queries.sql_files import Item
from workbench.schema.resources import CAMPAIGN_DAYS
from workbench.schema.snapshot_names import day_of, moment_of

BEFORE_DAYS = 7
_VALUES = ("before_value", "after_value", "delta")
_RESTATEMENTS = Output(
    dict(RESTATEMENTS), {**dict.fromkeys(_VALUES, "count or account currency"), "age_before": "days"}
)
_MONEY = ("spend_before", "spend_after", "cost_per_result_before", "cost_per_result_after")
_WEEKS = Output(dict(RESTATED_WEEKS), dict.fromkeys(_MONEY, "account currency"))


def _answer(question: Asker, values: Mapping[str, Any]) -> Found:
    ask = question.history()
    if ask is None:
        frames = {"restatements": frame_of([], _RESTATEMENTS), "restated_weeks": frame_of([], _WEEKS)}
        return Found(frames, (Said(NO_HISTORY),))
    names = sorted(ask("snapshots")["snapshot"].to_list())
    pair = _pair(names, values["before"], values["after"])
    if pair is None:
        frames = {"restatements": frame_of([], _RESTATEMENTS), "restated_weeks": frame_of([], _WEEKS)}
        return Found(frames, (Said(ONE_SNAPSHOT),))
    then, now = (ask if name == names[-1] else ask.at(moment_of(name)) for name in pair)
    (before, before_covered), (after, after_covered) = (_state(state, values) for state in (then, now))
    days = [day_of(name) for name in pair]
    changes = restatements.restatements(before, after, before_covered, after_covered, before_day=days[0])
    settings = now("campaign_budgets", account_ids=values["account_ids"])
    spans = [*restated_weeks.complete_weeks(days[1] - timedelta(days=1)), _period(values, days[0])]
    weeks = restated_weeks.restated_weeks(before, after, before_covered, after_covered, settings, spans)
    frames = {"restatements": frame_of([changes], _RESTATEMENTS), "restated_weeks": frame_of([weeks], _WEEKS)}
    accounts = now("accounts", account_ids=values["account_ids"])
    return Found(frames, tuple(_said(changes, weeks, accounts, days)))


def _pair(names: list[str], before: str | None, after: str | None) -> tuple[str, str] | None:
    """The two snapshots: those asked for, else the newest and the newest that is a week older, or the oldest."""
    unknown = [name for name in (before, after) if name is not None and name not in names]
    if unknown:
        raise ValidationError(
            f"There is no finished snapshot {unknown[0]!r} to compare.",
            why="The snapshot folder does not hold it.",
            next_step=f"Choose one of {', '.join(names[-5:])}.",
        )
    later = after or names[-1]
    earlier = [name for name in names if name < later]
    if before is None and earlier:
        old = [name for name in earlier if (day_of(later) - day_of(name)).days >= BEFORE_DAYS]
        before = old[-1] if old else earlier[0]
    return None if before is None else (before, later)


def _period(values: Mapping[str, Any], before: date) -> tuple[date, date]:
    """The period that was asked for, else the last seven days that the earlier snapshot could know whole."""
    last = values["period_last"] or before - timedelta(days=1)
    return values["period_first"] or last - timedelta(days=BEFORE_DAYS - 1), last


def _state(then: Asker, values: Mapping[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The figures and the covered days of ad sets, as known at a moment."""
    figures = then("campaign_day_figures", account_ids=values["account_ids"])
    return figures, then("covered_days", account_ids=values["account_ids"], resource=CAMPAIGN_DAYS)


def _said(changes: pl.DataFrame, weeks: pl.DataFrame, accounts: pl.DataFrame, days: list[date]) -> list[Said]:
    said = []
    currencies = accounts.select("account_id", "currency")
    for account_id in sorted(accounts["account_id"].to_list()):
        mine = changes.filter(pl.col("account_id") == account_id)
        text = restatements.sentence(mine, before_day=days[0], after_day=days[1], currencies=currencies)
        said.append(Said(text, account_id))
    for (account_id, objective_type), mine in parts(weeks, ("account_id", "objective_type")):
        goal, (singular, plural) = key_result(objective_type), result_words(objective_type)
        label = singular if goal.scale == 1 else f"{goal.scale:,} {plural}"
        text = restated_weeks.sentence(mine, label=label)
        if text:
            said.append(Said(text, account_id, objective_type))
    return said


ANSWER = Answer(
    name="restatements",
    title="Which figures did LinkedIn restate between two snapshots, and what does that do to past weeks?",
    params={
        "account_ids": ACCOUNTS,
        "before": Item("text", "null: the newest snapshot that is a week older, or the oldest"),
        "after": Item("text", "null: the newest snapshot"),
        "period_first": Item("date", "null: seven days to the last; of a period beside the last four whole weeks"),
        "period_last": Item("date", "null: the day before the earlier snapshot"),
    },
    inputs=("snapshots", "accounts", "campaign_day_figures", "covered_days", "campaign_budgets"),
    outputs={"restatements": _RESTATEMENTS, "restated_weeks": _WEEKS},
    method=_answer,
)
