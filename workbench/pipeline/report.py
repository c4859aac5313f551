"""The report of a sync: its outcome, and counts by account and resource."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.schema.literals import Outcome, ProgressStatus

CHANGES = ("inserted", "updated", "deleted", "unchanged")
Loaded = dict[int, dict[str, dict[str, int]]]
"""Rows `inserted`, `updated`, `deleted` and `unchanged`, by account id and table."""


@dataclass(frozen=True)
class AccountReport:
    """One account's outcome.

    Attributes:
        account_id: 0 for what belongs to no account, such as the list of accounts.
        name: its name, or None if it was not read.
        status: of its steps together; `skipped` if its data was still fresh and nothing was asked.
        resources: by resource (a table's name, `names` or `posts`), counts of elements (`fetched`, `rejected`) and of
            rows (`inserted`, `updated`, `deleted`, `unchanged`).
        errors: of its steps, one each.
    """

    account_id: int
    name: str | None
    status: ProgressStatus
    resources: dict[str, dict[str, int]]
    errors: tuple[WorkbenchError, ...] = ()


@dataclass(frozen=True)
class SyncReport:
    """A sync's outcome.

    Attributes:
        sync_id: the snapshot's name, or None if nothing had to be asked.
        status: `done`, `partial` or `failed`.
        exit_code: 0 all done or fresh, 10 something but not everything, 75 try later, 77 sign in, 78 configuration,
            70 everything else.
        window: first and last UTC day asked for.
        retry_at: the moment (UTC) from which a spent quota is available again.
    """

    sync_id: str | None
    status: Outcome
    exit_code: int
    snapshot: Path | None
    window: tuple[date, date]
    api_calls: int = 0
    retry_at: datetime | None = None
    accounts: tuple[AccountReport, ...] = ()
    error: WorkbenchError | None = None
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The object that `sync --json` prints."""
        return {
            "sync_id": self.sync_id,
            "status": self.status,
            "exit_code": self.exit_code,
            "snapshot": str(self.snapshot) if self.snapshot else None,
            "window": [day.isoformat() for day in self.window],
            "api_calls": self.api_calls,
            "retry_at": self.retry_at.isoformat() if self.retry_at else None,
            "accounts": [
                {
                    "account_id": account.account_id,
                    "name": account.name,
                    "status": account.status,
                    "resources": account.resources,
                }
                for account in self.accounts
            ],
            "error": self.error.as_dict() if self.error else None,
        }

    def facts(self) -> dict[str, Any]:
        """The facts for the log about the sync's end; `failure` is its first error."""
        rows = [counts for account in self.accounts for counts in account.resources.values()]
        names = ("fetched", "rejected", "inserted", "updated", "deleted", "unchanged")
        return {
            "sync_id": self.sync_id,
            "outcome": self.status if self.sync_id else "fresh",
            "failure": self.error,
            "exit_code": self.exit_code,
            "window": [day.isoformat() for day in self.window],
            "accounts": sum(account.account_id > 0 for account in self.accounts),
            "requests": self.api_calls,
            **{name: sum(counts.get(name, 0) for counts in rows) for name in names},
        }


@dataclass(frozen=True)
class LoadReport:
    """The changes that a load made in PostgreSQL.

    Attributes:
        snapshots: numbers of rows by snapshot name, account id, table and kind of change: `inserted`, `updated`,
            `deleted` and `unchanged`. Account 0 is the list of accounts. A snapshot that decides nothing any more has
            no accounts.
    """

    snapshots: dict[str, Loaded] = field(default_factory=dict)

    def rows(self, snapshot: str | None = None) -> dict[str, int]:
        """Numbers of rows by kind of change, added up over accounts and tables, of one snapshot or of all."""
        chosen = self.snapshots.values() if snapshot is None else [self.snapshots[snapshot]]
        counts = [table for accounts in chosen for tables in accounts.values() for table in tables.values()]
        return {change: sum(count[change] for count in counts) for change in CHANGES}

    def as_dict(self) -> dict[str, Any]:
        """The object under `snapshots` that `load --json` prints."""
        return {name: dict(accounts) for name, accounts in self.snapshots.items()}
