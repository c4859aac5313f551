"""The overview: its figures are the sandbox's truth, as text and on the page; every state says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from installations import settings_of, synced
from playwright.sync_api import BrowserContext, expect
from report_pages import (
    SECONDS,
    UNTIL,
    Pages,
    PagesInstallation,
    cell_errors,
    run_script,
)

from workbench.analytics.formatting import money, number
from workbench.database import embedded

FIRST = UNTIL - timedelta(27)


@pytest.fixture(scope="module")
def installation(
    server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PagesInstallation]:
    with synced(server, tmp_path_factory.mktemp("overview")) as installation:
        yield PagesInstallation(installation.sandbox, settings_of(installation))


def truth(installation: PagesInstallation) -> dict[str, dict[str, Decimal]]:
    """By currency: spend, impressions and clicks of the last 28 complete days."""
    currencies = {row["account_id"]: row["currency"] for row in installation.sandbox.truth.ad_accounts()}
    sums: dict[str, dict[str, Decimal]] = {}
    for row in installation.sandbox.truth.campaign_daily_metrics(FIRST, UNTIL):
        mine = sums.setdefault(currencies[row["account_id"]], {})
        for name in ("cost_in_local_currency", "impressions", "clicks"):
            mine[name] = mine.get(name, Decimal(0)) + row[name]
    return sums


@pytest.mark.slow
@pytest.mark.parametrize("source", ["database", "snapshots"])
def test_the_script_prints_the_sandboxs_truth(installation: PagesInstallation, source: str) -> None:
    ran = run_script("overview", "--period", "28d", "--source", source, environment=installation.environment)
    assert ran.returncode == 0, ran.stderr
    for currency, sums in truth(installation).items():
        block = re.search(rf"^{currency}\n((?:  .*\n)+)", ran.stdout, re.MULTILINE)
        assert block is not None
        assert f"Spend: {money(sums['cost_in_local_currency'], currency)} (" in block[1]
        assert f"Impressions: {number(sums['impressions'])} (" in block[1]
        assert f"Clicks: {number(sums['clicks'])} (" in block[1]


@pytest.mark.slow
def test_the_script_takes_one_account_and_refuses_one_that_is_not_there(installation: PagesInstallation) -> None:
    account = installation.sandbox.truth.ad_accounts()[0]
    one = run_script("overview", "--account", str(account["account_id"]), environment=installation.environment)
    none = run_script("overview", "--account", "4711", environment=installation.environment)
    assert one.stdout.splitlines()[0] == account["currency"]
    assert (none.returncode, none.stderr.splitlines()[0]) == (70, "There is no ad account 4711 in this source.")


@pytest.mark.slow
def test_the_script_reads_the_sample_without_database_or_token(tmp_path: Path) -> None:
    empty = {"WORKBENCH_HOME": str(tmp_path / "home"), "SNAPSHOT_DIR": str(tmp_path / "none")}
    ran = run_script("overview", environment=empty)
    assert ran.returncode == 0, ran.stderr
    assert "Source: Sample data (invented)" in ran.stdout


@pytest.mark.browser
def test_the_page_shows_the_truth_and_keeps_its_choices_over_a_reload(
    installation: PagesInstallation, tabs: BrowserContext
) -> None:
    with Pages("overview", environment=installation.environment) as pages:
        page, said = pages.tab(tabs, height=4000)
        page.goto(f"{pages.origin}/overview/")
        tiles = page.locator('[data-cell-name="tiles"]')
        tiles.get_by_text("Spend").first.wait_for(timeout=SECONDS)
        page.locator(".vega-embed canvas, .vega-embed svg").nth(1).wait_for(timeout=SECONDS)
        page.get_by_label("Period").select_option(label="Last 28 complete days")
        for currency, sums in truth(installation).items():
            exact = money(sums["cost_in_local_currency"], currency)
            tiles.get_by_title(exact, exact=True).first.wait_for(timeout=SECONDS)
            tiles.get_by_title(number(sums["impressions"]), exact=True).first.wait_for(timeout=SECONDS)
        page.wait_for_url("**period=28d*", timeout=SECONDS)
        page.reload()
        tiles.get_by_text("Spend").first.wait_for(timeout=SECONDS)
        expect(page.get_by_label("Period")).to_have_value("Last 28 complete days")
        page.locator(".vega-embed canvas, .vega-embed svg").nth(1).wait_for(timeout=SECONDS)
        page.get_by_role("row").nth(6).wait_for(timeout=SECONDS)
        with page.expect_download(timeout=SECONDS) as download:
            page.get_by_role("button", name="CSV").or_(page.get_by_role("link", name="CSV")).first.click()
        assert re.fullmatch(r"ad_sets_[A-Z]{3}(_20\d\d-\d\d-\d\d){2}\.csv", download.value.suggested_filename)
        assert (cell_errors(page), said) == (0, [])
        page.close()


@pytest.mark.browser
def test_without_anything_of_ones_own_the_page_says_that_it_shows_the_sample(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    empty = {"WORKBENCH_HOME": str(tmp_path / "home"), "SNAPSHOT_DIR": str(tmp_path / "none")}
    with Pages("overview", environment=empty) as pages:
        page, said = pages.tab(tabs)
        page.goto(f"{pages.origin}/overview/")
        page.get_by_text("This is sample data, invented for you to look around.").wait_for(timeout=SECONDS)
        page.goto(f"{pages.origin}/overview/?source=database")
        page.get_by_text("Nothing has been synced to the database yet.").wait_for(timeout=SECONDS)
        assert (
            page.get_by_role("link", name="Look at the sample data meanwhile").get_attribute("href") == "?source=sample"
        )
        assert (cell_errors(page), said) == (0, [])
        page.close()


@pytest.mark.browser
def test_a_database_out_of_reach_is_a_failure_with_a_next_step_not_another_source(
    tabs: BrowserContext, tmp_path: Path
) -> None:
    gone = {
        "WORKBENCH_HOME": str(tmp_path / "home"),
        "SNAPSHOT_DIR": str(tmp_path / "none"),
        "DATABASE_URL": "postgresql://app:secret-word@127.0.0.1:9/ads",
    }
    with Pages("overview", environment=gone) as pages:
        page, _ = pages.tab(tabs)
        page.goto(f"{pages.origin}/overview/")
        alert = page.get_by_role("alert")
        alert.wait_for(timeout=SECONDS)
        said = alert.inner_text()
        assert [word in said for word in ("Why", "Next", "secret-word")] == [True, True, False]
        page.close()
