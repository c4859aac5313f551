"""Draw a sync from frames: progress by account and resource, outcome with counts, history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import formatting
from workbench.analytics.formatting import text
from workbench.errors import WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.style import styled
from workbench.pages.components.tables import Pill, small_table
from workbench.pages.sync_status import Watch
from workbench.schema.literals import overall_status
from workbench.schema.resources import LABELS, LISTINGS

_COUNTS = ("inserted", "updated", "deleted", "unchanged")
_TITLES = {
    "done": ("Everything is up to date", "good"),
    "partial": ("Up to date, but not everything", "warn"),
    "failed": ("The last sync failed", "danger"),
    "interrupted": ("The last sync was interrupted", "warn"),
    "running": ("The last sync stopped and did not say why", "warn"),
}
_CARRIES_ON = "What was fetched is kept. Press Sync now: it goes on from there."


def progress(watch: Watch, now: datetime) -> mo.Html:
    """A progress bar, and a table of the rows of each account so far."""
    newest = watch.newest or {}
    ended = watch.steps.filter(~pl.col("status").is_in(["pending", "running"])).height
    total = max(_accounts(watch.steps).height * len(LABELS), ended, 1)
    title = f"Syncing since {newest['started_at']:%H:%M} UTC · {_requests(newest['api_calls'])}"
    bar = f'<progress max="{total}" value="{ended}" aria-label="Sync progress"></progress>'
    head = mo.Html(styled(f'<section class="wb-note info" role="status"><p class="t">{text(title)}</p>{bar}</section>'))
    return mo.vstack([head, small_table(_live_rows(watch.steps), numbers=frozenset(LABELS.values()))])


def outcome(watch: Watch, now: datetime) -> mo.Html:
    """The outcome of the newest sync: a sentence, counts by account, and every failure in three parts."""
    newest = watch.newest or {}
    title, kind = _TITLES.get(newest["status"], ("The last sync ended", "plain"))
    ended = newest["finished_at"] or newest["heartbeat_at"]
    window = formatting.days(newest["window_start"], newest["window_end"])
    sentences = [f"{formatting.age(ended, now).capitalize()} · {window} · {_requests(newest['api_calls'])}."]
    if newest["status"] in ("interrupted", "running"):
        sentences.append(_CARRIES_ON)
    head = messages.note(f"{title}.", *sentences, kind=kind)  # type: ignore[arg-type]  # one of its kinds
    errors = [messages.failure(error) for error in _errors(newest, watch.steps)]
    numbers = frozenset((*(LABELS[name] for name in LISTINGS), *(name.capitalize() for name in _COUNTS)))
    return mo.vstack([head, *errors[:6], small_table(_outcome_rows(watch.steps), numbers=numbers)])


def history(syncs: pl.DataFrame) -> mo.Html:
    """One line per sync, newest first."""
    return small_table([_past(row) for row in syncs.iter_rows(named=True)], numbers=frozenset({"Requests", "Rows"}))


def _requests(number: int) -> str:
    return f"{formatting.number(number)} request{'' if number == 1 else 's'}"


def _past(row: dict[str, Any]) -> Mapping[str, Any]:
    counts = [row[name] for name in ("inserted", "updated", "deleted")]
    changed = None if None in counts else sum(counts)
    took = row["finished_at"] - row["started_at"] if row["finished_at"] else None
    return {
        "Started (UTC)": f"{formatting.day(row['started_at'].date())}, {row['started_at']:%H:%M}",
        "By": row["trigger"],
        "Outcome": Pill(row["status"]),
        "Days": formatting.days(row["window_start"], row["window_end"]),
        "Requests": formatting.number(row["api_calls"]),
        "Rows": formatting.number(changed),
        "Took": _took(took.total_seconds()) if took else "–",
        "What went wrong": row["error_what"] or "–",
    }


def _took(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _accounts(steps: pl.DataFrame) -> pl.DataFrame:
    if steps.is_empty():
        return pl.DataFrame({"account_id": [], "account_name": []})
    mine = steps.filter(pl.col("account_id") != 0)
    return mine.group_by("account_id", maintain_order=True).agg(pl.col("account_name").first())


def _live_rows(steps: pl.DataFrame) -> list[Mapping[str, Any]]:
    cells = {(row["account_id"], row["resource"]): row for row in steps.iter_rows(named=True)}
    return [
        {
            "Account": name or str(account_id),
            **{label: _live(cells.get((account_id, resource))) for resource, label in LABELS.items()},
        }
        for account_id, name in _accounts(steps).iter_rows()
    ]


def _live(step: dict[str, Any] | None) -> str:
    if step is None or step["status"] == "pending":
        return "·"
    mark = {"done": " ✓", "running": " …", "failed": " ✗", "partial": " !"}.get(step["status"], "")
    return f"{formatting.number(step['fetched'])}{mark}"


def _outcome_rows(steps: pl.DataFrame) -> list[Mapping[str, Any]]:
    return [
        _account(name or str(account_id), steps.filter(pl.col("account_id") == account_id))
        for account_id, name in _accounts(steps).iter_rows()
    ]


def _account(name: str, steps: pl.DataFrame) -> Mapping[str, Any]:
    fetched = dict(steps.filter(pl.col("status") != "failed").select("resource", "fetched").iter_rows())
    return {
        "Account": name,
        "Outcome": Pill(_word(set(steps["status"]))),
        **{LABELS[name]: formatting.number(fetched.get(name)) for name in LISTINGS},
        **{name.capitalize(): formatting.number(steps[name].sum()) for name in _COUNTS},
        "Fetched through": formatting.day(steps["complete_through"].max()),  # type: ignore[arg-type]  # a column of days
    }


def _word(words: set[str]) -> str:
    """One word for several steps of a sync that has ended, as the report has it."""
    return "interrupted" if words & {"running", "pending"} else overall_status(words)


def _errors(newest: dict[str, Any], steps: pl.DataFrame) -> list[WorkbenchError]:
    """Every failure once, the sync's own first."""
    rows = [newest, *(steps.iter_rows(named=True) if steps.height else ())]
    found = {(row["error_what"], row["error_why"], row["error_next"]): None for row in rows if row["error_what"]}
    return [WorkbenchError(what, why=why or "", next_step=step or "") for what, why, step in found]
