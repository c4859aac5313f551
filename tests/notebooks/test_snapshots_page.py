"""What did LinkedIn say, and when: two snapshots side by side show what came, what was corrected, what was changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic
from typing import Any

import polars as pl
import pytest
from browsers import MILLISECONDS, beside, cell_errors
from installations import edited, rows_of, run_page, served, settings_of, synced
from marks import sweep_except
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sync.installation import Installation

from workbench import connect, query
from workbench.analytics import snapshot_diff
from workbench.analytics.restated_weeks import RESTATED_WEEKS
from workbench.database import embedded
from workbench.errors import ValidationError
from workbench.pages import snapshots

NAME = 'Q4 <b>bold</b> | *stars* $x$ {y} <img src=x onerror="document.title=1">'


@pytest.fixture(scope="module")
def synced_installation(
    server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Two snapshots: in between a day went by, LinkedIn corrected one ad set's days, and a person changed two."""
    with synced(server, tmp_path_factory.mktemp("snapshots")) as installation:
        world, account = installation.sandbox.world, _busiest(installation)
        corrected, renamed, paused = [one.id for one in world.listed_campaigns(account)][:3]
        installation.sandbox.advance(1)
        world.restate(
            installation.today - timedelta(10), installation.today - timedelta(8), percent=50, campaign_id=corrected
        )
        world.rename("campaigns", renamed, NAME)
        world.set_status("campaigns", paused, "CANCELED")
        assert beside(lambda: installation.sync(force=True)).exit_code == 0
        yield installation


@pytest.fixture
def installation(synced_installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Installation:
    for name, value in settings_of(synced_installation).items():
        monkeypatch.setenv(name, value)
    return synced_installation


def _busiest(installation: Installation) -> int:
    counts = {
        one.id: len(installation.sandbox.world.listed_campaigns(one.id))
        for one in installation.sandbox.world.listed_accounts()
    }
    return max(counts, key=lambda account: counts[account])


def _answers(installation: Installation, question: str) -> Any:
    before, after = (snapshot.name for snapshot in installation.snapshots())
    return query(question, source="snapshots", before=before, after=after)


def _corrected_impressions(installation: Installation) -> int:
    """What the corrected ad set had left on its three days, by the sandbox's own account."""
    account = _busiest(installation)
    campaign = installation.sandbox.world.listed_campaigns(account)[0].id
    days = installation.sandbox.truth.campaign_daily_metrics(
        installation.today - timedelta(10), installation.today - timedelta(8), [account]
    )
    return sum(row["impressions"] for row in days if row["campaign_id"] == campaign)


def test_past_weeks_show_what_differs_and_is_known_in_both() -> None:
    usual = {"account_id": 1, "currency": "EUR", "objective_type": "WEBSITE_CONVERSION", "week": date(2026, 11, 2)}
    usual |= {"last_day": date(2026, 11, 8), "spend_before": Decimal(410), "spend_after": Decimal(410)}
    rows = [
        {**usual, "results_before": 1, "results_after": 2},
        {**usual, "results_before": 2, "results_after": 2, "objective_type": "LEAD_GENERATION"},
        {**usual, "results_before": None, "results_after": 3, "spend_before": None, "week": date(2026, 11, 1)},
    ]
    costs = {"cost_per_result_before": 410.0, "cost_per_result_after": 205.0}
    frame = pl.DataFrame([{**row, **costs} for row in rows], schema=RESTATED_WEEKS)
    assert snapshot_diff.restated_weeks(frame, {1: "Northwind"}).rows(named=True) == [
        {
            "Days": "2–8 Nov 2026",
            "Account": "Northwind",
            "Objective": "Website conversions",
            "Spend then": "€410.00",
            "Spend now": "€410.00",
            "Results then": "1",
            "Results now": "2",
            "Cost per result then": "€410.00",
            "Cost per result now": "€205.00",
        }
    ]


def test_the_page_begins_with_the_newest_snapshot_and_the_newest_a_week_before_it() -> None:
    names = [f"202611{day:02}T061200Z" for day in (30, 29, 24, 23, 22, 1)]
    assert snapshots._week_before(pl.DataFrame({"snapshot": names})) == names[3]
    assert snapshots._week_before(pl.DataFrame({"snapshot": names[:3]})) == names[2]
    assert snapshots._week_before(pl.DataFrame({"snapshot": names[:1]})) is None


# --- the figures ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_corrected_figure_differs_from_a_day_that_was_under_way(installation: Installation) -> None:
    before, _ = (snapshot.name for snapshot in installation.snapshots())
    rows = snapshot_diff.restated(_answers(installation, "restated_days"), before=before)

    kinds = {day: kind for day, kind in rows.select("Day", "Kind").iter_rows()}
    yesterday = installation.today - timedelta(1)
    assert kinds[yesterday] == snapshot_diff.UNDER_WAY
    assert {kind for day, kind in kinds.items() if day < yesterday} == {snapshot_diff.RESTATED}
    assert rows["Kind"][0] == snapshot_diff.RESTATED


def test_the_sums_of_what_was_restated_are_the_truth(installation: Installation) -> None:
    before, _ = (snapshot.name for snapshot in installation.snapshots())
    rows = snapshot_diff.restated_sums(_answers(installation, "restated_days"), before=before)

    (impressions,) = rows.filter(rows["Metric"] == "Impressions").to_dicts()
    assert impressions["Days"] == 3
    assert impressions["After"] == f"{_corrected_impressions(installation):,}"


def test_settings_are_shown_with_both_values_and_a_new_entity_is_one_row(installation: Installation) -> None:
    rows = snapshot_diff.settings(_answers(installation, "changed_settings"))

    changes = rows.select("What", "Setting", "After").rows()
    assert ("Ad set", "Name", NAME) in changes
    assert ("Ad set", "Status", "CANCELED") in changes
    assert len(changes) == 2


def test_the_summary_counts_days_figures_and_settings(installation: Installation) -> None:
    before, _ = (snapshot.name for snapshot in installation.snapshots())
    new, differing, changed = (
        _answers(installation, question) for question in ("new_days", "restated_days", "changed_settings")
    )

    said = snapshot_diff.summary(new, differing, changed, before=before)

    corrected = snapshot_diff.restated(differing, before=before)
    count = corrected.filter(corrected["Kind"] == snapshot_diff.RESTATED).height
    assert said == f"1 new day, {count} figures restated, 2 settings changed."


# --- SQL of one's own -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("title", sorted(snapshots.examples()))
@pytest.mark.parametrize("source", sweep_except("snapshots", of=["sample", "snapshots"]))
def test_every_example_answers_with_rows(installation: Installation, title: str, source: Any) -> None:
    assert title.endswith("?") or title.endswith(".")
    assert snapshots.ask(connect(source), snapshots.examples()[title]).height > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement", ["selec 1", "", "select * from read_text('/etc/hostname')", "copy (select 1) to 'stolen.csv'"]
)
def test_what_duckdb_refuses_is_said_and_no_file_is_reached(statement: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        snapshots.ask(connect("sample"), statement)

    assert refused.value.why
    assert not (tmp_path / "stolen.csv").exists()


# --- as a script ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_as_a_script_it_prints_the_list_and_the_differences(installation: Installation) -> None:
    ran = run_page("snapshots", settings=settings_of(installation), folder=installation.folder)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert [snapshot.name for snapshot in installation.snapshots() if snapshot.name not in ran.stdout] == []
    assert "1 new day" in ran.stdout
    assert f"{_corrected_impressions(installation):,}" in ran.stdout
    assert "CANCELED" in ran.stdout


@pytest.mark.slow
def test_as_a_script_without_snapshots_it_says_what_to_do(tmp_path: Path) -> None:
    settings = {"SNAPSHOT_DIR": str(tmp_path / "none"), "WORKBENCH_HOME": str(tmp_path / "home")}
    ran = run_page("snapshots", settings=settings, folder=tmp_path)

    assert (ran.returncode, ran.stdout) == (0, "There is no snapshot yet. Run `workbench sync`.\n")


def test_snapshots_of_one_minute_have_different_names() -> None:
    moments = [datetime(2026, 11, 22, 12, 0, second, tzinfo=UTC) for second in (30, 5)] + [
        datetime(2026, 11, 21, 7, tzinfo=UTC)
    ]
    known = pl.DataFrame({"snapshot": ["c", "b", "a"], "started_at": moments, "incomplete_parts": [0, 0, 2]})
    assert snapshots._menu(known) == {
        "22 Nov 2026, 12:00 UTC · c": "c",
        "22 Nov 2026, 12:00 UTC · b": "b",
        "21 Nov 2026, 07:00 UTC · 2 parts incomplete": "a",
    }


# --- in the browser -------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_page_shows_the_differences_as_text_and_no_sql_without_an_editor(
    installation: Installation, tabs: BrowserContext
) -> None:
    with served(["snapshots"], settings=settings_of(installation), folder=installation.folder) as app:
        page, said = app.tab(tabs, width=1300, height=1000)
        page.goto(f"{app.origin}/snapshots/")
        page.get_by_text("1 new day, ").wait_for(timeout=MILLISECONDS)
        page.get_by_text(NAME, exact=True).first.wait_for(timeout=MILLISECONDS)
        page.locator(".wb-foot").wait_for(timeout=MILLISECONDS)

        sums = {row[1]: row[4] for row in rows_of(page, "corrected")}
        assert sums["Impressions"] == f"{_corrected_impressions(installation):,}"
        assert page.title() == "What did LinkedIn say, and when?"
        assert page.get_by_text("Ask in SQL").count() == 0
        assert (said, cell_errors(page)) == ([], 0)


@pytest.mark.browser
def test_in_the_editor_an_example_is_chosen_and_run_and_a_mistake_is_shown(
    installation: Installation, tabs: BrowserContext
) -> None:
    editor = edited("snapshots", settings=settings_of(installation), folder=installation.folder)
    with editor as (address, there):
        page = tabs.new_page()
        page.set_viewport_size({"width": 1300, "height": 3000})
        page.goto(address)
        page.goto(there)
        example = page.get_by_label("Begin with")
        _run_all(page, until=example)
        example.select_option(label="On which weekday does a click cost least?", timeout=MILLISECONDS)
        statement = page.locator("marimo-code-editor .cm-content")
        expect(statement).to_contain_text("dayname(m.date)", timeout=MILLISECONDS)
        page.get_by_role("button", name="Run", exact=True).last.click()
        answer = page.locator("marimo-table").last
        expect(answer).to_contain_text("Wednesday", timeout=MILLISECONDS)

        statement.fill("selec 1")
        page.get_by_role("button", name="Run", exact=True).last.click()
        page.get_by_text("The statement was not answered.").wait_for(timeout=MILLISECONDS)
        page.get_by_text("syntax error").first.wait_for(timeout=MILLISECONDS)


def _run_all(page: Page, *, until: Locator) -> None:
    """The editor's shortcut, which counts as soon as there is a kernel."""
    deadline = monotonic() + MILLISECONDS / 1000
    while not until.count():
        assert monotonic() < deadline, "the editor runs nothing"
        page.keyboard.press("Control+Shift+r")
        page.wait_for_timeout(2000)


@pytest.mark.browser
def test_without_snapshots_the_page_says_what_a_snapshot_is(tmp_path: Path, tabs: BrowserContext) -> None:
    settings = {"SNAPSHOT_DIR": str(tmp_path / "none"), "WORKBENCH_HOME": str(tmp_path / "home")}
    with served(["snapshots"], settings=settings, folder=tmp_path) as app:
        page, said = app.tab(tabs, width=420, height=900)
        page.goto(f"{app.origin}/snapshots/")
        page.get_by_text("There is no snapshot yet.").wait_for(timeout=MILLISECONDS)

        assert (said, cell_errors(page)) == ([], 0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 420
