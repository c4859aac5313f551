"""Each story of the believable world is found by the answer that should find it, and not where it does not happen."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest

from workbench import answer, query
from workbench.cli.invented_snapshots import write_snapshot
from workbench.sandbox import Sandbox
from workbench.snapshots.catalog import list_snapshots

TODAY = date(2026, 11, 22)
EMEA, AMERICAS = 508310000, 508310041
DACH = "SC-IMG | LG | Plant managers | DACH"
CAPPED = "SC-DOC | LG | Quality leads | UK&I"
BIDS = {"SC-VID | VV | Ops directors+ | Nordics", "SC-IMG | LG | Maintenance leads | Benelux"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[True, False], ids=["with the stories", "without"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bool]:
    """Two weekly snapshots of the believable world, and whether its stories happen."""
    folder = tmp_path_factory.mktemp("stories")
    stories = None if request.param else frozenset[str]()
    begins = TODAY - timedelta(7)
    with Sandbox(world="believable", size="small", today=begins, anchor=TODAY, stories=stories) as sandbox:
        sandbox.switches.quotas.clear()
        for day in (begins, TODAY):
            sandbox.advance((day - sandbox.clock.today).days)
            earlier = list_snapshots(folder).finished[-1:]
            write_snapshot(sandbox, folder, datetime.combine(day, time(6), UTC), days=90, earlier=earlier)
    return folder, request.param


@pytest.fixture
def happens(world: tuple[Path, bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bool:
    monkeypatch.setenv("SNAPSHOT_DIR", str(world[0]))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    return world[1]


def ad_sets() -> dict[int, str]:
    return dict(query("campaign_budgets", source="snapshots").select("campaign_id", "name").iter_rows())


def test_a_budget_that_is_spent_nine_days_early_is_found_by_pacing_and_in_the_morning(happens: bool) -> None:
    groups = query("pacing", source="snapshots").filter(account_id=EMEA, level="campaign_group")
    early = groups.filter(pl.col("used_up_on") <= TODAY)
    held = query("morning", source="snapshots").filter(rule="serving_hold")
    assert early.height == happens
    assert {ad_sets()[one] for one in held["campaign_id"]} == ({DACH} if happens else set())


def test_a_longer_form_is_found_by_what_moved_the_cost_of_a_lead(happens: bool) -> None:
    mine = {"account_id": EMEA, "objective_type": "LEAD_GENERATION"}
    found = answer("drivers", source="snapshots")
    parts = dict(found.frame.filter(**mine).select("factor", "amount").iter_rows())
    total = found.frames["driver_totals"].filter(**mine).row(0, named=True)
    assert max(parts, key=lambda name: abs(parts[name])) == "cvr"
    assert (total["change"] > 0.4 * total["before"]) == happens


def test_bids_that_are_too_low_are_found_as_causes(happens: bool) -> None:
    why = query("pacing_causes", source="snapshots").filter(why="spends_less", level="account")
    assert ({ad_sets()[one] for one in why["id"]} >= BIDS) == happens


def test_raised_budgets_are_found_by_pacing_against_a_plan(happens: bool) -> None:
    plan = query("pacing", source="snapshots", monthly_plan=30_000).filter(account_id=AMERICAS, level="account")
    assert (plan["p_over"].item() > 0.9) == happens
    assert (plan["p_over"].item() < 0.1) != happens


def test_the_cheapest_ad_set_whose_budget_is_used_up_is_where_a_test_is_suggested(happens: bool) -> None:
    suggested = query("reallocation", source="snapshots").filter("suggestion")
    assert {ad_sets()[one] for one in suggested["target_id"]} == ({CAPPED} if happens else set())


def test_the_image_that_tired_in_one_audience_is_found_there_alone(happens: bool) -> None:
    found = query("creative_fatigue", source="snapshots").filter(
        pl.col("verdict").is_in(["tired", "watch"]), account_id=EMEA
    )
    assert found["campaign_name"].unique().to_list() == ([DACH] if happens else [])


def test_a_network_without_leads_is_found_by_placement(happens: bool) -> None:
    found = answer("placement", source="snapshots").frames["placement_ratios"]
    high = found.filter(account_id=AMERICAS, objective_type="LEAD_GENERATION")["high"].item()
    assert (high is not None and high < 0.6) == happens


def test_who_gives_the_leads_and_who_costs_without_any_is_found_by_the_index(happens: bool) -> None:
    found = query("demographic_index", source="snapshots", account_ids=[EMEA], counted="one_click_leads")
    at_most = dict(found.select("segment", "index_high").iter_rows())
    verdicts = dict(found.select("segment", "verdict").iter_rows())
    assert (verdicts["Purchasing"] == "over") == happens
    assert (at_most["Training"] is not None and at_most["Training"] < 60) == happens
    headlines = [
        said.text for said in answer("demographic_index", source="snapshots", counted="one_click_leads").sentences
    ]
    assert any("Purchasing answer more than they see" in text for text in headlines) == happens


def test_conversions_that_arrive_in_their_second_week_are_found_by_what_was_restated(happens: bool) -> None:
    found = answer("restatements", source="snapshots")
    week = found.frames["restated_weeks"].filter(
        account_id=EMEA, objective_type="WEBSITE_CONVERSION", last_day=TODAY - timedelta(8)
    )
    then, now = week.select("results_before", "results_after").row(0)
    assert (now >= 2 * then) == happens
    assert now > then
    assert found.frame.filter(account_id=EMEA, metric="external_website_conversions").height > 0
