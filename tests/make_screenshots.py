"""Photograph every page in each state, and the finished ones narrow and dark too, into `screenshots/`.

Without words, or with `readme` alone, it takes the pictures of the README anew. All show the believable world.

poe screenshots [PAGE …] [STATE …]; poe screenshots readme
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browsers import chromium, show
from databases import TEMPLATE, url_of
from notebooks.installations import served
from notebooks.states import STATES, all_states
from playwright.sync_api import Browser

from workbench.database import embedded, migrations
from workbench.database.connection import Database
from workbench.paths import CHECKOUT
from workbench.web.app import OWNER_PAGES

OUT = CHECKOUT / "screenshots"
WIDE, NARROW = {"width": 1360, "height": 1000}, {"width": 420, "height": 900}
TALLEST = 9000
IMAGES = CHECKOUT / "notebooks" / "images"
PICTURES = {
    # of the README: address, and how much of the page is shown
    "today": ("today/", 955),
    "ad_sets": ("campaigns/?objective=LEAD_GENERATION", 1110),
    "audiences": ("audiences/?answer=one_click_leads", 1150),
}
LOOKS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": WIDE},
    "narrow": {"viewport": NARROW},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "narrow-dark": {"viewport": NARROW, "color_scheme": "dark"},
}


@contextmanager
def _server() -> Iterator[embedded.EmbeddedServer]:
    folder = Path(tempfile.mkdtemp(prefix="workbench-screenshots-", dir="/tmp"))
    folder.chmod(0o755)
    running = embedded.ensure(folder / "postgres")
    embedded.create_database(running, TEMPLATE)
    engine = Database(url_of(running, TEMPLATE)).engine()
    migrations.upgrade(engine)
    engine.dispose()
    yield running
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder)


def photograph(browser: Browser, origin: str, address: str, *, state: str, pages: Sequence[str]) -> None:
    """Every page of one installation; only the finished one in all looks."""
    context = browser.new_context(viewport=WIDE)
    context.new_page().goto(address)
    cookies = context.cookies()
    context.close()
    for look, options in LOOKS.items() if state == "ready" else [("wide", LOOKS["wide"])]:
        context = browser.new_context(**options)
        context.add_cookies(cookies)  # type: ignore[arg-type]  # as they came
        page = context.new_page()
        for name in pages:
            show(page, f"{origin}/{name}/")
            whole = page.evaluate("Math.max(...[...document.querySelectorAll('*')].map(it => it.scrollHeight))")
            page.set_viewport_size({**options["viewport"], "height": min(whole, TALLEST)})
            page.screenshot(path=OUT / f"{name}-{state}-{look}.png")
            page.set_viewport_size(options["viewport"])
        context.close()


def picture(browser: Browser, origin: str, address: str) -> None:
    """The pictures of the README."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(address)
    for name, (where, height) in PICTURES.items():
        show(page, f"{origin}/{where}")
        page.set_viewport_size({**WIDE, "height": TALLEST})
        page.screenshot(path=IMAGES / f"{name}.png", clip={"x": 0, "y": 0, "width": WIDE["width"], "height": height})
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # two numbers
    context.close()


def main(words: Sequence[str]) -> None:
    OUT.mkdir(exist_ok=True)
    pages = [page for page in OWNER_PAGES if page in words] or OWNER_PAGES
    names = ["ready"] if "readme" in words else [state for state in STATES if state in words] or list(STATES)
    with (
        tempfile.TemporaryDirectory(prefix="workbench-screenshots-") as folder,
        _server() as server,
        all_states(server, Path(folder), names, world="believable") as states,
        chromium() as browser,
    ):
        for state, settings in states.items():
            with served(None, settings=settings, folder=Path(folder)) as app:
                if "readme" not in words:
                    photograph(browser, app.origin, app.addresses[0], state=state, pages=pages)
                if "readme" in words or (state == "ready" and not words):
                    picture(browser, app.origin, app.addresses[1])
            print(f"{state}: {', '.join(pages if 'readme' not in words else PICTURES)}")


if __name__ == "__main__":
    main(sys.argv[1:])
