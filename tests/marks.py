"""Marks on parameters: of many cases one or two stand for all in the default run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def slow_except(*fast: Any, of: Iterable[Any], mark: pytest.MarkDecorator = pytest.mark.slow) -> list[Any]:
    """Every case; all but `fast`, which must be among them, carry the mark."""
    cases = list(of)
    assert all(case in cases for case in fast), f"no such case: {set(map(str, fast)) - set(map(str, cases))}"
    return [case if case in fast else pytest.param(case, marks=mark) for case in cases]
