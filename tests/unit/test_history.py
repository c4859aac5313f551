"""Which old days are believed, which months stand in their place, and how few calls months take."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from workbench.pipeline.fetch import history
from workbench.pipeline.fetch.call_planner import CAP
from workbench.pipeline.fetch.history import Months
from workbench.pipeline.sync_windows import AccountWindows
from workbench.schema.windows import Window

TODAY = date(2026, 11, 22)
YEAR = Window(date(2025, 1, 1), date(2025, 12, 31))
JANUARY, FEBRUARY = date(2025, 1, 1), date(2025, 2, 1)
DAYS = "campaign_daily_metrics"


def test_old_days_end_with_the_month_of_which_linkedin_may_lack_days() -> None:
    assert history.old_days(Window(date(2026, 5, 1), TODAY), TODAY) == Window(date(2026, 5, 1), date(2026, 5, 31))
    assert history.old_days(Window(date(2026, 5, 23), TODAY), TODAY) is None
    assert history.old_months(Window(date(2026, 4, 17), TODAY), TODAY) == Months(date(2026, 4, 1), date(2026, 5, 31))


def test_months_are_halved_between_months() -> None:
    first, second = Months(date(2025, 1, 1), date(2025, 3, 31)).halves()
    assert (first.last, second.first) == (date(2025, 1, 31), FEBRUARY)
    assert (first.days, second.days) == (1, 2)


@pytest.mark.parametrize("campaigns", [0, 1, 500, 2_000, 20_000])
def test_months_are_asked_in_few_calls_that_linkedin_does_not_cut(campaigns: int) -> None:
    months = Months(date(2016, 12, 1), date(2026, 5, 31))
    pieces = [piece.window for piece in history.month_slices(months, campaigns)]
    assert [month for piece in pieces[::-1] for month in history.months_of(piece)] == list(history.months_of(months))
    assert all(piece.days * campaigns < CAP or piece.days == 1 for piece in pieces)


def test_days_that_are_less_than_their_month_are_not_believed() -> None:
    months = {JANUARY: 1_000, FEBRUARY: 1_000}
    found = history.not_given(DAYS, YEAR, {FEBRUARY: 1_000}, months, TODAY)
    assert found == {JANUARY + timedelta(days=day) for day in range(31)}
    assert history.not_given(DAYS, YEAR, {JANUARY: 900, FEBRUARY: 990}, months, TODAY) == found
    assert history.not_given("creative_daily_metrics", YEAR, {JANUARY: 600, FEBRUARY: 990}, months, TODAY) == set()


def test_where_months_are_not_known_no_empty_day_is_believed() -> None:
    found = history.not_given(DAYS, YEAR, {FEBRUARY: 5}, None, TODAY)
    assert len(found) == 365 - 28
    assert FEBRUARY not in found


def test_a_month_that_is_asked_for_in_part_is_believed_where_it_has_days() -> None:
    half = Window(date(2025, 1, 16), date(2025, 1, 31))
    assert history.not_given(DAYS, half, {JANUARY: 10}, {JANUARY: 1_000}, TODAY) == set()
    assert len(history.not_given(DAYS, half, {}, {JANUARY: 1_000}, TODAY)) == 16


def test_linkedin_is_asked_no_further_back_after_a_whole_month_that_came_empty() -> None:
    assert history.is_over(Window(JANUARY, date(2025, 1, 31)), {JANUARY: 9})
    assert not history.is_over(Window(JANUARY, date(2025, 1, 30)), {JANUARY: 9})
    assert not history.is_over(Window(JANUARY, date(2025, 1, 31)), {JANUARY: 0})
    assert not history.is_over(None, {JANUARY: 9})


def test_days_are_asked_for_as_long_as_linkedin_keeps_them() -> None:
    windows = AccountWindows.kept(Window(date(2010, 1, 1), TODAY), TODAY)
    assert windows[DAYS].first == date(2016, 11, 22)
    assert windows["audience_demographics"].first == date(2024, 11, 22)
    older = Window(date(2010, 1, 1), date(2010, 2, 1))
    assert AccountWindows.kept(older, TODAY)[DAYS] == older
