from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from workbench import charts
from workbench.analytics.metrics import add_key_result, add_ratios, add_shares
from workbench.charts.axes import log_scale
from workbench.charts.data import MOST_ROWS, label_heights
from workbench.charts.theme import BLUE

HOSTILE = "<img src=x onerror=alert(1)> {{x}}"
DAYS = pl.DataFrame(
    {
        "date": [date(2026, 11, 20) + timedelta(n) for n in range(3)],
        "account_name": [HOSTILE, None, "b"],
        "cost_in_local_currency": [Decimal("36.50"), Decimal("0"), Decimal("1234.5")],
        "clicks": [11, 0, 5],
        "impressions": [1010, 0, 900],
    }
)
CAMPAIGNS = add_key_result(
    add_ratios(
        pl.DataFrame(
            {
                "name": [HOSTILE, "twin", "twin", "unpriced"],
                "objective_type": ["LEAD_GENERATION"] * 4,
                "cost_in_local_currency": [Decimal(100), Decimal(50), Decimal(10), Decimal(10)],
                "one_click_leads": [4, 2, 1, 0],
                "serving_statuses": [["RUNNABLE"]] * 4,
            }
        )
    )
)
MOVERS = CAMPAIGNS.with_columns(
    pl.lit(Decimal(20)).alias("previous_cost_in_local_currency"),
    pl.lit(Decimal(-3)).alias("moved"),
    pl.lit(None, dtype=pl.Float64).alias("change"),
)
SEGMENTS = add_shares(
    pl.DataFrame(
        {
            "account_id": [1, 1],
            "pivot": ["P", "P"],
            "segment_name": [HOSTILE, None],
            "impressions": [300, 100],
            "clicks": [10, 10],
        }
    )
)
WEEKS = add_ratios(
    pl.DataFrame(
        {
            "creative_id": [1, 1],
            "name": [HOSTILE, HOSTILE],
            "week": [date(2026, 11, 9), date(2026, 11, 16)],
            "impressions": [5000, 900],
            "clicks": [40, 5],
            "landing_page_clicks": [10, 1],
        }
    )
)
DRAWINGS = {
    "daily_trend": (DAYS, lambda frame: charts.daily_trend(frame, "cost_in_local_currency", currency="EUR")),
    "trend_by_account": (DAYS, lambda frame: charts.trend_by_account(frame, "clicks")),
    "tradeoff": (CAMPAIGNS, lambda frame: charts.tradeoff(frame, currency="EUR", result="Leads")),
    "segments": (SEGMENTS, charts.segments),
    "creative_weeks": (WEEKS, charts.creative_weeks),
    "movers": (MOVERS, lambda frame: charts.movers(frame, "cost_in_local_currency", currency="JPY")),
}


def spec(chart):
    return json.loads(chart.to_json())


def rows(chart):
    return [row for rows in spec(chart)["datasets"].values() for row in rows]


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_chart_is_drawn_with_rows_and_says_so_without(name):
    frame, draw = DRAWINGS[name]
    assert "layer" in json.dumps(spec(draw(frame))) or spec(draw(frame))["mark"]["type"] == "bar"
    assert spec(draw(frame.clear()))["mark"]["type"] == "text"


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_chart_leaves_its_background_and_axis_colours_to_the_page(name):
    frame, draw = DRAWINGS[name]
    config = spec(draw(frame))["config"]
    assert "background" not in config
    assert "labelColor" not in config["axis"]


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_chart_has_two_value_axes(name):
    frame, draw = DRAWINGS[name]
    assert '"independent"' not in json.dumps(spec(draw(frame)))


def test_provisional_days_are_hollow_and_tooltips_are_written_out():
    chart = charts.daily_trend(DAYS, "cost_in_local_currency", currency="EUR", provisional_from=date(2026, 11, 22))
    drawn = sorted(rows(chart), key=lambda row: row["day"])
    assert [row["provisional"] for row in drawn] == [False, False, True]
    assert [(row["tip_day"], row["tip_cost_in_local_currency"]) for row in drawn] == [
        ("20 Nov 2026", "€36.50"),
        ("21 Nov 2026", "€0.00"),
        ("22 Nov 2026", "€1,234.50"),
    ]
    assert drawn[0]["day"] == 1_795_132_800_000
    assert {"condition": {"test": "datum.provisional", "value": "transparent"}, "value": BLUE} in [
        layer["encoding"].get("fill") for layer in spec(chart)["layer"]
    ]


def test_an_unknown_day_is_a_gap_and_not_zero():
    frame = DAYS.with_columns(ctr=pl.Series([0.01, None, 0.02]))
    drawn = sorted(rows(charts.daily_trend(frame, "ctr")), key=lambda row: row["day"])
    assert [(row["ctr"], row["tip_ctr"]) for row in drawn] == [(0.01, "1.000 %"), (None, "n/a"), (0.02, "2.000 %")]


def test_only_what_has_spend_and_results_is_compared_and_the_cost_of_all_is_drawn():
    drawn = rows(charts.tradeoff(CAMPAIGNS, currency="EUR", together=24.29))
    assert {row["name"] for row in drawn if "name" in row} == {HOSTILE, "twin"}
    assert [row["said"] for row in drawn if "said" in row] == ["all together €24.29"]


def test_two_campaigns_of_one_name_are_two_bars():
    labels = [row["label"] for row in rows(charts.movers(MOVERS, "cost_in_local_currency", currency="JPY"))]
    assert labels == [HOSTILE, "twin", "twin (2)", "unpriced"]


def test_the_dot_of_a_segment_stands_beside_its_index():
    drawn = {(row["label"], row["tip_index"]) for row in rows(charts.segments(SEGMENTS))}
    assert drawn == {(HOSTILE, "67"), ("unknown", "200")}


def test_no_chart_is_handed_more_than_a_few_thousand_rows():
    many = pl.DataFrame({"date": pl.date_range(date(2000, 1, 1), date(2026, 1, 1), eager=True)})
    drawn = rows(charts.daily_trend(many.with_columns(clicks=1), "clicks"))
    assert len(drawn) == MOST_ROWS
    assert max(row["tip_day"] for row in drawn if row["tip_day"].endswith("2026")) == "1 Jan 2026"


def test_labels_keep_apart():
    assert label_heights([1.0, 1.0, 1.5, 9.0], gap=2) == [1.0, 3.0, 5.0, 9.0]


@pytest.mark.parametrize(
    ("least", "most", "ticks"),
    [
        (182.09, 274.53, [100, 200, 500]),
        (200, 500, [200, 500]),
        (3, 3, [2, 5]),
        (1, 1, [1, 2]),
        (0.004, 70, [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]),
    ],
)
def test_a_logarithmic_axis_ends_at_the_next_round_numbers(least: float, most: float, ticks: list[float]) -> None:
    assert log_scale(least, most)[1] == ticks
