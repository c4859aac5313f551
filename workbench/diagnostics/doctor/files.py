"""Check files: secrets that others could read, folders that must be writable, free space, shipped files."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from workbench.diagnostics.doctor.finding import Finding, ok, problem, warning
from workbench.paths import shipped
from workbench.schema import pages
from workbench.settings.fields import Settings
from workbench.snapshots.catalog import list_snapshots

LITTLE_BYTES = 2 * 10**9
TOO_LITTLE_BYTES = 200 * 10**6
_SECRET = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?:\w*(?:SECRET|PASSWORD|TOKEN)|DATABASE_URL)[ \t]*=[ \t]*\S", re.MULTILINE
)
_SQL = ("views", "questions", "history", "database", "migrations/versions")
_REINSTALL = (
    "In the checkout, run `git checkout -- notebooks sql snapshots/sample`."
    " If the workbench was installed from it as a wheel, run `pip install --force-reinstall --no-deps .` there too."
)


def private_files(settings: Settings) -> Iterator[Finding]:
    """Whether the `.env` file with its secrets is its owner's alone; the token file is the sign-in's to judge."""
    file = settings.env_file
    if file is None or not file.exists():
        yield ok("files", "There is no .env file; settings come from the environment.")
        return
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077 and _SECRET.search(file.read_text("utf-8", errors="replace")):
        yield warning(
            "files",
            f"Others on this machine may read the secrets in {file}.",
            why=f"Its mode is {mode:04o}.",
            next_step=f"Run `chmod 600 {quote(str(file))}`.",
        )
    else:
        yield ok("files", f"{file} has mode {mode:04o}.")


def folders(settings: Settings) -> Iterator[Finding]:
    """Whether home, snapshots and logs can be written."""
    for check, folder in (
        ("home", settings.home),
        ("snapshot folder", settings.snapshot_dir),
        ("logs", settings.log_dir or settings.home / "logs"),
    ):
        yield _writable(check, folder)


def free_disk(settings: Settings) -> Iterator[Finding]:
    """Space where data will be written, each file system once."""
    seen: set[int] = set()
    for folder in (existing(settings.home), existing(settings.snapshot_dir)):
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield space(folder, shutil.disk_usage(folder).free)


def space(folder: Path, free: int) -> Finding:
    """Check whether so many free bytes are enough."""
    what = f"{free / 10**9:,.1f} GB are free where {folder} lies."
    step = "Make room there, or move WORKBENCH_HOME and SNAPSHOT_DIR to a larger disk."
    if free < TOO_LITTLE_BYTES:
        return problem("disk", what, why="A sync writes a snapshot and a database.", next_step=step)
    if free < LITTLE_BYTES:
        return warning("disk", what, why="Snapshots are kept for ever, and grow.", next_step=step)
    return ok("disk", what)


def shipped_files() -> Iterator[Finding]:
    """Whether notebooks, SQL and the sample came with the installation, and came whole."""
    missing = [f"notebooks/{page}.py" for page in pages.NAMES if not _is_shipped("notebooks", f"{page}.py")]
    missing += [f"sql/{name}" for name in _SQL if not _is_shipped("sql", *name.split("/"))]
    sample = list_snapshots(shipped("snapshots", "sample")).finished if _is_shipped("snapshots", "sample") else []
    missing += [] if sample else ["snapshots/sample"]
    if missing:
        why = f"Missing: {', '.join(missing)}."
        yield problem("installation", "This installation is not whole.", why=why, next_step=_REINSTALL)
        return
    for snapshot in sample:
        snapshot.verify()
    yield ok("installation", f"Notebooks, SQL and sample data are there ({shipped('notebooks').parent}).")


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _writable(check: str, folder: Path) -> Finding:
    there = existing(folder)
    step = f"Grant access to {there}, or name another folder in the settings."
    if not there.is_dir():
        return problem(check, f"{folder} cannot be a folder.", why=f"{there} is a file.", next_step=step)
    try:
        if there == folder:
            tempfile.TemporaryFile(dir=folder).close()
        elif not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError("permission denied")
    except OSError as error:
        return problem(check, f"{folder} cannot be written.", why=f"{error.strerror or error}.", next_step=step)
    return ok(check, f"{folder} can be written." if there == folder else f"{folder} will be made when it is needed.")


def _is_shipped(*parts: str) -> bool:
    try:
        path = shipped(*parts)
    except FileNotFoundError:
        return False
    return path.is_file() or any(path.iterdir())
