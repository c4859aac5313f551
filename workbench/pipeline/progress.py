"""Progress of a sync as plain values, passed to the caller's function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from workbench.schema.literals import ProgressStatus, Stage


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of one step of a sync.

    Attributes:
        step: `auth accounts campaigns metrics demographics names snapshot load log`, in the order of a sync; `wait` at
            any time: LinkedIn is out of reach or wants a pause; `notice`: a message for the user.
        account_id: the ad account it concerns, or None for the whole sync.
        account_name: its name, as soon as it is known.
        resource: a table's name, `names` or `posts`, or None.
        status: `running done partial failed skipped`.
        done: how many requests (steps that fetch) or rows (step `load`) are through.
        total: of how many requests; None while that is unknown, and always for `load`.
        note: a sentence for a person, or "".
        until: of a `wait`, the moment (UTC) of the next try; None while it is not known.
    """

    step: Stage
    account_id: int | None = None
    account_name: str | None = None
    resource: str | None = None
    status: ProgressStatus = "running"
    done: int = 0
    total: int | None = None
    note: str = ""
    until: datetime | None = None


OnProgress = Callable[[Progress], None]


def ignore(progress: Progress) -> None:
    """Do nothing: the default for `on_progress`."""
