"""Marks that several tests share, and marks on parameters: one case stands for all by default, a few in CI."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

needs_dev_full = pytest.mark.skipif(
    not os.access("/dev/full", os.W_OK), reason="needs Linux's device that is always full, open to this account"
)


def slow_except(*fast: Any, of: Iterable[Any], several: bool = False) -> list[Any]:
    """Every case; all but `fast`, which must be among them, are marked slow.

    Args:
        several: a case is a tuple with a value for each of several parameters.
    """
    return _marked(pytest.mark.slow, fast, list(of), several)


def sweep_except(*kept: Any, of: Iterable[Any], several: bool = False) -> list[Any]:
    """Every case; all but `kept`, which must be among them, are left to the sweep: they repeat the same proof."""
    return _marked(pytest.mark.sweep, kept, list(of), several)


def some_slow(*fast: Any, slow: Iterable[Any], of: Iterable[Any]) -> list[Any]:
    """Every case: `fast` without a mark, those of `slow` with that one, the others with the sweep."""
    cases, kept = list(of), (*fast, *slow)
    assert all(case in cases for case in kept), f"no such case: {set(map(str, kept)) - set(map(str, cases))}"
    marks = [pytest.mark.slow if case in kept else pytest.mark.sweep for case in cases]
    return [case if case in fast else pytest.param(case, marks=mark) for case, mark in zip(cases, marks, strict=True)]


def _marked(mark: pytest.MarkDecorator, kept: Sequence[Any], cases: list[Any], several: bool) -> list[Any]:
    assert all(case in cases for case in kept), f"no such case: {set(map(str, kept)) - set(map(str, cases))}"
    return [case if case in kept else pytest.param(*(case if several else (case,)), marks=mark) for case in cases]
