"""One status for the steps of an account, whatever its settings and permissions leave out."""

from __future__ import annotations

import pytest

from workbench.pipeline.steps import Step, status_of


def ended(status: str) -> Step:
    step = Step(1, "campaigns")
    step.leave_out() if status == "left out" else step.end(status)  # type: ignore[arg-type]
    return step


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        (["failed", "failed", "left out"], "failed"),
        (["done", "failed", "left out"], "partial"),
        (["done", "left out"], "done"),
        (["left out", "left out"], "done"),
        ([], "pending"),
    ],
)
def test_what_is_left_out_says_nothing_of_its_account(steps: list[str], status: str) -> None:
    assert status_of(map(ended, steps)) == status
