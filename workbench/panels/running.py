"""A sync that is under way, on pages that only read: that it runs, how it ended, and its owner's button to cancel it.

Nothing here can stop a sync; what can is handed to the pages of its owner by the app that serves them (`context`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import marimo as mo

from workbench.context import current
from workbench.errors import WorkbenchError
from workbench.panels import states
from workbench.watching import Watch, look


def running_sync() -> Watch:
    """How the newest sync stands, as the database knows it."""
    return look(datetime.now(UTC))


def timer(seconds: int = 1) -> mo.ui.refresh:
    """A timer; bind it to a global name, and show it with `hidden`."""
    return mo.ui.refresh(default_interval=f"{seconds}s")


def hidden(element: mo.Html | None) -> mo.Html | None:
    """An element that works but is not seen."""
    return None if element is None else mo.Html(f'<div style="display:none">{element}</div>')


def poll_running(*, ended: bool) -> tuple[mo.ui.refresh | None, mo.ui.button | None]:
    """A timer while a sync is under way, and the button that cancels it where one may; bind both to global names."""
    if ended or not running_sync().under_way:
        return None, None
    if current().cancel_sync is None:
        return timer(3), None
    return timer(3), mo.ui.button(label="Cancel the sync", kind="neutral", on_click=_cancel)


def sync_banner(
    tick: mo.ui.refresh | None, cancel: mo.ui.button | None, *, ended: bool, end: Callable[[], object]
) -> mo.Html | None:
    """That a sync is under way, with its button; or how it has just ended.

    Args:
        tick, cancel: what `poll_running` gave.
        ended: whether one has ended on this page.
        end: called when it has.
    """
    watch = running_sync()
    if watch.under_way:
        return _under_way(cancel)
    if tick is not None:
        end()
    return _over(watch) if tick is not None or ended else None


def _under_way(cancel: mo.ui.button | None) -> mo.Html:
    if cancel is None:
        return states.note("A sync is running; these figures may change when it ends.")
    if cancel.value is None:
        where = "The sync page shows how far it is. What was fetched is kept if you cancel it."
        note = states.note("A sync is running; these figures may change when it ends.", where)
        return mo.vstack([note, cancel], gap=0.5)
    if isinstance(cancel.value, WorkbenchError):
        return states.failure(cancel.value)
    return states.working("Cancelling the sync; what was fetched is kept")


def _over(watch: Watch) -> mo.Html:
    reload = "Reload this page to see the new figures."
    if watch.newest is None or watch.newest["status"] != "interrupted":
        return states.note("The sync has ended.", reload, kind="good")
    return states.note("The sync was cancelled.", "What was fetched is kept; the next sync goes on from there.")


def _cancel(_: Any) -> WorkbenchError | bool:
    """Ask it to stop; the error if it cannot be asked from here."""
    cancel_sync = current().cancel_sync
    assert cancel_sync is not None  # noqa: S101  (else there was no button)
    try:
        cancel_sync(running_sync().holder)
    except WorkbenchError as error:
        return error
    return True
