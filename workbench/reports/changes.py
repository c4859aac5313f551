"""What changed in the settings during a report's period, and who changed it: a person, or LinkedIn."""

from __future__ import annotations

from typing import Any

import polars as pl

from workbench.analytics import wording
from workbench.analytics.setting_changes import each_once
from workbench.answers.api import found_by_name
from workbench.reports.model import Column, Section, Table
from workbench.reports.scope import Scope
from workbench.schema.snapshot_names import day_of

_COLUMNS = {
    "entity_words": Column("What"),
    "name": Column("Name"),
    "field_words": Column("Setting"),
    "before_text": Column("Before"),
    "after_text": Column("After"),
    "who": Column("By"),
}
_SCHEMA = {
    "account_id": pl.Int64,
    "account_name": pl.String,
    "entity": pl.String,
    "entity_id": pl.Int64,
    "name": pl.String,
    "field": pl.String,
    "before_value": pl.String,
    "after_value": pl.String,
    "is_new": pl.Boolean,
}


def changes(scope: Scope) -> Section:
    """The section on settings, on figures that LinkedIn restated, and on why the cost per result moved."""
    said = list(_drivers(scope))
    if scope.ask.source == "database":
        said.append("Which settings changed stands in the snapshots, and those are not asked here.")
        return Section("What changed, and who changed it", tuple(said), tables=(_table(pl.DataFrame(schema=_SCHEMA)),))
    pair = _pair(scope)
    if pair is None:
        said.append("One snapshot is known of these days, so what changed in the settings is not known.")
        return Section("What changed, and who changed it", tuple(said), tables=(_table(pl.DataFrame(schema=_SCHEMA)),))
    before, after = pair
    asker = scope.ask.at(None)
    found = asker("changed_settings", account_ids=list(scope.pin.account_ids), before=before, after=after)
    frame = each_once(found)
    people = frame.filter(pl.col("who") == "A person").height
    span = f"Between the snapshots of {wording.day(day_of(before))} and {wording.day(day_of(after))}"
    if frame.is_empty():
        said.append(f"{span} no setting changed.")
    else:
        by = f"{wording.counted(people, 'change')} by a person, {frame.height - people} by LinkedIn"
        said.append(f"{span} {wording.counted(frame.height, 'setting')} changed: {by}.")
    return Section("What changed, and who changed it", tuple(said), tables=(_table(frame),))


def _pair(scope: Scope) -> tuple[str, str] | None:
    """The newest snapshot before the period, else the oldest; and the newest that the report knows of it."""
    window = scope.pin.period
    names = sorted(scope.ask("snapshots")["snapshot"].to_list())
    within = [name for name in names if name <= scope.pin.snapshot]
    earlier = [name for name in within if day_of(name) <= window.first]
    before = earlier[-1] if earlier else within[0]
    ended = [name for name in within if day_of(name) > window.last]
    after = ended[0] if ended else within[-1]
    return (before, after) if before < after else None


def _table(frame: pl.DataFrame) -> Table:
    exact = frame.select(*_SCHEMA, *(["who"] if "who" in frame.columns else []))
    return Table("changes", "Settings that changed", exact, _COLUMNS if frame.height else {}, {}, frame)


def _drivers(scope: Scope) -> list[str]:
    """Why the cost per result moved, a sentence for each account and objective."""
    window, before = scope.pin.period, scope.pin.previous
    if before is None:
        return ["The days before are not known whole, so nothing is compared with them."]
    asked: dict[str, Any] = {
        "account_ids": list(scope.pin.account_ids),
        "first_day": window.first,
        "last_day": window.last,
        "previous_first_day": before.first,
        "previous_last_day": before.last,
    }
    found = found_by_name(scope.ask.queries, "drivers", scope.ask.source, scope.ask.as_of, asked)
    names = dict(scope.accounts.select("account_id", "name").iter_rows())
    several = len(names) > 1
    return [
        f"{names[one.account_id]}: {one.text}" if several and one.account_id is not None else one.text
        for one in found.sentences
    ]
