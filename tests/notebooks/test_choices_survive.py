"""Every choice on every report survives a reload in the address bar, and nonsense there is as if nothing were."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from browsers import MILLISECONDS, Runs, beside, cell_errors, complaints
from installations import Served, served, settings_of, synced
from playwright.sync_api import BrowserContext, Page, expect
from sync.installation import Installation

from workbench.analytics import formatting
from workbench.database import embedded

SEARCHED = ("Campaign (API: campaign group)", "Ad set")
MENUS: dict[str, dict[str, str]] = {
    "overview": {"Period": "period", "Metric": "metric", "Objective": "objective", "Source": "source"},
    "campaigns": {"Period": "period", "Compare within": "within", "Metric": "metric", "Ad set": "ad_set"},
    "creatives": {"Period": "period", "Campaign (API: campaign group)": "campaign_group"},
    "audiences": {"Source": "source", "Account": "account", "By": "by", "Answer": "answer"},
    "snapshots": {"Before": "before", "After": "after", "Account": "account"},
}
"""By page, the label of menus and what the address calls them."""
OPTION = {
    "Period": ("Last 28 complete days", "Last 7 complete days"),
    "Objective": ("Lead generation",),
    "Source": ("Snapshots",),
}
"""By menu, what is chosen: the first of these that it does not have yet."""
NTH = {"After": 1, "Before": 2, "Account": 1}
NAMES = "source as_of currency metric within ad_set by answer before after".split()  # noqa: SIM905
"""What the address may hold, but for what decides the figures: pages name what is not there, and show no other."""
REFUSED = {
    "account=4711": "There is no ad account 4711 in this source.",
    "objective=FAME": "There is no objective Fame (FAME) in this source.",
    "campaign_group=4711": "There is no campaign (API: campaign group) 4711 in this source.",
    "period=nonsense": "'nonsense' is not a period.",
    "source=snapshots&as_of=soon": "'soon' is not a day.",
}
NONSENSE = ("nonsense", "²", "-1", "9" * 40, "0001-01-01..0001-01-02", "9999-12", "%00", "<b>x</b>,,;'--")
KNOWN: list[dict[str, str]] = []
"""What was spent as each snapshot but the newest was made."""
pytestmark = pytest.mark.browser
_DRAWN = (
    """() => [...document.querySelectorAll("marimo-vega")].every(one => one.shadowRoot?.querySelector("canvas, svg"))"""
)


@pytest.fixture(scope="module")
def installation(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Three snapshots, so that two can be chosen that are not the newest."""
    with synced(server, tmp_path_factory.mktemp("choices")) as installation:
        for _ in range(2):
            KNOWN.append(_spend(installation))
            installation.sandbox.advance(1)
            assert beside(lambda: installation.sync(force=True)).exit_code == 0
        yield installation


def _spend(installation: Installation) -> dict[str, str]:
    """By currency, what the last seven complete days cost, as the sandbox holds it today."""
    last = installation.today - timedelta(1)
    currencies = {row["account_id"]: row["currency"] for row in installation.sandbox.truth.ad_accounts()}
    sums: dict[str, Decimal] = {}
    for row in installation.sandbox.truth.campaign_daily_metrics(last - timedelta(6), last):
        currency = currencies[row["account_id"]]
        sums[currency] = sums.get(currency, Decimal(0)) + row["cost_in_local_currency"]
    return {currency: formatting.money(amount, currency) for currency, amount in sums.items()}


@pytest.fixture(scope="module")
def app(installation: Installation, tabs: BrowserContext) -> Iterator[Served]:
    with served(list(MENUS), settings=settings_of(installation), folder=installation.folder) as app:
        app.let_in(tabs)
        yield app


@pytest.fixture
def page(tabs: BrowserContext) -> Iterator[Page]:
    page = tabs.new_page()
    page.set_viewport_size({"width": 1400, "height": 3000})
    yield page
    page.close()


def open_page(page: Page, address: str) -> None:
    """Show a page; all its cells have run: else a run that ends late would be taken for the answer to a choice."""
    with Runs(page).one_more():
        page.goto(address)
    settled(page)


def settled(page: Page) -> None:
    """Until the footer, the last thing of a page, is there and charts have their data."""
    page.locator(".wb-foot").wait_for(timeout=MILLISECONDS)
    page.wait_for_function(_DRAWN, timeout=MILLISECONDS)


def shown(page: Page, label: str) -> str:
    """What a menu has chosen."""
    menu = page.get_by_label(label, exact=True)
    return menu.inner_text().strip() if label in SEARCHED else menu.input_value()


def choose(page: Page, label: str) -> None:
    """Another entry of a menu than the one it has."""
    menu = page.get_by_label(label, exact=True)
    if label in SEARCHED:
        menu.click()
        page.get_by_role("option").nth(2).click()
        return
    options = [text for text in menu.locator("option").all_inner_texts() if text]
    wanted = [*OPTION.get(label, ()), options[NTH.get(label, -1)], *options[1:]]
    menu.select_option(label=next(text for text in wanted if text in options and text != shown(page, label)))


def asked(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.url).query))


@pytest.mark.parametrize("report", MENUS)
def test_what_is_chosen_is_still_chosen_after_a_reload(report: str, app: Served, page: Page) -> None:
    runs, said = Runs(page), complaints(page)
    open_page(page, f"{app.origin}/{report}/")
    for label, name in MENUS[report].items():
        before = shown(page, label)
        with runs.one_more():
            choose(page, label)
        page.wait_for_url(f"**{name}=**", timeout=MILLISECONDS)
        settled(page)
        assert shown(page, label) != before
    chosen = {label: shown(page, label) for label in MENUS[report]}
    page.reload()
    settled(page)
    assert {label: shown(page, label) for label in MENUS[report]} == chosen
    assert set(asked(page)) == set(MENUS[report].values())
    assert (cell_errors(page), said) == (0, [])


def test_a_currency_and_several_accounts_are_kept(installation: Installation, app: Served, page: Page) -> None:
    runs = Runs(page)
    open_page(page, f"{app.origin}/overview/?period=28d")
    page.get_by_role("radio").nth(1).click()
    page.wait_for_url("**currency=**", timeout=MILLISECONDS)
    settled(page)
    page.reload()
    settled(page)
    assert page.get_by_role("radio").nth(1).is_checked()
    with runs.one_more():
        page.get_by_role("radio").nth(0).click()
    page.wait_for_url(lambda address: "currency=" not in address, timeout=MILLISECONDS)
    settled(page)
    page.get_by_label("Accounts (empty: all)").click()
    for account in installation.sandbox.truth.ad_accounts()[:2]:
        page.get_by_role("option").filter(has_text=account["name"]).first.click()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"account=\d+(,|%2C)\d+"), timeout=MILLISECONDS)
    page.reload()
    settled(page)
    assert len(asked(page)["account"].split(",")) == 2


def test_a_day_of_the_snapshots_survives_a_reload_and_shows_what_was_known_then(
    installation: Installation, app: Served, page: Page
) -> None:
    said, day = complaints(page), installation.today - timedelta(2)
    open_page(page, f"{app.origin}/overview/?source=snapshots")
    spend = page.locator('[data-cell-name="tiles"] .wb-tile:first-child dd.v')
    today = [tile.get_attribute("title") for tile in spend.all()]
    page.get_by_label("State").select_option(label=f"As of {formatting.day(day)}")
    page.wait_for_url(f"**as_of={day.isoformat()}**", timeout=MILLISECONDS)
    page.reload()
    settled(page)

    assert page.get_by_label("State").input_value() == f"As of {formatting.day(day)}"
    expect(page.locator(".wb-period")).to_contain_text(f"complete until {formatting.day(day - timedelta(1))}")
    assert sorted(tile.get_attribute("title") or "" for tile in spend.all()) == sorted(KNOWN[0].values())
    assert sorted(KNOWN[0].values()) != sorted(str(text) for text in today)
    assert (cell_errors(page), said) == (0, [])


@pytest.mark.parametrize(("report", "shift"), list(zip(MENUS, cycle((0, 3)), strict=False)))
def test_nonsense_in_the_address_is_as_if_nothing_were_there(
    report: str, shift: int, app: Served, page: Page, defaults: dict[str, dict[str, str]]
) -> None:
    said = complaints(page)
    words = {name: NONSENSE[(number + shift) % len(NONSENSE)] for number, name in enumerate(NAMES)}
    open_page(page, f"{app.origin}/{report}/?{urlencode(words)}")
    assert {label: shown(page, label) for label in MENUS[report]} == defaults[report]
    assert (cell_errors(page), said) == (0, [])


def test_a_choice_in_the_address_that_is_not_there_is_named_until_another_one_is_made(app: Served, page: Page) -> None:
    said, runs = complaints(page), Runs(page)
    for query, what in REFUSED.items():
        with runs.one_more():
            page.goto(f"{app.origin}/overview/?{query}")
        expect(page.get_by_role("alert").first).to_contain_text(what)
        assert (page.locator(".wb-tile").count(), query in page.url) == (0, True)
    with runs.one_more():
        page.goto(f"{app.origin}/overview/?period=nonsense")
    page.get_by_label("Period").select_option(label="Last 28 complete days")
    settled(page)
    assert (page.get_by_role("alert").count(), asked(page)) == (0, {"period": "28d"})
    assert (cell_errors(page), said) == (0, [])


@pytest.fixture(scope="module")
def defaults(app: Served, tabs: BrowserContext) -> dict[str, dict[str, str]]:
    """What each page has chosen if nothing is asked for."""
    page, found = tabs.new_page(), {}
    for report, labels in MENUS.items():
        open_page(page, f"{app.origin}/{report}/")
        found[report] = {label: shown(page, label) for label in labels}
    page.close()
    return found
