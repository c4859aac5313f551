"""The pieces about one ad set or one ad: a metric by day, ISO weeks, and the settings that changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import marimo as mo
import polars as pl

from workbench import charts
from workbench.analytics import formatting, wording
from workbench.analytics.metrics import METRICS, key_result
from workbench.analytics.periods import provisional_from
from workbench.analytics.setting_changes import each_once
from workbench.answers.inputs import Asker
from workbench.errors import WorkbenchError
from workbench.pages.campaigns import WEEK_FIGURES, week_rows
from workbench.pages.components import messages
from workbench.pages.components.comparison_table import remark
from workbench.pages.components.page_queries import figure, source_words
from workbench.pages.components.selection import Choices
from workbench.pages.components.tables import small_table
from workbench.queries.api import default
from workbench.schema.snapshot_names import day_of

NO_HISTORY = "Only snapshots say what changed, and this page cannot read the snapshots of these figures."
ONE_SNAPSHOT = "There is one day of snapshots so far; the next one shows what changed."
_CHANGES = {"name": "Name", "field_words": "Setting", "before_text": "Before", "after_text": "After", "who": "By"}
"""Columns of `each_once` → headings."""


def by_day(
    days: pl.DataFrame, choices: Choices, metric: str, *, currency: str | None, objective: str | None, name: str | None
) -> list[mo.Html]:
    """A chart of one metric by day with a remark, or why there is none.

    Args:
        days: of one ad set or ad, as `campaigns.figures_of` leaves them.
    """
    if days.is_empty():
        return [
            messages.note("No figures in this period.", "LinkedIn was asked and reported no activity.", kind="plain")
        ]
    if days[metric].is_null().all():
        why = key_result(objective).note if metric == "key_result" else "Its denominator is zero on every day."
        return [messages.note(f"{METRICS[metric].label}: {formatting.NOT_AVAILABLE}.", why, kind="plain")]
    fetched = choices.fetched_at
    counted = key_result(objective).metric if metric == "key_result" else metric
    first = provisional_from(counted or metric, fetched.date()) if fetched else None
    drawn = charts.daily_trend(days, metric, currency=currency, provisional_from=first)
    chart = figure(drawn, f"{METRICS[metric].label} by day", *filter(None, [name]), source_words(choices, currency))
    if first is None or first > choices.period.last:
        return [chart]
    return [chart, remark(f"Hollow from {formatting.day(first)}: LinkedIn may still correct these days.")]


def weeks(rows: pl.DataFrame, choices: Choices, currency: str | None) -> mo.Html:
    """The ISO weeks of one ad set or ad, newest first."""
    return small_table(week_rows(rows, choices.period, currency), numbers=WEEK_FIGURES)


def changes(choices: Choices, account_id: int, things: Mapping[str, Collection[int]], *more: str) -> mo.Html:
    """Which settings of some entities changed around the period, and who changed them; a failure is said.

    Args:
        things: entity, such as `campaign` → ids.
        more: sentences that go before.
    """
    try:
        said, rows = _changed(choices, account_id, things)
    except WorkbenchError as error:
        return messages.failure(error)
    return mo.vstack([remark(" ".join([*more, said])), small_table(rows)])


def _changed(
    choices: Choices, account_id: int, things: Mapping[str, Collection[int]]
) -> tuple[str, list[Mapping[str, Any]]]:
    """A sentence and a row per change, from the newest snapshot before the period, or the oldest, to the newest."""
    history = Asker(default, choices.source, choices.as_of).history()
    if history is None:
        return NO_HISTORY, []
    names = sorted(history("snapshots")["snapshot"].to_list())
    earlier = [name for name in names if day_of(name) <= choices.period.first]
    before, after = earlier[-1] if earlier else names[0], names[-1]
    if day_of(before) == day_of(after):
        return ONE_SNAPSHOT, []
    found = history.at(None)("changed_settings", account_ids=[account_id], before=before, after=after)
    mine = [pl.col("entity").eq(entity) & pl.col("entity_id").is_in(list(ids)) for entity, ids in things.items()]
    rows = each_once(found.filter(pl.any_horizontal(mine)))
    span = f"Between the snapshots of {wording.day(day_of(before))} and {wording.day(day_of(after))}"
    if rows.is_empty():
        return f"{span} no setting changed.", []
    count = wording.counted(rows.height, "setting")
    said = f"{span} {count} changed. LinkedIn does not say which person changed a setting."
    named = rows.with_columns(pl.col("name").fill_null(formatting.NOT_AVAILABLE))
    shown = named.select(_CHANGES.keys()).rename(_CHANGES)
    return said, list[Mapping[str, Any]](shown.to_dicts())
