"""Pages left alone: they notice a sync that begins, offer its figures, and come back with the database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsers import MILLISECONDS, cell_errors, complaints, show
from installations import served, settings_of, synced
from playwright.sync_api import BrowserContext, Page, expect
from sync.installation import Installation, ended

from workbench.analytics import formatting
from workbench.database import embedded

pytestmark = pytest.mark.browser

RUNNING = "A sync is running; figures may change when it ends."


@pytest.fixture(scope="module")
def installation(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with synced(server, tmp_path_factory.mktemp("open")) as installation:
        yield installation


def test_a_page_opened_before_a_sync_notices_it_and_offers_its_figures(
    installation: Installation, tabs: BrowserContext
) -> None:
    names = ["overview", "start", "sync"]
    with served(names, settings=settings_of(installation), folder=installation.folder, looks_again_after=1) as app:
        app.let_in(tabs)
        pages: dict[str, Page] = {name: tabs.new_page() for name in names}
        said = {name: complaints(page) for name, page in pages.items()}
        for name, page in pages.items():
            show(page, f"{app.origin}/{name}/{'?period=28d' if name == 'overview' else ''}")
        overview, period = pages["overview"], pages["overview"].locator(".wb-period")
        yesterday = formatting.day(installation.today)
        expect(period).not_to_contain_text(f"complete until {yesterday}")

        installation.sandbox.advance(1)
        installation.sandbox.faults.add("/rest/", "slow", seconds=3, times=4)
        sync = installation.start("sync", "--force", settings={"LINKEDIN_CONCURRENCY": 1})
        pages["sync"].get_by_text("Syncing since").wait_for(timeout=MILLISECONDS)
        for name in ("overview", "start"):
            pages[name].get_by_text(RUNNING).wait_for(timeout=MILLISECONDS)
        assert ended(sync).code == 0

        pages["start"].get_by_text("A sync has ended.").wait_for(timeout=MILLISECONDS)
        pages["sync"].get_by_text("Everything is up to date.").wait_for(timeout=MILLISECONDS)
        expect(pages["sync"].get_by_role("button", name="Sync now", exact=True)).to_be_enabled()
        expect(period).not_to_contain_text(f"complete until {yesterday}")  # nothing changes under anybody's eyes
        overview.get_by_role("button", name="Show the new figures").click(timeout=MILLISECONDS)
        expect(period).to_contain_text(f"complete until {yesterday}", timeout=MILLISECONDS)
        expect(overview.get_by_text("A sync has ended.")).to_have_count(0)
        expect(overview.get_by_label("Period")).to_have_value("Last 28 complete days")
        assert {name: (cell_errors(page), said[name]) for name, page in pages.items()} == dict.fromkeys(names, (0, []))
        for page in pages.values():
            page.close()
