"""Reach, frequency and the pool of people, of windows that end together."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from workbench.analytics.audience_saturation import (
    NO_POOL,
    NO_REACH,
    SCHEMA,
    TOO_LONG,
    Window,
    pool,
    saturation,
    saturation_sentences,
    saturation_table,
)

THREE = (
    Window(7, 60_000, 24_000, 3_100.0),
    Window(28, 230_000, 52_000, 12_000.0),
    Window(92, 700_000, 81_000, 36_000.0),
)
END = date(2026, 11, 19)


def windows(*rows, entity=5, end=END):
    made = [
        {
            "account_id": 1,
            "level": "CAMPAIGN",
            "entity_id": entity,
            "window_start": end - timedelta(days=days - 1),
            "window_end": end,
            "impressions": shown,
            "cost_in_local_currency": Decimal(str(cost)),
            "approximate_member_reach": reach,
            "audience_penetration": 0.4,
        }
        for days, shown, reach, cost in rows
    ]
    kinds = {"approximate_member_reach": pl.Int64, "impressions": pl.Int64}
    return pl.DataFrame(made, schema_overrides=kinds)


ROWS = windows((7, 60_000, 24_000, 3_100), (28, 230_000, 52_000, 12_000), (92, 700_000, 81_000, 36_000))


@pytest.mark.parametrize("evenness", [0.5, 1.0, 3.0, math.inf])
def test_the_pool_gives_back_the_reach_it_was_made_from(evenness):
    size, shown = 50_000.0, 120_000
    share = 1 - math.exp(-shown / size) if math.isinf(evenness) else 1 - (1 + shown / size / evenness) ** -evenness
    assert pool(shown, round(size * share), evenness).pool == pytest.approx(size, rel=1e-3)


@pytest.mark.parametrize("reach", [None, 0, 100, 120])
def test_no_pool_is_told_without_repeated_impressions(reach):
    assert pool(100, reach).pool is None


def test_a_pool_just_told_is_finite():
    found = pool(1_000_000, 999_999)
    assert found.pool is not None
    assert found.penetration == pytest.approx(999_999 / found.pool)


def test_sentences_say_what_was_seen_and_the_model_only_as_a_range():
    assert saturation_sentences(saturation(THREE)) == (
        "Each person saw the ads 4.4 times in 28 days. Of 1,000 impressions 165 reached a new person between day 8 "
        "and 28; the next 1,000 will reach between 0 and 20."
    )


def test_sentences_when_there_is_not_enough():
    assert saturation_sentences(saturation([])) == NO_REACH
    assert saturation_sentences(saturation([Window(7, 900, None, 5.0)])) == NO_REACH
    assert saturation_sentences(saturation([Window(7, 900, 900, 5.0)])).endswith(NO_POOL)
    assert saturation_sentences(saturation([Window(100, 900, 90, 5.0)])) == TOO_LONG


def test_one_window_has_a_range_and_nothing_between():
    said = saturation_sentences(saturation([Window(28, 230_000, 52_000, 12_000.0)]))
    assert said.startswith(
        "Each person saw the ads 4.4 times in 28 days. The next 1,000 impressions will reach between"
    )


def test_the_order_of_rows_and_windows_does_not_matter():
    assert saturation(THREE[::-1]) == saturation(THREE)
    assert saturation_table(ROWS.reverse()).equals(saturation_table(ROWS))


def test_a_window_of_unknown_reach_is_left_out_of_what_compares():
    rows = windows((7, 60_000, 24_000, 3_100), (28, 230_000, None, 12_000), (92, 700_000, 81_000, 36_000))
    found = saturation_table(rows)
    assert found["frequency"].to_list()[1] is None
    assert found["new_per_1000"].to_list() == [None, None, pytest.approx(1000 * 57_000 / 640_000)]
    assert found["pool"].to_list() == [None, None, pytest.approx(91_599.35, rel=1e-5)]


def test_only_windows_that_end_with_the_newest_are_read_together():
    older = windows((7, 50_000, 20_000, 3_000), end=END - timedelta(days=7))
    found = saturation_table(pl.concat([older, ROWS]))
    assert found["window_end"].unique().to_list() == [END]


def test_the_table_has_its_columns_without_rows_too():
    assert saturation_table(ROWS).schema == pl.Schema(SCHEMA)
    assert saturation_table(ROWS.clear()).schema == pl.Schema(SCHEMA)
    assert saturation_table(ROWS.clear()).is_empty()


def test_accounts_are_never_added_up():
    both = pl.concat([ROWS, ROWS.with_columns(pl.lit(2, pl.Int64).alias("account_id"))])
    assert saturation_table(both).height == 2 * ROWS.height


def test_reach_that_falls_is_told_as_it_is_and_said_as_none():
    found = saturation([Window(7, 60_000, 24_000, 1.0), Window(28, 70_000, 23_000, 2.0)])
    assert found.marginal[0].new_per_1000 == pytest.approx(-100)
    assert "Of 1,000 impressions 0 reached a new person" in saturation_sentences(found)
