"""States of days, what is at stake, and whether ads add up to their ad sets."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from workbench.analytics.certificate import (
    NO_DAYS,
    SCHEMA,
    certificate,
    certificate_sentence,
    colour,
    demographic_windows,
    listing_ages,
    overall,
    state_of,
)
from workbench.analytics.reconciliation import (
    NO_GAPS,
    judged,
    orphans,
    reconcile,
    reconciliation_sentence,
    without_access,
)
from workbench.analytics.spend_at_stake import AtStake, at_stake
from workbench.errors import ValidationError

METRICS = "campaign_daily_metrics"
DAY = date(2026, 11, 21)
NAMES = {1: "Northwind EMEA", 2: "Northwind APAC"}


def day(number):
    return date(2026, 11, number)


def coverage(*rows):
    names = ("account_id", "resource", "window_start", "window_end", "snapshot")
    kinds = (pl.Int64, pl.String, pl.Date, pl.Date, pl.String)
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")


def states(*rows, accounts=(1,), first=15, last=21):
    days = [day(number) for number in range(first, last + 1)]
    return certificate(coverage(*rows), [(account, METRICS) for account in accounts], days)


WHOLE = (1, METRICS, day(1), day(22), "20261122T060000Z")


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (None, "not_fetched"),
        (-1, "under_way"),
        (0, "under_way"),
        (1, "provisional"),
        (2, "provisional"),
        (3, "provisional_results"),
        (29, "provisional_results"),
        (30, "complete"),
    ],
)
def test_the_state_follows_from_the_age(age, state):
    assert state_of(age) == state


def test_a_maturity_curve_settles_late_metrics_earlier():
    assert state_of(12, 12) == "complete"
    assert state_of(2, 1) == "provisional"
    found = certificate(coverage(WHOLE), [(1, METRICS)], [day(10)], settled_ages={1: 12})
    assert found["state"].to_list() == ["complete"]


def test_late_metrics_have_their_own_colour():
    assert colour("provisional_results", late=True) == "amber"
    assert colour("provisional_results", late=False) == "green"


def test_the_newest_fetch_decides_even_if_it_was_too_early():
    older = (1, METRICS, day(1), day(22), "20261122T060000Z")
    newest = (1, METRICS, day(20), day(24), "20261123T060000Z")
    found = certificate(coverage(older, newest), [(1, METRICS)], [day(22), day(24)])
    assert found.select("state", "age", "snapshot").rows() == [
        ("provisional", 1, "20261123T060000Z"),
        ("under_way", -1, "20261123T060000Z"),
    ]


def test_every_source_and_day_has_a_row_in_any_order():
    rows = (WHOLE, (2, METRICS, day(1), day(18), "20261122T060000Z"))
    found = states(*rows, accounts=(2, 1))
    assert found.schema == pl.Schema(SCHEMA)
    assert found.height == 14
    assert found.equals(states(*rows[::-1], accounts=(1, 2)))
    assert found.filter(pl.col("account_id") == 2)["state"].to_list()[-3:] == ["not_fetched"] * 3
    assert states(accounts=(1,))["state"].unique().to_list() == ["not_fetched"]
    assert states(WHOLE, accounts=()).is_empty()


def test_the_period_is_as_good_as_its_worst_day():
    assert overall(states(WHOLE)) == "amber"
    assert overall(states(WHOLE, last=22)) == "red"
    assert overall(states(WHOLE).clear()) == "red"
    old = states((1, METRICS, day(1), day(22), "20270122T060000Z"))
    assert overall(old) == "green"
    assert overall(old, gaps=1) == "red"


def test_sentence_of_complete_days():
    rows = [(account, METRICS, day(1), day(22), "20261122T060000Z") for account in (1, 2, 3)]
    found = states(*rows, accounts=(1, 2, 3))
    assert certificate_sentence(found, NAMES, currency="EUR", maturity=0.64) == (
        "Complete: 3 accounts, 15–21 Nov, fetched 22 Nov 06:00 UTC; conversions of these days are about 64 % mature."
    )
    assert certificate_sentence(found, NAMES, currency="EUR").endswith("some of these days are provisional.")


def test_sentence_of_days_that_are_missing():
    apac = (2, METRICS, day(1), day(20), "20261120T060000Z")
    found = states(WHOLE, apac, accounts=(1, 2))
    assert certificate_sentence(found, NAMES, currency="EUR", stake=AtStake(410.0, 350.0, 470.0, 2)) == (
        "Not complete: 20 Nov of Northwind APAC was fetched while it was under way (20 Nov 06:00), 21 Nov not at all; "
        "about €410 (€350–470) of spend is not in these figures."
    )
    never = states((2, METRICS, day(1), day(18), "20261120T060000Z"), accounts=(2,))
    assert certificate_sentence(never, NAMES, currency="EUR") == (
        "Not complete: 19–21 Nov of Northwind APAC were not fetched; how much was spent on these days is unknown."
    )


def test_sentence_without_days_and_with_gaps():
    assert certificate_sentence(states(WHOLE).clear(), NAMES, currency="EUR") == NO_DAYS
    said = certificate_sentence(states(WHOLE), NAMES, currency="EUR", gaps=2)
    assert said == "Not complete: 2 figures of ad sets differ from the sum of its ads."


def test_demographics_and_listings_have_their_newest_state():
    rows = (
        (1, "audience_demographics", day(1), day(10), "20261111T060000Z"),
        (1, "audience_demographics", day(11), day(20), "20261122T060000Z"),
        (1, "campaigns", None, None, "20261118T060000Z"),
        (1, "campaigns", None, None, "20261120T060000Z"),
    )
    found = demographic_windows(coverage(*rows[::-1]))
    assert found.select("window_end", "state", "age").rows() == [(day(20), "provisional", 2)]
    assert listing_ages(coverage(*rows), day(22)).rows() == [(1, "campaigns", "20261120T060000Z", 2)]
    assert demographic_windows(coverage()).is_empty()
    assert listing_ages(coverage(), day(22)).is_empty()


def figures(*rows, entity="campaign_id", currency="EUR"):
    names = ("account_id", entity, "date", "impressions", "cost_in_local_currency", "total_engagements")
    kinds = (pl.Int64, pl.Int64, pl.Date, pl.Int64, pl.Decimal(38, 18), pl.Int64)
    made = [
        (1, name, day(number), shown, spend if spend is None else Decimal(spend), 5)
        for name, number, shown, spend in rows
    ]
    frame = pl.DataFrame(made, schema=dict(zip(names, kinds, strict=True)), orient="row")
    return frame.with_columns(pl.lit(currency).alias("currency"))


def test_only_differences_beyond_rounding_are_told():
    campaigns = figures((7, 20, 100, "10"), (7, 21, 50, "5.004"))
    creatives = figures((7, 20, 60, "6"), (7, 20, 40, "3.995"), (7, 21, 50, "5"), (8, 21, 3, "0.1"))
    found = reconcile(campaigns, creatives, ("impressions", "cost_in_local_currency"))
    assert found.select("campaign_id", "date", "metric", "gap").rows() == [
        (7, day(20), "cost_in_local_currency", Decimal("0.005")),
        (8, day(21), "impressions", Decimal(-3)),
        (8, day(21), "cost_in_local_currency", Decimal("-0.1")),
    ]
    assert reconcile(campaigns.reverse(), creatives.reverse(), ("impressions", "cost_in_local_currency")).equals(found)
    assert reconciliation_sentence(found) == (
        "The ads do not add up to their ad sets on 2 days of 2 ad sets: impressions and spend."
    )


def test_results_are_reported_and_not_judged():
    found = reconcile(figures((7, 20, 1, "1")), figures((7, 20, 1, "1"), (7, 20, 0, "0")), ("total_engagements",))
    assert found["gap"].to_list() == [Decimal(-5)]
    assert judged(found).is_empty()
    assert reconciliation_sentence(found) == NO_GAPS


def test_an_unknown_figure_is_not_compared():
    found = reconcile(figures((7, 20, None, "1")), figures((7, 20, 9, "1")), ("impressions",))
    assert found.is_empty()


def test_orphans_are_in_no_listing():
    campaigns = figures((7, 20, 1, "10"), (8, 20, 1, "4"), (8, 21, 1, "5"))
    creatives = figures((70, 20, 1, "10"), entity="creative_id")
    found = orphans(campaigns, creatives, [7], [])
    assert found.select("level", "entity_id", "first_day", "last_day", "spend").rows() == [
        ("campaign", 8, day(20), day(21), Decimal(9)),
        ("creative", 70, day(20), day(20), Decimal(10)),
    ]
    assert orphans(campaigns.reverse(), creatives, [7], []).equals(found)
    assert orphans(campaigns.clear(), creatives.clear(), [], []).is_empty()


def test_no_access_is_no_entity_no_row_and_no_known_role():
    assert without_access([1, 2, 3, 4], [1], [2], [3]) == (4,)


def spends(*, unknown=(), account=1, last=21, currency="EUR", level=100):
    days = [day(last) - timedelta(days=number) for number in range(40)]
    rows = [(account, moment, None if moment in unknown else Decimal(level + moment.day % 5)) for moment in days]
    kinds = {"account_id": pl.Int64, "date": pl.Date, "cost_in_local_currency": pl.Decimal(38, 18)}
    return pl.DataFrame(rows, schema=kinds, orient="row").with_columns(pl.lit(currency).alias("currency"))


def test_what_unknown_days_had_is_expected_with_its_interval():
    found = at_stake(spends(unknown=(day(20), day(21))), day(15), day(21))
    assert found.days == 2
    assert found.low < found.spend < found.high
    assert found.spend == pytest.approx(204, abs=6)
    assert at_stake(spends(unknown=(day(20), day(21))).reverse(), day(15), day(21)) == found
    gap = at_stake(spends(unknown=(day(16), day(20))), day(15), day(21))
    assert gap.spend == pytest.approx(204, abs=6)


def test_what_is_at_stake_without_unknown_days_or_history():
    assert at_stake(spends(), day(15), day(21)) == AtStake(0.0, 0.0, 0.0, 0)
    few = spends(unknown=(day(21),)).filter(pl.col("date") > day(10))
    assert at_stake(few, day(15), day(21)) == AtStake(None, None, None, 1)
    assert at_stake(spends().clear(), day(15), day(21)).days == 0


def test_several_accounts_are_expected_one_by_one():
    one = at_stake(spends(unknown=(day(21),)), day(15), day(21))
    both = at_stake(pl.concat([spends(unknown=(day(21),)), spends(account=2)]), day(15), day(21))
    assert both == one


def test_two_currencies_are_refused():
    dollars = spends(account=2, currency="USD")
    with pytest.raises(ValidationError, match="more than one currency"):
        at_stake(pl.concat([spends(), dollars]), day(15), day(21))
    rows = figures((7, 20, 1, "1"))
    with pytest.raises(ValidationError, match="more than one currency"):
        reconcile(rows, figures((7, 20, 1, "1"), currency="USD"))
    with pytest.raises(ValidationError, match="more than one currency"):
        orphans(rows, figures((7, 20, 1, "1"), entity="creative_id", currency="USD"), [], [])
