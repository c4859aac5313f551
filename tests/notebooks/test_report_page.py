"""Report: what the page shows is the report that the command makes, and every file of it; what is missing is said."""

from __future__ import annotations

import html
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from browsers import MILLISECONDS, cell_errors, show
from installations import Served, served
from playwright.sync_api import BrowserContext

from workbench.answers.plan import Plan
from workbench.pages import report as page
from workbench.queries.api import default
from workbench.reports.gather import make_report
from workbench.reports.html import safe
from workbench.reports.model import Report
from workbench.reports.scope import Wanted

EMEA, OTHER = 508310000, 508310041
MONTH = "2026-11"


def wanted(period: str = MONTH, *ids: int, **facts: Any) -> page.Chosen:
    usual = {"source": "sample", "as_of": None, "last_day": date(2026, 11, 21), "now": {}}
    return page.Chosen(**{**usual, "account_ids": ids or (EMEA,), "period": period, **facts})


@pytest.fixture(scope="module")
def made() -> Report:
    return make_report(default, "sample", Wanted((EMEA,), period=MONTH), Plan())


@pytest.fixture(autouse=True)
def _without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.pages.report.remember", lambda **values: None)


def test_the_page_shows_the_report_of_the_command_with_its_pin(made: Report) -> None:
    shown = page.report(wanted(), "- Move <b>budget</b>")
    assert shown.data_hash == made.data_hash
    assert [block.text for section in shown.sections for block in section.blocks] == ["Move <b>budget</b>"]
    said = page.pinned(made, wanted()).text
    assert made.pin.snapshot in said
    assert made.data_hash[:12] in said
    frame = page.shown(made).text
    assert 'sandbox=""' in frame
    assert made.data_hash in frame
    assert made.headline in page.page_text(made)


def test_every_file_is_offered_and_the_zip_holds_every_table(made: Report) -> None:
    assert list(page.downloads(made).elements) == ["html", "pdf", "xlsx", "zip"]
    content = page.zipped(made)
    assert content == page.zipped(made)
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        assert {*folder.namelist()} == {"about.json", *(f"{table.name}.csv" for table in made.tables)}
        assert json.loads(folder.read("about.json"))["data_sha256"] == made.data_hash


@pytest.mark.parametrize(("module", "kept"), [("vl_convert", ["xlsx", "zip"]), ("typst", ["html", "xlsx", "zip"])])
def test_without_the_extra_the_rest_is_there_and_the_remedy_is_said(
    module: str, kept: list[str], made: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    files = page.downloads(made)
    assert list(files.elements) == kept
    assert "pip install -e" in html.unescape(page.downloads_view(files).text)
    assert ("<iframe" in page.shown(made).text) == (module == "typst")


def test_old_figures_are_called_old_and_past_states_are_not(made: Report) -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    own: Any = {"source": "snapshots"}
    assert "9 days old" in page.pinned(made, wanted(**own), now=now).text
    assert "days old" not in page.pinned(made, wanted(**own, as_of=date(2026, 11, 22)), now=now).text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (wanted("2020-01"), "There is nothing to report on"),
        (wanted(MONTH, EMEA, OTHER), "money is never added over currencies"),
        (wanted(MONTH, 1), "Account 1 cannot be reported on."),
    ],
)
def test_what_cannot_be_reported_on_ends_with_the_reason(
    asked: page.Chosen, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def stop(error: Exception) -> None:
        told.append(str(error))
        raise SystemExit

    monkeypatch.setattr("workbench.pages.report.messages.stop", stop)
    with pytest.raises(SystemExit):
        page.report(asked)
    assert said in told[0]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, tabs: BrowserContext) -> Iterator[Served]:
    """All pages, and nothing but the sample."""
    folder = tmp_path_factory.mktemp("report")
    settings = {"WORKBENCH_HOME": str(folder), "SNAPSHOT_DIR": str(folder / "snapshots")}
    with served(None, settings=settings, folder=folder) as app:
        app.let_in(tabs)
        yield app


@pytest.mark.browser
def test_a_report_is_read_and_taken_away(app: Served, tabs: BrowserContext, made: Report, tmp_path: Path) -> None:
    tab = tabs.new_page()
    show(tab, f"{app.origin}/report/?source=sample&account={EMEA}&period={MONTH}")
    frame = tab.frame_locator('[data-cell-name="shown"] iframe')
    frame.get_by_text(unescape(safe(made.headline))).wait_for(timeout=MILLISECONDS)
    assert made.pin.snapshot in tab.locator(".wb-period").inner_text()
    assert frame.locator("svg").count() == len([one for part in made.sections for one in part.charts])
    starts = {"HTML": b"<!doctype html>", "PDF": b"%PDF", "Excel": b"PK", "CSV (zip)": b"PK"}
    for name, start in starts.items():
        with tab.expect_download(timeout=MILLISECONDS) as waiting:
            tab.locator('[data-cell-name="downloads"]').get_by_text(name, exact=True).click()
        waiting.value.save_as(tmp_path / "file")
        assert (tmp_path / "file").read_bytes().startswith(start)
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    tab.goto(f"{app.origin}/report/?source=sample&account=1")
    tab.get_by_text("There is no ad account 1 in this source.").wait_for(timeout=MILLISECONDS)
    assert cell_errors(tab) == 0
    tab.close()
