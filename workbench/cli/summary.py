"""Print the outcome of a sync on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.analytics.formatting import counted
from workbench.console import printable
from workbench.errors import WorkbenchError, one_line
from workbench.exit_codes import DONE, PARTIAL, TRY_LATER
from workbench.pipeline.report import AccountReport, SyncReport
from workbench.schema.resources import BY_NAME, FIGURES, LISTINGS

_COUNT = re.compile(r"\d+ (requests?|minutes?)")  # how often an endpoint refused differs from request to request
_NAMED = 3  # of what failed for one reason
_HEADS = {
    DONE: "Everything is up to date",
    PARTIAL: "Up to date, but not everything",
    TRY_LATER: "No figures came",
}


def summary(report: SyncReport) -> str:
    """The text about what was synced and what changed."""
    if report.sync_id is None:
        return _safe(report.notes)
    listed = [account for account in report.accounts if account.account_id]
    accounts = [_account(account, api=account is listed[0]) for account in listed]
    return _safe([_head(report), *accounts, *report.notes, "", f"Snapshot: {report.snapshot}"])


def problems(report: SyncReport) -> str:
    """The text about what is missing, why, and what to do, each reason once; empty if nothing is."""
    reasons: dict[tuple[str, str], list[WorkbenchError]] = {}
    for account in report.accounts:
        for error in account.errors:
            reasons.setdefault((_COUNT.sub("", error.why), error.next_step), []).append(error)
    blocks = [
        str(WorkbenchError(_named([error.what for error in errors]), why=errors[0].why, next_step=step))
        for (_, step), errors in reasons.items()
    ]
    return _safe("\n\n".join(blocks).split("\n"))


def failure(report: SyncReport) -> str:
    """The text for a mail: how a sync ended and what is missing; empty if all is well."""
    return f"{_safe([_head(report)])}\n\n{problems(report)}".strip() if report.exit_code else ""


def _head(report: SyncReport) -> str:
    first, last = report.window
    requests = f"{report.api_calls:,} request{'s' * (report.api_calls != 1)}"
    return f"{_HEADS.get(report.exit_code, 'Nothing could be loaded')}: {first} to {last}, {requests}."


def _named(whats: list[str]) -> str:
    """The names of what failed for one reason: each once, a few of many."""
    distinct = list(dict.fromkeys(whats))
    more = len(distinct) - _NAMED
    return " ".join(distinct[:_NAMED]) + (f" And {more} more like {'it' if more == 1 else 'them'}." if more > 0 else "")


def _safe(lines: Iterable[str]) -> str:
    return "\n".join(map(printable, lines))


def _account(account: AccountReport, *, api: bool) -> str:
    """One line; `api`: with the names of LinkedIn's API beside those of its website."""
    listed = {BY_NAME[name]: account.resources.get(name, {}).get("fetched", 0) for name in LISTINGS}
    found = {one.entity: count for one, count in listed.items() if count or not one.optional}
    entities = ", ".join(counted(entity, count, api=api) for entity, count in found.items())
    changes = {
        change: sum(counts.get(change, 0) for name, counts in account.resources.items() if name in FIGURES)
        for change in ("inserted", "updated", "deleted", "unchanged")
    }
    rows = ", ".join(f"{count:,} {change}" for change, count in changes.items() if count) or "none"
    what = "fresh, skipped" if account.status == "skipped" else f"{account.status}: {entities}; rows: {rows}"
    return f"  {one_line(account.name or '') or account.account_id} ({account.account_id}) {what}"
