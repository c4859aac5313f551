"""Reach on the page about audiences: what it says of each campaign and ad set, and without any window."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from workbench.analytics.audience_saturation import saturation_table
from workbench.answers.reached import NO_REACH
from workbench.answers.registry import Found, Said
from workbench.pages import reach
from workbench.pages.components.tables import small_table

LAST = date(2026, 11, 19)
STARTS = {7: date(2026, 11, 13), 28: date(2026, 10, 23), 92: date(2026, 8, 20)}
SETTINGS = pl.DataFrame(
    {
        "campaign_id": [7, 8],
        "name": ["Spring", None],
        "campaign_group_id": [3, 3],
        "campaign_group_name": ["Always on", "Always on"],
    }
)


def windows(level: str, entity_id: int, *figures: tuple[int, int | None]) -> list[dict[str, Any]]:
    """Impressions and reach of the windows, shortest first."""
    return [
        {
            "account_id": 1,
            "level": level,
            "entity_id": entity_id,
            "window_start": start,
            "window_end": LAST,
            "impressions": impressions,
            "cost_in_local_currency": Decimal(100),
            "approximate_member_reach": people,
            "audience_penetration": 0.31,
        }
        for start, (impressions, people) in zip(STARTS.values(), figures, strict=False)
    ]


def frame(*rows: list[dict[str, Any]]) -> pl.DataFrame:
    table = saturation_table(pl.DataFrame([row for part in rows for row in part]))
    return reach.named(table.with_columns(pl.lit("EUR").alias("currency")), SETTINGS, "Northwind (1)")


def test_each_ad_set_says_how_often_it_was_seen_and_how_many_new_people_are_left() -> None:
    shown = reach.rows(
        frame(
            windows("CAMPAIGN", 8, (100, None)),
            windows("CAMPAIGN", 7, (1_000, 500), (4_000, 1_000), (20_000, 2_000)),
            windows("CAMPAIGN_GROUP", 3, (1_000, 500)),
        ),
        "CAMPAIGN",
        {},
    )
    assert [row["Ad set"] for row in shown] == ["Spring", "Not listed · 8"]
    first, second = shown
    assert [first[f"Times seen in {days} days"] for days in STARTS] == ["2.0", "4.0", "10.0"]
    assert (first["People in 92 days"], first["New people per 1,000 impressions"]) == ("2,000", "167")
    low, high = map(int, first["Of the next 1,000"].split("–"))
    assert 0 <= low < high < 63  # fewer than between day 29 and 92, where 1,000 of 16,000 were new
    assert first["Reached of the audience"] == "31 %"
    assert (second["Times seen in 7 days"], second["New people per 1,000 impressions"]) == ("n/a", "n/a")
    assert second["Of the next 1,000"] == "not known yet"


def test_what_ended_before_the_newest_windows_is_left_out() -> None:
    ended = [{**row, "window_end": date(2026, 6, 1)} for row in windows("CAMPAIGN", 8, (9_000, 900), (9_500, 950))]
    shown = reach.rows(frame(windows("CAMPAIGN", 7, (1_000, 500)), ended), "CAMPAIGN", {})
    assert [(row["Ad set"], row["People in 7 days"]) for row in shown] == [("Spring", "500")]


def test_ad_sets_of_which_longer_windows_are_not_known_have_the_columns_of_the_others() -> None:
    both = frame(windows("CAMPAIGN", 8, (100, 50)), windows("CAMPAIGN", 7, (1_000, 500), (4_000, 1_000)))
    shown = reach.rows(both, "CAMPAIGN", {})
    assert {row["Ad set"]: row["People in 28 days"] for row in shown} == {"Spring": "1,000", "Not listed · 8": "n/a"}
    assert "n&#47;a" in small_table(shown).text


def test_without_a_window_the_page_says_what_brings_it() -> None:
    nothing = reach.named(saturation_table(pl.DataFrame()), SETTINGS, "Northwind (1)")
    shown = reach.view(Found({}, (Said(NO_REACH),)), nothing, None, 1, {})  # type: ignore[arg-type]
    assert "Reach is not known yet" in shown.text
    assert "the next sync asks for three" in shown.text
