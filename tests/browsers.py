"""Chromium for tests and pictures, and what can be asked of a page in it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TypeVar

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MILLISECONDS = 180_000
"""The limit of every wait: far above what an idle machine needs, because a busy one needs several times as long."""
expect.set_options(timeout=MILLISECONDS)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
THEIRS = {
    ("summary-name", "marimo-vega"),
    ("scrollable-region-focusable", "marimo-vega"),
    ("button-name", "marimo-refresh"),
    ("select-name", "marimo-refresh"),
    ("target-size", "marimo-refresh"),
}
"""Rules that widgets of marimo's break in their own shadow, which a page cannot reach; notebooks/README.md has why."""
_UNCHANGED = """() => {
  const drawn = document.querySelectorAll('.vega-embed canvas, .vega-embed svg, marimo-table').length
  const now = `${document.body.innerText.length} ${drawn}`
  window.unchanged = now === window.before ? (window.unchanged ?? 0) + 1 : 0
  window.before = now
  return window.unchanged >= 3
}"""
_Answer = TypeVar("_Answer")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that has never been anywhere, for contexts that know nothing of each other."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_found(), args=FLAGS, timeout=MILLISECONDS)
        yield browser
        browser.close()


def patient(context: BrowserContext) -> BrowserContext:
    """A context in which every wait has our limit: Playwright's own is thirty seconds."""
    context.set_default_timeout(MILLISECONDS)
    return context


@contextmanager
def chromium_with_profile(folder: Path) -> Iterator[BrowserContext]:
    """One that keeps the scripts of pages it has shown, compiled: the next one of this folder need not load them."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=_found(), args=FLAGS, viewport={"width": 1300, "height": 2000}, timeout=MILLISECONDS
        )
        yield patient(context)
        context.close()


def beside(work: Callable[[], _Answer]) -> _Answer:
    """What `work` returns, done in a thread of its own: where Chromium is driven, no other loop may run."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result()


def complaints(page: Page) -> list[str]:
    """What the console and the network complain about, from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what a page that is left behind had not finished
            said.append(f"{request.url} failed: {request.failure}")

    page.on("requestfailed", failed)
    return said


class Runs:
    """How often the cells of a page have run through, from when this began to listen."""

    def __init__(self, page: Page) -> None:
        self._page, self._count = page, 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._heard))

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Ends when what was done in it has been answered; each answer has a deadline."""
        before, deadline = self._count, monotonic() + MILLISECONDS / 1000
        yield
        while self._count == before:
            assert monotonic() < deadline, "the page did not answer"
            self._page.wait_for_timeout(20)

    def _heard(self, frame: str | bytes) -> None:
        self._count += "completed-run" in str(frame)


def show(page: Page, address: str) -> None:
    """Open a page and wait until all its cells have run, and it has stopped changing."""
    with Runs(page).one_more():
        page.goto(address)
    page.wait_for_function(_UNCHANGED, polling=200, timeout=MILLISECONDS)


def cell_errors(page: Page) -> int:
    """Cells that ended in an error; what a page refuses on purpose is drawn, and is none."""
    return page.get_by_text("An internal error occurred").count() + page.locator(".marimo-error").count()


def violations(page: Page) -> list[str]:
    """What a page does against WCAG 2.2 A and AA as axe finds it, less what marimo's own widgets cause (`THEIRS`)."""
    options = {"runOnly": list(WCAG), "resultTypes": ["violations"]}
    return [
        f"{broken['id']}: {node['html'][:160]}"
        for broken in Axe().run(page, options=options).response["violations"]
        for node in broken["nodes"]
        if (broken["id"], _widget(node["target"])) not in THEIRS and "No selection" not in node["html"]
    ]


def _widget(target: list[str | list[str]]) -> str:
    """The custom element of marimo's in whose shadow something stands, or nothing."""
    place = target[0] if isinstance(target[0], str) else target[0][0]
    found = re.search(r"(marimo-[a-z]+)[^ >]*$", place) if not isinstance(target[0], str) else None
    return found[1] if found else ""


def _found() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "these tests need Chromium"
    return found
