"""Answers are right about as often as they say: the checks of the calibration benchmark, with few repetitions."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import calibration

CHECKS = {check.name: check for check in calibration.checks()}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_an_answer_keeps_what_it_says_within_wide_bounds(name):
    found, low, high = calibration.outcome(CHECKS[name], small=True)
    assert low <= found <= high, name


def test_every_answer_with_a_chance_has_a_check():
    said = " ".join(CHECKS)
    for what in ("landings", "settled weeks", "falsely better", "falsely tired", "moved beyond chance"):
        assert what in said
    for what in ("false spend alarms", "no_result", "suggestions", "alike segments", "placement interval"):
        assert what in said
