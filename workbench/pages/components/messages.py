"""Messages of a page: nothing yet, working, old or incomplete, failed.

Every word from outside goes through `formatting.text`.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Sequence
from typing import Literal, NoReturn

import marimo as mo

from workbench.analytics.formatting import text
from workbench.app_context import current
from workbench.console import tell
from workbench.errors import ConfigurationError, StorageError, WorkbenchError, several
from workbench.pages.components.style import styled
from workbench.pages.components.url_params import is_script
from workbench.queries.api import allowed_sources

_LOG = logging.getLogger(__name__)

Kind = Literal["info", "good", "warn", "danger", "plain"]
_ROLES = {"danger": "alert", "warn": "status", "good": "status", "info": "note", "plain": "note"}


class _Page(threading.local):
    """State of one page; every visitor's page runs in a thread of its own."""

    failed = False


_page = _Page()


def remember_failure(*, failed: bool) -> None:
    """Remember whether this page shows a failure of the database in the place of its figures."""
    _page.failed = failed


def shows_failure() -> bool:
    """Whether this page shows a failure of the database in the place of its figures."""
    return _page.failed


def note(title: str, *sentences: str, kind: Kind = "info", points: Sequence[str] = ()) -> mo.Html:
    """A quiet box: a title, sentences, and points; all of it is text, never markup."""
    return mo.Html(styled(_box(title, [f"<p>{text(sentence)}</p>" for sentence in sentences], kind, points)))


def failure(error: WorkbenchError) -> mo.Html:
    """A box for an error: what failed, why, and what to do next."""
    if isinstance(error, StorageError) and error.nothing_synced:
        return nothing_yet(error)
    if current().readers and isinstance(error, StorageError | ConfigurationError):
        error = _from_outside(error)
    parts = [("Why", error.why), ("Next", error.next_step)]
    lines = [f"<p><b>{label}</b> {text(said)}</p>" for label, said in parts if said]
    if error.request_id:
        lines.append(f"<p><b>ID</b> {text(error.request_id)} (LinkedIn’s id of the request)</p>")
    return mo.Html(styled(_box(error.what, lines, "danger")))


def failed_figures(error: WorkbenchError) -> mo.Html:
    """As `failure`, in the place of figures: the page tries again by itself where that may help."""
    remember_failure(failed=isinstance(error, StorageError) and not error.nothing_synced)
    return failure(error)


def nothing_yet(error: WorkbenchError) -> mo.Html:
    """A box for a page without data, with links to get some."""
    if current().readers:
        return note(error.what, "The figures come with the first sync by the person who runs this workbench.")
    ways = ["<p>To see your own numbers: connect LinkedIn and sync once.</p>"]
    links = _links()
    if "sample" in allowed_sources():
        links.append('<a href="?source=sample">Look at the sample data meanwhile</a>')
    if links:
        ways.append(f"<p>{' · '.join(links)}</p>")
    else:
        ways.append(f"<p>{text(error.next_step)}</p>")
    return mo.Html(styled(_box(error.what, ways, "info")))


def invented() -> mo.Html:
    """A banner: the figures are invented (the sample's)."""
    title = "This is sample data, invented for you to look around."
    more = "None of these accounts exist. Your own numbers appear here after your first sync."
    return mo.Html(styled(_box(title, [f"<p>{text(more)}</p>"], "info").replace("wb-note", "wb-note slim", 1)))


def old(days: int) -> mo.Html:
    """A banner: the figures are old."""
    step = "Sync to bring them up to date." if "sync" in current().pages else "Ask for a sync."
    return note(f"These figures are {several(days, 'day')} old.", step, kind="warn")


def no_snapshot_yet(*sentences: str) -> mo.Html:
    """A box for a page without snapshots: what it will show, with links to get some."""
    lines = [f"<p>{text(sentence)}</p>" for sentence in sentences]
    if links := _links():
        lines.append(f"<p>{' · '.join(links)}</p>")
    return mo.Html(styled(_box("There is no snapshot yet.", lines, "info")))


def stop(error: WorkbenchError) -> NoReturn:
    """End this cell and those that need it, with a message; a script ends with the error's exit code."""
    if is_script():
        tell(str(error))
        sys.exit(error.exit_code)
    mo.stop(True, failed_figures(error))
    raise AssertionError  # `mo.stop` has raised


def _from_outside(error: WorkbenchError) -> WorkbenchError:
    """The error as readers see it: server and reason go only to the log."""
    _LOG.warning("%s", error)
    return StorageError(
        "The figures cannot be read at the moment.",
        why="The workbench does not get at its data.",
        next_step="Reload the page in a moment, or choose less. If that does not help, ask who runs this workbench.",
    )


def working(what: str) -> mo.Html:
    """A box that shows that something is under way."""
    return note(f"{what} …", kind="info")


def _links() -> list[str]:
    """Links to the pages where a first sync begins."""
    ways = (("start", "What do I do next?"), ("sync", "Sync now"))
    return [f'<a href="../{page}/">{label}</a>' for page, label in ways if page in current().pages]


def _box(title: str, lines: list[str], kind: Kind, points: Sequence[str] = ()) -> str:
    listed = f"<ul>{''.join(f'<li>{text(point)}</li>' for point in points)}</ul>" if points else ""
    head = f'<p class="t">{text(title)}</p>'
    return f'<section class="wb-note {kind}" role="{_ROLES[kind]}">{head}{"".join(lines)}{listed}</section>'
