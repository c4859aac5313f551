"""`workbench load`: fill PostgreSQL from snapshots, in any order, as often as you like."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from workbench import logs
from workbench.cli.app import PLAIN, print_json
from workbench.console import tell
from workbench.errors import ValidationError, WorkbenchError
from workbench.paths import shipped
from workbench.pipeline.api import load
from workbench.settings.fields import Settings, read_settings
from workbench.snapshots import mirror
from workbench.snapshots.catalog import list_snapshots

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    snapshots: Annotated[
        list[str] | None, typer.Argument(metavar="[SNAPSHOT]...", help="Names in SNAPSHOT_DIR, folders, or sample.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every finished snapshot, oldest first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, all else on stderr.")] = False,
) -> None:
    """Bring PostgreSQL up to date from snapshots on disk; only what they decide is written.

    Example: workbench load --all
    """
    if bool(snapshots) == everything:
        raise typer.BadParameter("Name snapshots or give --all, one of both.")
    settings = read_settings(Settings)
    logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
    try:
        names = snapshots or ()
        folders = _all(settings) if everything else [folder for name in names for folder in _folders(settings, name)]
        report = load(folders, settings=settings)
    except WorkbenchError as error:
        if as_json:
            facts = {"snapshots": {}, "exit_code": error.exit_code, "error": error.as_dict()}
            print_json(facts, exit_code=error.exit_code)
        raise
    if as_json:
        print_json({"snapshots": report.as_dict(), "exit_code": 0, "error": None})
    for name in report.snapshots:
        changes = ", ".join(f"{count:,} {change}" for change, count in report.rows(name).items())
        tell(f"{name}: {changes}", err=as_json)


def _all(settings: Settings) -> list[Path]:
    listing = list_snapshots(settings.snapshot_dir)
    for error in listing.unreadable.values():
        tell(f"Left out. {error}")
    if not listing.finished:
        raise ValidationError(
            "There is nothing to load.",
            why=f"{settings.snapshot_dir} holds no finished snapshot.",
            next_step="Run `workbench sync` first, or set SNAPSHOT_DIR.",
        )
    return [snapshot.folder for snapshot in listing.finished]


def _folders(settings: Settings, name: str) -> list[Path]:
    """A snapshot by its name in SNAPSHOT_DIR, else by its path; `sample` are those that ship with the workbench."""
    if name == "sample":
        return [snapshot.folder for snapshot in list_snapshots(shipped("snapshots", "sample")).finished]
    if "/" not in name:
        mirror.pull(settings.snapshot_dir)
    for folder in (settings.snapshot_dir / name, Path(name))["/" in name :]:
        with suppress(OSError, ValueError):  # no name of a folder, or one that this account may not see
            if folder.is_dir():
                return [folder.resolve()]
    raise ValidationError(
        f"There is no snapshot {name}.",
        why=f"Neither {settings.snapshot_dir} nor the working directory has it.",
        next_step="Name a folder in SNAPSHOT_DIR; `workbench query snapshots --source snapshots` lists them.",
    )
