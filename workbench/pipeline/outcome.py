"""Decide the outcome of a sync from its steps: status, exit code, first error; and put it into a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from workbench import exit_codes
from workbench.errors import AuthenticationError, ConfigurationError, RateLimitError, WorkbenchError
from workbench.pipeline.report import AccountReport, SyncReport
from workbench.pipeline.steps import Step, Steps, status_of
from workbench.schema.literals import Outcome
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Manifest, Snapshot

ALL_FRESH = "Everything is fresh: nothing was asked. Use --force to ask all the same."


@dataclass(frozen=True)
class SyncOutcome:
    """The end of a sync with a snapshot: status, exit code, first error.

    Attributes:
        error: the first spent quota, else the first error, else None.
        retry_at: the moment (UTC) at which the last of the spent quotas returns; None if none was spent.
    """

    status: Outcome
    exit_code: int
    error: WorkbenchError | None
    retry_at: datetime | None


def outcome_of(steps: list[Step], manifest: Manifest) -> SyncOutcome:
    """The outcome of a sync, from its steps and the manifest of its snapshot."""
    errors = [step.error for step in steps if step.error]
    quotas = [error for error in errors if isinstance(error, RateLimitError)]
    return SyncOutcome(
        status=manifest.outcome,
        exit_code=_exit_code(errors, manifest),
        error=next(iter([*quotas, *errors]), None),
        retry_at=max((error.retry_at for error in quotas if error.retry_at), default=None),
    )


def _exit_code(errors: list[WorkbenchError], manifest: Manifest) -> int:
    """The exit code: "try later" if a spent quota left no figures; the kind of the errors decides if nothing came."""
    if manifest.outcome == "done":
        return exit_codes.DONE
    if not manifest.has_figures and errors and all(isinstance(error, RateLimitError) for error in errors):
        return exit_codes.TRY_LATER
    if manifest.outcome == "partial":
        return exit_codes.PARTIAL
    for kind in (AuthenticationError, ConfigurationError):
        if errors and all(isinstance(error, kind) for error in errors):
            return kind.exit_code
    return exit_codes.FAILED


def report_of(
    snapshot: Snapshot,
    outcome: SyncOutcome,
    *,
    window: Window,
    api_calls: int,
    steps: Steps,
    names: Mapping[int, str | None],
) -> SyncReport:
    """The report of a sync that wrote a snapshot; `names` has every account, and 0 for what belongs to none."""
    return SyncReport(
        sync_id=snapshot.name,
        status=outcome.status,
        exit_code=outcome.exit_code,
        snapshot=snapshot.folder,
        window=(window.first, window.last),
        api_calls=api_calls,
        retry_at=outcome.retry_at,
        accounts=tuple(
            _account_report(account_id, name, steps.of_account(account_id)) for account_id, name in names.items()
        ),
        error=outcome.error,
    )


def report_all_fresh(account_ids: Iterable[int], window: Window) -> SyncReport:
    """The report of a sync that asked nothing, because every account was fresh."""
    accounts = tuple(AccountReport(account_id, None, "skipped", {}) for account_id in sorted(account_ids))
    days = (window.first, window.last)
    return SyncReport(None, "done", exit_codes.DONE, None, days, accounts=accounts, notes=(ALL_FRESH,))


def _account_report(account_id: int, name: str | None, steps: list[Step]) -> AccountReport:
    return AccountReport(
        account_id,
        name,
        status_of(steps),
        {step.resource: step.counts() for step in steps},
        tuple(step.error for step in steps if step.error),
    )
