"""Every choice on every report survives a reload in the address bar, and nonsense there is as if nothing were."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from installations import MILLISECONDS, Runs, Served, cell_errors, chromium, complaints, served, settings_of, synced
from playwright.sync_api import Browser, Page
from sync.bench import Bench

from workbench import embedded

SEARCHED = ("Campaign (API: campaign group)", "Ad set")
MENUS: dict[str, dict[str, str]] = {
    "overview": {"Period": "period", "Metric": "metric", "Objective": "objective", "Source": "source"},
    "campaigns": {"Period": "period", "Compare within": "within", "Metric": "metric", "Ad set": "ad_set"},
    "creatives": {"Period": "period", "Campaign (API: campaign group)": "campaign_group"},
    "audiences": {"Source": "source", "Account": "account", "By": "by", "Answer": "answer"},
    "snapshots": {"Before": "before", "After": "after", "Account": "account"},
}
"""By page, the label of menus and what the address calls them."""
OPTION = {"Period": "Last 28 complete days", "Objective": "Lead generation", "Source": "Snapshots"}
NTH = {"After": 1, "Before": 2, "Account": 1}
NAMES = (
    "source as_of account period objective campaign_group currency metric within ad_set by answer before after".split()  # noqa: SIM905
)
NONSENSE = ("nonsense", "²", "-1", "9" * 40, "0001-01-01..0001-01-02", "9999-12", "%00", "<b>x</b>,,;'--")
_DRAWN = (
    """() => [...document.querySelectorAll("marimo-vega")].every(one => one.shadowRoot?.querySelector("canvas, svg"))"""
)


@pytest.fixture(scope="module")
def bench(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Three snapshots, so that two can be chosen that are not the newest."""
    with synced(server, tmp_path_factory.mktemp("choices")) as bench:
        for _ in range(2):
            bench.sandbox.advance(1)
            assert bench.sync(force=True).exit_code == 0
        yield bench


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def app(bench: Bench) -> Iterator[Served]:
    with served(list(MENUS), settings=settings_of(bench), folder=bench.folder) as app:
        yield app


@pytest.fixture(scope="module")
def signed_in(app: Served, browser: Browser) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 3000})
    page = context.new_page()
    page.goto(app.address)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: Any) -> Iterator[Page]:
    page = signed_in.new_page()
    yield page
    page.close()


def open_page(page: Page, address: str) -> None:
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
    menu.select_option(label=OPTION.get(label) or options[NTH.get(label, -1)])


def asked(page: Page) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.url).query))


@pytest.mark.browser
@pytest.mark.parametrize("report", MENUS)
def test_what_is_chosen_is_still_chosen_after_a_reload(report: str, app: Served, page: Page) -> None:
    runs, said = Runs(page), complaints(page)
    open_page(page, f"{app.origin}/{report}/")
    for label, name in MENUS[report].items():
        before = shown(page, label)
        with runs.one_more():
            choose(page, label)
        settled(page)
        assert shown(page, label) != before
        assert name in asked(page)
    chosen = {label: shown(page, label) for label in MENUS[report]}
    page.reload()
    settled(page)
    assert {label: shown(page, label) for label in MENUS[report]} == chosen
    assert set(asked(page)) == set(MENUS[report].values())
    assert (cell_errors(page), said) == (0, [])


@pytest.mark.browser
def test_a_currency_and_several_accounts_are_kept(bench: Bench, app: Served, page: Page) -> None:
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
    settled(page)
    assert "currency" not in asked(page)
    page.get_by_label("Accounts (empty: all)").click()
    for account in bench.sandbox.truth.ad_accounts()[:2]:
        page.get_by_role("option").filter(has_text=account["name"]).first.click()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"account=\d+(,|%2C)\d+"), timeout=MILLISECONDS)
    page.reload()
    settled(page)
    assert len(asked(page)["account"].split(",")) == 2


@pytest.mark.browser
@pytest.mark.parametrize("shift", [0, 3])
@pytest.mark.parametrize("report", MENUS)
def test_nonsense_in_the_address_is_as_if_nothing_were_there(
    report: str, shift: int, app: Served, page: Page, defaults: dict[str, dict[str, str]]
) -> None:
    said = complaints(page)
    words = {name: NONSENSE[(number + shift) % len(NONSENSE)] for number, name in enumerate(NAMES)}
    open_page(page, f"{app.origin}/{report}/?{urlencode(words)}")
    assert {label: shown(page, label) for label in MENUS[report]} == defaults[report]
    assert (cell_errors(page), said) == (0, [])


@pytest.fixture(scope="module")
def defaults(app: Served, signed_in: Any) -> dict[str, dict[str, str]]:
    """What each page has chosen if nothing is asked for."""
    page, found = signed_in.new_page(), {}
    for report, labels in MENUS.items():
        open_page(page, f"{app.origin}/{report}/")
        found[report] = {label: shown(page, label) for label in labels}
    page.close()
    return found
