"""Every page in each of five states says what it must there, with no error in a cell, on the console or on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsers import MILLISECONDS, Runs, cell_errors, complaints, show, violations
from installations import Served, served
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import make_url
from states import STATES, Settings, all_states

from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.reader_role import ensure_reader
from workbench.web.app import OWNER_PAGES, READER_PAGES

pytestmark = pytest.mark.browser

DAILY = ("today", "budget", "setup")
REPORTS = ("overview", "campaigns", "creatives")
BUSY = "A sync is running; figures may change when it ends."
INVENTED = "This is sample data, invented for you to look around."
MISSING = "Some figures are missing. Missing is not zero."
SAYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "sample_only": {
        "start": ("There is no LinkedIn app to sign in with yet.", "Open the sample data"),
        "sync": ("Nothing has been synced yet.", "The first sync takes longest."),
        **dict.fromkeys((*DAILY, *REPORTS, "audiences", "report"), (INVENTED,)),
        "snapshots": ("There is no snapshot yet.", "What do I do next?"),
        "status": ("There is no sign-in to LinkedIn.", "Nothing has been synced yet."),
    },
    "empty": {
        "start": ("Connected to LinkedIn.", "Nothing has been fetched yet."),
        "sync": ("Nothing has been synced yet.", "The first sync takes longest."),
        "overview": (INVENTED,),  # for the others, as above, it makes no difference whether there is a database
        "snapshots": ("There is no snapshot yet.", "What do I do next?"),
        "status": ("Nothing has been synced yet.",),
    },
    "ready": {
        "start": ("The last sync was complete.", "Your figures are here."),
        "sync": ("Everything is up to date.", "Recent syncs"),
        **dict.fromkeys(DAILY, ("Figures to",)),
        **dict.fromkeys(REPORTS, ("compared with", "complete until")),
        "report": ("pinned to the snapshot",),
        "audiences": ("Seen and answered", "How much LinkedIn shows"),
        "snapshots": ("One snapshot", "Nothing to compare yet."),
        "status": ("Everything is in order.",),
    },
    "running": {
        **dict.fromkeys(OWNER_PAGES, (BUSY,)),
        "sync": ("Syncing since",),
    },
    "failed": {
        "start": ("The last sync was not complete; the next one goes on from there.",),
        "sync": ("Up to date, but not everything.", "Why", "Next"),
        **dict.fromkeys(REPORTS, ("days old.", MISSING)),
        **dict.fromkeys((*DAILY, "audiences", "report"), ("days old.",)),
        "snapshots": ("Missing from the newest",),
        "status": ("partial",),
    },
}


@pytest.fixture(scope="module")
def installations(
    server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Settings]]:
    with all_states(server, tmp_path_factory.mktemp("states") / "all") as settings:
        yield settings


@contextmanager
def opened(
    tabs: BrowserContext, settings: Settings, folder: Path, *, readers: bool = False
) -> Iterator[tuple[Served, Page]]:
    with served(None, settings=settings, folder=folder, readers=readers) as app:
        app.let_in(tabs)
        page = tabs.new_page()
        yield app, page
        page.close()


@pytest.mark.parametrize("state", STATES)
def test_every_page_says_what_it_must(
    installations: dict[str, Settings], tabs: BrowserContext, state: str, tmp_path: Path
) -> None:
    with opened(tabs, installations[state], tmp_path) as (app, page):
        said, wrong = complaints(page), list[str]()
        for name in SAYS[state]:
            show(page, f"{app.origin}/{name}/")
            text = page.locator("body").inner_text()
            wrong += [f"{name}: {words}" for words in SAYS[state][name] if words not in text]
            wrong += [f"{name}: a cell failed"] * cell_errors(page)
            if state == "ready":
                wrong += page.locator(".wb-note.warn, .wb-note.danger").all_inner_texts()
            if state == "failed" or (state, name) in (("running", "overview"), ("running", "sync")):
                wrong += [f"{name}: {broken}" for broken in violations(page)]
        assert (wrong, said) == ([], [])


def test_readers_see_that_a_sync_runs_and_cannot_cancel_it(
    installations: dict[str, Settings], tabs: BrowserContext, tmp_path: Path
) -> None:
    with opened(tabs, of_readers(installations["running"]), tmp_path, readers=True) as (app, page):
        show(page, f"{app.origin}/overview/")
        assert page.get_by_text(BUSY).is_visible()
        assert page.get_by_role("button", name="Cancel the sync").count() == 0
        assert violations(page) == []


def test_what_readers_see_is_accessible_and_changes_nothing(
    installations: dict[str, Settings], tabs: BrowserContext, tmp_path: Path
) -> None:
    with opened(tabs, of_readers(installations["ready"]), tmp_path, readers=True) as (app, page):
        said, wrong = complaints(page), list[str]()
        for name in READER_PAGES:
            show(page, f"{app.origin}/{name}/")
            wrong += [f"{name}: {broken}" for broken in violations(page)]
            offered = page.get_by_role("button", name=re.compile("Mark all as seen|Agree"))
            wrong += [f"{name}: readers may click {one}" for one in offered.all_inner_texts()]
        page.emulate_media(
            color_scheme="dark"
        )  # the last page; test_daily_pages_in_the_browser.py tries all of them so
        page.set_viewport_size({"width": 390, "height": 844})
        wrong += [f"{name}, dark on a phone: {broken}" for broken in violations(page)]
        assert (wrong, said, cell_errors(page)) == ([], [], 0)


def of_readers(settings: Settings) -> Settings:
    """The same installation for a process that serves readers: with the role that can only read."""
    database = make_url(settings["DATABASE_URL"])
    ensure_reader(Database(database))
    theirs = database.set(username=embedded.READER).render_as_string(hide_password=False)
    return {**settings, "DATABASE_URL": theirs}


def test_a_filter_changed_again_and_again_leaves_no_hole(
    installations: dict[str, Settings], tabs: BrowserContext, tmp_path: Path
) -> None:
    """Charts of a choice that is already gone are still on their way to the page."""
    with opened(tabs, installations["ready"], tmp_path) as (app, page):
        said, runs = complaints(page), Runs(page)
        refused: list[str] = []
        page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
        page.goto(f"{app.origin}/overview/")
        metrics = page.get_by_label("Metric")
        metrics.wait_for(timeout=MILLISECONDS)
        for label in ("Clicks", "Impressions", "Spend", "CTR", "Clicks", "Spend") * 2:
            metrics.select_option(label=label)
            page.wait_for_timeout(40)  # faster than a chart is drawn, slower than marimo merges changes
        with runs.one_more():
            page.get_by_label("Period").select_option(label="Last 28 complete days")
        page.locator(".vega-embed canvas, .vega-embed svg").first.wait_for(timeout=MILLISECONDS)
        assert (refused, said, cell_errors(page)) == ([], [], 0)


def test_any_page_cancels_the_running_sync_and_says_so(
    installations: dict[str, Settings], tabs: BrowserContext, tmp_path: Path
) -> None:
    with opened(tabs, installations["running"], tmp_path) as (app, page):
        said = complaints(page)
        show(page, f"{app.origin}/overview/")
        button = page.get_by_role("button", name="Cancel the sync")
        button.click()
        page.get_by_text("The sync was cancelled.").wait_for(timeout=MILLISECONDS)
        expect(button).to_have_count(0)
        show(page, f"{app.origin}/sync/")
        page.get_by_text("The last sync was interrupted.").wait_for(timeout=MILLISECONDS)
        assert (said, cell_errors(page)) == ([], 0)
