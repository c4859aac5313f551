"""The progress of a sync on a terminal: a live table, account by resource; plain lines where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from workbench.console import tell
from workbench.errors import one_line
from workbench.progress import OnProgress, Progress
from workbench.schema.resources import OF_ACCOUNT

_COLUMNS = {resource.name: resource.short for resource in OF_ACCOUNT}
_STYLES = {"running": "cyan", "done": "green", "partial": "yellow", "failed": "red", "skipped": "dim"}
_STAGES = {
    "auth": "Checking the sign-in",
    "accounts": "Listing ad accounts",
    "campaigns": "Fetching",
    "creatives": "Fetching",
    "metrics": "Fetching",
    "demographics": "Fetching",
    "names": "Resolving names",
    "snapshot": "Writing the snapshot",
    "load": "Loading into PostgreSQL",
    "log": "Done",
}


@contextmanager
def show_progress() -> Iterator[OnProgress]:
    """A listener for `sync`; everything goes to stderr, stdout is the report's."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    board = _Board()
    with Live(get_renderable=board.render, console=console, refresh_per_second=8, transient=True):
        yield board


class _Board:
    def __init__(self) -> None:
        self._stage = "Starting"
        self._accounts: dict[int, str] = {}
        self._cells: dict[tuple[int, str], Progress] = {}

    def __call__(self, progress: Progress) -> None:
        self._stage = _STAGES.get(progress.step, progress.step)
        if progress.account_id is not None:
            self._accounts[progress.account_id] = progress.account_name or self._accounts.get(
                progress.account_id, str(progress.account_id)
            )
            if progress.resource is not None:
                self._cells[progress.account_id, progress.resource] = progress

    def render(self) -> Table:
        table = Table(title=f"{self._stage} …", title_justify="left", expand=False)
        table.add_column("account", max_width=32, no_wrap=True)
        for label in _COLUMNS.values():
            table.add_column(label, justify="right")
        for account_id, name in sorted(self._accounts.items()):
            table.add_row(Text(one_line(name)), *(self._cell(account_id, resource) for resource in _COLUMNS))
        return table

    def _cell(self, account_id: int, resource: str) -> Text:
        progress = self._cells.get((account_id, resource))
        if progress is None:
            return Text("·", style="dim")
        return Text(f"{progress.done:,}", style=_STYLES.get(progress.status, ""))


class _Lines:
    """A line for each stage and for each thing that did not come whole, for cron's mail and logs."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, progress: Progress) -> None:
        if progress.status in ("partial", "failed", "skipped"):
            where = f"Account {progress.account_id}: " if progress.account_id else ""
            self._say(f"{where}{progress.resource or ''} {progress.status}. {progress.note}".strip())
        elif progress.step in _STAGES:
            self._say(_STAGES[progress.step])

    def _say(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            tell(one_line(line))
