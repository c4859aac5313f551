"""What tests of pages open: an installation synced from the sandbox, a page served as `open` serves it, a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from uuid import uuid4

from databases import TEMPLATE, url_of
from playwright.sync_api import Browser, Page, Request, sync_playwright
from sync.bench import Bench, benches

from workbench import embedded
from workbench.serving import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MILLISECONDS = 60_000
_EDIT = "import sys, pathlib; from workbench.editor import edit; edit(pathlib.Path(sys.argv[1]), browser=False)"
SIGN_INS = 9
SELDOM = 3600
_UNCHANGED = """() => {
  const drawn = document.querySelectorAll('.vega-embed canvas, .vega-embed svg, marimo-table').length
  const now = `${document.body.innerText.length} ${drawn}`
  window.unchanged = now === window.before ? (window.unchanged ?? 0) + 1 : 0
  window.before = now
  return window.unchanged >= 3
}"""


@contextmanager
def synced(server: embedded.EmbeddedServer, folder: Path, *, size: str = "small") -> Iterator[Bench]:
    """A sandbox, a database of its own and one sync."""
    name = f"pages_{uuid4().hex}"
    embedded.create_database(server, name, template=TEMPLATE)
    with benches(url_of(server, name), folder, size=size) as bench:
        assert bench.sync().exit_code == 0
        yield bench


def settings_of(bench: Bench) -> dict[str, str]:
    """An installation's settings for a process that shows pages: it needs no LinkedIn."""
    return {name: value for name, value in bench.environment().items() if not name.startswith("LINKEDIN_")}


def run_page(page: str, *arguments: str, settings: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A notebook as cron runs it."""
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "notebooks" / f"{page}.py"), "--", *arguments],
        env={**_bare(), **settings},
        cwd=folder,
        text=True,
        capture_output=True,
        timeout=120,
    )


@dataclass
class Served:
    """Pages in a process of their own."""

    origin: str
    addresses: list[str]
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        return self.addresses[0]


@contextmanager
def served(
    pages: list[str] | None,
    *,
    settings: Mapping[str, str],
    folder: Path,
    readers: bool = False,
    looks_again_after: int = SELDOM,
) -> Iterator[Served]:
    """Pages behind the guard, all there are unless told; each of the `addresses` signs in, once.

    Args:
        looks_again_after: seconds until a page on which nothing happens looks whether something does.
    """
    port = free_port()
    told = {
        "pages": pages,
        "port": port,
        "readers": readers,
        "sign_ins": SIGN_INS,
        "looks_again_after": looks_again_after,
    }
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("page_server.py")), json.dumps(told)],
        env={**_bare(), **settings, "MARIMO_SKIP_UPDATE_CHECK": "1"},
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        addresses = [process.stdout.readline().removeprefix("Open ").strip() for _ in range(SIGN_INS)]
        assert all(addresses), "the server did not start"
        yield Served(f"http://127.0.0.1:{port}", addresses, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process.stdout.close()


@contextmanager
def edited(page: str, *, settings: Mapping[str, str], folder: Path) -> Iterator[tuple[str, str]]:
    """A copy of a page in the editor, which may save it: the address that signs in, once, and that of the page."""
    notebooks = folder / "edited"
    notebooks.mkdir()
    shutil.copy(CHECKOUT / "notebooks" / f"{page}.py", notebooks)
    process = subprocess.Popen(
        [sys.executable, "-c", _EDIT, str(notebooks)],
        env={**_bare(), **settings, "MARIMO_SKIP_UPDATE_CHECK": "1"},
        cwd=folder,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().removeprefix("Open ").strip()
        assert address, "the editor did not start"
        yield address, f"{address.partition('/?')[0]}/?file={page}.py"
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "these tests need Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


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


def rows_of(page: Page, cell: str) -> list[list[str]]:
    """The rows of a plain table in a cell, as they are read."""
    rows = page.locator(f'[data-cell-name="{cell}"] table.wb-table tbody tr')
    return [[word.strip() for word in row.locator("td").all_inner_texts()] for row in rows.all()]


def _bare() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(CHECKOUT)}
