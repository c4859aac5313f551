"""The page about ad sets: what it compares, whom it ranks, and what it says of one."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import BrowserContext
from report_pages import (
    SECONDS,
    UNTIL,
    Pages,
    PagesInstallation,
    cell_errors,
    run_cells,
    run_script,
)

from workbench.analytics import comparison, formatting, ranked_costs
from workbench.analytics.metrics import key_result
from workbench.pages.campaigns import AD_SET_COLUMNS, OPENS_WITH, figures_of, setting_rows, week_rows
from workbench.pages.components import filters
from workbench.pages.components.comparison_table import comparison_table, sparkline
from workbench.schema.windows import Window

FIRST = UNTIL - timedelta(27)


def campaign_rows(*rows: dict[str, Any]) -> pl.DataFrame:
    """Answers of `campaigns`, by default plain."""
    plain: dict[str, Any] = {
        "account_id": 1,
        "currency": "EUR",
        "campaign_id": 7,
        "name": "Spring",
        "status": "ACTIVE",
        "objective_type": "LEAD_GENERATION",
        "period": "current",
        "active_days": 28,
        "impressions": 10_000,
        "clicks": 100,
        "landing_page_clicks": 80,
        "one_click_leads": 20,
        "cost_in_local_currency": Decimal(500),
    }
    return pl.DataFrame([{**plain, **row} for row in rows], schema_overrides={"name": pl.String})


def compared(*rows: dict[str, Any], currency: str | None = "EUR", equal: pl.DataFrame | None = None) -> pl.DataFrame:
    return comparison.compare(campaign_rows(*rows), "campaign", currency, equal)


# --- comparing ------------------------------------------------------------------------------------------------------


def test_two_periods_become_one_row_with_their_changes() -> None:
    equal = pl.DataFrame({"account_id": [1], "campaign_id": [7], "previous_one_click_leads": [10.0]})
    before = {"period": "previous", "cost_in_local_currency": Decimal(400), "one_click_leads": 99}
    row = compared({}, before, equal=equal).row(0, named=True)
    assert compared({}, before)["cost_change"].to_list() == [None]
    assert (row["cost_per_key_result"], row["previous_cost_per_key_result"]) == (25.0, 40.0)
    assert (row["spend_change"], row["cost_change"]) == (pytest.approx(0.25), pytest.approx(-0.375))


def test_only_rows_of_the_chosen_currency_are_compared_most_money_first() -> None:
    rows = (
        {"campaign_id": 1, "cost_in_local_currency": Decimal(5)},
        {"campaign_id": 2, "cost_in_local_currency": Decimal(50)},
        {"campaign_id": 3, "currency": "JPY"},
        {"campaign_id": 4, "currency": None},
    )
    assert compared(*rows)["campaign_id"].to_list() == [2, 1]
    assert compared(*rows, currency=None)["campaign_id"].to_list() == [4]


def test_a_row_whose_own_results_say_less_than_what_its_objective_has_in_common_is_grey() -> None:
    rows = [{"campaign_id": n, "one_click_leads": leads} for n, leads in enumerate((40, 40, 3, 0))]
    frame = compared(*rows, {"campaign_id": 9, "objective_type": "VIDEO_VIEW"})
    assert dict(frame.select("campaign_id", "enough").iter_rows()) == {0: True, 1: True, 2: False, 3: False, 9: False}


def test_an_ad_set_that_is_not_listed_any_more_keeps_its_row() -> None:
    assert compared({"name": None, "objective_type": None})["name"].to_list() == ["Not listed · 7"]


def test_only_costs_beyond_chance_are_ranked_and_within_one_objective() -> None:
    frame = compared(
        {"campaign_id": 1, "name": "dear", "one_click_leads": 10},
        {"campaign_id": 2, "name": "cheap", "one_click_leads": 70},
        {"campaign_id": 3, "name": "usual", "one_click_leads": 40},
        {"campaign_id": 4, "name": "young", "one_click_leads": 1, "cost_in_local_currency": Decimal(20)},
        {"campaign_id": 5, "name": "other", "objective_type": "WEBSITE_VISITS", "landing_page_clicks": 5000},
    )
    assert list(comparison.objectives(frame)) == ["Lead generation", "Website visits"]
    ranked = ranked_costs.ranked_costs(frame, "LEAD_GENERATION")
    assert [(row["Costs"], row["Name"]) for row in ranked_costs.ranking(ranked)] == [
        ("Less", "cheap"),
        ("More", "dear"),
    ]
    cheap = ranked.row(0, named=True)
    assert cheap["shrunk_low"] < cheap["shrunk_cost"] < cheap["shrunk_high"] < cheap["typical_cost"]
    assert ranked_costs.placed(ranked) == (
        "4 ad sets spent something; 1 is cheaper and 1 is dearer than all together beyond chance."
    )
    alone = ranked_costs.ranked_costs(frame, "WEBSITE_VISIT")
    assert (ranked_costs.ranking(alone), ranked_costs.placed(alone)) == ([], ranked_costs.TOO_FEW)
    shuffled = ranked_costs.ranked_costs(frame.sample(fraction=1, shuffle=True, seed=3), "LEAD_GENERATION")
    assert shuffled.equals(ranked)


def test_of_equal_ad_sets_none_is_named_cheap() -> None:
    rng = Random(5)
    named = 0
    for _ in range(20):
        leads = [sum(rng.random() < 0.02 for _ in range(600)) for _ in range(20)]
        frame = compared(*({"campaign_id": n, "one_click_leads": count} for n, count in enumerate(leads)))
        named += len(ranked_costs.ranking(ranked_costs.ranked_costs(frame, "LEAD_GENERATION")))
    assert named <= 12  # of 400; the cheapest of twenty is 30 % below their median each time


def test_days_that_scatter_beyond_chance_weigh_less() -> None:
    frame = compared({"campaign_id": 1, "one_click_leads": 90}, {"campaign_id": 2, "one_click_leads": 10})
    days = pl.DataFrame(
        {
            "account_id": [1] * 40,
            "campaign_id": [1, 2] * 20,
            "cost_in_local_currency": [Decimal(25)] * 40,
            "one_click_leads": [9, 1] * 10 + [0, 0] * 10,
        }
    )
    calm = ranked_costs.ranked_costs(frame, "LEAD_GENERATION").row(0, named=True)
    wild = ranked_costs.ranked_costs(frame, "LEAD_GENERATION", days).row(0, named=True)
    assert wild["shrunk_high"] - wild["shrunk_low"] > calm["shrunk_high"] - calm["shrunk_low"]


def test_a_trend_holds_every_day_of_the_period_with_days_of_no_activity_as_0() -> None:
    days = pl.DataFrame(
        {
            "account_id": [1, 1],
            "campaign_id": [7, 7],
            "date": [date(2026, 11, 1), date(2026, 11, 3)],
            "cost_in_local_currency": [Decimal("12.50"), Decimal(3)],
        }
    )
    frame = comparison.with_trend(compared({}), days, first=date(2026, 11, 1), last=date(2026, 11, 4))
    assert frame["trend"].to_list() == ["12.5 0 3 0"]
    assert 'points="3.0,3.0 33.0,19.0 63.0,15.2 93.0,19.0"' in sparkline("12.5 0 3 0").text
    assert sparkline(None).text == sparkline("0 0").text == "–"


def test_the_table_greys_a_row_wherever_sorting_and_searching_put_it() -> None:
    from marimo._plugins.ui._impl.table import SearchTableArgs, SortArgs

    frame = compared(
        {"campaign_id": 1, "name": "first", "cost_in_local_currency": Decimal(9)},
        {"campaign_id": 2, "name": "chance", "cost_in_local_currency": Decimal(5), "one_click_leads": 1},
    )
    columns = {name: AD_SET_COLUMNS[name] for name in ("name", "cost_in_local_currency")}
    table: Any = comparison_table(frame, columns, name="x", currency="EUR")["table"]
    for args in ({"sort": [SortArgs("Spend", descending=False)]}, {"query": "chance"}, {}):
        shown = table._search(SearchTableArgs(page_size=10, page_number=0, **args))
        grey = {
            row["Ad set"] for place, row in enumerate(json.loads(shown.data)) if shown.cell_styles[str(place)]["Ad set"]
        }
        assert grey == {"chance"}


# --- the period -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "carried"), [(None, None), ("7d", "7d"), ("28d", None)])
def test_the_page_opens_with_28_days_and_its_links_carry_another_choice(
    monkeypatch: pytest.MonkeyPatch, asked: str | None, carried: str | None
) -> None:
    accounts = pl.DataFrame({"account_id": [1], "first_day": [FIRST - timedelta(60)], "last_complete_day": [UNTIL]})
    monkeypatch.setattr(filters, "asked_once", lambda name: asked)
    monkeypatch.setattr(filters, "default_source", lambda: "database")
    opened = filters.period_menus(accounts, OPENS_WITH)["period"].value
    chosen = {"account": [], "period": opened, "objective": None, "campaign_group": None, "as_of": None}
    source, strip = SimpleNamespace(value="database"), SimpleNamespace(value=chosen)
    assert opened == (asked or "28d")
    assert filters.chosen(source, strip, opens_with=OPENS_WITH).get("period") == carried


# --- one ad set -----------------------------------------------------------------------------------------------------


def test_weeks_that_the_period_cuts_say_so() -> None:
    weeks = pl.DataFrame(
        {
            "week": [date(2026, 11, 2), date(2026, 11, 9)],
            "impressions": [1000, 2000],
            "clicks": [10, 0],
            "landing_page_clicks": [5, 0],
            "one_click_leads": [2, 0],
            "cost_in_local_currency": [Decimal(100), Decimal(0)],
        }
    )
    period = Window(date(2026, 11, 4), date(2026, 11, 15))
    newest, oldest = week_rows(figures_of(weeks, "LEAD_GENERATION"), period, "EUR")
    assert newest == {
        "ISO week": "2026-W46",
        "Days": "9–15 Nov 2026",
        "Spend": "€0.00",
        "Impressions": "2,000",
        "Clicks": "0",
        "CTR": "0.00 %",
        "LP CTR": "0.00 %",
        "CPC": "n/a",
        "CPM": "€0.00",
        "Key results": "0",
        "Cost per key result": "n/a",
        "": "",
    }
    assert (oldest["ISO week"], oldest["Days"], oldest["Cost per key result"], oldest[""]) == (
        "2026-W45",
        "4–8 Nov 2026",
        "€50.00",
        "part of a week",
    )


def test_an_ad_set_that_linkedin_never_listed_has_no_settings() -> None:
    assert setting_rows(pl.DataFrame()) == []


# --- the notebook ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("source", ["database", "snapshots"])
def test_the_figures_of_every_ad_set_are_the_sums_of_its_days(
    medium: PagesInstallation, source: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in medium.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["campaigns.py", "--period", "28d", "--currency", "USD"])
    defined = run_cells("campaigns", source=SimpleNamespace(value=source))

    shown = {row["campaign_id"]: row for row in defined["compared"].iter_rows(named=True)}
    truth = medium.sums("campaign_daily_metrics", "campaign_id", FIRST, UNTIL)
    accounts = {row["account_id"] for row in medium.sandbox.truth.ad_accounts() if row["currency"] == "USD"}
    true_days = medium.sandbox.truth.campaign_daily_metrics(FIRST, UNTIL, accounts)
    active = {row["campaign_id"] for row in true_days}
    assert active
    assert active <= set(shown)
    for campaign, row in shown.items():
        sums = truth.get(campaign, {})
        for name in ("cost_in_local_currency", "impressions", "clicks", "landing_page_clicks", "one_click_leads"):
            assert row[name] == sums.get(name, 0), (campaign, name)
        wanted = key_result(row["objective_type"]).metric
        assert row["key_result"] == (sums.get(wanted, 0) if wanted else None)
    spend = sum(row["cost_in_local_currency"] for row in shown.values())
    assert spend == sum((row["cost_in_local_currency"] for row in true_days), Decimal(0))
    assert "USD\nAd set" in capsys.readouterr().out


@pytest.mark.slow
def test_as_a_script_on_the_sample_it_prints_the_figures_and_says_where_they_are_from(tmp_path: Path) -> None:
    outside = {"WORKBENCH_HOME": str(tmp_path), "SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    ran = run_script("campaigns", "--source", "sample", "--period", "28d", environment=outside)
    assert (ran.returncode, ran.stderr) == (0, "")
    for said in ("EUR\nAd set", "JPY\nAd set", "Source: Sample data (invented)"):
        assert said in ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--source", "snapshots"), "Nothing"),
        (("--source", "sample", "--account", "5"), "There is no ad account 5 in this source."),
    ],
)
def test_as_a_script_without_figures_it_says_why_and_fails(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    outside = {"WORKBENCH_HOME": str(tmp_path), "SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    ran = run_script("campaigns", *arguments, environment=outside)
    assert ran.returncode != 0
    assert ran.stdout == ""
    assert ran.stderr.startswith(said)


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_page_shows_the_truth_sorts_and_follows_its_filters(
    medium: PagesInstallation, tabs: BrowserContext
) -> None:
    with Pages("campaigns", environment=medium.environment) as pages:
        page, said = pages.tab(tabs, height=3600)
        page.goto(f"{pages.origin}/campaigns/?period=28d&currency=USD")
        table = page.locator('[data-cell-name="comparison_of_all"]')
        page.locator('[data-cell-name="tradeoff"] .vega-embed').wait_for(timeout=SECONDS)
        page.locator('[data-cell-name="one_ad_set"] .vega-embed').wait_for(timeout=SECONDS)
        truth = medium.sums("campaign_daily_metrics", "campaign_id", FIRST, UNTIL)
        accounts = [row["account_id"] for row in medium.sandbox.truth.ad_accounts() if row["currency"] == "USD"]
        campaigns = medium.sandbox.truth.campaigns(accounts)
        best = max(campaigns, key=lambda row: truth.get(row["campaign_id"], {}).get("cost_in_local_currency", 0))
        sums = truth[best["campaign_id"]]
        first = table.get_by_role("row").nth(1)
        first.get_by_text(formatting.money(sums["cost_in_local_currency"], "USD")).wait_for(timeout=SECONDS)
        assert first.get_by_text(formatting.number(sums["impressions"]), exact=True).is_visible()
        assert first.get_by_text(" ".join(best["name"].split())).is_visible()

        table.get_by_role("textbox").fill("no such name")
        table.get_by_text("0 rows").wait_for(timeout=SECONDS)
        table.get_by_role("textbox").fill("")
        page.get_by_label("Objective", exact=True).select_option("Lead generation")
        page.wait_for_url("**objective=LEAD_GENERATION**", timeout=SECONDS)
        leads = {row["campaign_id"] for row in campaigns if row["objective_type"] == "LEAD_GENERATION"}
        most = max(leads, key=lambda campaign: truth.get(campaign, {}).get("cost_in_local_currency", 0))
        spend = formatting.money(truth[most]["cost_in_local_currency"], "USD")
        table.get_by_role("row").nth(1).get_by_text(spend).wait_for(timeout=SECONDS)
        assert page.evaluate("document.title") == "Which ad sets deserve more budget, which less?"
        assert (said, cell_errors(page)) == ([], 0)


@pytest.mark.browser
def test_with_an_empty_database_the_page_shows_the_ways_forward(tabs: BrowserContext, tmp_path: Path) -> None:
    outside = {"WORKBENCH_HOME": str(tmp_path), "SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    with Pages("campaigns", environment=outside) as pages:
        page, said = pages.tab(tabs, height=3600)
        page.goto(f"{pages.origin}/campaigns/?source=database")
        page.get_by_text("Look at the sample data meanwhile").click(timeout=SECONDS)
        page.get_by_text("This is sample data, invented for you to look around.").wait_for(timeout=SECONDS)
        page.locator('[data-cell-name="one_ad_set"] .vega-embed').wait_for(timeout=SECONDS)
        assert (said, cell_errors(page)) == ([], 0)
