"""The audience of one campaign or ad set: a choice kept in the address, true to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from browsers import MILLISECONDS, cell_errors
from databases import new_database
from installations import run_page, served, settings_of
from playwright.sync_api import BrowserContext
from sync.installation import Installation, Row, new_installation

from workbench import query
from workbench.analytics import audiences, formatting
from workbench.database import embedded
from workbench.database.connection import Database
from workbench.pages import audience_entities

SENIORITY = "MEMBER_SENIORITY"
SUMS = ("impressions", "clicks", "cost_in_local_currency")


@pytest.fixture(scope="module")
def synced_installation(
    server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with new_installation(new_database(server), tmp_path_factory.mktemp("entities")) as installation:
        installation.changes |= {"DEMOGRAPHICS_BY": "campaign_group,campaign"}
        assert installation.sync().exit_code == 0
        yield installation


@pytest.fixture
def installation(synced_installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    for name, value in settings_of(synced_installation).items():
        monkeypatch.setenv(name, value)
    return synced_installation


def _segments(installation: Installation, level: str) -> list[Row]:
    """By the truth, the segments by seniority of the entity of a level with most impressions."""
    window = installation.window[0], installation.today - timedelta(days=1)
    rows = installation.sandbox.truth.entity_demographics(*window, levels=[level], pivots=[SENIORITY])
    of = {row["entity_id"]: [one for one in rows if one["entity_id"] == row["entity_id"]] for row in rows}
    return max(of.values(), key=lambda mine: (sum(row["impressions"] for row in mine), mine[0]["entity_id"]))


def _of(segment: Row) -> str:
    return f"{segment['level'].lower()}:{segment['entity_id']}"


@pytest.mark.slow
@pytest.mark.parametrize("source", ["database", "snapshots"])
@pytest.mark.parametrize("level", ["CAMPAIGN_GROUP", "CAMPAIGN"])
def test_totals_are_those_of_the_ad_sets_of_the_entity(installation: Installation, level: str, source: Any) -> None:
    segments = _segments(installation, level)
    one = segments[0]
    groups = {row["campaign_id"]: row["campaign_group_id"] for row in installation.sandbox.truth.campaigns()}
    days = installation.sandbox.truth.campaign_daily_metrics(one["window_start"], one["window_end"])
    owner = {"CAMPAIGN": lambda row: row["campaign_id"], "CAMPAIGN_GROUP": lambda row: groups.get(row["campaign_id"])}
    mine = [row for row in days if owner[level](row) == one["entity_id"]]

    found = query("entity_demographics_totals", source=source, level=level, entity_id=one["entity_id"]).filter(
        pivot=SENIORITY
    )

    (row,) = found.to_dicts()
    assert row["segments"] == len(segments)
    for name in SUMS:
        assert row[f"shown_{name}"] == sum(segment[name] for segment in segments)
        assert row[f"entity_{name}"] == sum(day[name] for day in mine)
    shares = audiences.shown_shares(audience_entities.with_totals_of_account(found))
    assert 0 < shares["shown_share_of_impressions"].item() <= 1


@pytest.mark.slow
def test_a_campaign_has_no_total_while_an_ad_set_of_the_account_is_not_listed(installation: Installation) -> None:
    def totals(level: str) -> set[bool]:
        one = _segments(installation, level)[0]
        found = query("entity_demographics_totals", source="database", level=level, entity_id=one["entity_id"])
        return {row["entity_impressions"] is None for row in found.to_dicts()}

    one, kept = (_segments(installation, level)[0] for level in ("CAMPAIGN_GROUP", "CAMPAIGN"))
    days = installation.sandbox.truth.campaign_daily_metrics(one["window_start"], one["window_end"])
    of_account = {row["campaign_id"] for row in days if row["account_id"] == one["account_id"]}
    hidden = min(of_account - {kept["entity_id"]})
    hide = "update campaigns set campaign_id = -campaign_id where campaign_id = %s"
    anew = "update account_loads set loads = loads + 1"  # answers are kept until then
    with Database(installation.database_url).connect() as connection:
        connection.execute(hide, [hidden])
        connection.execute(anew)
        try:
            assert [totals(level) for level in ("CAMPAIGN_GROUP", "CAMPAIGN")] == [{True}, {False}]
        finally:
            connection.execute(hide, [-hidden])
            connection.execute(anew)
    assert totals("CAMPAIGN_GROUP") == {False}


def test_the_menu_says_level_name_and_objective_and_knows_namesakes_apart() -> None:
    columns = ("level", "entity_id", "entity_name", "objective_type")
    rows = [
        ("CAMPAIGN", 3, "Same", "LEAD_GENERATION"),
        ("CAMPAIGN", 4, "Same", "LEAD_GENERATION"),
        ("CAMPAIGN_GROUP", 5, None, None),
    ]

    found = audience_entities.entities(pl.DataFrame(rows * 2, schema=columns, orient="row"))

    assert [one.key for one in found] == ["campaign_group:5", "campaign:3", "campaign:4"]
    assert list(audience_entities.labelled(found)) == [
        "The whole account",
        "Campaign 5 · n/a",
        "Ad set Same · Lead generation",
        "Ad set Same · Lead generation (4)",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("source", ["database", "snapshots"])
@pytest.mark.parametrize("level", ["CAMPAIGN_GROUP", "CAMPAIGN"])
def test_as_a_script_it_prints_the_segments_of_the_entity(installation: Installation, level: str, source: str) -> None:
    segments = _segments(installation, level)
    arguments = ("--account", str(segments[0]["account_id"]), "--source", source, "--by", SENIORITY)

    ran = run_page(
        "audiences",
        *arguments,
        "--of",
        _of(segments[0]),
        settings=settings_of(installation),
        folder=installation.folder,
    )

    total = sum(row["impressions"] for row in segments)
    printed = {" ".join(line.split()) for line in ran.stdout.splitlines()}
    assert (ran.returncode, ran.stderr) == (0, "")
    for row in segments:
        start = f"{row['segment_name']} {formatting.percent(row['impressions'] / total, 1)} "
        assert any(line.startswith(start) for line in printed), start
    named = {"CAMPAIGN_GROUP": "Audience of: Campaign ", "CAMPAIGN": "Audience of: Ad set "}
    assert any(line.startswith(named[level]) for line in printed)


@pytest.mark.slow
def test_as_a_script_one_that_was_not_asked_for_is_refused_by_name(installation: Installation) -> None:
    ran = run_page("audiences", "--of", "campaign:4711", settings=settings_of(installation), folder=installation.folder)

    assert (ran.returncode != 0, ran.stdout) == (True, "")
    assert ran.stderr.splitlines()[0] == "--of campaign:4711 is not on offer."


@pytest.mark.browser
def test_a_choice_is_kept_in_the_address_and_ends_with_its_account(
    installation: Installation, tabs: BrowserContext
) -> None:
    segments = _segments(installation, "CAMPAIGN_GROUP")
    account = segments[0]["account_id"]
    other = next(row["account_id"] for row in installation.sandbox.truth.ad_accounts() if row["account_id"] != account)
    with served(["audiences"], settings=settings_of(installation), folder=installation.folder) as app:
        page, said = app.tab(tabs, width=1300, height=1000)
        page.goto(f"{app.origin}/audiences/?account={account}&by={SENIORITY}&of={_of(segments[0])}")
        page.locator('[data-cell-name="shown"]').get_by_text("part of the campaign's figures").wait_for(
            timeout=MILLISECONDS
        )
        total = sum(row["impressions"] for row in segments)
        for row in segments:
            cells = page.locator('[data-cell-name="all_segments"]').get_by_role("row", name=row["segment_name"])
            cells.first.get_by_text(f"{100 * row['impressions'] / total:.2f}").first.wait_for(timeout=MILLISECONDS)

        menu = page.locator('[data-cell-name="strip"]').get_by_label("Account", exact=True)
        label = next(text for text in menu.locator("option").all_inner_texts() if f"({other})" in text)
        menu.select_option(label=label)
        page.wait_for_url(lambda url: str(other) in url and "of=" not in url, timeout=MILLISECONDS)
        page.goto(f"{app.origin}/audiences/?account={account}&of=campaign:4711")
        page.get_by_text("There is no audience of campaign:4711 in this account.").wait_for(timeout=MILLISECONDS)
        assert (said, cell_errors(page)) == ([], 0)
