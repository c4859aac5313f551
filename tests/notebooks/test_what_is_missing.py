"""Missing is not zero: no activity, no access, days not fetched and a failure look different, and say what they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from browsers import beside, cell_errors, show
from databases import TEMPLATE, url_of
from installations import Served, served, settings_of
from playwright.sync_api import BrowserContext, Page
from sync.installation import Installation, new_installation

from workbench.analytics import formatting
from workbench.database import embedded
from workbench.web.server import free_port

pytestmark = pytest.mark.browser

REFUSED, ACTIVE, QUIET = range(3)
"""The sandbox's accounts: one whose figures LinkedIn refuses, one that shows ads, one that does not."""


@pytest.fixture(scope="module")
def installation(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Thirty days of three accounts, of which LinkedIn shows two."""
    embedded.create_database(server, "pages_missing", template=TEMPLATE)
    with new_installation(url_of(server, "pages_missing"), tmp_path_factory.mktemp("missing")) as installation:
        account = installation.sandbox.truth.ad_accounts()[REFUSED]["account_id"]
        installation.sandbox.faults.add(f"adAnalytics.*{account}", "status", status=403, times=None)
        assert beside(lambda: installation.sync(days=30)).status == "partial"
        yield installation


@pytest.fixture(scope="module")
def app(installation: Installation, tabs: BrowserContext) -> Iterator[Served]:
    with served(["overview", "audiences"], settings=settings_of(installation), folder=installation.folder) as app:
        app.let_in(tabs)
        yield app


@pytest.fixture
def page(tabs: BrowserContext) -> Iterator[Page]:
    page = tabs.new_page()
    yield page
    assert cell_errors(page) == 0
    page.close()


def named(installation: Installation, which: int) -> str:
    row = installation.sandbox.truth.ad_accounts()[which]
    return f"{row['name']} ({row['account_id']})"


def warned(page: Page) -> list[str]:
    return page.locator(".wb-note.warn li").all_inner_texts()


def facts(page: Page) -> dict[str, str]:
    """The footer."""
    foot = page.locator(".wb-foot")
    return dict(zip(foot.locator("dt").all_inner_texts(), foot.locator("dd").all_inner_texts(), strict=True))


def test_an_account_without_access_is_a_warning_and_one_without_activity_a_fact(
    installation: Installation, app: Served, page: Page
) -> None:
    show(page, f"{app.origin}/overview/")
    refused = (
        f"{named(installation, REFUSED)}: never fetched completely; it has no figures here, which does not mean zero"
    )
    assert warned(page) == [f"{refused}."]
    assert facts(page)["Incomplete"] == refused
    assert facts(page)["No activity"] == f"{named(installation, QUIET)}: LinkedIn was asked, and reported nothing"
    currencies = [row["currency"] for row in installation.sandbox.truth.ad_accounts()]
    assert [head.split()[0] for head in page.locator('[data-cell-name="tiles"] h2').all_inner_texts()] == [
        currencies[ACTIVE]
    ]


def test_days_that_were_not_fetched_are_named(installation: Installation, app: Served, page: Page) -> None:
    show(page, f"{app.origin}/overview/?period=28d")
    days = formatting.days(installation.today - timedelta(56), installation.today - timedelta(31))
    unknown = f"not fetched: {days}; these days are unknown, not zero."
    said = [line for line in warned(page) if "not fetched:" in line]
    assert sorted(said) == sorted(f"{named(installation, which)}: {unknown}" for which in (ACTIVE, QUIET))


@pytest.mark.parametrize(
    ("which", "kind", "said"),
    [(REFUSED, "warn", "was never fetched completely."), (QUIET, "plain", "LinkedIn shows no segment of")],
)
def test_a_refused_audience_differs_from_an_empty_one(
    installation: Installation, app: Served, page: Page, which: int, kind: str, said: str
) -> None:
    account = installation.sandbox.truth.ad_accounts()[which]["account_id"]
    show(page, f"{app.origin}/audiences/?account={account}")
    note = page.locator('[data-cell-name="answer"] .wb-note')
    assert (said in note.inner_text(), kind in (note.get_attribute("class") or "").split()) == (True, True)
    assert ("The audience is unknown" in note.inner_text()) == (which == REFUSED)


def test_a_failure_is_an_alert_with_a_reason_and_no_figure(installation: Installation, tabs: BrowserContext) -> None:
    gone = {"DATABASE_URL": f"postgresql://app:secret-word@127.0.0.1:{free_port()}/ads"}
    with served(["overview"], settings={**settings_of(installation), **gone}, folder=installation.folder) as app:
        page, _ = app.tab(tabs)
        show(page, f"{app.origin}/overview/")
        alert = page.get_by_role("alert").inner_text()
        assert [word in alert for word in ("Why", "Next", "secret-word")] == [True, True, False]
        assert page.locator(".wb-tile, .wb-note.warn, .wb-foot").count() == 0
        page.close()
