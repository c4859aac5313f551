"""The steps at which tests kill a sync are functions of the program, so that a rename is seen in the quick run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync.child_process import found

_STEP = re.compile(r'"((?:database|linkedin|pipeline|snapshots)[a-z_.]*:[A-Za-z_.]+)"')
STEPS = sorted({step for file in Path(__file__).parent.glob("*.py") for step in _STEP.findall(file.read_text("utf-8"))})


@pytest.mark.parametrize("step", STEPS)
def test_a_step_at_which_tests_kill_a_sync_exists(step: str) -> None:
    holder, attribute = found(step)
    assert hasattr(holder, attribute)


def test_the_steps_are_found() -> None:
    assert len(STEPS) > 15
