"""The common rules: ratio of two rates, overdispersion, prior, words, ages of days."""

from __future__ import annotations

import math
import random
from datetime import date

import polars as pl
import pytest

from workbench.analytics import ad_rates, day_age, overdispersion, rate_ratio, shrinkage, smoothing, wording
from workbench.errors import ValidationError


def test_the_ratio_of_a_zero_count_is_what_the_conditional_test_says():
    assert rate_ratio.from_counts(4, 2000, 0, 1000).below(0.8) == pytest.approx(0.910, abs=5e-4)


def test_the_grid_is_the_beta_distribution():
    """With shapes 1 and 1 and equal exposures π is uniform: P(ρ < r) = r / (1 + r)."""
    posterior = rate_ratio.from_shapes(1, 1, 1, 1)
    for ratio in (0.01, 0.4, 1.0, 1.7, 30.0):
        assert posterior.below(ratio) == pytest.approx(ratio / (1 + ratio), abs=1e-4)
    assert posterior.quantile(0.5) == pytest.approx(1, abs=1e-4)
    assert posterior.quantile(posterior.below(1.7)) == pytest.approx(1.7)
    assert posterior.below(0) == 0 == posterior.below(1e-9)
    assert posterior.below(1e9) == 1


def test_swapping_the_rates_turns_the_ratio_round():
    low, high = rate_ratio.from_counts(5, 900, 9, 1100).interval()
    assert rate_ratio.from_counts(9, 1100, 5, 900).interval() == pytest.approx((1 / high, 1 / low), rel=1e-6)


def test_a_narrow_prior_decides_where_there_is_no_count():
    prior = [rate_ratio.Normal(1.0, math.log(0.5), 0.01)]
    assert rate_ratio.from_counts(0, 10, 0, 10, prior=prior).quantile(0.5) == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("given", [(1, 0, 1, 10), (1, 10, 1, 0), (-1, 10, 1, 10)])
def test_what_cannot_be_compared_is_refused(given):
    with pytest.raises(ValidationError, match="cannot be compared"):
        rate_ratio.from_counts(*given)


def test_even_days_give_one_plus_kappa_times_clicks_per_day():
    assert overdispersion.phi(0.3, [(100, 4)] * 7) == pytest.approx(1 + 0.3 * 4)


def test_scatter_is_nothing_with_few_counts_and_never_above_one():
    assert overdispersion.day_scatter([("a", 100, 30), ("a", 100, 19)]).kappa == 0
    wild = overdispersion.day_scatter([("a", 100, 500), *[("a", 100, 0)] * 20])
    assert wild.kappa == 1
    assert overdispersion.day_scatter([]).phi == {}
    assert overdispersion.day_scatter([("a", 0, 0)]).phi == {"a": 1.0}


def test_scatter_does_not_depend_on_the_order_of_days():
    source = random.Random(1)
    days = [(source.choice("ab"), source.randrange(50, 900), source.randrange(12)) for _ in range(60)]
    assert overdispersion.day_scatter(days) == overdispersion.day_scatter(source.sample(days, len(days)))


def test_the_prior_of_few_rows_has_the_default_spread_and_none_needs_no_rows():
    prior = shrinkage.gamma_prior([(1000, 4), (3000, 12), (500, 0)])
    assert (prior.shape, prior.mean) == pytest.approx((4.0, 16 / 4500))
    assert shrinkage.gamma_prior([]) is None
    assert shrinkage.gamma_prior([(1000, 0)]) is None
    assert shrinkage.gamma_prior([(0, 0), (0, 3)]) is None


def test_equal_rates_have_the_smallest_spread_and_unequal_ones_the_largest():
    assert shrinkage.gamma_prior([(1000, 10)] * 6).shape == pytest.approx(100)
    assert shrinkage.gamma_prior([(100_000, 1)] * 5 + [(1000, 900)] * 3).shape == pytest.approx(1)


def test_updating_adds_counts_and_exposure():
    assert shrinkage.Gamma(2, 100).updated(3, 50) == shrinkage.Gamma(5, 150)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (wording.probability(0.9993), "over 99 %"),
        (wording.probability(0.004), "under 1 %"),
        (wording.probability(0.391), "39 %"),
        (wording.probability(0.99), "99 %"),
        (wording.one_in(1 / 141), "1 in 140"),
        (wording.change(0.292), "+29 %"),
        (wording.change(-0.234), "−23 %"),
        (wording.change(-0.001), "0 %"),
        (wording.percent_range(0.348, 0.664), "35–66 %"),
        (wording.percent_range(-0.02, 0.05), "−2 to 5 %"),
        (wording.rate(0.00611), "0.61 %"),
        (wording.rate(0.00052), "0.052 %"),
        (wording.money(-212.3, "EUR"), "−€212"),
        (wording.money(4.32, "EUR"), "€4.32"),
        (wording.signed_money(12.7, "EUR"), "+€13"),
        (wording.signed_money(0.2, "EUR", like=30), "€0"),
        (wording.money_range(2923.9, 3022.1, "EUR"), "€2,924–3,022"),
        (wording.money_range(2923.9, 3022.1, "CHF"), "CHF 2,924–3,022"),
        (wording.money_range(650, 650.2, "EUR"), "€650"),
        (wording.money_range(-50, 95, "EUR"), "−€50 to €95"),
        (wording.about(168_071), "168,000"),
        (wording.about(0), "0"),
        (wording.about_money(8151.4, "EUR"), "€8,150"),
        (wording.factor_range(1.81, 4.02), "1.8–4.0"),
        (wording.factor_range(0.112, 0.431), "0.11–0.43"),
        (wording.counted(1, "day"), "1 day"),
        (wording.listed(["a", "b", "c"]), "a, b and c"),
        (wording.days(date(2026, 11, 3), date(2026, 11, 9)), "3–9 Nov"),
        (wording.days(date(2025, 12, 29), date(2026, 1, 4)), "29 Dec 2025 – 4 Jan 2026"),
        (wording.day(date(2026, 11, 16)), "16 Nov"),
    ],
)
def test_numbers_in_sentences(found, expected):
    assert found == expected


COVERAGE = pl.DataFrame(
    {
        "account_id": [1, 1, 2, 2],
        "resource": ["campaign_daily_metrics"] * 4,
        "window_start": [date(2026, 11, 1), date(2026, 11, 5), date(2026, 11, 1), None],
        "window_end": [date(2026, 11, 7), date(2026, 11, 10), date(2026, 11, 4), None],
        "snapshot": ["20261107T060000Z", "20261110T060000Z", "20261110T060000Z", "20261111T060000Z"],
    }
)


def test_the_newest_snapshot_that_covers_a_day_decides_its_age():
    days = day_age.covered_days(COVERAGE)
    ages = dict(days.filter(account_id=1).select("date", "age").rows())
    assert ages[date(2026, 11, 4)] == 3
    assert ages[date(2026, 11, 5)] == 5
    assert ages[date(2026, 11, 10)] == 0
    assert not days.filter(account_id=1, date=date(2026, 11, 10))["complete"].item()
    assert day_age.last_complete_days(days)["last_complete_day"].to_list() == [date(2026, 11, 9), date(2026, 11, 4)]


def test_the_order_of_coverage_does_not_matter():
    shuffled = COVERAGE.reverse()
    assert day_age.covered_days(shuffled).equals(day_age.covered_days(COVERAGE))


def test_a_page_ends_with_the_earliest_account_that_is_not_far_behind():
    ends = [(1, date(2026, 11, 9)), (2, date(2026, 11, 6)), (3, date(2026, 11, 5)), (4, None)]
    assert day_age.page_end(ends) == day_age.PageEnd(date(2026, 11, 6), (3, 4))
    assert day_age.page_end([(4, None)]) == day_age.PageEnd(None, (4,))
    assert day_age.page_end([]) == day_age.PageEnd(None, ())


def test_a_day_without_a_row_is_zero_where_known_and_null_where_not():
    covered = day_age.covered_days(COVERAGE).filter(pl.col("date") != date(2026, 11, 6))
    rows = pl.DataFrame(
        {"account_id": [1, 1], "campaign_id": [7, 7], "date": [date(2026, 11, 5), date(2026, 11, 8)], "clicks": [3, 4]}
    )
    dense = day_age.known_days(rows, covered, entity="campaign_id", figures=["clicks"], until=date(2026, 11, 10))
    assert dense["clicks"].to_list() == [3, None, 0, 4, 0, None]
    assert not dense["may_be_older"].any()
    assert day_age.unknown_days(dense["clicks"]) == 2


def test_an_entity_that_begins_on_the_first_covered_day_may_be_older():
    rows = pl.DataFrame({"account_id": [1], "campaign_id": [7], "date": [date(2026, 11, 1)], "clicks": [3]})
    dense = day_age.known_days(
        rows, day_age.covered_days(COVERAGE), entity="campaign_id", figures=["clicks"], until=date(2026, 11, 2)
    )
    assert dense["may_be_older"].to_list() == [True, True]


def test_every_objective_has_its_own_rate_and_video_has_none():
    assert ad_rates.ad_rate("WEBSITE_VISITS").count == "landing_page_clicks"
    assert ad_rates.ad_rate("LEAD_GENERATION").count == "one_click_lead_form_opens"
    assert ad_rates.ad_rate("LEAD_GENERATION", "SPONSORED_INMAILS").exposure == "sends"
    assert ad_rates.ad_rate("VIDEO_VIEW") is None
    assert ad_rates.ad_rate(None) is None


def test_creative_days_count_what_the_objective_asks_for():
    metrics = ("impressions", "clicks", "landing_page_clicks", "one_click_lead_form_opens", "total_engagements")
    rows = pl.DataFrame(
        {
            "account_id": [1, 1, 1],
            "creative_id": [1, 2, 3],
            "campaign_id": [1, 1, 1],
            "objective_type": ["LEAD_GENERATION", "BRAND_AWARENESS", "VIDEO_VIEW"],
            "type": ["SPONSORED_UPDATES"] * 3,
            "date": [date(2026, 11, 1)] * 3,
            "cost_in_local_currency": [1, 1, 1],
            **{name: [n + 1] * 3 for n, name in enumerate(metrics)},
            "opens": [0] * 3,
            "sends": [0] * 3,
        }
    )
    assert ad_rates.creative_days(rows).select("creative_id", "exposure", "count").rows() == [(1, 1, 4), (2, 1, 2)]
    assert ad_rates.creative_days(rows.clear()).is_empty()


def test_weekdays_that_never_spent_are_zero_and_few_days_are_alike():
    days = smoothing.days_between(date(2026, 11, 2), date(2026, 11, 22))
    spends = [(day, 0.0 if day.weekday() > 4 else 100.0) for day in days]
    factors = smoothing.weekday_factors(spends)
    assert factors[5:] == (0.0, 0.0)
    assert sum(factors) == pytest.approx(7)
    assert smoothing.weekday_factors(spends[:13]) == (1.0,) * 7
    assert smoothing.fit([(days[0], None)]) is None


def test_a_prior_of_one_huge_row_among_small_ones_is_found():
    prior = shrinkage.gamma_prior([(1e18, 5), *[(1.0, 1)] * 5])
    assert prior is not None
    assert prior.mean == pytest.approx(10 / (1e18 + 5))
