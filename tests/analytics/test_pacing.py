"""Pacing: forecast, caps, states, causes, rows and sentences."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from workbench.analytics import pacing, pacing_causes, pacing_rows
from workbench.analytics.pacing import Budget
from workbench.analytics.smoothing import days_between
from workbench.errors import ValidationError

FIRST, LAST, TODAY = date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 21)


def history(count=42, level=100.0, *, noise=8.0, last=TODAY):
    source = random.Random(3)
    days = days_between(last - timedelta(days=count - 1), last)
    return {day: round(level + source.uniform(-noise, noise), 2) for day in days}


def said(days, budget=3200.0, **given):
    found = pacing.pacing(days, FIRST, LAST, Budget(budget), **given)
    return pacing_rows.sentence(pacing_rows.PacedLevel("account", 1, "EUR", FIRST, LAST, budget, found))


def test_the_order_of_days_does_not_matter():
    days = history()
    shuffled = dict(random.Random(1).sample(list(days.items()), len(days)))
    assert pacing.pacing(days, FIRST, LAST, Budget(3200.0)) == pacing.pacing(shuffled, FIRST, LAST, Budget(3200.0))


def test_an_unknown_day_is_skipped_and_counted():
    days = history()
    gap = date(2026, 11, 10)
    found = pacing.pacing({**days, gap: None}, FIRST, LAST, Budget(3200.0))
    assert found.unknown_days == 1
    assert found.spent == pytest.approx(sum(v for d, v in days.items() if d >= FIRST and d != gap))
    assert found.state == "forecast"
    assert said({**days, gap: None}).endswith("1 day is unknown and not in these figures.")


def test_only_eight_weeks_count():
    old = {**history(), date(2026, 8, 1): 1e6}
    assert pacing.pacing(old, FIRST, LAST, Budget()).fit == pacing.pacing(history(), FIRST, LAST, Budget()).fit


def test_no_day_gives_no_answer():
    assert pacing.pacing({}, FIRST, LAST, Budget(100.0)) is None


def test_without_budget_there_is_a_forecast_only():
    found = pacing.pacing(history(), FIRST, LAST, Budget())
    assert (found.pace_index, found.needed_daily, found.p_over) == (None, None, None)
    assert found.forecast_low < found.forecast < found.forecast_high


def test_states():
    stopped = {**history(), **dict.fromkeys(days_between(date(2026, 11, 19), TODAY), 0.0)}
    found = pacing.pacing(stopped, FIRST, LAST, Budget(3000.0))
    assert (found.state, found.forecast_low, found.forecast) == ("stopped", None, found.spent)
    idle = pacing.pacing(history(), FIRST, LAST, Budget(3000.0), running=False)
    assert (idle.state, idle.forecast, idle.forecast_low) == ("not_running", idle.spent, None)
    few = pacing.pacing(history(10), FIRST, LAST, Budget(3000.0))
    assert (few.state, few.forecast) == ("too_little", None)
    for amount in (0.0, 900.0):
        over = pacing.pacing(history(), FIRST, LAST, Budget(amount))
        assert (over.state, over.needed_daily) == ("over", 0)


def test_before_the_first_complete_day_of_a_period_there_is_no_index():
    found = pacing.pacing(history(last=date(2026, 10, 31)), FIRST, LAST, Budget(3200.0))
    assert (found.pace_index, found.spent, found.days_left) == (None, 0, 30)
    assert found.needed_daily == pytest.approx(3200 / 30)


def test_at_the_end_of_a_period_nothing_is_ahead():
    found = pacing.pacing(history(last=LAST), FIRST, LAST, Budget(3200.0))
    assert (found.days_left, found.needed_daily, found.forecast) == (0, None, found.spent)
    assert found.forecast_low == found.forecast_high


def test_a_total_budget_caps_and_dates_the_end():
    found = pacing.pacing(history(), FIRST, LAST, Budget(2800.0, total_left=450.0))
    assert found.forecast == found.forecast_high == found.spent + 450
    assert found.p_over == 0
    assert found.used_up_on == date(2026, 11, 26)


def test_a_set_schedule_caps_at_its_daily_budgets():
    days = history()
    hard, _ = pacing.caps(days_between(date(2026, 11, 22), LAST), days, Budget(daily=80.0, flight=(FIRST, LAST)))
    assert hard == pytest.approx(max(0.0, 80 * 30 - sum(v for d, v in days.items() if d >= FIRST)))


def test_a_daily_budget_lets_through_seven_times_a_week():
    ahead = days_between(date(2026, 11, 22), LAST)  # Sunday, a whole week, Monday
    spent = {day: 90.0 for day in days_between(date(2026, 11, 16), TODAY)}
    assert pacing.caps(ahead, spent, Budget(daily=100.0)) == (None, 150 + 700 + 150)
    full = {day: 120.0 for day in spent}
    assert pacing.caps(ahead, full, Budget(daily=100.0)) == (None, 0 + 700 + 150)


def test_the_level_begins_anew_after_a_change():
    days = {**history(30, 50.0, last=date(2026, 11, 10)), **history(11, 100.0)}
    whole = pacing.pacing(days, FIRST, LAST, Budget(3200.0))
    anew = pacing.pacing(days, FIRST, LAST, Budget(3200.0), changed_on=date(2026, 11, 10))
    assert anew.fit.level == pytest.approx(100, rel=0.1)
    assert anew.sd < whole.sd
    assert anew.level_after == date(2026, 11, 10)
    late = pacing.pacing(days, FIRST, LAST, Budget(3200.0), changed_on=date(2026, 11, 16))
    assert late == whole
    assert "after the change of 10 Nov" in said(days, changed_on=date(2026, 11, 10))
    seven = pacing.pacing(days, FIRST, LAST, Budget(3200.0), changed_on=date(2026, 11, 14))
    assert seven.forecast_low < seven.forecast  # its errors are those of the whole history


def test_a_series_without_scatter_is_over_or_not():
    flat = dict.fromkeys(history(), 100.0)
    assert pacing.pacing(flat, FIRST, LAST, Budget(2999.0)).p_over == 1
    assert pacing.pacing(flat, FIRST, LAST, Budget(3001.0)).p_over == 0


def campaign(**given):
    return pacing_causes.CampaignPace(**{"id": 1, "daily_budget": 50.0, "daily_rate": 12.0, **given})


@pytest.mark.parametrize(
    ("given", "why", "gap"),
    [
        ({"status": "PAUSED", "serving": ("STOPPED",)}, "not_active", 450.0),
        ({"serving": ("RUNNABLE", "ACCOUNT_SERVING_HOLD")}, "held", 450.0),
        ({"stopped": True}, "stopped", 450.0),
        ({"known_days": 13, "daily_rate": None}, "new", 450.0),
        ({}, "spends_less", 342.0),
    ],
)
def test_causes(given, why, gap):
    (found,) = pacing_causes.causes([campaign(**given)], 9)
    assert (found.why, found.gap) == (why, gap)


def test_what_spends_its_budget_or_has_none_is_no_cause():
    assert pacing_causes.causes([campaign(daily_rate=40.0), campaign(daily_budget=None)], 9) == []
    assert pacing_causes.causes([campaign(daily_budget=0.0, daily_rate=None, status="PAUSED")], 9) == []
    assert pacing_causes.causes_frame([]).columns == list(pacing_causes.PACING_CAUSES)


def test_causes_are_sorted_by_money_whatever_their_order():
    some = [campaign(id=n, daily_budget=30.0 + 10 * (n % 3)) for n in range(6)]
    assert pacing_causes.causes(some, 9) == pacing_causes.causes(some[::-1], 9)
    assert [one.id for one in pacing_causes.causes(some, 9)] == [2, 5, 1, 4, 0, 3]


def test_the_sentence_names_causes_while_they_do_not_pass_the_gap():
    some = [
        pacing_causes.Cause(3, "held", 400.0, ()),
        pacing_causes.Cause(1, "spends_less", 342.0, (), 0.24),
        pacing_causes.Cause(4, "held", 320.0, ()),
    ]
    assert pacing_causes.sentence(some, 1100.0, "EUR") == (
        "Behind because 2 ad sets are held back (€720) and 1 spends a quarter of its budget (€342)."
    )
    assert pacing_causes.sentence(some, 500.0, "EUR") == "Behind because 1 ad set is held back (€400)."
    assert pacing_causes.sentence(some, 300.0, "EUR") == ""


def test_sentences():
    flat = dict.fromkeys(history(), 100.0)
    assert said(flat) == (
        "€2,100 of €3,200 spent. By 30 Nov it will most likely be €3,000: about €200 under. "
        "€122 a day would be needed; it runs at €100."
    )
    assert said(flat, 3000.0).endswith("€3,000: on budget.")
    assert said(flat, 2000.0) == "The budget of €2,000 is spent, 9 days before its end: €2,100 so far."
    few = {day: 100.0 for day in days_between(date(2026, 11, 12), TODAY)}
    assert said(few) == "Ten days are too few to forecast from; €244 a day are needed to spend the budget."
    assert said(few, None) == "Ten days are too few to forecast from."
    stopped = {**flat, **dict.fromkeys(days_between(date(2026, 11, 19), TODAY), 0.0)}
    assert said(stopped) == "Nothing was spent since 18 Nov. If it stays so, €1,800 of €3,200 will be spent."
    assert said(flat, running=False) == "Not running: €2,100 of €3,200 spent; nothing more will be."
    capped = pacing.pacing(flat, FIRST, LAST, Budget(3200.0, total_left=650.0))
    row = pacing_rows.PacedLevel("account", 1, "EUR", FIRST, LAST, 3200.0, capped)
    assert "The total budget will be used up around 28 Nov, two days early." in pacing_rows.sentence(row)


def test_rows_of_two_currencies_are_refused_and_none_make_an_empty_frame():
    found = pacing.pacing(history(), FIRST, LAST, Budget(3200.0))
    row = pacing_rows.PacedLevel("campaign", 2, "EUR", FIRST, LAST, 3200.0, found)
    frame = pacing_rows.pacing_frame([row, replace(row, id=1)])
    assert frame.columns == list(pacing_rows.PACING)
    assert frame["id"].to_list() == [1, 2]
    assert frame["state"].to_list() == ["forecast", "forecast"]
    with pytest.raises(ValidationError, match="more than one currency"):
        pacing_rows.pacing_frame([row, replace(row, currency="USD")])
    assert pacing_rows.pacing_frame([]).is_empty()
