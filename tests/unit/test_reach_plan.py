"""Which windows of reach a sync asks for."""

from __future__ import annotations

from datetime import date

import pytest

from workbench.pipeline.fetch.reach import windows


@pytest.mark.parametrize(
    ("today", "end", "month"),
    [
        (date(2026, 11, 22), date(2026, 11, 19), (date(2026, 10, 1), date(2026, 10, 31))),
        (date(2026, 11, 2), date(2026, 10, 30), (date(2026, 9, 1), date(2026, 9, 30))),  # October is not complete yet
        (date(2026, 11, 3), date(2026, 10, 31), (date(2026, 10, 1), date(2026, 10, 31))),
    ],
)
def test_windows_end_where_reach_is_complete(today: date, end: date, month: tuple[date, date]) -> None:
    *several, last_month = windows(today)
    assert [(window.days, window.last) for window in several] == [(7, end), (28, end), (92, end)]
    assert (last_month.first, last_month.last) == month


def test_a_month_that_is_one_of_the_windows_is_asked_for_once() -> None:
    assert len(windows(date(2026, 3, 3))) == 3
