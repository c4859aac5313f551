"""A database that goes away under a running app: pages say so calmly, and are whole again when it is back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import MILLISECONDS
from guarded_servers import until
from playwright.sync_api import BrowserContext, Locator, Page, expect
from reader_servers import ReaderServer, Wire, serving, synced_installation
from sync.installation import Installation

from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.embedded import default_home
from workbench.database.reader_role import ensure_reader

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def synced() -> Iterator[Installation]:
    with synced_installation("gone") as installation:
        yield installation


@pytest.fixture
def wire(synced: Installation) -> Iterator[Wire]:
    """The database under a TCP address that can be cut, and with the role that only reads."""
    ensure_reader(Database.of(synced.settings()))
    facts = embedded.connection_parameters(_server(synced), "postgres")
    with Wire(f"{facts['host']}/.s.PGSQL.{facts['port']}") as wire:
        yield wire


def _server(installation: Installation) -> embedded.EmbeddedServer:
    return embedded.ensure(default_home(installation.folder / "home"))


@pytest.fixture
def page(tabs: BrowserContext) -> Iterator[Page]:
    page = tabs.new_page()
    yield page
    page.close()


def _tiles(page: Page) -> Locator:
    return page.locator('[data-cell-name="tiles"]')


def _figures(page: Page) -> str:
    _tiles(page).get_by_text("Spend").first.wait_for(timeout=MILLISECONDS)
    return _tiles(page).inner_text()


def _ready(server: ReaderServer) -> int:
    with server.client() as client:
        return client.get("/ready").status_code


def test_a_page_says_calmly_that_the_database_is_gone_and_recovers_by_itself(
    synced: Installation, wire: Wire, page: Page
) -> None:
    settings = {
        "DATABASE_URL": f"postgresql://{embedded.READER}:canary-password@127.0.0.1:{wire.port}/{embedded.DATABASE}"
    }
    with serving(synced.folder, exported=settings) as server:
        page.goto(server.address)
        page.goto(f"{server.base}/overview/")
        week = _figures(page)
        page.get_by_label("Period").select_option(label="Last 28 complete days")
        page.wait_for_url("**period=28d*", timeout=MILLISECONDS)
        expect(_tiles(page)).not_to_have_text(week, use_inner_text=True, timeout=MILLISECONDS)
        before = _figures(page)
        assert _ready(server) == 200

        wire.cut()
        until(lambda: _ready(server) == 503)
        page.reload()
        page.get_by_role("alert").first.wait_for(timeout=MILLISECONDS)
        said = "\n".join(page.get_by_role("alert").all_inner_texts())
        calm = {"Why": True, "Next": True, "Reload the page": True}
        inside = ("canary", "Traceback", "psycopg", "127.0.0.1", str(wire.port), "DATABASE_URL", embedded.DATABASE)
        expected = {**calm, **dict.fromkeys(inside, False)}
        assert {word: word in said for word in expected} == expected
        assert page.get_by_text("An internal error occurred").count() == 0
        assert _health(server) == 200

        wire.restore()
        page.get_by_role("alert").first.wait_for(state="detached", timeout=MILLISECONDS)  # no user touches it
        assert _figures(page) == before
        assert "period=28d" in page.url
        assert "canary" not in server.logs()


def test_a_choice_made_while_the_database_is_away_is_answered_when_it_is_back(
    synced: Installation, wire: Wire, page: Page
) -> None:
    """An outage too short to be seen by any visitor but the one who chose during it."""
    settings = {"DATABASE_URL": f"postgresql://{embedded.READER}@127.0.0.1:{wire.port}/{embedded.DATABASE}"}
    with serving(synced.folder, exported=settings) as server:
        page.goto(server.address)
        page.goto(f"{server.base}/overview/")
        _figures(page)

        wire.cut()
        page.get_by_label("Period").select_option(label="Last 28 complete days")
        page.get_by_role("alert").first.wait_for(timeout=MILLISECONDS)
        wire.restore()

        page.get_by_role("alert").first.wait_for(state="detached", timeout=MILLISECONDS)
        _figures(page)
        assert page.get_by_label("Period").input_value() == "Last 28 complete days"
        assert "period=28d" in page.url


def test_an_embedded_database_that_was_killed_is_started_again(synced: Installation, page: Page) -> None:
    with serving(synced.folder) as server:
        page.goto(server.address)
        page.goto(f"{server.base}/overview/")
        before = _figures(page)

        os.kill(_postmaster(synced.folder), signal.SIGKILL)
        until(lambda: _ready(server) == 200)
        page.reload()

        assert _figures(page) == before


def _health(server: ReaderServer) -> int:
    with server.client() as client:
        return client.get("/health").status_code


def _postmaster(folder: Path) -> int:
    first = (default_home(folder / "home") / "data" / "postmaster.pid").read_text().splitlines()[0]
    return int(first)
