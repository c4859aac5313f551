"""Why cost per result moved: parts add up, reverse with the periods, and take zeros by the rules."""

from __future__ import annotations

import random

import polars as pl
import pytest

from workbench.analytics import drivers
from workbench.analytics.drivers import Sums
from workbench.errors import ValidationError


def table(source):
    """A random table of up to six ad sets, with zeros of every kind."""
    rows = {}
    for campaign_id in range(source.randint(1, 6)):
        cost = source.choice([0, source.uniform(50, 900)])
        impressions = source.choice([0, source.randint(100, 9000)]) if cost else source.choice([0, 0, 40])
        clicks = source.choice([0, source.randint(1, 90)])
        rows[campaign_id] = Sums(cost, impressions, clicks, source.choice([0, source.randint(1, 20)]))
    return rows


def test_parts_add_up_and_reversed_periods_reverse_them():
    source, seen = random.Random(5), 0
    while seen < 200:
        before, after = table(source), table(source)
        maturity = (source.uniform(0.5, 1), source.uniform(0.5, 1))
        found, back = drivers.drivers(before, after, maturity=maturity), drivers.drivers(after, before)
        if found is None:
            assert back is None
            continue
        seen += 1
        assert sum(found.parts.values()) == pytest.approx(found.change, abs=1e-9)
        assert sum(sum(row.values()) for row in found.campaigns.values()) == pytest.approx(found.change, abs=1e-9)
        plain = drivers.drivers(before, after)
        for factor in drivers.FACTORS:
            assert back.parts[factor] == pytest.approx(-plain.parts[factor], abs=1e-9)


@pytest.mark.parametrize(
    ("without", "factor"),
    [
        (Sums(), "mix"),
        (Sums(100), "cpm"),
        (Sums(100, 5000), "ctr"),
        (Sums(100, 5000, 20), "cvr"),
    ],
)
def test_results_in_one_period_only_go_to_the_first_factor_that_is_zero(without, factor):
    other = Sums(1000, 20000, 100, 10)
    found = drivers.drivers({1: other, 2: Sums(100, 5000, 20, 2)}, {1: other, 2: without})
    row = found.campaigns[2]
    assert [name for name in drivers.FACTORS if row[name]] == [factor]
    assert drivers.drivers({1: other, 2: without}, {1: other, 2: Sums(100, 5000, 20, 2)}).campaigns[2][factor] < 0


def test_results_without_clicks_in_one_period_make_ctr_and_cvr_one_factor():
    found = drivers.drivers({1: Sums(1000, 20000, 0, 10)}, {1: Sums(1000, 20000, 50, 5)})
    assert found.parts["ctr"] == 0
    assert found.parts["cvr"] == pytest.approx(found.change)


@pytest.mark.parametrize("odd", [Sums(0, 200, 3, 2), Sums(10, 0, 3, 2)])
def test_results_without_spend_or_impressions_in_one_period_are_mix(odd):
    found = drivers.drivers({1: Sums(100, 900, 9, 3), 2: Sums(50, 90, 9, 2)}, {1: Sums(100, 900, 9, 3), 2: odd})
    assert [name for name in drivers.FACTORS if found.campaigns[2][name]] == ["mix"]


def test_an_ad_set_without_spend_and_results_does_not_appear():
    found = drivers.drivers({1: Sums(100, 900, 9, 3), 2: Sums(0, 5, 0, 0)}, {1: Sums(90, 900, 9, 3)})
    assert list(found.campaigns) == [1]


def test_cost_per_click_has_no_conversion_part():
    found = drivers.drivers({1: Sums(100, 900, 9, 9), 2: Sums(50, 900, 3, 3)}, {1: Sums(80, 700, 9, 9)})
    assert found.parts["cvr"] == 0


def rows(*given, currency="EUR"):
    names = ("period", "campaign_id", "cost_in_local_currency", "impressions", "clicks", "results")
    return pl.DataFrame(given, schema=names, orient="row").with_columns(currency=pl.lit(currency))


FRAME = rows(
    ("previous", 1, 1000.0, 20000, 100, 10),
    ("previous", 2, 500.0, 12000, 48, 4),
    ("current", 1, 900.0, 16000, 76, 8),
    ("current", 2, 900.0, 20000, 70, 5),
)


def test_the_order_of_rows_does_not_matter():
    assert drivers.drivers_of(FRAME) == drivers.drivers_of(FRAME.reverse())
    assert drivers.drivers_of(FRAME) == drivers.drivers_of(FRAME.sample(fraction=1, shuffle=True, seed=4))


def test_two_currencies_are_refused():
    both = pl.concat([FRAME, rows(("current", 3, 1.0, 1, 1, 1), currency="USD")])
    with pytest.raises(ValidationError, match="more than one currency"):
        drivers.drivers_of(both)


def test_an_unknown_figure_and_no_rows_give_no_answer():
    assert drivers.drivers_of(rows(*FRAME.drop("currency").rows(), ("current", 3, None, 1, 1, 1))) is None
    assert drivers.drivers_of(FRAME.clear()) is None
    assert drivers.drivers_frame(None).columns == ["factor", "amount"]
    assert drivers.campaigns_frame(None).columns == ["campaign_id", "mix", "cpm", "ctr", "cvr", "sum"]


def test_sentences():
    words = {"label": "lead", "singular": "lead", "plural": "leads", "currency": "EUR"}
    assert drivers.sentence(drivers.drivers_of(FRAME), **words) == (
        "Cost per lead rose by €31 (+29 %): CPM +€13, CTR +€10, spend moving between ad sets +€7, "
        "leads per click +€2. With 14 and 13 leads, chance alone moves it by −€50 to +€95."
    )
    late = drivers.drivers({1: Sums(1500, 32000, 148, 42)}, {1: Sums(1500, 32000, 148, 30)}, maturity=(0.91, 0.65))
    assert drivers.sentence(late, **words).startswith("Of the rise of €14, all is results that have not arrived yet.")
    assert drivers.sentence(None, **words) == (
        "In one of the periods there was no lead: there is no cost per lead to explain."
    )
    same = drivers.drivers({1: Sums(100, 900, 9, 3)}, {1: Sums(100, 900, 9, 3)})
    assert drivers.sentence(same, **words).startswith("Cost per lead did not move.")


def test_what_costs_less_than_a_coin_is_compared_in_percent():
    found = drivers.drivers({1: Sums(1000, 30000, 30000, 10000)}, {1: Sums(1300, 30000, 30000, 10500)})
    words = {"label": "video view", "singular": "video view", "plural": "video views", "currency": "EUR"}
    assert drivers.sentence(found, **words, per="impression").endswith(
        "With 10,000 and 10,500 video views, chance alone moves it by −2 % to +2 %."
    )


def test_a_maturity_of_nothing_is_not_known():
    periods = {1: Sums(1000, 9000, 90, 9)}, {1: Sums(1100, 9000, 90, 8)}
    assert drivers.drivers(*periods, maturity=(0.0, 0.6)) == drivers.drivers(*periods)
