"""Show the progress of a sync: on a terminal a live table, account by resource; else a line for each wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from workbench.clock import utc_now
from workbench.console import tell
from workbench.errors import one_line
from workbench.pipeline.progress import OnProgress, Progress, ignore
from workbench.schema.resources import OF_ACCOUNT

_COLUMNS = {resource.name: resource.label for resource in OF_ACCOUNT if not (resource.group or resource.optional)}
"""What every sync asks for; what `METRIC_GROUPS` adds would be too much for 80 columns."""
_STYLES = {"running": "cyan", "done": "green", "partial": "yellow", "failed": "red", "skipped": "dim"}
_NARROWEST, _FIGURES = 12, 63
"""The least width of an account's name, and what the figures beside it take."""
_STAGES = {
    "auth": "Checking the sign-in",
    "accounts": "Listing ad accounts",
    "campaigns": "Fetching",
    "metrics": "Fetching",
    "demographics": "Fetching",
    "names": "Resolving names",
    "snapshot": "Writing the snapshot",
    "load": "Loading into PostgreSQL",
    "log": "Done",
}


@contextmanager
def show_progress(*, quiet: bool = False) -> Iterator[OnProgress]:
    """A function for `on_progress` of `sync`; it writes to stderr, because the report goes to stdout.

    Args:
        quiet: say nothing at all.
    """
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield ignore if quiet else _Waits()
        return
    board = _Board(console.width)
    with Live(get_renderable=board.render, console=console, refresh_per_second=8, transient=True):
        yield board


class _Board:
    def __init__(self, width: int) -> None:
        self._width = width
        self._stage = "Starting"
        self._accounts: dict[int, str] = {}
        self._cells: dict[tuple[int, str], Progress] = {}
        self._wait: Progress | None = None
        self._notice = ""

    def __call__(self, progress: Progress) -> None:
        if progress.step == "notice":
            self._notice = one_line(progress.note)
            return
        if progress.step == "wait":
            self._wait = progress
            return
        if self._wait is not None and self._wait.until is None:
            self._wait = None
        self._stage = _STAGES.get(progress.step, progress.step)
        if progress.account_id is not None:
            self._accounts[progress.account_id] = progress.account_name or self._accounts.get(
                progress.account_id, str(progress.account_id)
            )
            if progress.resource is not None:
                self._cells[progress.account_id, progress.resource] = progress

    def render(self) -> RenderableType:
        words = filter(None, [self._notice, self._waiting()])
        return Group(self._table(), *(Text(word, style="yellow") for word in words))

    def _waiting(self) -> str:
        """The line about a wait: its reason and a countdown; empty once it is over."""
        if self._wait is None:
            return ""
        why, until = one_line(self._wait.note), self._wait.until
        if until is None:
            return why
        left = round((until - utc_now()).total_seconds())
        return f"{why} Next try in {left} s, at {until:%H:%M:%S} UTC." if left > 0 else ""

    def _table(self) -> Table:
        table = Table(
            title=f"{self._stage} …", title_justify="left", box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False
        )
        table.add_column("Account", max_width=max(_NARROWEST, self._width - _FIGURES), no_wrap=True)
        for label in _COLUMNS.values():
            table.add_column("\n".join(label.rsplit(maxsplit=1)), justify="right", no_wrap=True)
        for account_id, name in sorted(self._accounts.items()):
            table.add_row(Text(one_line(name)), *(self._cell(account_id, resource) for resource in _COLUMNS))
        return table

    def _cell(self, account_id: int, resource: str) -> Text:
        progress = self._cells.get((account_id, resource))
        if progress is None:
            return Text("·", style="dim")
        return Text(f"{progress.done:,}", style=_STYLES.get(progress.status, ""))


class _Waits:
    """A line for each wait and notice, for terminals without cursor and for logs."""

    def __init__(self) -> None:
        self._told: dict[str, datetime | None] = {}

    def __call__(self, progress: Progress) -> None:
        if progress.step not in ("wait", "notice") or self._is_told(progress.note):
            return
        self._told[progress.note] = progress.until
        until = f" Next try at {progress.until:%H:%M:%S} UTC." if progress.until else ""
        tell(one_line(f"{progress.note}{until}"))

    def _is_told(self, note: str) -> bool:
        """Whether a wait is already shown: several requests may wait for the same reason."""
        if note not in self._told:
            return False
        until = self._told[note]
        return until is None or utc_now() < until
