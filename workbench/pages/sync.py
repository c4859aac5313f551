"""The sync page's pieces: what it will cost, buttons, live progress, outcome by account, history.

Buttons act on a process of its own (`background`); what is drawn comes from the database (`watching`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import marimo as mo
import polars as pl

from workbench.errors import WorkbenchError, several
from workbench.pages.components import messages
from workbench.pages.components.sync_banner import SECONDS, timer
from workbench.pages.sync_status import Watch, look
from workbench.pages.sync_tables import history, outcome, progress
from workbench.pipeline import background
from workbench.pipeline.estimate import SECONDS_A_CALL, AccountSize, Estimate, estimate
from workbench.queries.api import query
from workbench.settings.fields import Settings, read_settings

EVERYTHING_NEW = "What is new or may have changed"
_DAYS: Mapping[str, int | None] = {
    EVERYTHING_NEW: None,
    "Last 30 days": 30,
    "Last 90 days": 90,
    "Last 180 days": 180,
    "Last 365 days": 365,
}


def watch_sync() -> Watch:
    """The state of the newest sync now."""
    return look(datetime.now(UTC), background.started())


def sync_options() -> mo.ui.dictionary:
    """The widgets for days, accounts, and whether fresh accounts are fetched again."""
    try:
        accounts = query("accounts").select("name", "account_id").iter_rows()
        menu = {f"{name or 'Unnamed'} ({account_id})": account_id for name, account_id in accounts}
    except WorkbenchError:
        menu = {}
    return mo.ui.dictionary(
        {
            "days": mo.ui.dropdown(dict(_DAYS), value=EVERYTHING_NEW, label="Ask for", allow_select_none=False),
            "accounts": mo.ui.multiselect(menu, label="Accounts (empty: all)"),
            "force": mo.ui.checkbox(label="also what is still fresh"),
        }
    )


def estimate_view(options: mo.ui.dictionary) -> mo.Html:
    """A sentence about the requests, rows and minutes that the sync will take."""
    try:
        guess = _estimate(options.value)
    except WorkbenchError:
        return messages.note(
            "The first sync takes longest.",
            "The size of your accounts is not known yet: a small one takes about 20 requests and one to three minutes.",
            kind="plain",
        )
    minutes = "less than a minute" if guess.minutes < 1 else f"about {several(round(guess.minutes), 'minute')}"
    return messages.note(
        f"About {several(guess.calls, 'request')}, at most {several(guess.rows, 'row')}, {minutes}.",
        "Estimated from what the database holds and the pace of the last sync. What is still fresh is skipped.",
        kind="plain",
    )


def start_button(options: mo.ui.dictionary, after: Callable[[], object]) -> mo.ui.button:
    """A button that starts the sync as a process of its own; disabled while one runs."""

    def start(_: Any) -> None:
        value: dict[str, Any] = dict(options.value)
        background.start_sync(days=value["days"], account_ids=value["accounts"], force=value["force"])
        after()

    return mo.ui.button(label="Sync now", kind="neutral", on_change=start, disabled=watch_sync().under_way)


def cancel_button(after: Callable[[], object]) -> mo.ui.button:
    """A button that asks a running sync on this machine to stop, although another process may have started it."""

    def cancel(_: Any) -> None:
        try:
            background.cancel_sync(watch_sync().holder)
        except WorkbenchError as error:
            mo.status.toast(error.what, f"{error.why} {error.next_step}", kind="danger")
        after()

    return mo.ui.button(label="Cancel", kind="neutral", on_change=cancel, disabled=not watch_sync().under_way)


def poll() -> tuple[mo.ui.refresh, bool]:
    """A timer, and whether a sync runs: it ticks rarely while none does. Bind it, and show it with `hidden`."""
    busy = watch_sync().under_way
    return timer(1 if busy else SECONDS["quiet"]), busy


def sync_state(watch: Watch) -> mo.Html:
    """The progress of the running sync, or the outcome of the last one."""
    now = datetime.now(UTC)
    if watch.error is not None:
        return messages.failure(watch.error)
    if watch.phase == "starting":
        return messages.working("Starting the sync: checking the database and the sign-in")
    if watch.phase == "running":
        return progress(watch, now)
    if (refused := _refused(watch)) is not None:
        return refused
    if watch.newest is None:
        return messages.note(
            "Nothing has been synced yet.",
            "Press Sync now. It needs a sign-in; the start page says what is missing.",
        )
    return outcome(watch, now)


def sync_history(watch: Watch) -> mo.Html:
    """The table of the last syncs."""
    return history(watch.syncs)


def _refused(watch: Watch) -> mo.Html | None:
    """The message of a sync that ended before its row in the log: not signed in, another one running, all fresh."""
    said = watch.outcome
    if said is None or said.get("sync_id") is not None or said.get("status") == "interrupted":
        return None
    if said.get("error"):
        parts = said["error"]
        return messages.failure(WorkbenchError(parts["what"], why=parts["why"], next_step=parts["next"]))
    return messages.note(
        "Everything is fresh: nothing was asked.",
        "Tick “also what is still fresh” to ask LinkedIn all the same.",
        kind="good",
    )


def _estimate(value: Mapping[str, Any]) -> Estimate:
    settings = read_settings(Settings)
    accounts = query("accounts")
    if value["accounts"]:
        accounts = accounts.filter(pl.col("account_id").is_in(value["accounts"]))
    counts = dict(query("table_counts").iter_rows())
    each = counts.get("creatives", 0) / max(counts.get("campaigns", 0), 1)
    sizes = [AccountSize(count, round(count * each)) for count in accounts["campaigns"]]
    days = value["days"] if value["days"] is not None else settings.LOOKBACK_DAYS
    return estimate(
        sizes,
        days + 1,
        seconds_a_call=_pace(),
        groups=settings.METRIC_GROUPS,
        scopes=settings.LINKEDIN_SCOPES,
        demographics_by=settings.DEMOGRAPHICS_BY,
    )


def _pace() -> float:
    """Seconds a request of the last sync that ended well."""
    done = query("syncs", limit=5).filter((pl.col("status") == "done") & (pl.col("api_calls") > 0))
    if done.is_empty():
        return SECONDS_A_CALL
    row = done.row(0, named=True)
    return float((row["finished_at"] - row["started_at"]).total_seconds()) / int(row["api_calls"])
