"""Which ad set has been cheaper, and the test that it suggests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import polars as pl
import pytest

from workbench.analytics.reallocation import (
    NONE_CHEAPER,
    SCHEMA,
    TOO_LITTLE,
    AdSet,
    ad_sets,
    reallocation,
    reallocation_sentences,
    reallocation_table,
    weeks_of_test,
)
from workbench.errors import ValidationError

LAST = date(2026, 11, 21)
CLEAR = (
    AdSet("a", Decimal(6000), 20, True),
    AdSet("b", Decimal(4000), 42, True),
    AdSet("c", Decimal(5000), 24, False),
    AdSet("d", Decimal(4500), 23, True),
    AdSet("e", Decimal(3900), 21, True),
)
ALIKE = tuple(
    AdSet(name, Decimal(3000), count, True) for name, count in zip("abcde", (17, 23, 18, 21, 18), strict=True)
)
NAMES = {name: name.upper() for name in "abcde"}


def days(spends, results, *, budget=100, first=LAST - timedelta(days=27), campaign=1, currency="EUR"):
    made = [
        {
            "campaign_id": campaign,
            "date": first + timedelta(days=number),
            "currency": currency,
            "objective_type": "LEAD_GENERATION",
            "cost_in_local_currency": None if spend is None else Decimal(str(spend)),
            "results": count,
            "daily_budget": None if budget is None else Decimal(budget),
        }
        for number, (spend, count) in enumerate(zip(spends, results, strict=True))
    ]
    kinds = {"cost_in_local_currency": pl.Decimal(38, 18), "daily_budget": pl.Decimal(38, 18), "results": pl.Int64}
    return pl.DataFrame(made, schema_overrides=kinds)


def say(sets):
    return reallocation_sentences(reallocation(sets), NAMES, result="leads", currency="EUR")


def test_a_clear_difference_suggests_a_test_and_no_gain():
    assert say(CLEAR) == (
        "Leads of ‘B’ have cost €105 against €275 of ‘A’ (1.8–4.0 times as many per euro), and ‘B’ spends its whole "
        "budget. Moving €800 pays as long as the next leads of ‘B’ cost under €275. Past days do not show "
        "that: raise it by a fifth for two weeks and look again. To know it, alternate the budget of ‘B’ by ±20 % "
        "from week to week for 42 weeks, or by ±40 % for 11."
    )


def test_chance_suggests_nothing():
    found = reallocation(ALIKE)
    assert found.suggestion is None
    assert say(ALIKE) == NONE_CHEAPER


def test_a_cheaper_ad_set_that_does_not_spend_its_budget_gets_none():
    free = [AdSet(row.id, row.spend, row.results, False) for row in CLEAR]
    assert reallocation(free).pairs == ()
    assert say(free) == "‘B’ is cheaper but does not spend its budget: more would stay unspent."


@pytest.mark.parametrize(
    "sets", [(), CLEAR[:1], (AdSet("a", Decimal(0), 0, True), CLEAR[1]), (AdSet("a", Decimal(9), 0, True),) * 2]
)
def test_too_little_to_compare(sets):
    assert say(sets) == TOO_LITTLE
    assert reallocation_table(reallocation(sets)).schema == pl.Schema(SCHEMA)


def test_few_results_suggest_nothing_however_far_apart():
    few = (AdSet("a", Decimal(6000), 1, True), AdSet("b", Decimal(300), 18, True))
    found = reallocation(few)
    assert found.pairs[0].low > 1.25
    assert found.suggestion is None


def test_the_order_of_ad_sets_does_not_matter():
    expected = reallocation(CLEAR)
    assert all(reallocation(order) == expected for order in list(permutations(CLEAR))[::17])


def test_the_amount_is_at_most_half_of_the_source():
    small = reallocation((AdSet("a", Decimal(100), 1, True), AdSet("b", Decimal(5000), 400, True)))
    assert small.pairs[0].amount == Decimal(50)


def test_scattering_weeks_widen_the_interval():
    calm, wild = (
        reallocation([AdSet(row.id, row.spend, row.results, row.limited, phi) for row in CLEAR]).pairs[0]
        for phi in (1.0, 2.0)
    )
    assert wild.low < calm.low


@pytest.mark.parametrize(("weekly", "step", "weeks"), [(60, 0.2, 8), (20, 0.2, 22), (60, 0.4, 2), (20, 0.4, 6)])
def test_the_length_of_a_test(weekly, step, weeks):
    assert weeks_of_test(weekly, step=step) == weeks


def test_days_become_ad_sets():
    rows = pl.concat(
        [
            days([96] * 28, [1] * 28),
            days([50] * 28, [2] * 28, campaign=2),
            days([9] * 28, [0] * 28, campaign=3, budget=None),
        ]
    )
    found = ad_sets(rows, last_day=LAST)
    assert [(row.id, row.spend, row.results, row.limited) for row in found] == [
        (1, Decimal(2688), 28, True),
        (2, Decimal(1400), 56, False),
        (3, Decimal(252), 0, False),
    ]
    assert ad_sets(rows.sample(fraction=1, shuffle=True, seed=3), last_day=LAST) == found


def test_limited_is_five_of_the_last_seven_days_at_95_percent():
    spends = [10.0] * 21 + [95, 95, 95, 95, 95, 94, 94]
    assert ad_sets(days(spends, [1] * 28), last_day=LAST)[0].limited
    spends[-3] = 94.9
    assert not ad_sets(days(spends, [1] * 28), last_day=LAST)[0].limited


def test_days_outside_the_period_and_unknown_days_do_not_count():
    spends = [1000.0, None, *[96.0] * 27]
    rows = days(spends, [5, None, *[1] * 27], first=LAST - timedelta(days=28))
    assert ad_sets(rows, last_day=LAST)[0].spend == Decimal(96) * 27
    last = days([96.0] * 27 + [None], [1] * 27 + [None])
    assert ad_sets(last, last_day=LAST)[0].limited


def test_weeks_that_scatter_weigh_less():
    burst = ([10] * 7 + [0] * 7) * 2
    assert ad_sets(days([50] * 28, burst), last_day=LAST)[0].phi > 1


def test_no_rows_and_two_currencies_or_objectives():
    rows = days([96] * 28, [1] * 28)
    assert ad_sets(rows.clear(), last_day=LAST) == []
    with pytest.raises(ValidationError, match="more than one currency"):
        ad_sets(pl.concat([rows, days([9] * 28, [1] * 28, campaign=2, currency="USD")]), last_day=LAST)
    other = days([9] * 28, [1] * 28, campaign=2).with_columns(pl.lit("ENGAGEMENT").alias("objective_type"))
    with pytest.raises(ValidationError, match="more than one objective"):
        ad_sets(pl.concat([rows, other]), last_day=LAST)


def test_the_table_marks_the_one_suggestion():
    numbered = [AdSet(number, row.spend, row.results, row.limited) for number, row in enumerate(CLEAR)]
    table = reallocation_table(reallocation(numbered))
    assert table.schema == pl.Schema(SCHEMA)
    assert table["suggestion"].to_list() == [True] + [False] * (table.height - 1)
    assert table["amount"][0] == Decimal("800.00")
