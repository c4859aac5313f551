"""Spend and results on and off LinkedIn."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from workbench.analytics.placement import (
    NOTHING,
    OFF,
    ON,
    UNREPORTED,
    Part,
    placement,
    placement_of,
    placement_sentences,
)
from workbench.errors import ValidationError

LAN = placement(
    {ON: Part(Decimal(6200), 58), OFF: Part(Decimal(2900), 6)},
    Part(Decimal(9150), 66),
)


def rows(*figures, placed=True):
    names = ["serving_location", "campaign_id", "date", "cost_in_local_currency", "one_click_leads"]
    kinds = [pl.String, pl.Int64, pl.Date, pl.Decimal(38, 18), pl.Int64]
    made = [
        (where, campaign, date(2026, 11, number), None if spend is None else Decimal(str(spend)), leads)
        for where, campaign, number, spend, leads in figures
    ]
    frame = pl.DataFrame(made, schema=dict(zip(names, kinds, strict=True)), orient="row")
    frame = frame.with_columns(pl.lit(1, pl.Int64).alias("account_id"), pl.lit("EUR").alias("currency"))
    return frame if placed else frame.drop("serving_location")


PLACED = rows((ON, 7, 1, 60, 5), (OFF, 7, 1, 30, 1), (ON, 7, 2, 50, 6), (OFF, 7, 2, 20.5, 2), (ON, 8, 1, 10, 1))
TOTALS = rows(("", 7, 1, 90, 6), ("", 7, 2, 72.5, 8), ("", 8, 1, 10, 1), placed=False)


def test_the_sentence_gives_shares_and_the_ratio_with_its_interval():
    assert placement_sentences(LAN, result="leads", currency="EUR") == (
        "Off LinkedIn: 32 % of spend, 9 % of leads; a euro there brought 0.23 times (0.11–0.43) the leads of one on "
        "LinkedIn. Conversions are partly modelled. LinkedIn did not say where €50 were spent."
    )


def test_few_results_give_shares_only():
    few = placement({ON: Part(Decimal(100), 4), OFF: Part(Decimal(50), 2)}, Part(Decimal(150), 6))
    assert few.ratio is None
    assert placement_sentences(few, result="leads", currency="EUR") == (
        "Off LinkedIn: 33 % of spend, 33 % of leads. 6 leads in all: too few to say more than the shares. "
        "Conversions are partly modelled."
    )


def test_what_adds_up_has_no_row_for_what_is_unreported():
    found = placement({ON: Part(Decimal("1.001"), 10)}, Part(Decimal("1.003"), 10))
    assert [row.location for row in found.rows] == [ON]


def test_parts_above_the_total_are_shown_as_such():
    found = placement({ON: Part(Decimal(80), 10), OFF: Part(Decimal(40), 3)}, Part(Decimal(100), 12))
    rest = found.part(UNREPORTED)
    assert rest is not None
    assert (rest.part.spend, rest.part.results) == (Decimal(-20), -1)
    assert "add up to €20 more" in placement_sentences(found, result="leads", currency="EUR")


def test_nothing_off_linkedin_and_nothing_at_all():
    on = placement({ON: Part(Decimal(80), 10)}, Part(Decimal(80), 10))
    assert placement_sentences(on, result="leads", currency="EUR") == "Nothing was spent off LinkedIn."
    assert placement_sentences(placement({}, Part(Decimal(0), 0)), result="leads", currency="EUR") == NOTHING


def test_shares_of_a_total_of_nothing_are_unknown():
    found = placement({OFF: Part(Decimal(5), 0)}, Part(Decimal(5), 0))
    assert found.rows[0].share_of_results is None
    assert found.rows[0].share_of_spend == 1


def test_frames_are_summed_exactly_and_in_any_order():
    found = placement_of(PLACED, TOTALS, "one_click_leads")
    assert found.part(UNREPORTED).part == Part(Decimal(2), 0)
    assert placement_of(PLACED.reverse(), TOTALS.reverse(), "one_click_leads") == found
    assert found.table()["spend"].sum() == Decimal("172.5")


def test_a_day_with_an_unknown_figure_is_left_out_of_both_sides():
    unknown = rows((ON, 7, 1, 60, 5), (OFF, 7, 1, None, 1), (ON, 7, 2, 50, 6), (OFF, 7, 2, 20.5, 2), (ON, 8, 1, 10, 1))
    found = placement_of(unknown, TOTALS, "one_click_leads")
    assert found.unknown_days == 1
    assert found.part(ON).part == Part(Decimal(60), 7)
    assert placement_sentences(found, result="leads", currency="EUR").endswith("1 day with unknown figures left out.")


def test_no_rows_and_two_currencies():
    empty = placement_of(PLACED.clear(), TOTALS.clear(), "one_click_leads")
    assert empty.rows == ()
    assert empty.table().is_empty()
    with pytest.raises(ValidationError, match="more than one currency"):
        placement_of(PLACED, TOTALS.with_columns(pl.lit("USD").alias("currency")), "one_click_leads")


def test_the_better_place_is_better_whatever_the_side():
    swapped = placement({OFF: Part(Decimal(6200), 58), ON: Part(Decimal(2900), 6)}, Part(Decimal(9100), 64))
    assert swapped.p_off_better == pytest.approx(1 - LAN.p_off_better, abs=1e-6)
    assert swapped.ratio == pytest.approx(1 / LAN.ratio, rel=1e-6)
