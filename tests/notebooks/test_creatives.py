"""The page about ads: names and holds in words, weeks, and verdicts on fatigue that chance cannot explain."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
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

from workbench.analytics import formatting
from workbench.answers.catalogue import ANSWERS
from workbench.answers.registry import Found, Said
from workbench.pages.campaigns import comparison_rows
from workbench.pages.creatives import (
    FATIGUE_COLUMNS,
    compare_ads,
    fatigue_rows,
    fatigue_summary,
    hold_summary,
    week_days,
    weeks_of,
)

FIRST = UNTIL - timedelta(27)

ACCOUNTS = pl.DataFrame({"account_id": [1, 2], "name": ["Northwind", "Contoso"], "currency": ["EUR", "JPY"]})


# --- fatigue --------------------------------------------------------------------------------------------------------


def fatigue(*rows: dict[str, Any]) -> Found:
    """The answer `creative_fatigue` of a few ads; each with its sentence."""
    plain = {name: None for name in ANSWERS["creative_fatigue"].outputs["creative_fatigue"].columns}
    made = [
        {**plain, "account_id": 1, "currency": "EUR", "verdict": "tired", "p_fell": 0.95, "may_be_older": False, **row}
        for row in rows
    ]
    schema = dict(ANSWERS["creative_fatigue"].outputs["creative_fatigue"].columns)
    said = [Said("lost 53 % of its CTR.", row["account_id"], "WEBSITE_VISIT", row["creative_id"]) for row in made]
    of_all = Said("1 of 3 active ads is tired.", 1, "WEBSITE_VISIT")
    return Found({"creative_fatigue": pl.DataFrame(made, schema=schema)}, (of_all, *said))


def test_the_likeliest_and_dearest_falls_come_first_in_words() -> None:
    found = fatigue(
        {"creative_id": 1, "verdict": "too_little", "p_fell": None},
        {"creative_id": 2, "late_cost_in_local_currency": Decimal(10)},
        {"creative_id": 3, "late_cost_in_local_currency": Decimal(20), "name": "Spring", "may_be_older": True},
        {"creative_id": 4, "late_cost_in_local_currency": Decimal(99), "currency": "JPY", "account_id": 2},
    )
    judged = fatigue_rows(found, "EUR")
    assert judged["creative_id"].to_list() == [3, 2, 1]
    assert judged["enough"].to_list() == [True, True, False]
    assert judged["verdict"].to_list() == ["Tired", "Tired", "Too little data"]
    assert judged["name"].to_list() == ["Spring", "Unnamed", "Unnamed"]
    assert judged["starts_from"].to_list()[:2] == ["the first day synced; it may be older", "its first day"]
    assert judged["sentence"].first() == "Lost 53 % of its CTR."
    shown = comparison_rows(judged, FATIGUE_COLUMNS, "EUR")
    assert shown[0]["Fell by over a fifth"] == "95 %"
    assert shown[2]["Fell by over a fifth"] == "n/a"


def test_each_account_and_objective_of_the_currency_says_how_many_of_its_ads_are_tired() -> None:
    rows = fatigue_summary(fatigue({"creative_id": 1}), ACCOUNTS, "EUR")
    assert rows == [
        {"Account": "Northwind", "Objective": "Website visits", "Tired": "1 of 3 active ads is tired."},
    ]
    assert fatigue_summary(fatigue({"creative_id": 1}), ACCOUNTS, "JPY") == []


# --- names, holds, weeks --------------------------------------------------------------------------------------------


def ads(*rows: dict[str, Any]) -> pl.DataFrame:
    plain = {
        "account_id": 1,
        "creative_id": 5,
        "campaign_id": 7,
        "currency": "EUR",
        "name": "Spring",
        "name_source": "name",
        "objective_type": "LEAD_GENERATION",
        "intended_status": "ACTIVE",
        "is_serving": True,
        "serving_hold_reasons": None,
        "review_status": "APPROVED",
        "period": "current",
        "impressions": 2000,
        "clicks": 20,
        "landing_page_clicks": 10,
        "one_click_leads": 20,
        "cost_in_local_currency": Decimal(10),
    }
    kinds = {"serving_hold_reasons": pl.List(pl.String), "is_serving": pl.Boolean, "name": pl.String}
    return compare_ads(pl.DataFrame([{**plain, **row} for row in rows], schema_overrides=kinds), "EUR")


def test_status_holds_and_the_source_of_a_name_are_said_in_words() -> None:
    held = ["CAMPAIGN_STOPPED", "UNDER_REVIEW"]
    row = ads({"serving_hold_reasons": held, "is_serving": False, "name_source": "fallback"}).row(0, named=True)
    assert (row["status_words"], row["serving_words"], row["hold_words"], row["review_words"], row["name_words"]) == (
        "Active",
        "no",
        "Campaign stopped, Under review",
        "Approved",
        "made from its id: LinkedIn gives none",
    )
    quiet = ads({"is_serving": None, "review_status": None, "name_source": None, "serving_hold_reasons": []})
    row = quiet.row(0, named=True)
    assert [row[name] for name in ("serving_words", "hold_words", "review_words", "name_words")] == [
        "n/a",
        "–",
        "n/a",
        "n/a",
    ]


def test_only_active_ads_count_as_held_back_and_once_per_reason() -> None:
    rows = ads(
        {"creative_id": 1, "serving_hold_reasons": ["REJECTED", "STOPPED"]},
        {"creative_id": 2, "serving_hold_reasons": ["STOPPED"]},
        {"creative_id": 3, "serving_hold_reasons": ["STOPPED"], "intended_status": "PAUSED"},
        {"creative_id": 4},
    )
    assert hold_summary(rows) == [
        {"Held back because": "Stopped", "Active ads": "2"},
        {"Held back because": "Rejected", "Active ads": "1"},
    ]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        (date(2026, 11, 22), date(2026, 11, 22)),
        (date(2026, 11, 23), date(2026, 11, 22)),
        (date(2026, 11, 28), date(2026, 11, 22)),
        (date(2026, 11, 29), date(2026, 11, 29)),
    ],
)
def test_weeks_are_whole_iso_weeks(until: date, last: date) -> None:
    days = week_days(until)
    assert days == {"first_day": last - timedelta(90), "last_day": last}
    assert (days["first_day"].isoweekday(), days["last_day"].isoweekday()) == (1, 7)


# --- the notebook ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("source", ["database", "snapshots"])
def test_the_figures_and_names_of_every_ad_are_the_sandboxs(
    medium: PagesInstallation, source: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in medium.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["creatives.py", "--period", "28d", "--currency", "USD"])
    defined = run_cells("creatives", source=SimpleNamespace(value=source))

    truth = medium.sums("creative_daily_metrics", "creative_id", FIRST, UNTIL)
    names = {row["creative_id"]: row["name"] for row in medium.sandbox.truth.creatives(posts=True)}
    rows = {row["creative_id"]: row for row in defined["ads"].iter_rows(named=True)}
    usd = [row["account_id"] for row in medium.sandbox.truth.ad_accounts() if row["currency"] == "USD"]
    days = medium.sandbox.truth.creative_daily_metrics(FIRST, UNTIL, usd)
    assert {row["creative_id"] for row in days} <= set(rows)
    for creative, row in rows.items():
        assert row["name"] == names.get(creative, f"Not listed · {creative}")
        for name in ("cost_in_local_currency", "impressions", "landing_page_clicks"):
            assert row[name] == truth.get(creative, {}).get(name, 0), (creative, name)
    assert "Fatigue · USD" in capsys.readouterr().out


@pytest.mark.slow
def test_weeks_shown_are_those_of_the_chosen_currency(
    medium: PagesInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in medium.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["creatives.py", "--currency", "JPY"])
    defined = run_cells("creatives", source=SimpleNamespace(value="database"))
    drawn = weeks_of(defined["weeks"], defined["ads"])
    yen = {row["account_id"] for row in medium.sandbox.truth.ad_accounts() if row["currency"] == "JPY"}
    assert set(drawn["account_id"]) <= yen
    assert drawn.height
    assert drawn["name"].str.len_chars().max() <= 18


@pytest.mark.slow
def test_as_a_script_on_the_sample_it_prints_the_figures_and_says_where_they_are_from(tmp_path: Path) -> None:
    outside = {"WORKBENCH_HOME": str(tmp_path), "SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    ran = run_script("creatives", "--source", "sample", "--period", "28d", environment=outside)
    assert (ran.returncode, ran.stderr) == (0, "")
    for said in ("EUR\nAd ", "Fatigue · JPY", "Source: Sample data (invented)", "daily figures per ad;"):
        assert said in ran.stdout


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_page_shows_the_truth_and_follows_its_filters(medium: PagesInstallation, tabs: BrowserContext) -> None:
    with Pages("creatives", environment=medium.environment) as pages:
        page, said = pages.tab(tabs, height=3000)
        page.goto(f"{pages.origin}/creatives/?period=28d&currency=USD&ad=1")
        page.locator('[data-cell-name="by_week"] .vega-embed').wait_for(timeout=SECONDS)
        truth = medium.sums("creative_daily_metrics", "creative_id", FIRST, UNTIL)

        def most(currency: str) -> str:
            accounts = [r["account_id"] for r in medium.sandbox.truth.ad_accounts() if r["currency"] == currency]
            days = medium.sandbox.truth.creative_daily_metrics(FIRST, UNTIL, accounts)
            money = max(truth[row["creative_id"]]["cost_in_local_currency"] for row in days)
            return formatting.money(money, currency)

        first = page.locator('[data-cell-name="comparison_of_all"]').get_by_role("row").nth(1)
        first.get_by_text(most("USD"), exact=True).first.wait_for(timeout=SECONDS)
        one = page.locator('[data-cell-name="chosen_ad"]')
        one.get_by_text("Ad 1 has no figures with these choices.").wait_for(timeout=SECONDS)
        second = page.locator('[data-cell-name="comparison_of_all"]').get_by_role("row").nth(2)
        second.get_by_role("checkbox").click()
        page.wait_for_url(re.compile(r"ad=\d{2,}"), timeout=SECONDS)
        one.get_by_text("Ad 1 has").wait_for(state="detached", timeout=SECONDS)
        one.get_by_text("Ad set:").wait_for(timeout=SECONDS)

        page.get_by_role("radio", name="JPY").click()
        first.get_by_text(most("JPY"), exact=True).first.wait_for(timeout=SECONDS)
        said_of_ads = re.compile(r"\d+ of \d+ active ads?|^Not enough data")
        page.locator('[data-cell-name="tired"]').get_by_text(said_of_ads).first.wait_for(timeout=SECONDS)
        assert (said, cell_errors(page)) == ([], 0)
