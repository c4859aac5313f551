"""The steps of one sync, in memory: one per account and resource, later the rows of `sync_steps`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from workbench.errors import WorkbenchError
from workbench.linkedin.client import Calls
from workbench.schema.literals import StepStatus, overall_status
from workbench.schema.resources import NAMES


@dataclass
class Step:
    """One resource of one account (0: of the whole sync).

    Attributes:
        left_out: settings or permissions leave it out, so that it says nothing of its account; its status is `done`.
    """

    account_id: int
    resource: str
    status: StepStatus = "pending"
    calls: Calls = field(default_factory=Calls)
    fetched: int = 0
    rejected: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    complete_through: date | None = None
    error: WorkbenchError | None = None
    done: int = 0
    total: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    left_out: bool = False

    def start(self, total: int | None = None) -> None:
        self.status = "running"
        self.total = total
        self.started_at = self.started_at or datetime.now(UTC)

    def end(self, status: StepStatus) -> None:
        self.status = status
        self.finished_at = datetime.now(UTC)

    def leave_out(self) -> None:
        """End the step as done, with nothing asked for or nothing to be had."""
        self.left_out = True
        self.end("done")

    def note(self, error: WorkbenchError | None) -> None:
        """Keep the error, if it is the step's first."""
        self.error = self.error or error

    def fail(self, error: WorkbenchError) -> None:
        """Keep the first error and end the step; what was read before stays counted."""
        self.note(error)
        self.end("partial" if self.fetched or self.done else "failed")

    def counts(self) -> dict[str, int]:
        """The figures that `sync --json` shows for a resource."""
        names = ("fetched", "rejected", "inserted", "updated", "deleted", "unchanged")
        return {name: getattr(self, name) for name in names}


OnStep = Callable[[Step], None]


class Steps:
    """All steps of a sync; `on_step` is called with every step that changes."""

    def __init__(self, on_step: OnStep) -> None:
        self._steps: dict[tuple[int, str], Step] = {}
        self._on_step = on_step

    def of(self, account_id: int, resource: str) -> Step:
        """The step, made on first use."""
        return self._steps.setdefault((account_id, resource), Step(account_id, resource))

    def changed(self, step: Step) -> None:
        """Call `on_step` with a step that has changed."""
        self._on_step(step)

    def count_rows(self, account_id: int, table: str, rows: Mapping[str, int]) -> None:
        """Enter how many rows a load `inserted`, `updated`, `deleted` and left `unchanged` in one table."""
        if (account_id, table) not in self._steps and not any(rows.values()):
            return  # what this sync did not ask for
        step = self.of(account_id, table)
        step.inserted, step.updated = rows["inserted"], rows["updated"]
        step.deleted, step.unchanged = rows["deleted"], rows["unchanged"]
        self.changed(step)

    def all(self) -> list[Step]:
        return sorted(self._steps.values(), key=lambda step: (step.account_id, NAMES.index(step.resource)))

    def of_account(self, account_id: int) -> list[Step]:
        return [step for step in self.all() if step.account_id == account_id]


def status_of(steps: Iterable[Step]) -> StepStatus:
    """One status for several steps: `done` if all are, `failed` if none brought anything, else `partial`.

    Steps that are left out count only where there are no others.
    """
    known = list(steps)
    return overall_status(step.status for step in [step for step in known if not step.left_out] or known)
