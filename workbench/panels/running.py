"""For pages that only read: whether a sync is under way whose end will change their figures."""

from __future__ import annotations

from datetime import UTC, datetime

import marimo as mo

from workbench.context import current
from workbench.panels import states
from workbench.watching import Watch, look


def running_sync() -> Watch:
    """How the newest sync stands, as the database knows it."""
    return look(datetime.now(UTC))


def timer(seconds: int = 1) -> mo.ui.refresh:
    """A timer; bind it to a global name, and show it with `hidden`."""
    return mo.ui.refresh(default_interval=f"{seconds}s")


def poll_running() -> mo.ui.refresh | None:
    """A timer while a sync is under way, None otherwise."""
    return timer(3) if running_sync().under_way else None


def hidden(element: mo.Html | None) -> mo.Html | None:
    """An element that works but is not seen."""
    return None if element is None else mo.Html(f'<div style="display:none">{element}</div>')


def sync_banner(watch: Watch, *, seen_running: bool) -> mo.Html | None:
    """That a sync is under way, and where to watch and cancel it; or that one has just ended."""
    where = "The sync page shows how far it is, and can cancel it." if "sync" in current().pages else ""
    if watch.under_way:
        return states.note("A sync is running; these figures may change when it ends.", where)
    if seen_running:
        return states.note("The sync has ended.", "Reload this page to see the new figures.", kind="good")
    return None
