"""Show a sync on pages that only read: that it runs, how it ended, and the owner's button to cancel it.

A page left open looks again by itself, seldom while nothing happens. It notices a sync that begins, that the sync has
ended, and a database that answers again. This module cannot stop a sync: the app that serves the owner's pages gives
them the function that can (`app_context`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import marimo as mo

from workbench.app_context import current
from workbench.errors import WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.url_params import is_script
from workbench.pages.sync_status import Glance, glance
from workbench.queries.api import allowed_sources

Seen = Literal["quiet", "running", "ended", "stopped", "gone"]
Redraw = Callable[[bool], None]
SECONDS: dict[Seen, int] = {"quiet": 20, "running": 3, "ended": 20, "stopped": 20, "gone": 10}
"""How long until a page looks again."""

_CHANGING = "A sync is running; figures may change when it ends."


@dataclass(frozen=True)
class Noticed:
    """The state of the sync that a page last showed.

    Attributes:
        seen: nothing; a sync that runs, has ended, or stopped before its end; or that the database does not answer.
        figures_of: when the newest sync had ended, as the figures were drawn.
        tried: the figures were drawn anew because they had failed: once is enough while the database answers.
    """

    seen: Seen = "quiet"
    figures_of: datetime | None = None
    tried: bool = False


def first(glance: Glance) -> Noticed:
    """The state as the figures are drawn."""
    seen: Seen = "gone" if glance.out_of_reach else "running" if glance.under_way else "quiet"
    return Noticed(seen, glance.finished_at)


def then(before: Noticed, glance: Glance, *, failed: bool) -> Noticed:
    """The state now; `failed`: whether the page shows a failure instead of its figures."""
    before = replace(before, tried=before.tried and failed)
    if glance.out_of_reach:
        return replace(before, seen="gone", tried=False)
    if glance.under_way:
        return replace(before, seen="running")
    if before.seen == "running" or glance.finished_at != before.figures_of:
        return replace(before, seen="ended" if glance.status in ("done", "partial", "failed") else "stopped")
    return replace(before, seen=before.seen if before.seen in ("ended", "stopped") else "quiet")


def must_redraw(before: Noticed, now: Noticed, *, failed: bool) -> bool:
    """Whether a page should redraw by itself: the database is back, or its figures failed while it answers."""
    return now.seen != "gone" and (before.seen == "gone" or (failed and not before.tried))


def timer(seconds: int = 1) -> mo.ui.refresh:
    """A timer widget; bind it to a global name, and show it with `hidden`."""
    return mo.ui.refresh(default_interval=f"{seconds}s")


def hidden(element: mo.Html | None) -> mo.Html | None:
    """An element that works but is invisible."""
    return None if element is None else mo.Html(f'<div style="display:none">{element}</div>')


def first_look() -> Noticed:
    """The state of the sync as a page draws its figures."""
    return first(_glance()) if _watches() else Noticed()


def redrawing(notice: Callable[[Noticed], None], draw: Callable[[Callable[[int], int]], None]) -> Redraw:
    """A function that draws the figures anew from the address bar; its argument: whether they had failed.

    Args:
        notice, draw: setters of what was noticed, and of how often the figures were drawn.
    """

    def redraw(failed: bool) -> None:
        messages.remember_failure(failed=False)
        notice(replace(first_look(), tried=failed))
        draw(lambda times: times + 1)

    return redraw


def sync_timer(noticed: Noticed, redraw: Redraw) -> tuple[mo.ui.refresh | None, mo.ui.button | None]:
    """The timer of a page, and the banner's button where there is one; bind both to global names."""
    tick = timer(SECONDS[noticed.seen]) if _watches() else None
    if noticed.seen == "running" and current().cancel_sync is not None:
        return tick, mo.ui.button(label="Cancel the sync", kind="neutral", on_click=_cancel)
    if noticed.seen == "ended":
        return tick, mo.ui.button(label="Show the new figures", kind="neutral", on_change=lambda _: redraw(False))
    return tick, None


def sync_banner(
    noticed: Noticed, button: mo.ui.button | None, notice: Callable[[Noticed], None], redraw: Redraw
) -> mo.Html | None:
    """The banner about a sync that runs or has ended, with the button; calls `notice` with each new state.

    Args:
        noticed: what the page has noticed so far.
        button: the one `sync_timer` made for it.
    """
    if not _watches():
        return None
    found, failed = _glance(), messages.shows_failure()
    now = then(noticed, found, failed=failed)
    if must_redraw(noticed, now, failed=failed):
        redraw(noticed.seen != "gone")
    elif now != noticed:
        notice(now)
    return _banner(now.seen, found, button if now.seen == noticed.seen else None)


def _banner(seen: Seen, found: Glance, button: mo.ui.button | None) -> mo.Html | None:
    if seen == "running":
        return _under_way(button)
    if seen == "ended":
        ended = messages.note("A sync has ended.", "The figures on this page are from before.", kind="good")
        return ended if button is None else mo.vstack([ended, button], gap=0.5)
    if seen == "stopped":
        title = "The sync was cancelled." if found.status == "interrupted" else "The sync stopped before its end."
        return messages.note(title, "What was fetched is kept; the next sync goes on from there.")
    return None


def _under_way(cancel: mo.ui.button | None) -> mo.Html:
    if cancel is None:
        return messages.note(_CHANGING)
    if cancel.value is None:
        where = "The sync page shows how far it is. What was fetched is kept if you cancel it."
        return mo.vstack([messages.note(_CHANGING, where), cancel], gap=0.5)
    if isinstance(cancel.value, WorkbenchError):
        return messages.failure(cancel.value)
    return messages.working("Cancelling the sync; what was fetched is kept")


def _watches() -> bool:
    """Whether this runs as a page, with a database to ask."""
    return not is_script() and "database" in allowed_sources()


def _glance() -> Glance:
    return glance(datetime.now(UTC))


def _cancel(_: Any) -> WorkbenchError | bool:
    """Ask the running sync to stop; returns the error if this machine cannot."""
    cancel_sync = current().cancel_sync
    assert cancel_sync is not None  # noqa: S101  (else there was no button)
    try:
        cancel_sync(_glance().holder)
    except WorkbenchError as error:
        return error
    return True
