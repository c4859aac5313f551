"""What is broken or bleeding this morning, without crying wolf."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import polars as pl
import pytest

from workbench.analytics.morning_check import (
    Campaign,
    alarm_sentence,
    morning,
    morning_sentences,
    no_result_p,
    spend_alarm,
    two_sided_p,
)
from workbench.analytics.morning_inputs import SCHEMA, morning_check, morning_table, posterior_rates, stale_reasons
from workbench.analytics.shrinkage import Gamma
from workbench.errors import ValidationError

LAST = date(2026, 11, 21)  # a Saturday


def series(last=None, *, level=100.0, days=56, end=LAST, seed=1):
    random = Random(seed)
    values = [level * (1 + random.uniform(-0.1, 0.1)) for _ in range(days)]
    if last is not None:
        values[-1] = last
    return tuple((end - timedelta(days=days - 1 - number), value) for number, value in enumerate(values))


def rules(found):
    return [(alarm.campaign_id, alarm.rule) for alarm in found]


OUTAGE = Campaign(2, series(0.0))
CALM = Campaign(1, series(seed=2))


def test_a_stopped_ad_set_is_told_with_what_it_would_have_spent():
    found = morning([CALM, OUTAGE])
    assert rules(found.alarms) == [(2, "spend_drop")]
    said = alarm_sentence(found.alarms[0], currency="EUR", name="Always on | Plant managers")
    assert said.startswith("Spent €0 on Saturday, €")
    assert said.endswith(" expected (Always on | Plant managers).")
    assert found.alarms[0].money == found.alarms[0].expected


def test_nothing_to_do_is_said_with_how_many_were_checked():
    found = morning([Campaign(number, series(seed=number)) for number in range(1, 44)])
    assert morning_sentences(found) == ("Nothing needs you: 43 active ad sets checked, figures to 21 Nov.",)


def test_short_and_unknown_histories_are_not_judged():
    short = [Campaign(number, series(0.0, days=21)) for number in range(6)]
    assert spend_alarm(series(0.0, days=22)) is not None
    assert morning_sentences(morning([*short, Campaign(9, series())])) == (
        "Nothing needs you: 7 active ad sets checked, figures to 21 Nov.",
        "6 ad sets have run for under three weeks and were not judged.",
    )
    assert morning_sentences(morning([])) == ("There is no active ad set to check.",)
    unknown = Campaign(1, (*series()[:-1], (LAST, None)))
    assert morning([unknown]).not_judged == 1
    ended = Campaign(1, series(end=LAST - timedelta(days=1)))
    assert morning([ended], last_day=LAST).not_judged == 1


def test_an_unknown_day_is_skipped_and_not_zero():
    gap = tuple((moment, None if number == 54 else value) for number, (moment, value) in enumerate(series()))
    assert spend_alarm(gap).expected == pytest.approx(spend_alarm(series()).expected, rel=0.02)
    zero = tuple((moment, 0.0 if value is None else value) for moment, value in gap)
    assert spend_alarm(gap).expected > spend_alarm(zero).expected


def test_no_days_and_no_spend_are_not_judged():
    assert spend_alarm([]) is None
    assert spend_alarm(series(5.0, level=0.0)) is None


def test_the_order_of_days_and_campaigns_does_not_matter():
    campaigns = [CALM, OUTAGE, Campaign(3, series(400.0, seed=3), daily_budget=110.0)]
    mixed = [Campaign(row.campaign_id, row.days[::-1], row.daily_budget) for row in campaigns[::-1]]
    assert morning(mixed) == morning(campaigns)


def test_a_small_ad_set_does_not_alarm_among_large_ones():
    small = Campaign(9, series(0.0, level=10.0))
    assert rules(morning([CALM, Campaign(3, series(seed=3)), small]).alarms) == []
    assert rules(morning([small]).alarms) == [(9, "spend_drop")]


def test_p_of_t_with_six_degrees_of_freedom():
    assert two_sided_p(0) == 1
    assert two_sided_p(2.446912) == pytest.approx(0.05, rel=1e-5)
    assert two_sided_p(-3.707428) == pytest.approx(0.01, rel=1e-5)


def test_money_without_a_result():
    dry = Campaign(3, series(seed=3), rate=Gamma(6.0, 700.0), spend_since_result=900.0)
    found = morning([dry])
    assert alarm_sentence(found.alarms[0], currency="EUR", result="lead") == (
        "€900 without a lead; its own rate makes that 1 in 140."
    )
    assert no_result_p(Gamma(6.0, 700.0), 0.0) == 1
    assert morning([Campaign(3, rate=Gamma(6.0, 700.0), spend_since_result=800.0)]).alarms == ()


def test_the_budget_of_false_alarms_is_divided_by_the_tests():
    dry = Campaign(3, rate=Gamma(6.0, 700.0), spend_since_result=900.0)
    many = [Campaign(number, rate=Gamma(6.0, 700.0), spend_since_result=0.0) for number in range(10, 90)]
    assert rules(morning([dry, *many[:60]]).alarms) == [(3, "no_result")]
    assert rules(morning([dry, *many]).alarms) == []


def test_a_hold_replaces_the_drop_and_keeps_the_money():
    held = Campaign(2, series(0.0), serving_statuses=("RUNNABLE", "CAMPAIGN_GROUP_STATUS_HOLD"))
    found = morning([CALM, held])
    assert rules(found.alarms) == [(2, "serving_hold")]
    assert found.alarms[0].reasons == ("CAMPAIGN_GROUP_STATUS_HOLD",)
    said = alarm_sentence(found.alarms[0], currency="EUR")
    assert said.startswith("LinkedIn holds it back: campaign group status hold; about €")
    young = morning([Campaign(2, (), serving_statuses=("ACCOUNT_HOLD",))])
    assert young.alarms[0].money is None
    assert alarm_sentence(young.alarms[0], currency="EUR") == "LinkedIn holds it back: account hold."
    assert morning([Campaign(1, serving_statuses=("RUNNABLE",))]).alarms == ()


def test_more_than_a_daily_budget_allows():
    week = [(LAST - timedelta(days=number), 130.0) for number in range(6)]
    found = morning([Campaign(1, tuple([(LAST - timedelta(days=6), 900.0), *week]), daily_budget=100.0)])
    assert [(alarm.rule, alarm.money, alarm.since) for alarm in found.alarms] == [
        ("over_week", 80.0, date(2026, 11, 16)),
    ]
    assert alarm_sentence(found.alarms[0], currency="EUR") == (
        "Spent €780 since Monday, more than €700, which is 7 times the daily budget."
    )
    day = morning([Campaign(1, ((LAST, 151.0),), daily_budget=100.0)]).alarms[0]
    assert (day.rule, day.money) == ("over_day", 1.0)
    assert alarm_sentence(day, currency="EUR").startswith("Spent €151 on Saturday, more than €150")
    assert morning([Campaign(1, ((LAST, 150.0),), daily_budget=100.0)]).alarms == ()
    assert morning([Campaign(1, ((LAST, 900.0),), daily_budget=100.0, group_budget=True)]).alarms == ()


def test_own_changes_explain_in_a_list_of_their_own():
    changed = Campaign(2, series(0.0), explained_by=("daily_budget", "status"))
    found = morning([CALM, changed])
    assert (found.alarms, rules(found.explained)) == ((), [(2, "spend_drop")])
    assert alarm_sentence(found.explained[0], currency="EUR").endswith("You changed daily budget and status.")


def test_what_is_stale_stands_above_without_money():
    reasons = stale_reasons(LAST, LAST + timedelta(days=3), token_days_left=5, failed_parts=1)
    assert reasons == (
        "The figures end on 21 Nov 2026; later days are missing.",
        "The sign-in ends in 5 days.",
        "1 part of the last sync failed.",
    )
    assert stale_reasons(LAST, LAST + timedelta(days=1), token_days_left=14) == ()
    assert stale_reasons(None, LAST) == ("No day is complete yet.",)
    found = morning([CALM, OUTAGE], stale=reasons)
    assert [alarm.rule for alarm in found.alarms] == ["stale", "spend_drop"]
    assert alarm_sentence(found.alarms[0], currency="EUR").startswith("The figures end on 21 Nov 2026;")


def days(campaign=1, *, results=None, values=None, currency="EUR", count=56):
    values = [value for _, value in series(days=count)] if values is None else values
    results = [2] * len(values) if results is None else results
    rows = [
        {
            "campaign_id": campaign,
            "date": LAST - timedelta(days=len(values) - 1 - number),
            "cost_in_local_currency": None if value is None else Decimal(str(round(value, 2))),
            "results": count_,
            "currency": currency,
        }
        for number, (value, count_) in enumerate(zip(values, results, strict=True))
    ]
    return pl.DataFrame(rows, schema_overrides={"cost_in_local_currency": pl.Decimal(38, 18), "results": pl.Int64})


def settings(*ids, objective="LEAD_GENERATION", currency="EUR"):
    made = [
        {
            "campaign_id": name,
            "currency": currency,
            "objective_type": objective,
            "daily_budget": None,
            "group_budget": False,
            "serving_statuses": ["RUNNABLE"],
        }
        for name in ids
    ]
    return pl.DataFrame(made, schema_overrides={"daily_budget": pl.Decimal(38, 18)})


def spent_by_1(rows):
    return [float(value) for value in rows.filter(pl.col("campaign_id") == 1)["cost_in_local_currency"]]


def several(*, dry=10, daily=2, objective="LEAD_GENERATION"):
    broken = days(1, results=[daily] * (56 - dry) + [0] * dry)
    rows = pl.concat([broken, *(days(number, results=[daily] * 56) for number in range(2, 7))])
    return rows, settings(*range(1, 7), objective=objective)


def test_frames_find_the_form_that_broke():
    rows, campaigns = several()
    found = morning_check(rows, campaigns, last_day=LAST)
    assert rules(found.alarms) == [(1, "no_result")]
    alarm = found.alarms[0]
    assert alarm.since == LAST - timedelta(days=9)
    assert alarm.money == pytest.approx(sum(spent_by_1(rows)[-10:]))
    shuffled = rows.sample(fraction=1, shuffle=True, seed=4)
    assert morning_check(shuffled, campaigns.reverse(), last_day=LAST) == found


def test_late_results_count_by_their_maturity():
    rows, campaigns = several(daily=1, objective="WEBSITE_CONVERSION")
    without = morning_check(rows, campaigns, last_day=LAST)
    assert without.alarms == ()  # 10 days, of which 3 are old enough
    curve = {"WEBSITE_CONVERSION": [0.5] * 7 + [1.0]}
    found = morning_check(rows, campaigns, last_day=LAST, maturity=curve)
    spent = spent_by_1(rows)[-10:]
    assert [alarm.money for alarm in found.alarms] == [pytest.approx(sum(spent[:3]) + sum(spent[3:]) / 2)]


def test_an_unknown_day_is_in_no_rate_and_in_no_spend():
    rows, campaigns = several()
    gone = (pl.col("campaign_id") == 1) & (pl.col("date") == LAST - timedelta(days=3))
    holes = rows.with_columns(
        pl.when(~gone).then(pl.col("cost_in_local_currency")).alias("cost_in_local_currency"),
        pl.when(~gone).then(pl.col("results")).alias("results"),
    )
    full, less = (morning_check(frame, campaigns, last_day=LAST).alarms[0].money for frame in (rows, holes))
    assert less < full


def test_objectives_without_a_result_are_not_tested():
    rows, campaigns = several(objective="SOMETHING_NEW")
    assert morning_check(rows, campaigns, last_day=LAST).alarms == ()


def test_changes_of_a_person_explain_and_those_of_linkedin_do_not():
    rows, campaigns = several()
    changed = pl.DataFrame({"campaign_id": [1, 1, 2], "field": ["serving_statuses", "unit_cost", "name"]})
    found = morning_check(rows, campaigns, changed, last_day=LAST)
    assert (found.alarms, found.explained[0].explained_by) == ((), ("unit_cost",))


def test_no_rows_and_two_currencies():
    rows, campaigns = several()
    empty = morning_check(rows.clear(), campaigns.clear(), last_day=LAST)
    assert morning_table(empty.alarms).schema == pl.Schema(SCHEMA)
    assert morning_check(rows.clear(), campaigns, last_day=LAST).not_judged == 6
    with pytest.raises(ValidationError, match="more than one currency"):
        morning_check(rows, pl.concat([campaigns, settings(9, currency="USD")]), last_day=LAST)


def test_the_table_keeps_the_order_of_alarms():
    found = morning([CALM, OUTAGE, Campaign(3, series(400.0, seed=3), daily_budget=110.0)])
    table = morning_table(found.alarms)
    assert table["rule"].to_list() == ["spend_spike", "over_day", "over_week", "spend_drop"]
    assert table["money"].is_sorted(descending=True)


def test_without_any_result_anywhere_there_is_no_rate():
    assert posterior_rates({1: []}, {1: [(100.0, 0.0)]}) == {}


def test_a_campaign_that_never_had_a_result_is_judged_by_the_others():
    rates = posterior_rates({1: [], 2: [(1000.0, 10.0)]}, {1: [(500.0, 0.0)], 2: [(1000.0, 10.0)]})
    assert rates[1].mean == pytest.approx(10 / 1500)
