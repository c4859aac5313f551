"""Report pages for their tests: an installation synced from a sandbox, notebooks as scripts, pages in a browser."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from browsers import cell_errors, complaints
from installations import CHECKOUT, served
from playwright.sync_api import BrowserContext, Page
from sync.installation import TODAY

from workbench.sandbox import Sandbox

__all__ = [
    "CHECKOUT",
    "SECONDS",
    "TODAY",
    "UNTIL",
    "Pages",
    "PagesInstallation",
    "cell_errors",
    "complaints",
    "run_cells",
    "run_script",
]

UNTIL = TODAY - timedelta(1)
SECONDS = 180_000


@dataclass(frozen=True)
class PagesInstallation:
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
        timeout=300,
        check=False,
    )


class Pages:
    """Some pages in a process of their own, served to their owner; every browser signs in anew."""

    def __init__(self, *names: str, environment: Mapping[str, str]) -> None:
        self._serving = served(list(names), settings=environment, folder=Path.cwd())

    def __enter__(self) -> Pages:
        self._app = self._serving.__enter__()
        self.origin = self._app.origin
        return self

    def __exit__(self, *failure: Any) -> None:
        self._serving.__exit__(*failure)

    def tab(self, tabs: BrowserContext, *, height: int = 2000) -> tuple[Page, list[str]]:
        """A page of a browser that is let in, and what its console and network complain about."""
        return self._app.tab(tabs, height=height)
