from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from workbench.analytics import metrics

COUNTS = st.one_of(st.none(), st.integers(0, 10**12))


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1))
def test_a_ratio_is_null_exactly_where_it_has_no_meaning(pairs):
    frame = pl.DataFrame(pairs, schema={"top": pl.Int64, "bottom": pl.Int64}, orient="row")
    expected = [None if not bottom or top is None else top / bottom for top, bottom in pairs]
    assert frame.select(metrics.ratio("top", "bottom")).to_series().to_list() == expected


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1))
def test_a_change_needs_something_to_change_from(pairs):
    frame = pl.DataFrame(pairs, schema={"now": pl.Int64, "before": pl.Int64}, orient="row")
    expected = [None if not before or now is None else now / before - 1 for now, before in pairs]
    assert frame.select(metrics.change("now", "before")).to_series().to_list() == expected


def test_ratios_are_those_of_sums_and_only_where_inputs_are_there():
    frame = pl.DataFrame(
        {"clicks": [11, 0], "impressions": [1010, 0], "cost_in_local_currency": [Decimal("36.5"), Decimal(0)]}
    )
    answer = metrics.add_ratios(frame).drop(frame.columns)
    assert answer.to_dicts() == [
        {"ctr": 11 / 1010, "cpc": 36.5 / 11, "cpm": 36.5 / 1010 * 1000},
        {"ctr": None, "cpc": None, "cpm": None},
    ]


@pytest.mark.parametrize("name", metrics.RATIOS)
def test_every_ratio_is_made_of_stored_sums(name):
    assert {metrics.RATIOS[name].top, metrics.RATIOS[name].bottom} <= set(metrics.SUMS)


@pytest.mark.parametrize(
    ("spelled", "metric", "label"),
    [
        ("LEAD_GENERATION", "one_click_leads", "Leads"),
        ("WEBSITE_VISIT", "landing_page_clicks", "Landing-page clicks"),
        ("WEBSITE_VISITS", "landing_page_clicks", "Landing-page clicks"),
        ("WEBSITE_CONVERSIONS", "external_website_conversions", "Conversions"),
        ("BRAND_AWARENESS", "impressions", "Impressions"),
        ("VIDEO_VIEWS", "video_views", "Video views"),
        ("COMMUNITY_GROWTH", "follows", "Follows"),
        ("SOMETHING_NEW", None, "Key results"),
        (None, None, "Key results"),
    ],
)
def test_the_key_result_follows_the_objective_in_either_spelling(spelled, metric, label):
    found = metrics.key_result(spelled)
    assert (found.metric, found.label) == (metric, label)


def test_cost_per_key_result_compares_like_with_like():
    frame = pl.DataFrame(
        {
            "objective_type": ["LEAD_GENERATION", "WEBSITE_VISITS", "BRAND_AWARENESS", "VIDEO_VIEWS", None],
            "cost_in_local_currency": [Decimal(100)] * 5,
            "one_click_leads": [4, 9, 9, 9, 9],
            "landing_page_clicks": [9, 50, 9, 9, 9],
            "impressions": [9, 9, 5000, 9, 9],
            "video_views": [None, 9, 9, 400, 9],
        }
    )
    answer = metrics.add_key_result(frame).select("objective", "key_result", "cost_per_key_result")
    assert answer.rows() == [
        ("LEAD_GENERATION", 4, 25.0),
        ("WEBSITE_VISIT", 50, 2.0),
        ("BRAND_AWARENESS", 5000, 20.0),
        ("VIDEO_VIEW", 400, 0.25),
        (None, None, None),
    ]


def periods(rows):
    return pl.DataFrame(
        rows, schema={"id": pl.Int64, "name": pl.String, "period": pl.String, "clicks": pl.Int64}, orient="row"
    )


def test_two_periods_stand_side_by_side_and_no_row_means_no_activity():
    frame = periods([(1, "a", "current", 5), (1, "a", "previous", 3), (2, "b", "current", 7), (3, "c", "previous", 2)])
    answer = metrics.against_previous(frame, ["id"]).select("id", "name", "clicks", "previous_clicks")
    assert answer.rows() == [(1, "a", 5, 3), (2, "b", 7, 0), (3, "c", 0, 2)]


def test_without_a_comparison_the_period_before_is_unknown():
    answer = metrics.against_previous(periods([(1, "a", "current", 5)]), ["id"])
    assert answer["previous_clicks"].to_list() == [None]
    assert metrics.against_previous(periods([]), ["id"]).is_empty()


def test_what_moved_most_comes_first_in_either_direction():
    frame = pl.DataFrame({"clicks": [5, 0, 8, 4], "previous_clicks": [3, 9, 8, 0]})
    answer = metrics.movers(frame, "clicks").select("moved", "change")
    assert answer.rows() == [(-9, -1.0), (4, None), (2, 5 / 3 - 1)]


def test_an_index_of_100_is_even():
    frame = pl.DataFrame({"account_id": [1, 1], "pivot": ["P", "P"], "impressions": [300, 100], "clicks": [10, 10]})
    answer = metrics.add_shares(frame).select("share_of_impressions", "share_of_clicks", "index_clicks")
    expected = pl.DataFrame(
        {"share_of_impressions": [0.75, 0.25], "share_of_clicks": [0.5, 0.5], "index_clicks": [200 / 3, 200.0]}
    )
    assert_frame_equal(answer, expected)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1))
def test_shares_of_what_is_shown_add_up_to_one(rows):
    frame = pl.DataFrame(rows, schema=["impressions", "clicks"], orient="row").with_columns(
        pl.lit(1).alias("account_id"), pl.lit("P").alias("pivot")
    )
    total = metrics.add_shares(frame)["share_of_clicks"].sum()
    assert total == pytest.approx(1 if sum(clicks for _, clicks in rows) else 0)
