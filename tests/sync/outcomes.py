"""How a sync ended, and that the next one heals what it lacked: what every test of a fault asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from sync.installation import Installation, asked, differences, differences_of_views, on_disk
from workbench.errors import WorkbenchError
from workbench.pipeline.report import SyncReport

FIRST = 512010000  # the sandbox's accounts
SECOND = 512010037
IDLE = 512010074


def said(outcome: SyncReport | WorkbenchError) -> WorkbenchError:
    """The error of an outcome, which says what, why and what next."""
    error = outcome if isinstance(outcome, WorkbenchError) else outcome.error
    assert error is not None
    assert error.what
    assert error.why
    assert error.next_step
    return error


def statuses(outcome: SyncReport | WorkbenchError) -> dict[int, str]:
    assert isinstance(outcome, SyncReport), outcome
    return {account.account_id: account.status for account in outcome.accounts}


def heal(installation: Installation) -> None:
    """Once the cause is gone one more run ends at the truth, and asks for nothing that is on disk."""
    kept = {part for folder in installation.unfinished() for part in on_disk(folder)}
    installation.sandbox.switches.quotas.clear()
    installation.sandbox.faults.clear()
    installation.sandbox.requests.clear()
    code, outcome = installation.outcome()
    assert code == 0, outcome
    again = asked(installation.requests())
    assert again & kept == set()
    found = differences(installation)
    assert found == [], found[0][:600]
    assert differences_of_views(installation) == []


def covered(installation: Installation, account_id: int) -> set[str]:
    rows = installation.query("select resource from coverage where account_id = %s", [account_id])
    return {row["resource"] for row in rows}


def some(cases: Iterable[str], *always: str, slow: Sequence[str] = ()) -> list[Any]:
    """Every case: `always` without a mark, `slow` with that one, the others with the sweep."""
    marks = {case: pytest.mark.slow if case in slow else pytest.mark.sweep for case in cases}
    return [case if case in always else pytest.param(case, marks=mark) for case, mark in marks.items()]
