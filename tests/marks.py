"""Marks on parameters: of many cases one or two stand for all in the default run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def slow_except(*fast: Any, of: Iterable[Any], several: bool = False) -> list[Any]:
    """Every case; all but `fast`, which must be among them, are marked slow.

    Args:
        several: a case is a tuple with a value for each of several parameters.
    """
    cases = list(of)
    assert all(case in cases for case in fast), f"no such case: {set(map(str, fast)) - set(map(str, cases))}"
    return [
        case if case in fast else pytest.param(*(case if several else (case,)), marks=pytest.mark.slow)
        for case in cases
    ]
