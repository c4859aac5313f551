"""What two snapshots say differently, as people read it: days that came, figures that LinkedIn corrected, settings.

Pure: rows of the questions in `sql/history` in, rows for a page or a script out. Counts and money keep their own
units; nothing is added up over currencies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.metrics import SUMS
from workbench.schema.resources import LABELS
from workbench.schema.snapshot_names import day_of

LONGEST_VALUE = 160
UNDER_WAY = "day was under way"
RESTATED = "restated"


def label(row: dict[str, Any]) -> str:
    """A snapshot as a choice: when, and what of it is missing.

    Args:
        row: of the question `snapshots`.
    """
    lacking = row["incomplete_parts"]
    missing = f" · {lacking} {'part' if lacking == 1 else 'parts'} incomplete" if lacking else ""
    return f"{formatting.day(row['started_at'].date())}, {row['started_at']:%H:%M} UTC{missing}"


def listed(snapshots: pl.DataFrame) -> pl.DataFrame:
    """The list of snapshots as a table for people, newest first."""
    return snapshots.select(
        pl.col("snapshot").alias("Snapshot"),
        pl.Series("Complete", [_completeness(row) for row in snapshots.iter_rows(named=True)], pl.String),
        pl.Series(
            "Window",
            [formatting.days(*days) for days in snapshots.select("window_start", "window_end").rows()],
            pl.String,
        ),
        pl.col("accounts").alias("Accounts"),
        pl.col("elements").alias("Elements"),
        pl.col("rejected").alias("Rejected"),
        pl.Series("Size", [formatting.size(count) for count in snapshots["bytes"]], pl.String),
        pl.col("api_calls").alias("Calls"),
        pl.Series(
            "Took", [_duration(*ends) for ends in snapshots.select("started_at", "finished_at").rows()], pl.String
        ),
        pl.col("linkedin_version").alias("API version"),
        pl.col("trigger").alias("Started by"),
    )


def incomplete(parts: pl.DataFrame) -> pl.DataFrame:
    """The parts that a snapshot lacks, and why, as a table for people.

    Args:
        parts: `snapshot_parts` of one snapshot.
    """
    return parts.filter(pl.col("status") != "done").select(
        pl.when(pl.col("account_id") == 0)
        .then(pl.lit("all"))
        .otherwise(pl.col("account_id").cast(pl.String))
        .alias("Account"),
        pl.col("resource").map_elements(_what, return_dtype=pl.String).alias("What"),
        pl.col("pivot").map_elements(formatting.pivot, return_dtype=pl.String).fill_null("").alias("By"),
        pl.col("status").alias("Status"),
        pl.col("why").fill_null("not said").alias("Why"),
    )


def _what(resource: str) -> str:
    return LABELS.get(resource) or formatting.words(resource)


def summary(new: pl.DataFrame, differing: pl.DataFrame, changed: pl.DataFrame, *, before: str) -> str:
    """What came, what was corrected and what was changed, in one sentence.

    Args:
        new: `new_days`.
        differing: `restated_days`.
        changed: `changed_settings`.
        before: the earlier snapshot.
    """
    restatements = differing.filter(pl.col("date") < day_of(before)).height
    edits = settings(changed).height
    return (
        f"{_counted(new['date'].n_unique(), 'new day')}, {_counted(restatements, 'figure')} restated, "
        f"{_counted(edits, 'setting')} changed."
    )


def new_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Days that the later snapshot adds, newest first."""
    shown = ("impressions", "clicks", "one_click_leads", "external_website_conversions")
    return frame.sort("date", "account_id", descending=[True, False]).select(
        pl.col("date").alias("Day"),
        pl.col("account_name").fill_null("unknown").alias("Account"),
        pl.col("campaigns").alias("Ad sets"),
        *(pl.col(name).alias(SUMS[name].label) for name in shown),
        _money_column(frame.sort("date", "account_id", descending=[True, False])),
    )


def restated(frame: pl.DataFrame, *, before: str) -> pl.DataFrame:
    """Figures that differ, as a table for people: corrected ones first, the newest day first.

    Args:
        frame: `restated_days`.
        before: the earlier snapshot. A day that was not over when it was made has not been corrected but finished.
    """
    under_way = pl.col("date") >= day_of(before)
    rows = frame.sort(under_way, -pl.col("date").to_physical(), "account_id", "campaign_id", "metric")
    return pl.DataFrame([_restated_row(row, before) for row in rows.iter_rows(named=True)], schema=_RESTATED)


def restated_sums(frame: pl.DataFrame, *, before: str) -> pl.DataFrame:
    """What was truly restated, added up by account and metric, most of it first; days then under way are left out."""
    over = frame.filter(pl.col("date") < day_of(before))
    sums = over.group_by("account_id", "account_name", "currency", "metric").agg(
        pl.col("date").n_unique().alias("days"), pl.col("before_value").sum(), pl.col("after_value").sum()
    )
    rows = sums.sort("account_id", "metric").iter_rows(named=True)
    return pl.DataFrame([_restated_sum(row) for row in rows], schema=_SUMS)


def restated_weeks(weeks: pl.DataFrame, names: Mapping[int, str]) -> pl.DataFrame:
    """Periods whose spend or results both snapshots know and say differently, as a table for people, newest first.

    Args:
        weeks: `restated_weeks`.
        names: of accounts, by id.
    """
    spend, results = pl.col("spend_after") - pl.col("spend_before"), pl.col("results_after") - pl.col("results_before")
    differs = (spend.abs() >= _RESIDUE) | (results.fill_null(0) != 0)
    rows = weeks.filter(differs).sort("last_day", "week", "account_id", descending=[True, True, False])
    return pl.DataFrame([_week_row(row, names) for row in rows.iter_rows(named=True)], schema=WEEKS)


def settings(frame: pl.DataFrame) -> pl.DataFrame:
    """Settings that differ as a table for people; what is new is one row, not one for each of its fields."""
    fresh = frame.filter("is_new").unique(["account_id", "entity", "entity_id"], maintain_order=True)
    known = [_setting_row(row) for row in frame.filter(~pl.col("is_new")).iter_rows(named=True)]
    added = [
        {**_entity(row), "Setting": "new", "Before": "", "After": formatting.term(row["entity"]) + " added"}
        for row in fresh.iter_rows(named=True)
    ]
    return pl.DataFrame([*added, *known], schema=_SETTINGS)


def value(text: str | None) -> str:
    """A setting's value, shortened; what is not set is said."""
    if text is None:
        return "not set"
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


_RESTATED = dict.fromkeys(("Day", "Kind", "Account", "Ad set", "Metric", "Before", "After", "Change"), pl.String) | {
    "Day": pl.Date
}
_SUMS = dict.fromkeys(("Account", "Metric", "Days", "Before", "After", "Change"), pl.String) | {"Days": pl.Int64}
_WEEK_FIGURES = (("Spend", "spend"), ("Results", "results"), ("Cost per result", "cost_per_result"))
WEEKS = dict.fromkeys(
    ("Days", "Account", "Objective", *(f"{name} {when}" for name, _ in _WEEK_FIGURES for when in ("then", "now"))),
    pl.String,
)
_RESIDUE = Decimal("0.005")
_SETTINGS = dict.fromkeys(("Account", "What", "Name", "Setting", "Before", "After"), pl.String)


def _restated_row(row: dict[str, Any], before: str) -> dict[str, Any]:
    return {
        "Day": row["date"],
        "Kind": UNDER_WAY if row["date"] >= day_of(before) else RESTATED,
        "Account": row["account_name"] or "unknown",
        "Ad set": row["campaign_name"] or f"{row['campaign_id']}, no longer listed",
        **_difference(row),
    }


def _restated_sum(row: dict[str, Any]) -> dict[str, Any]:
    return {"Account": row["account_name"] or "unknown", "Days": row["days"], **_difference(row)}


def _difference(row: dict[str, Any]) -> dict[str, str]:
    name, currency = row["metric"], row["currency"]
    before, after = row["before_value"], row["after_value"]
    share = None if not before or after is None else after / before - 1
    return {
        "Metric": SUMS[name].label,
        "Before": "no row" if before is None else formatting.metric(name, before, currency),
        "After": "no row" if after is None else formatting.metric(name, after, currency),
        "Change": formatting.change(share),
    }


def _week_row(row: dict[str, Any], names: Mapping[int, str]) -> dict[str, str]:
    made = {
        "Days": formatting.days(row["week"], row["last_day"]),
        "Account": names.get(row["account_id"], str(row["account_id"])),
        "Objective": formatting.objective_words(row["objective_type"]),
    }
    for label_, name in _WEEK_FIGURES:
        for when, state in (("then", "before"), ("now", "after")):
            amount = row[f"{name}_{state}"]
            counted = name == "results"
            said = formatting.NOT_AVAILABLE if amount is None else ""
            said = said or (formatting.number(amount) if counted else formatting.money(amount, row["currency"]))
            made[f"{label_} {when}"] = said
    return made


def _setting_row(row: dict[str, Any]) -> dict[str, str]:
    return {
        **_entity(row),
        "Setting": formatting.words(row["field"]),
        "Before": value(row["before_value"]),
        "After": value(row["after_value"]),
    }


def _counted(count: int, word: str) -> str:
    return f"{formatting.number(count)} {word}{'' if count == 1 else 's'}"


def _entity(row: dict[str, Any]) -> dict[str, str]:
    return {
        "Account": row["account_name"] or "unknown",
        "What": formatting.term(row["entity"]),
        "Name": row["name"] or f"{row['entity_id']}",
    }


def _money_column(frame: pl.DataFrame) -> pl.Series:
    pairs = frame.select("cost_in_local_currency", "currency").rows()
    return pl.Series("Spend", [formatting.money(amount, currency) for amount, currency in pairs], pl.String)


def _completeness(row: dict[str, Any]) -> str:
    lacking = row["incomplete_parts"]
    if row["status"] == "done" and not lacking:
        return "complete"
    return f"{lacking} {'part' if lacking == 1 else 'parts'} missing" if lacking else row["status"]


def _duration(started: datetime, finished: datetime | None) -> str:
    if finished is None:
        return formatting.NOT_AVAILABLE
    seconds = int((finished - started).total_seconds())
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"
