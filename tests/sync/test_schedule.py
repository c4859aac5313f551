"""Which days a sync asks for: nothing is left out, nothing provisional taken for final."""

from __future__ import annotations

from datetime import date, timedelta

from workbench.pipeline.sync_windows import SyncWindows

TODAY = date(2026, 11, 22)


def _first_day(*covered: tuple[date, date, str], lookback: int = 30) -> date:
    rows = [(1, f"{entity}_daily_metrics", *row) for entity in ("campaign", "creative") for row in covered]
    schedule = SyncWindows(TODAY, 90, lookback, coverage=rows)
    return schedule.windows(1).whole().first


def test_a_daily_sync_asks_for_the_lookback_alone() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert _first_day((date(2026, 8, 1), yesterday, "20261121T060000Z")) == TODAY - timedelta(days=30)


def test_after_a_pause_days_that_were_still_being_restated_are_asked_for_again() -> None:
    assert _first_day((date(2026, 7, 1), date(2026, 11, 2), "20261102T060000Z")) == date(2026, 10, 4)


def test_after_a_long_pause_the_window_reaches_back_beyond_sync_days() -> None:
    assert _first_day((date(2026, 1, 1), date(2026, 6, 1), "20260601T060000Z")) == date(2026, 5, 3)


def test_yesterdays_partial_day_is_asked_for_again_without_any_lookback() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert _first_day((date(2026, 8, 1), yesterday, "20261121T060000Z"), lookback=0) == yesterday
