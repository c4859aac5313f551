"""Run a sign-in that a page starts, in its own thread; one per process, visible to all its pages."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, replace
from typing import Literal

from workbench.browser import can_show_a_page, open_privately
from workbench.errors import WorkbenchError
from workbench.linkedin.auth.login import login
from workbench.settings.fields import Settings


@dataclass(frozen=True)
class Consenting:
    """The state of a sign-in that a page started.

    Attributes:
        url: LinkedIn's consent page, once there is one; it is worth nothing without the browser's own answer.
        error: why it failed.
    """

    state: Literal["idle", "waiting", "done", "failed"] = "idle"
    url: str | None = None
    error: WorkbenchError | None = None


class _Job:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = Consenting()

    def start(self, settings: Settings) -> bool:
        with self._lock:
            if self.now.state == "waiting":
                return False
            self.now = Consenting("waiting")
        threading.Thread(target=self._run, args=(settings,), name="sign-in", daemon=True).start()
        return True

    def _run(self, settings: Settings) -> None:
        try:
            asyncio.run(login(settings, open_url=self._show, announce=lambda text: None))
        except WorkbenchError as error:
            self.now = Consenting("failed", error=error)
        else:
            self.now = Consenting("done")

    def _show(self, url: str) -> None:
        self.now = replace(self.now, url=url)
        if can_show_a_page():
            open_privately(url)


_job = _Job()
"""Of the process: a sign-in listens on one port of the machine, and every page must see the same one."""


def consenting() -> Consenting:
    """The state of the newest sign-in of this process."""
    return _job.now


def start_consent(settings: Settings) -> bool:
    """Ask LinkedIn for consent; False if a page already waits for it. It gives up after three minutes by itself."""
    return _job.start(settings)
