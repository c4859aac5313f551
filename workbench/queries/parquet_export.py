"""Write the history as hive-partitioned Parquet that other engines read in place.

    <folder>/<table>/account_id=<id>[/month=<yyyy-mm>]/data_0.parquet          what is current, as in PostgreSQL
    <folder>/versions/<table>/snapshot=<name>/account_id=<id>/data_0.parquet   what each snapshot said, with its age
    <folder>/manifest.json                                                     written last

Each file is written under a temporary name, flushed and renamed. A file whose bytes would not change stays. So a reader
never meets a torn file, and a repeated export after a kill completes what is missing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout
from sqlalchemy import BigInteger, Boolean, Date, Numeric, Table
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from workbench.errors import ConfigurationError, StorageError
from workbench.files import atomic_write, sync_file, sync_folder
from workbench.queries.snapshot_source import finished, refuse_repeats
from workbench.schema.resources import FIGURES
from workbench.schema.tables import LOADED, METRICS, day_of, key_of, metadata, view_columns
from workbench.settings.env_file import refuse_foreign_folder
from workbench.snapshots.duckdb_paths import literal
from workbench.snapshots.manifest import Snapshot
from workbench.snapshots.parquet_cache import Cache
from workbench.snapshots.read_errors import readable
from workbench.snapshots.views import Views

FORMAT = 1
MANIFEST = "manifest.json"
VERSIONS = "versions"
_UNFINISHED = ".unfinished"
_LOCK = ".export.lock"
_TYPES = ((ARRAY, "varchar[]"), (BigInteger, "bigint"), (Numeric, "decimal(38, 18)"), (Date, "date"),
          (Boolean, "boolean"), (TIMESTAMP, "timestamptz"))  # fmt: skip
_SNAPSHOT_DAY = "cast(strptime(snapshot[1:8], '%Y%m%d') as date)"


@dataclass(frozen=True)
class Exported:
    """What an export did.

    Attributes:
        newest: the newest snapshot whose rows are in the folder.
        written: how many files are new or were replaced.
        kept: how many stayed as they were.
        removed: how many were removed, because nothing is left of their partition.
    """

    newest: str
    written: int
    kept: int
    removed: int


def export_parquet(source: Path, folder: Path, cache: Cache, *, versions: bool = False) -> Exported:
    """Bring a folder up to date with the snapshots of `source`.

    Args:
        versions: write every snapshot's own figures, too; those that were written before stay in any case.

    Raises:
        ConfigurationError: the folder holds something else.
        StorageError: there is no finished snapshot (`nothing_synced`), or another export writes into the folder.
        ValidationError: a snapshot is damaged.
    """
    snapshots = finished(source, None)
    with _unfinished(folder) as unfinished:
        export = _Export(folder, unfinished)
        with readable(), cache.open(snapshots) as views:
            refuse_repeats(views.connection)
            for table in LOADED:
                export.state(views.connection, table)
        for snapshot in snapshots if versions else ():
            export.version(snapshot)
        export.finish(snapshots)
    return Exported(snapshots[-1].name, export.written, export.kept, export.removed)


def columns_of(table: Table) -> dict[str, str]:
    """The columns of a table's files and their types in DuckDB, without `account_id`, which the path holds."""
    return {name: _type(table, name) for name in view_columns(table) if name != "account_id"}


class _Export:
    def __init__(self, folder: Path, unfinished: Path) -> None:
        self.folder, self.unfinished = folder, unfinished
        self.written = self.kept = self.removed = 0

    def state(self, connection: duckdb.DuckDBPyConnection, table: Table) -> None:
        """Write the current rows of a table, and remove the partitions that have none any more."""
        month = ["strftime(date, '%Y-%m') as month"] if table in METRICS else []
        partitions = ["account_id", *(["month"] if month else [])]
        made = self._copy(connection, table, _selected(table, month), partitions)
        there = self.folder / table.name
        fresh = self._put(made, there)
        for old in sorted(there.rglob("*.parquet")) if there.exists() else []:
            if old not in fresh:
                old.unlink()
                self.removed += 1

    def version(self, snapshot: Snapshot) -> None:
        """Write the figures of one snapshot, which never change, unless they are there."""
        done = self.folder / VERSIONS / ".done" / snapshot.name
        if done.exists():
            return
        tables = [metadata.tables[name] for name in FIGURES]
        with readable(), Views([snapshot], in_memory=True, only=tables) as views:
            for table in tables:
                named = f"(select *, '{snapshot.name}' as snapshot from {table.name})"
                extra = [f"cast({_SNAPSHOT_DAY} - {day_of(table)} as bigint) as age", "snapshot"]
                made = self._copy(views.connection, table, _selected(table, extra, named), ["snapshot", "account_id"])
                self._put(made, self.folder / VERSIONS / table.name)
        done.parent.mkdir(parents=True, exist_ok=True)
        done.touch()

    def finish(self, snapshots: Sequence[Snapshot]) -> None:
        """Write the manifest: which snapshots the files were made of, and the columns of each table."""
        facts = {
            "format": FORMAT,
            "newest_snapshot": snapshots[-1].name,
            "snapshots": [snapshot.name for snapshot in snapshots],
            "tables": {table.name: {"account_id": "bigint", **columns_of(table)} for table in LOADED},
        }
        with atomic_write(self.folder / MANIFEST) as file:
            file.write(json.dumps(facts, indent=1).encode())

    def _copy(
        self, connection: duckdb.DuckDBPyConnection, table: Table, select: str, partitions: Sequence[str]
    ) -> Path:
        """Write a select to a temporary folder, a file for each partition."""
        made = self.unfinished / table.name
        shutil.rmtree(made, ignore_errors=True)
        comments = {"table": table.comment or "", **{c.name: c.comment or "" for c in table.columns}}
        about = ", ".join(f"{_quoted(name)}: {literal_text(text)}" for name, text in comments.items())
        connection.execute("set threads = 1; set preserve_insertion_order = true")  # one file a partition
        connection.execute(
            f"copy ({select}) to {literal(made)} (format parquet, compression zstd,"
            f" partition_by ({', '.join(partitions)}), kv_metadata {{{about}}})"
        )
        return made

    def _put(self, made: Path, target: Path) -> set[Path]:
        """Move new and changed files to their names; all names that are of use."""
        names = set()
        for file in sorted(made.rglob("*.parquet")):
            there = target / file.relative_to(made)
            names.add(there)
            if there.exists() and _digest(there) == _digest(file):
                self.kept += 1
                continue
            there.parent.mkdir(parents=True, exist_ok=True)
            sync_file(file)
            file.rename(there)
            sync_folder(there.parent)
            self.written += 1
        return names


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A temporary folder in the folder, which must be new, empty or an export of ours."""
    if "\\" in str(folder):
        raise ConfigurationError(
            f"{folder} is not a folder for an export.",
            why="Its path holds a backslash, which DuckDB takes for a slash.",
            next_step="Name another folder.",
        )
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    ours = {table.name for table in LOADED} | {VERSIONS, MANIFEST, _UNFINISHED, _LOCK}
    if names - ours:
        raise ConfigurationError(
            f"{folder} is not a folder for an export.",
            why=f"It holds {sorted(names - ours)[0]}, which no export writes.",
            next_step="Name a new or an empty folder.",
        )
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    refuse_foreign_folder(folder)
    unfinished = folder / _UNFINISHED
    with _alone(folder):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            yield unfinished
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of an export's folder; it ends with the process."""
    lock = FileLock(folder / _LOCK, timeout=0, mode=0o600)  # an account that can read it can lock it
    try:
        lock.acquire()
    except Timeout:
        raise StorageError(
            f"Another export is writing into {folder}.",
            why="Two at once would take each other's files away.",
            next_step="Wait until it has ended, then export again.",
            retry=True,
        ) from None
    try:
        yield
    finally:
        lock.release()


def _selected(table: Table, extra: Sequence[str], rows: str = "") -> str:
    columns = [f'cast("{name}" as {kind}) as "{name}"' for name, kind in columns_of(table).items()]
    keys = ", ".join(f'"{key}"' for key in key_of(table))
    return f"select {', '.join(['account_id', *columns, *extra])} from {rows or table.name} order by {keys}"


def _type(table: Table, name: str) -> str:
    kind = table.columns[name].type
    return next((word for known, word in _TYPES if isinstance(kind, known)), "varchar")


def _quoted(name: str) -> str:
    return f'"{name}"'


def literal_text(text: str) -> str:
    """A text as a literal of DuckDB."""
    return "'" + text.replace("'", "''") + "'"


def _digest(file: Path) -> bytes:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()
