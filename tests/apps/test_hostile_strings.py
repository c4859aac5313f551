"""Names are data: whatever LinkedIn sends shows as text on every page, in charts, exports and errors; nothing runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from browsers import MILLISECONDS, patient
from guarded_servers import until
from playwright.sync_api import Browser, BrowserContext, Page
from psycopg.types.json import Jsonb
from reader_servers import ReaderServer, serving, synced_installation
from sync.installation import Installation

from workbench.database.connection import Database
from workbench.sandbox.world.vocabulary import Vocabulary
from workbench.web.app import OWNER_PAGES, READER_PAGES

pytestmark = pytest.mark.browser

RUNS = "window.hacked=1"
FORMULA = "=cmd|' /C calc'!A0"
CORPUS = (
    f"<script>{RUNS}</script>",
    f"<img src=x onerror={RUNS}>",
    f'"><svg onload={RUNS}>',
    f"'-alert(1)-' onmouseover='{RUNS}",
    f"[click](javascript:{RUNS})",
    "**bold** _thin_ `code` # head",
    "{{7*7}} ${7*7} {mo.md} %s {0}",
    "$x^2$ $$\\int_0^1$$ \\(y\\)",
    FORMULA,
    f"<iframe srcdoc='<script>parent.{RUNS}</script>'></iframe>",
    "+1-2 @SUM(A1) \u202egnp.exe\u202c \u200b",
    f"</script><marimo-table data-data='\"x\"'></marimo-table><script>{RUNS}</script>",
    f"</title></textarea><style onload={RUNS}></style>",
    "https://evil.example/pixel.png",
    f"javascript:{RUNS}//",
    "@import url(//evil.example/x.css);\t|a|b|\n|-|-|\n::: {.x}",
)
# What would stand in the page if a name had been taken for markup; shadow trees are searched too.
TAKEN_FOR_MARKUP = """() => {
  const suspects = 'img[src="x"], iframe:not([sandbox=""]), svg[onload], style[onload], [onmouseover], [onerror], ' +
    '[href^="javascript:"], marimo-table[data-data=\\'"x"\\'], .katex, marimo-tex'
  const found = []
  const search = (root) => {
    root.querySelectorAll(suspects).forEach((element) => found.push(element.outerHTML.slice(0, 200)))
    root.querySelectorAll('strong, b, em, script').forEach((element) => {
      if (/^(bold|thin)$/.test(element.textContent) || /hacked/.test(element.src || element.innerHTML) &&
        element.tagName === 'SCRIPT' && !element.type && !/__MARIMO/.test(element.innerHTML))
        found.push(element.outerHTML.slice(0, 200))
    })
    root.querySelectorAll('*').forEach((element) => element.shadowRoot && search(element.shadowRoot))
  }
  search(document)
  return found
}"""
TEXT = """() => {
  const words = []
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) words.push(node.data)
    if (node.nodeType === Node.ELEMENT_NODE && ['SCRIPT', 'STYLE'].includes(node.tagName)) return
    if (node.shadowRoot) read(node.shadowRoot)
    node.childNodes.forEach(read)
  }
  read(document.body)
  return words.join('\\n')
}"""


def _poison(bench_sandbox: Any) -> None:
    """Every name, status and free text of the world comes from the corpus; numbers keep them apart."""
    world, words = bench_sandbox.world, cycle(CORPUS)
    for entities in (world.accounts, world.groups, world.campaigns, world.creatives):
        for number, entity in enumerate(entities.values()):
            entity.element["name"] = f"{next(words)} {number}"
    for number, group in enumerate(world.groups.values()):
        group.element["name"] = f"{FORMULA} {number}"
    for number, campaign in enumerate(world.campaigns.values()):
        if number % 3 == 0:
            campaign.element["status"] = next(words)
            campaign.element["objectiveType"] = next(words)
            campaign.element["servingStatuses"] = [next(words)]
            campaign.element["format"] = next(words)
    for number, creative in enumerate(world.creatives.values()):
        if number % 3 == 0:
            creative.element["servingHoldReasons"] = [next(words)]
            creative.element["review"] = {"status": next(words)}
        _poison_content(creative.element, words)


def _poison_content(element: Any, words: Iterator[str]) -> None:
    """An ad that is named by what it shows: its headline, and the addresses it leads to."""
    for shown in element.get("content", {}).values():
        if isinstance(shown, dict) and "headline" in shown:
            element.pop("name", None)
            shown.update({"headline": next(words), "landingPage": f"javascript:{RUNS}", "source": next(words)})


@pytest.fixture(scope="module")
def world() -> Iterator[Installation]:
    with pytest.MonkeyPatch.context() as patch:
        named, words = dict[str, str](), cycle(CORPUS)
        patch.setattr(Vocabulary, "name", lambda _, urn: named.setdefault(urn, f"{next(words)} {len(named)}"))
        with synced_installation("hostile", prepare=_poison) as installation:
            _fail_with_words_of_others(installation)
            yield installation


def _fail_with_words_of_others(installation: Installation) -> None:
    """A sync that failed, and said so in the vendor's words."""
    said = {"what": CORPUS[0], "why": CORPUS[1], "next": CORPUS[9]}
    database = Database.of(installation.settings())
    assert database.is_embedded
    with database.connect() as connection:
        connection.execute("update sync_log set status = 'failed', error = %s", [Jsonb(said)])


@pytest.fixture(scope="module")
def to_readers(world: Installation) -> Iterator[ReaderServer]:
    with serving(world.folder) as server:
        yield server


@pytest.fixture(scope="module")
def to_its_owner(world: Installation) -> Iterator[ReaderServer]:
    with serving(world.folder, "--no-browser", command="open") as server:
        yield server


class Watched:
    """A page, and whatever it did that text does not do."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.page: Page = context.new_page()
        self.did: list[str] = []
        self.page.on("dialog", lambda dialog: (self.did.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.did.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url, origin))

    def _heard(self, message: Any) -> None:
        """A policy that had to forbid something means that something was markup."""
        if message.type == "error":
            self.did.append(message.text)

    def _asked(self, url: str, origin: str) -> None:
        if not url.startswith((origin, origin.replace("http", "ws"), "data:", "blob:", "about:")) or url.endswith("/x"):
            self.did.append(f"asked {url}")

    def show(self, url: str) -> None:
        self.page.goto(url)
        self.page.locator("nav.wb-nav").wait_for(timeout=MILLISECONDS)
        self.page.locator(".wb-foot, .wb-note").first.wait_for(timeout=MILLISECONDS)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_function(
            "() => !document.querySelector('[data-status=running], [data-status=queued]')", timeout=MILLISECONDS
        )
        self.page.wait_for_timeout(500)  # a handler of an image that cannot be loaded needs a moment to run

    def wait_for_words(self) -> None:
        """Wait until the page shows some of the corpus, as its last part may come after its foot, then settle."""
        begun = [word.split("\t")[0][:14] for word in CORPUS]
        self.page.wait_for_function(
            f"words => {{ const text = ({TEXT})(); return words.some(word => text.includes(word)) }}",
            arg=begun,
            timeout=MILLISECONDS,
        )
        self.settle()

    def judge(self) -> tuple[Any, list[str], list[str]]:
        return self.page.evaluate("window.hacked"), self.page.evaluate(TAKEN_FOR_MARKUP), self.did


@pytest.fixture(scope="module")
def contexts(
    to_readers: ReaderServer, to_its_owner: ReaderServer, browser: Browser
) -> Iterator[dict[str, tuple[ReaderServer, BrowserContext]]]:
    """A signed-in browser for each; it comes last, as nothing may run a loop of its own beside it."""
    found = {}
    for name, server in (("readers", to_readers), ("owner", to_its_owner)):
        context = patient(browser.new_context(viewport={"width": 1300, "height": 4000}, accept_downloads=True))
        page = context.new_page()
        page.goto(server.address)
        page.close()
        found[name] = (server, context)
    yield found
    for _, context in found.values():
        context.close()


# Pages that name things have to show some: a page that showed nothing would hide nothing.
WITHOUT_NAMES = ("start", "snapshots")
OWNERS_ALONE = [page for page in OWNER_PAGES if page not in READER_PAGES]


@pytest.mark.parametrize(
    ("whom", "name"),
    [*(("readers", page) for page in READER_PAGES), *(("owner", page) for page in (*OWNERS_ALONE, "overview"))],
)
def test_nothing_runs_and_words_stay_words(contexts: dict[str, Any], whom: str, name: str) -> None:
    server, context = contexts[whom]
    watched = Watched(context, server.origin)
    watched.show(f"{server.base}/{name}/")
    if name not in WITHOUT_NAMES:
        watched.wait_for_words()
    text = watched.page.evaluate(TEXT)

    assert watched.judge() == (None, [], [])
    assert "49 $49" not in text
    assert watched.page.get_by_text("An internal error occurred").count() == 0
    watched.page.close()


@pytest.mark.parametrize("name", ["overview", "audiences"])
def test_the_tips_of_a_chart_are_text(contexts: dict[str, Any], name: str) -> None:
    server, context = contexts["owner"]
    watched = Watched(context, server.origin)
    watched.show(f"{server.base}/{name}/?period=90d")
    charts = watched.page.locator(".vega-embed canvas, .vega-embed svg")
    charts.first.wait_for(timeout=MILLISECONDS)

    tips = [tip for chart in charts.all()[:3] for tip in islice(_tips(watched.page, chart), 5)]

    assert tips
    assert watched.judge() == (None, [], [])
    watched.page.close()


def _tips(page: Page, chart: Any) -> Iterator[str]:
    """What appears while a pointer goes all over a chart, beginning in its middle."""
    box = chart.bounding_box()
    for across in (0.35, 0.6, *(step / 20 for step in range(2, 20))) if box else ():
        for down in range(1, 24):
            page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down / 24)
            tip = page.locator("#vg-tooltip-element.visible")
            if tip.count():
                yield tip.inner_html()


@pytest.mark.parametrize(
    "asked",
    [
        ("account", "period", "objective", "campaign_group", "campaign", "currency", "pivot"),
        ("source",),
        ("as_of",),
    ],
    ids=["what narrows", "source", "as_of"],
)
def test_an_address_full_of_markup_is_answered_with_text(contexts: dict[str, Any], asked: Sequence[str]) -> None:
    server, context = contexts["readers"]
    watched = Watched(context, server.origin)
    words = "&".join(f"{name}={quote(CORPUS[1])}&{name}={quote(CORPUS[4])}" for name in asked)
    watched.show(f"{server.base}/campaigns/?{words}")

    assert watched.judge() == (None, [], [])
    watched.page.close()


@pytest.mark.parametrize("name", ["campaigns", "creatives"])
def test_every_export_opens_as_text_in_a_spreadsheet(contexts: dict[str, Any], name: str) -> None:
    server, context = contexts["readers"]
    watched = Watched(context, server.origin)
    watched.show(f"{server.base}/{name}/?period=90d")
    links = watched.page.get_by_role("button", name="CSV").or_(watched.page.get_by_role("link", name="CSV"))
    links.first.wait_for(timeout=MILLISECONDS)
    cells = [cell for link in links.all() for cell in _downloaded(watched.page, link)]

    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@"))] == []
    assert [cell for cell in cells if cell.removeprefix("'").startswith(tuple(words[:9] for words in CORPUS))] != []
    assert watched.judge() == (None, [], [])
    watched.page.close()


def _downloaded(page: Page, link: Any) -> list[str]:
    with page.expect_download(timeout=MILLISECONDS) as download:
        link.click()
    content = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(content)) for cell in row]


def test_menus_and_details_show_words(contexts: dict[str, Any]) -> None:
    """An ad set is looked for and chosen, its settings are unfolded, and a campaign is chosen above."""
    server, context = contexts["readers"]
    watched = Watched(context, server.origin)
    watched.show(f"{server.base}/campaigns/?period=90d")
    page = watched.page
    for label in ("Campaign (API: campaign group)", "Ad set"):
        page.get_by_label(label, exact=True).click()
        page.get_by_role("option").nth(1).click()
        watched.settle()
    until(lambda: _unfolded(page), seconds=60)

    assert watched.judge() == (None, [], [])
    watched.page.close()


def _unfolded(page: Page) -> bool:
    """Whether an ad set's settings show; a choice that arrives late folds them again."""
    targeting = page.get_by_role("cell", name="Targeting").first
    if not targeting.is_visible():
        page.locator('[data-cell-name="one_ad_set"]').get_by_role("button", name="Settings").click()
        page.wait_for_timeout(500)
    return targeting.is_visible()


def test_the_world_is_as_hostile_as_it_should_be(world: Installation) -> None:
    """Each word came through the sync into the database, as it was sent."""
    with Database.of(world.settings()).connect() as connection:
        names = [
            name
            for table in ("ad_accounts", "campaign_groups", "campaigns", "creatives")
            for (name,) in connection.execute(f"select name from {table} where name is not null")
        ]
        segments = [name for (name,) in connection.execute("select distinct segment_name from audience_demographics")]
    assert [word for word in CORPUS if not any(name.startswith(word) for name in names)] == []
    assert [word for word in CORPUS if not any(str(name).startswith(word) for name in segments)] == []
