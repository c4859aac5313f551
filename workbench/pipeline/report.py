"""The report of a sync: counts by account and resource, and the exit code on which scripts rely."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from workbench.errors import AuthenticationError, ConfigurationError, RateLimitError, WorkbenchError
from workbench.pipeline.steps import Step, StepStatus, status_of
from workbench.snapshots.manifest import Manifest, Outcome

DONE, SOMETHING, LATER, SIGN_IN, CONFIGURE, OTHER, INTERRUPTED = 0, 10, 75, 77, 78, 70, 130


AccountStatus = StepStatus | Literal["skipped"]


@dataclass(frozen=True)
class AccountReport:
    """One account's outcome; account 0 is what belongs to none; `skipped` is one whose data was still fresh."""

    account_id: int
    name: str | None
    status: AccountStatus
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
        """What the log says of its end; `failure` is its first error."""
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


def account_report(account_id: int, name: str | None, steps: list[Step]) -> AccountReport:
    """One account's steps as its outcome."""
    return AccountReport(
        account_id,
        name,
        status_of(steps),
        {step.resource: step.counts() for step in steps},
        tuple(step.error for step in steps if step.error),
    )


def skipped(account_id: int, name: str | None = None) -> AccountReport:
    """The report of an account that was fresh and was not asked for."""
    return AccountReport(account_id, name, "skipped", {})


def exit_code(steps: list[Step], manifest: Manifest) -> int:
    """The exit code of a sync that ended with a snapshot.

    A spent quota is `LATER` if it left no figures of any account; the kind of the errors decides if nothing came.
    """
    if manifest.outcome == "done":
        return DONE
    errors = [step.error for step in steps if step.error]
    if not manifest.has_figures and errors and all(isinstance(error, RateLimitError) for error in errors):
        return LATER
    if manifest.outcome == "partial":
        return SOMETHING
    for kind, code in ((AuthenticationError, SIGN_IN), (ConfigurationError, CONFIGURE)):
        if errors and all(isinstance(error, kind) for error in errors):
            return code
    return OTHER


def first_error(steps: list[Step]) -> WorkbenchError | None:
    """The first spent quota, else the first error, else None."""
    errors = [step.error for step in steps if step.error]
    return next((error for error in errors if isinstance(error, RateLimitError)), errors[0] if errors else None)


def retry_at(steps: list[Step]) -> datetime | None:
    """The moment (UTC) at which the last of the spent quotas returns; None if none was spent."""
    moments = [step.error.retry_at for step in steps if isinstance(step.error, RateLimitError) and step.error.retry_at]
    return max(moments, default=None)
