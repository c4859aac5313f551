"""What tests of pages open: an installation synced from the sandbox, a page served as `open` serves it, a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from browsers import beside, complaints
from databases import new_database
from playwright.sync_api import BrowserContext, Page
from sync.installation import Installation, new_installation

from workbench.database import embedded
from workbench.web.server import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
_EDIT = "import sys, pathlib; from workbench.web.editor import edit; edit(pathlib.Path(sys.argv[1]), browser=False)"
SIGN_INS = 9
SELDOM = 3600
_USUAL = free_port()


@contextmanager
def synced(server: embedded.EmbeddedServer, folder: Path, *, size: str = "small") -> Iterator[Installation]:
    """A sandbox, a database of its own and one sync."""
    with new_installation(new_database(server), folder, size=size) as installation:
        first_sync = installation.first_sync if size == "small" else lambda: beside(installation.sync)
        assert first_sync().exit_code == 0
        yield installation


def settings_of(installation: Installation) -> dict[str, str]:
    """An installation's settings for a process that shows pages: it needs no LinkedIn."""
    return {name: value for name, value in installation.environment().items() if not name.startswith("LINKEDIN_")}


def run_page(page: str, *arguments: str, settings: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A notebook as cron runs it."""
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "notebooks" / f"{page}.py"), "--", *arguments],
        env={**_bare(), **settings},
        cwd=folder,
        text=True,
        capture_output=True,
        timeout=300,
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

    def let_in(self, context: BrowserContext) -> None:
        """Sign a browser in: from then on it may open every page."""
        answer = context.request.get(self.addresses.pop(), max_redirects=0)
        assert answer.status == 303, answer.text()

    def tab(self, context: BrowserContext, *, width: int = 1300, height: int = 2000) -> tuple[Page, list[str]]:
        """A page of a browser that was let in, and what its console and network complain about."""
        self.let_in(context)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        return page, complaints(page)


@contextmanager
def served(
    pages: list[str] | None,
    *,
    settings: Mapping[str, str],
    folder: Path,
    readers: bool = False,
    looks_again_after: int = SELDOM,
) -> Iterator[Served]:
    """Pages behind the guard, by default all; each of the `addresses` signs in, once.

    Args:
        looks_again_after: seconds until a page on which nothing happens looks whether something does.
    """
    port = _port()
    options = {
        "pages": pages,
        "port": port,
        "readers": readers,
        "sign_ins": SIGN_INS,
        "looks_again_after": looks_again_after,
    }
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("page_server.py")), json.dumps(options)],
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
        process.wait(120)
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
        process.wait(120)
        process.stdout.close()


def rows_of(page: Page, cell: str) -> list[list[str]]:
    """The rows of a plain table in a cell, as they are read."""
    rows = page.locator(f'[data-cell-name="{cell}"] table.wb-table tbody tr')
    return [[word.strip() for word in row.locator("td").all_inner_texts()] for row in rows.all()]


def _port() -> int:
    """The same for all servers of this process, one after another: what a browser keeps of the pages is used again."""
    with suppress(OSError), socket.create_server(("127.0.0.1", _USUAL)):
        return _USUAL
    return free_port()


def _bare() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONPATH": str(CHECKOUT)}
