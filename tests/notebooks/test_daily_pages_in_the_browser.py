"""Today and Budget as people meet them: the answer first, names that lead on, a phone that need not scroll across."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import pytest
from browsers import MILLISECONDS, cell_errors, complaints, show, violations
from installations import Served, served
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from workbench.answers.check import check
from workbench.answers.inputs import Asker
from workbench.answers.plan import read_plan_file
from workbench.queries.api import default
from workbench.web.app import OWNER_PAGES

pytestmark = pytest.mark.browser

PLAN = """
[[month]]
account = 508310000
month = "2026-11"
budget = 90000

[[agreed]]
rule = "serving_hold"
account = 508310000
reason = "The flight is over"
by = "Ada"
until = 2099-12-31
"""
GROUPS = {"Daily": 2, "Weekly": 4, "Monthly": 2, "Data": 4}
PHONE, WIDE = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=2000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("daily")
    (folder / "plan.toml").write_text(PLAN)
    return folder


@pytest.fixture(scope="module")
def app(folder: Path, tabs: BrowserContext) -> Iterator[Served]:
    """All pages, with a plan and nothing but the sample."""
    settings = {"WORKBENCH_HOME": str(folder), "SNAPSHOT_DIR": str(folder / "snapshots")}
    with served(None, settings=settings, folder=folder) as app:
        app.let_in(tabs)
        yield app


@pytest.fixture
def page(tabs: BrowserContext) -> Iterator[Page]:
    page = tabs.new_page()
    page.set_viewport_size(WIDE)
    said = complaints(page)
    yield page
    assert (said, cell_errors(page)) == ([], 0)
    page.close()


_TOO_WIDE = """() => {
  const lists = [...document.querySelectorAll('marimo-dropdown')].map(one => one.shadowRoot.querySelector('select'))
  const ends = lists.filter(Boolean).map(list => list.getBoundingClientRect().right)
  return Math.ceil(Math.max(document.documentElement.scrollWidth, ...ends) - window.innerWidth)
}"""


def too_wide(page: Page) -> int:
    """By how many pixels the page, or a list on it, is wider than a phone."""
    page.set_viewport_size(PHONE)
    return int(page.evaluate(_TOO_WIDE))


def test_today_says_what_the_check_says_and_lists_what_was_agreed(app: Served, folder: Path, page: Page) -> None:
    page.goto(f"{app.origin}/")
    page.wait_for_url("**/start/**")  # nothing was synced
    show(page, f"{app.origin}/today/?source=sample")

    last = default.query("accounts", source="sample")["last_complete_day"].max()
    assert isinstance(last, date)
    checked = check(Asker(default, "sample"), read_plan_file(folder / "plan.toml"), today=last + timedelta(days=1))
    links = {group.locator("i").inner_text(): group.locator("a").count() for group in page.locator(".wb-nav .g").all()}
    assert links == GROUPS
    assert (checked.findings, len(checked.agreed)) == ((), 1)
    expect(page.locator(".wb-verdict b").first).to_have_text(checked.sentence)
    agreed = page.locator('[data-cell-name="findings"] .wb-found.quiet')
    assert "Agreed to by Ada until 31 Dec: The flight is over" in agreed.inner_text()
    assert too_wide(page) <= 0
    budgets = page.locator('[data-cell-name="landing"] .wb-scroll')
    assert budgets.evaluate("table => table.scrollWidth - table.clientWidth") == 0


def test_the_long_name_of_an_account_stays_on_a_phone(app: Served, page: Page) -> None:
    show(page, f"{app.origin}/audiences/?source=sample")
    assert too_wide(page) <= 0


def test_budget_says_where_a_month_lands_and_draws_it(app: Served, page: Page) -> None:
    show(page, f"{app.origin}/today/?source=sample")
    page.locator('[data-cell-name="landing"]').get_by_role("link", name="Budget").click()
    page.locator(".wb-foot").first.wait_for(timeout=MILLISECONDS)

    assert page.url.partition("?")[2] == "source=sample" or "sample" in page.locator(".wb-foot").inner_text().lower()
    page.locator('[data-cell-name="course"] .vega-embed :is(canvas, svg)').first.wait_for(timeout=MILLISECONDS)
    table = page.locator('[data-cell-name="table"] tbody')
    assert "Lands under" in table.locator("tr", has_text="Northwind Robotics · EMEA").first.inner_text()
    assert "€90,000" in table.inner_text()
    assert too_wide(page) <= 0


def test_a_finding_is_agreed_to_on_the_page(app: Served, folder: Path, page: Page) -> None:
    (folder / "plan.toml").write_text("")
    show(page, f"{app.origin}/today/?source=sample")
    needs = page.locator('[data-cell-name="findings"] .wb-pill.needs')
    expect(needs).to_have_count(1)
    page.get_by_role("button", name="Agree to a finding").click()
    page.get_by_label("Reason").fill("The flight is over")
    page.get_by_label("Reason").press("Tab")
    page.get_by_role("button", name="Agree", exact=True).click()
    expect(page.locator('[data-cell-name="findings"] .wb-found.quiet')).to_contain_text("The flight is over")
    expect(needs).to_have_count(0)
    assert [one.reason for one in read_plan_file(folder / "plan.toml").agreed] == ["The flight is over"]
    (folder / "plan.toml").write_text(PLAN)


def test_all_findings_are_marked_as_seen_on_the_page(app: Served, folder: Path, page: Page) -> None:
    (folder / "plan.toml").write_text("")
    show(page, f"{app.origin}/today/?source=sample")
    button = page.get_by_role("button", name="Mark all as seen")
    assert violations(page) == []
    button.click()
    verdict = page.locator('[data-cell-name="verdict"]')
    expect(verdict).to_contain_text("all marked as seen")
    expect(button).to_have_count(0)
    expect(page.locator('[data-cell-name="findings"]')).to_contain_text("seen on")
    assert violations(page) == []
    show(page, f"{app.origin}/today/?source=sample")
    expect(verdict).to_contain_text("all marked as seen")
    (folder / "seen.json").unlink()
    (folder / "plan.toml").write_text(PLAN)


def test_every_page_is_accessible_as_far_as_axe_can_tell(app: Served, page: Page) -> None:
    wrong = []
    for name in OWNER_PAGES:
        show(page, f"{app.origin}/{name}/?source=sample")
        wrong += [f"{name}: {broken}" for broken in violations(page)]
        page.emulate_media(color_scheme="dark")
        assert too_wide(page) <= 0, name
        expect(page.locator("body.dark, .dark body, body .dark").first).to_be_attached()
        wrong += [f"{name}, dark on a phone: {broken}" for broken in violations(page)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)
    assert wrong == []


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", PHONE)])
def test_a_page_that_is_being_opened_says_so_and_is_accessible(
    app: Served, page: Page, scheme: Literal["light", "dark"], size: ViewportSize
) -> None:
    page.route_web_socket("**", lambda socket: None)  # its kernel never answers
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    page.goto(f"{app.origin}/overview/?source=sample")
    page.locator(".animate-spin").wait_for()
    after = "getComputedStyle(document.querySelector('.animate-spin').parentElement, '::after').content"
    assert page.evaluate(after) == '"This page is being opened …"'
    assert page.get_by_role("button").count() == 0
    assert violations(page) == []


def test_an_account_that_is_not_there_is_named_and_no_other_is_shown(app: Served, page: Page) -> None:
    show(page, f"{app.origin}/today/?source=sample&account=4711")
    expect(page.get_by_role("alert").first).to_contain_text("There is no ad account 4711 in this source.")
    assert page.locator(".wb-verdict").count() == 0
    assert "account=4711" in page.url
    assert violations(page) == []
    show(page, f"{app.origin}/overview/?source=database")
    expect(page.get_by_text("Nothing has been synced to the database yet.")).to_be_visible()
    assert violations(page) == []
