"""How the served pages hold a crowd: `python tests/benchmarks/serving.py [--sessions 1,5,10,20] [--size medium]`.

Real browser sessions look at the overview, all at once, first on a process that has just started (cold), then again on
the same one (warm), beside an empty marimo app with nothing of ours around it. It prints a table and promises no
number: what it shows depends on the machine, and browsers and server share its cores here.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS.parent), str(TESTS), str(TESTS / "apps")]

import httpx  # noqa: E402
from browsers import FLAGS  # noqa: E402  (found in the folders above)
from guarded_servers import until  # noqa: E402  (found in the folders above)
from playwright.async_api import Page, async_playwright  # noqa: E402
from reader_servers import open_folder, password_file, serving, synced_installation  # noqa: E402

from workbench.web.server import free_port  # noqa: E402

Times = list[float]

TIMEOUT = 300_000
EMPTY = """import marimo

app = marimo.App(app_title="Empty")


@app.cell
def nothing():
    import marimo as mo

    mo.md("Nothing at all")
    return


if __name__ == "__main__":
    app.run()
"""


BARE = """import sys
import marimo, uvicorn

app = marimo.create_asgi_app(quiet=True).with_app(path="/overview", root=sys.argv[1]).build()
uvicorn.run(app, port=int(sys.argv[2]), log_level="critical")
"""


@dataclass
class Round:
    """What some sessions saw, in seconds, and what the server's process held afterwards."""

    what: str
    sessions: int
    shown: list[float]
    changed: list[float]
    megabytes: float

    def line(self) -> str:
        return (
            f"{self.what:<22}{self.sessions:>9}{_middle(self.shown):>9}{_most(self.shown):>9}"
            f"{_middle(self.changed):>10}{_most(self.changed):>9}{self.megabytes:>9.0f}"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sessions", default="1,5,10,20")
    arguments.add_argument("--size", default="medium", choices=("small", "medium", "large"))
    options = arguments.parse_args()
    crowds = [int(count) for count in options.sessions.split(",")]
    with synced_installation("serving", size=options.size) as bench:
        head = f"{'':<22}{'sessions':>9}{'shown':>9}{'slowest':>9}{'changed':>10}{'slowest':>9}{'MB':>9}"
        print(
            f"overview on {options.size} data, {os.cpu_count()} cores; median and slowest, in seconds\n{head}",
            flush=True,
        )
        for count in crowds:
            print(_empty(count).line(), flush=True)
            for round_ in _overview(bench.folder, count):
                print(round_.line(), flush=True)


def _overview(folder: Path, count: int) -> list[Round]:
    with (
        serving(folder, "--password-file", str(password_file(folder))) as server,
        server.signed_in() as client,
    ):
        visit = partial(_visit, server.origin, client, server.process.pid, show=_charts)
        return [asyncio.run(visit(f"overview, {state}", count)) for state in ("cold", "warm")]


def _empty(count: int) -> Round:
    with open_folder("empty") as folder, httpx.Client() as nobody:
        notebook, port = folder / "overview.py", free_port()
        notebook.write_text(EMPTY)
        bare = subprocess.Popen([sys.executable, "-c", BARE, str(notebook), str(port)])
        try:
            origin = f"http://127.0.0.1:{port}"
            until(lambda: _answers(f"{origin}/overview/health"))
            visit = partial(_visit, origin, nobody, bare.pid, show=_nothing)
            asyncio.run(visit("", 1))
            return asyncio.run(visit("empty marimo app", count))
        finally:
            bare.kill()
            bare.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


async def _visit(
    origin: str, client: httpx.Client, pid: int, what: str, count: int, *, show: Callable[[Page], Awaitable[Times]]
) -> Round:
    """All visitors come at once, each with a browser session of their own that is signed in already."""
    cookies: Any = [{"name": one.name, "value": one.value, "url": origin} for one in client.cookies.jar]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        pages = []
        for _ in range(count):
            context = await browser.new_context(viewport={"width": 1300, "height": 1000})
            await context.add_cookies(cookies)
            pages.append(await context.new_page())
        seen = await asyncio.gather(*(_timed(page, f"{origin}/overview/", show) for page in pages))
        megabytes = _resident(pid)
        await browser.close()
    return Round(what, count, [times[0] for times in seen], [times[1] for times in seen if times[1:]], megabytes)


async def _timed(page: Page, url: str, show: Callable[[Page], Awaitable[Times]]) -> Times:
    began = time.monotonic()
    await page.goto(url, timeout=TIMEOUT)
    return [moment - before for before, moment in pairwise([began, *await show(page)])]


async def _nothing(page: Page) -> Times:
    await page.get_by_text("Nothing at all").wait_for(timeout=TIMEOUT)
    return [time.monotonic()]


async def _charts(page: Page) -> Times:
    await _until_charted(page)
    charted = time.monotonic()
    await _until_changed(page)
    return [charted, time.monotonic()]


async def _until_charted(page: Page) -> None:
    await page.locator(".vega-embed canvas, .vega-embed svg").first.wait_for(timeout=TIMEOUT)


async def _until_changed(page: Page) -> None:
    """Another period is chosen, until the tiles tell other figures."""
    tiles = page.locator('[data-cell-name="tiles"]')
    await tiles.get_by_text("Spend").first.wait_for(timeout=TIMEOUT)
    before = await tiles.inner_text()
    await page.get_by_label("Period").select_option(label="Last 28 complete days")
    await page.wait_for_function(
        "before => document.querySelector('[data-cell-name=\"tiles\"]')?.innerText !== before",
        arg=before,
        timeout=TIMEOUT,
    )


def _resident(pid: int) -> float:
    """Megabytes of memory that a process holds; unknown where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    kilobytes = next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1024


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        sys.exit("This needs Chromium.")
    return found


def _middle(values: list[float]) -> str:
    return f"{statistics.median(values):.1f}" if values else "–"


def _most(values: list[float]) -> str:
    return f"{max(values):.1f}" if values else "–"


if __name__ == "__main__":
    main()
