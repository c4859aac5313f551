"""Print the outcome of a sync on a terminal."""

from __future__ import annotations

import re

from workbench.errors import one_line
from workbench.pipeline.report import AccountReport, SyncReport
from workbench.schema.resources import of_kind

_ENTITIES = ("campaigns", "creatives")
_ROWS = of_kind("daily", "window")


def summary(report: SyncReport) -> str:
    """What was synced, what changed, what is missing and what to do about it."""
    if report.sync_id is None:
        return "\n".join(report.notes)
    first, last = report.window
    head = {"done": "Everything is up to date", "partial": "Up to date, but not everything"}
    lines = [f"{head.get(report.status, 'Nothing could be loaded')}: {first} to {last}, {report.api_calls} requests."]
    lines += [_account(account) for account in report.accounts if account.account_id]
    for account in report.accounts:
        for error in account.errors:
            lines += ["", str(error)]
    if report.retry_at:
        lines += ["", f"Sync again after {report.retry_at:%Y-%m-%d %H:%M} UTC."]
    lines += ["", f"Snapshot: {report.snapshot}"]
    return "\n".join(map(_printable, "\n".join(lines).split("\n")))


def _printable(line: str) -> str:
    """Without what would steer a terminal: names and LinkedIn's words can hold anything."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", line)


def _account(account: AccountReport) -> str:
    entities = ", ".join(f"{account.resources.get(name, {}).get('fetched', 0):,} {name}" for name in _ENTITIES)
    changes = {
        change: sum(counts.get(change, 0) for name, counts in account.resources.items() if name in _ROWS)
        for change in ("inserted", "updated", "deleted", "unchanged")
    }
    rows = ", ".join(f"{count:,} {change}" for change, count in changes.items() if count) or "no rows"
    what = "fresh, skipped" if account.status == "skipped" else f"{account.status}: {entities}; rows: {rows}"
    return f"  {one_line(account.name or '') or account.account_id} ({account.account_id}) {what}"
