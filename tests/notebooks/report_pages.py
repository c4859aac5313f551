"""Report pages for their tests: an installation synced from a sandbox, notebooks as scripts, pages in a browser."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, sync_playwright
from sqlalchemy import URL

from workbench import embedded
from workbench.pipeline import sync
from workbench.sandbox import Sandbox
from workbench.serving import free_port
from workbench.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
UNTIL = TODAY - timedelta(1)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 90_000


@dataclass(frozen=True)
class Installation:
    """What was synced, and what the sandbox holds for true."""

    sandbox: Sandbox
    environment: Mapping[str, str]

    def sums(self, table: str, key: str, first: date, last: date) -> dict[int, dict[str, Any]]:
        """By id, the true sums of every metric over some days."""
        found: dict[int, dict[str, Any]] = {}
        for row in getattr(self.sandbox.truth, table)(first, last):
            sums = found.setdefault(row[key], {})
            for name, value in row.items():
                if isinstance(value, int | Decimal) and not name.endswith("_id"):
                    sums[name] = sums.get(name, 0) + value
        return found


def install(server: embedded.EmbeddedServer, folder: Path, sandbox: Sandbox) -> Installation:
    """A database and snapshots that hold all that the sandbox says."""
    name = f"pages_{folder.name.replace('-', '_')}"
    embedded.create_database(server, name, template="template_workbench")
    facts = embedded.connection_parameters(server, name)
    address = {"port": facts["port"], "query": {"host": facts["host"]}}
    url = URL.create("postgresql+psycopg", facts["user"], database=name, **address)
    environment = {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "SNAPSHOT_DIR": str(folder / "snapshots"),
        "WORKBENCH_HOME": str(folder / "home"),
    }
    linkedin = {"LINKEDIN_API_URL": sandbox.url, "LINKEDIN_OAUTH_URL": sandbox.url}
    token = {"LINKEDIN_ACCESS_TOKEN": sandbox.issue_token(), "LINKEDIN_REQUESTS_PER_SECOND": "1000"}
    settings = Settings.model_validate(environment | linkedin | token)
    noon = datetime.combine(TODAY, time(12), UTC)
    report = asyncio.run(sync(settings=settings, force=True, clock=lambda: noon))
    assert report.status == "done", report
    return Installation(sandbox, environment)


def run_cells(notebook: str, **defs: Any) -> dict[str, Any]:
    """What a notebook's cells define, run in this process as a script; `defs` stand for the cells that define them."""
    place = importlib.util.spec_from_file_location(f"page_{notebook}", CHECKOUT / "notebooks" / f"{notebook}.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    _, defined = module.app.run(defs=defs)
    return dict(defined)


def run_script(notebook: str, *arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A notebook as cron would run it."""
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "notebooks" / f"{notebook}.py"), "--", *arguments],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Headless Chromium; its absence is a failure."""
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


def cell_errors(page: Page) -> int:
    """How many cells of the page failed: in run mode marimo says so in a toast, and leaves a hole."""
    return page.get_by_text("An internal error occurred").count()


class Pages:
    """Some pages in a process of their own, served to their owner."""

    def __init__(self, *names: str, environment: Mapping[str, str]) -> None:
        self.names, self.environment = names, environment
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Pages:
        self._process = subprocess.Popen(
            [sys.executable, __file__, json.dumps([self.port, *self.names])],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={
                **os.environ,
                "PYTHONPATH": str(CHECKOUT),
                "PYTHONUNBUFFERED": "1",
                "MARIMO_SKIP_UPDATE_CHECK": "1",
                **self.environment,
            },
        )
        assert self._process.stdout is not None
        self._addresses = [self._process.stdout.readline().removeprefix("Open ").strip() for _ in range(9)]
        assert all(self._addresses), "the server did not start"
        return self

    def __exit__(self, *failure: object) -> None:
        self._process.kill()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def sign_in(self, page: Page) -> list[str]:
        """Let a browser in; from then on, what its console and network complain about."""
        page.goto(self._addresses.pop())
        page.goto("about:blank")  # what the first page still had to load ends here
        return complaints(page)


def _serve(port: int, *names: str) -> None:
    from workbench.apps import create_app
    from workbench.guard import Addresses, TokenLogin
    from workbench.serving import open_address, serve

    addresses = Addresses.loopback(port)
    login = TokenLogin(addresses)
    app = create_app(addresses=addresses, login=login, mode="owner", notebooks=names)

    def announce() -> None:
        for _ in range(9):
            open_address(login.address(f"http://127.0.0.1:{port}"), browser=False)

    serve(app, port=port, started=announce)


if __name__ == "__main__":
    _serve(*json.loads(sys.argv[1]))
