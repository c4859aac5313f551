"""What a page left open notices by itself: a sync that begins, that it has ended, a database that is back.

Pure but for one thing: which pages show a failure. It asks nothing and draws nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from workbench.pages.sync_status import Glance

Seen = Literal["quiet", "running", "ended", "stopped", "gone"]


@dataclass(frozen=True)
class Noticed:
    """What a page has noticed so far.

    Attributes:
        seen: nothing; a sync that runs, has ended, or stopped before its end; or that the database does not answer.
        figures_of: when the newest sync had ended, as the figures were drawn.
        tried: the figures were drawn anew because they had failed: once is enough while the database answers.
    """

    seen: Seen = "quiet"
    figures_of: datetime | None = None
    tried: bool = False


def first(glance: Glance) -> Noticed:
    """What there is to notice as the figures are drawn."""
    seen: Seen = "gone" if glance.out_of_reach else "running" if glance.under_way else "quiet"
    return Noticed(seen, glance.finished_at)


def then(before: Noticed, glance: Glance, *, failed: bool) -> Noticed:
    """What has been noticed by now; `failed`: whether the page shows a failure instead of its figures."""
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


class _Page(threading.local):
    """Of one page: every visitor's page runs in a thread of its own."""

    failed = False


_page = _Page()


def remember_failure(*, failed: bool) -> None:
    """That this page shows a failure of the database; or that its figures are being drawn anew."""
    _page.failed = failed


def shows_failure() -> bool:
    """Whether this page does."""
    return _page.failed
