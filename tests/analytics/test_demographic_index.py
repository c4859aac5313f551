"""Who answers more or less than they see, with noise and suppression."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from workbench.analytics.day_age import covered_days
from workbench.analytics.demographic_index import demographic_index, indexed_segments, known_totals, window_known
from workbench.analytics.demographic_sentences import NONE_DIFFERS, index_headline, suppression_sentence
from workbench.errors import ValidationError

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 30)
SENIORITIES = ((40_000, 210), (25_000, 88), (12_000, 71), (6_000, 22), (3_000, 21), (700, 0))
ALIKE = ((20_000, 101), (15_000, 70), (9_000, 49), (4_000, 24), (2_500, 9))
NAMES = ("Senior", "Managers", "Director", "Entry", "Owner", "CXO")


def frames(segments, account=(92_000, 460)):
    rows = [
        {
            "account_id": 1,
            "account_name": "Northwind",
            "currency": "EUR",
            "pivot": "MEMBER_SENIORITY",
            "segment_urn": f"urn:li:seniority:{number}",
            "segment_name": NAMES[number],
            "window_start": FIRST,
            "window_end": LAST,
            "impressions": shown,
            "clicks": clicks,
            "landing_page_clicks": clicks,
            "cost_in_local_currency": Decimal(100),
            "one_click_leads": 0,
            "external_website_conversions": 0,
        }
        for number, (shown, clicks) in enumerate(segments)
    ]
    kinds = {"impressions": pl.Int64, "clicks": pl.Int64, "landing_page_clicks": pl.Int64}
    totals = [
        {
            "account_id": 1,
            "pivot": "MEMBER_SENIORITY",
            "window_start": FIRST,
            "window_end": LAST,
            "account_impressions": account[0],
            "account_clicks": account[1],
            "account_one_click_leads": 0,
        }
    ]
    return pl.DataFrame(rows, schema_overrides=kinds), pl.DataFrame(totals)


def test_the_headline_names_what_differs_after_noise():
    rows = indexed_segments(*frames(SENIORITIES))
    assert index_headline(rows, "clicks") == (
        "Managers answer less than they see: index 77 after allowing for noise (60–86)."
    )


def test_the_headline_says_so_when_nothing_differs_and_when_there_is_too_little():
    assert index_headline(indexed_segments(*frames(ALIKE)), "clicks") == NONE_DIFFERS
    few = indexed_segments(*frames(((4_000, 4), (1_000, 2)), (5_000, 6)))
    assert index_headline(few, "clicks") == "No segment has enough clicks to compare."
    assert set(few["verdict"]) == {"too_little"}


def test_what_linkedin_hides_is_said():
    found = demographic_index(SENIORITIES, (92_000, 460))
    assert suppression_sentence(found, "clicks") == (
        "LinkedIn hides 10 % of the clicks; hidden ones could lower every index by 5 %."
    )
    assert suppression_sentence(demographic_index(SENIORITIES), "clicks") == ""


def test_the_interval_widens_only_on_the_side_that_suppression_points_to():
    plain = demographic_index(SENIORITIES).segments[0]
    lowered = demographic_index(SENIORITIES, (92_000, 460)).segments[0]
    raised = demographic_index(SENIORITIES, (92_000, 420)).segments[0]
    assert (lowered.low < plain.low, lowered.high) == (True, plain.high)
    assert (raised.low, raised.high > plain.high) == (plain.low, True)


def test_noise_that_is_drawn_daily_widens_every_interval():
    once, daily = (demographic_index(SENIORITIES, draws=draws).segments[1] for draws in (1, 30))
    assert daily.low < once.low < once.high < daily.high


def test_answers_that_are_not_shown_are_at_most_two():
    small = demographic_index((*SENIORITIES[:5], (700, None))).segments[5]
    assert (small.index, small.low, small.verdict) == (None, None, "too_little")
    assert small.under == pytest.approx(100 * 2 / small.expected)
    spread = ((20_000, None), (10_000, 400), (5_000, 30), (5_000, 400))
    large = demographic_index(spread).segments[0]
    assert (large.index, large.low, large.shrunk, large.verdict) == (None, 0.0, None, "under")
    assert large.high < 100
    rows = indexed_segments(*frames(spread))
    hidden = rows.filter(pl.col("clicks").is_null())
    assert index_headline(hidden, "clicks") == "Senior answer less than they see: index under 1."


def test_fewer_than_three_segments_take_the_spread_that_is_usual():
    found = demographic_index(((10_000, 100), (5_000, 20)))
    assert found.tau2 == 0.1
    assert [segment.verdict for segment in found.segments] == ["over", "under"]


def test_one_segment_is_even_with_itself():
    only = demographic_index(((10_000, 100),)).segments[0]
    assert (only.index, only.low, only.high, only.verdict) == (100, 100, 100, "par")


@pytest.mark.parametrize("segments", [(), ((100, 0), (200, 0)), ((0, 0), (None, 5))])
def test_without_answers_or_impressions_nothing_is_said(segments):
    found = demographic_index(segments, (0, 0))
    assert all(segment.verdict == "too_little" for segment in found.segments)
    assert found.suppression is None


def test_the_order_of_segments_does_not_matter():
    demographics, totals = frames(SENIORITIES)
    assert indexed_segments(demographics.reverse(), totals).equals(indexed_segments(demographics, totals))
    one, other = demographic_index(SENIORITIES), demographic_index(SENIORITIES[::-1])
    assert [segment.index for segment in other.segments[::-1]] == [segment.index for segment in one.segments]
    assert other.tau2 == one.tau2


def test_rows_keep_their_columns_and_get_those_of_the_answer():
    rows = indexed_segments(*frames(SENIORITIES))
    added = ("index_low", "index_high", "index_shrunk", "expected", "verdict", "suppression")
    assert set(added) <= set(rows.columns)
    assert rows["suppression"].unique().to_list() == [pytest.approx(0.950403691)]
    demographics, totals = frames(SENIORITIES)
    assert indexed_segments(demographics.clear(), totals).is_empty()


def test_unknown_totals_leave_the_interval_as_it_is():
    rows = indexed_segments(*frames(SENIORITIES, (None, None)))
    assert rows["suppression"].null_count() == rows.height


def test_two_windows_or_money_are_refused():
    demographics, totals = frames(SENIORITIES)
    later = demographics.with_columns(pl.col("window_end") + pl.duration(days=1))
    with pytest.raises(ValidationError, match="cannot be compared"):
        indexed_segments(pl.concat([demographics, later]), totals)
    with pytest.raises(ValidationError, match="no index of cost"):
        indexed_segments(demographics, totals, "cost_in_local_currency")
    dollars = demographics.with_columns(pl.lit("USD").alias("currency"))
    with pytest.raises(ValidationError, match="more than one currency"):
        indexed_segments(pl.concat([demographics, dollars]), totals)


def test_a_window_is_known_only_if_every_day_of_it_is():
    coverage = pl.DataFrame(
        {
            "account_id": [1],
            "resource": ["campaign_daily_metrics"],
            "window_start": [FIRST],
            "window_end": [LAST],
            "snapshot": ["20261030T060000Z"],
        }
    )
    covered = covered_days(coverage)
    assert window_known(covered, 1, FIRST, LAST - timedelta(days=1))
    assert not window_known(covered, 1, FIRST, LAST)
    assert not window_known(covered, 2, FIRST, LAST - timedelta(days=1))
    totals = pl.DataFrame(
        {
            "account_id": [1, 1, 1, 2],
            "window_start": [FIRST, FIRST, FIRST - timedelta(days=1), FIRST],
            "window_end": [LAST - timedelta(days=1), LAST, LAST, LAST],
            "account_clicks": [5, 6, 7, 8],
            "shown_clicks": [4, 4, 4, 4],
        }
    )
    known = known_totals(totals, covered)
    assert known["account_clicks"].to_list() == [5, 6, None, None]
    assert known["shown_clicks"].to_list() == [4, 4, 4, 4]
