"""Periods as people choose them, and days that were never fetched."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analytics.completeness import account_states, gaps, missing, never_listed
from workbench.analytics.periods import key_of, options, period, provisional_from
from workbench.errors import ValidationError
from workbench.schema.windows import Window

UNTIL = date(2026, 11, 21)
FIRST = date(2026, 8, 24)
a_day = st.integers(0, 60).map(lambda count: FIRST + timedelta(count))
windows = st.lists(st.tuples(a_day, a_day).map(lambda pair: (min(pair), max(pair))))


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("7d", date(2026, 11, 15), UNTIL),
        ("1d", UNTIL, UNTIL),
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31)),
        ("2026-11", date(2026, 11, 1), UNTIL),
        ("2026-11-03..2026-11-04", date(2026, 11, 3), date(2026, 11, 4)),
        ("2026-11-20..2026-12-31", date(2026, 11, 20), UNTIL),
    ],
)
def test_a_period_ends_at_the_last_complete_day_at_the_latest(key: str, first: date, last: date) -> None:
    assert period(key, until=UNTIL) == Window(first, last)


_NONE = ["", "0d", "-3d", "7", "2026-13", "last week", "2026-11-04..2026-11-03", "2026-12", "9999-12", "0001-01"]


@pytest.mark.parametrize("key", [*_NONE, "0001-01-01..0001-01-02"])
def test_what_is_no_period_or_lies_after_the_figures_is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        period(key, until=UNTIL)


@given(st.integers(1, 400))
def test_the_period_before_is_as_long_and_ends_where_this_one_begins(days: int) -> None:
    chosen = period(f"{days}d", until=UNTIL)
    assert (chosen.previous.days, chosen.previous.last) == (days, chosen.first - timedelta(1))


def test_the_menu_offers_complete_days_covered_months_and_any_range() -> None:
    assert dict(options(first=FIRST, until=UNTIL, chosen="30d")) == {
        "Last 7 complete days": "7d",
        "Last 14 complete days": "14d",
        "Last 28 complete days": "28d",
        "Last 30 complete days": "30d",
        "Last 90 complete days": "90d",
        "November 2026": "2026-11",
        "October 2026": "2026-10",
        "September 2026": "2026-09",
        "August 2026": "2026-08",
        "Any range …": "range",
    }


@given(st.tuples(a_day, a_day).map(sorted))
def test_a_range_survives_the_address_bar(pair: list[date]) -> None:
    assert period(key_of(*pair), until=max(pair[1], UNTIL)) == Window(*pair)


def test_conversions_stay_provisional_longer_than_clicks() -> None:
    assert provisional_from("clicks", UNTIL) == date(2026, 11, 19)
    late = ("external_website_conversions", "one_click_leads", "cost_per_key_result", "cvr", "roas")
    assert {provisional_from(metric, UNTIL) for metric in late} == {date(2026, 10, 23)}


@given(windows, st.tuples(a_day, a_day).map(lambda pair: Window(min(pair), max(pair))))
def test_every_day_is_either_covered_or_in_exactly_one_gap(covered: list[tuple[date, date]], wanted: Window) -> None:
    days = [wanted.first + timedelta(n) for n in range(wanted.days)]
    unknown = [day for first, last in gaps(covered, wanted) for day in days if first <= day <= last]
    assert unknown == [day for day in days if not any(first <= day <= last for first, last in covered)]


def test_missing_days_no_activity_and_never_fetched_are_three_different_things() -> None:
    covered = pl.DataFrame(
        {
            "account_id": [1, 2],
            "resource": ["campaign_daily_metrics"] * 2,
            "window_start": [date(2026, 11, 1), date(2026, 11, 1)],
            "window_end": [UNTIL, date(2026, 11, 18)],
        }
    )
    accounts = pl.DataFrame({"account_id": [1, 2, 3], "first_day": [date(2026, 11, 1), date(2026, 11, 1), None]})
    unknown = missing(covered, [1, 2, 3], Window(date(2026, 11, 10), UNTIL))

    assert account_states(accounts, unknown, active=set()) == {
        1: "no activity: LinkedIn was asked, and reported nothing",
        2: "not fetched: 19–21 Nov 2026; these days are unknown, not zero",
        3: "never fetched completely; it has no figures here, which does not mean zero",
    }


def test_names_that_were_never_listed_are_unknown_and_not_gone() -> None:
    """LinkedIn refused one account's ad sets: its figures are there, and no text may say that they were deleted."""
    listed = [(1, "campaign_groups"), (1, "campaigns"), (1, "creatives"), (2, "campaign_groups"), (2, "creatives")]
    covered = pl.DataFrame(
        {
            "account_id": [account for account, _ in listed],
            "resource": [resource for _, resource in listed],
            "window_start": pl.Series([None] * len(listed), dtype=pl.Date),
        }
    )
    accounts = pl.DataFrame({"account_id": [1, 2], "first_day": [date(2026, 11, 1)] * 2})

    assert account_states(accounts, {}, {1, 2}, never_listed(covered, [1, 2])) == {
        2: "its ad sets were never listed completely; names, objectives and settings are unknown"
    }
