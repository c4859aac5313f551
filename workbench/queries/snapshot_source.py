"""Open snapshots, the history, as in-memory tables of a DuckDB connection: one state, or two to compare."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb
from sqlalchemy import Table

from workbench.errors import ValidationError
from workbench.paths import shipped
from workbench.queries.sources import AsOf, Source, nothing_synced
from workbench.schema.snapshot_names import moment_of
from workbench.schema.tables import ENTITIES, LOADED, day_of, key_of
from workbench.settings.fields import ReaderSettings
from workbench.snapshots import mirror
from workbench.snapshots.arrow import ArrowStream, insert
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.in_memory import open_bounded
from workbench.snapshots.manifest import MANIFEST, Manifest, Part, Snapshot, is_name, unusable
from workbench.snapshots.parquet_cache import Cache
from workbench.snapshots.read_errors import readable
from workbench.snapshots.views import Views

_MANIFEST_TABLES = """
    create table snapshots (
        snapshot varchar, status varchar, trigger varchar, linkedin_version varchar, workbench_version varchar,
        started_at timestamptz, finished_at timestamptz, window_start date, window_end date, api_calls bigint
    );
    create table snapshot_parts (
        snapshot varchar, resource varchar, account_id bigint, "pivot" varchar, status varchar, why varchar,
        elements bigint, rejected bigint, bytes bigint, complete boolean
    )
"""


def open_set(snapshots: Sequence[Snapshot], cache: Cache | None = None) -> duckdb.DuckDBPyConnection:
    """A set, oldest first, as in-memory tables in a connection of its own."""
    with readable():
        views = cache.open(snapshots) if cache else Views(snapshots, in_memory=True)
        refuse_repeats(views.connection)
    views.connection.execute(_MANIFEST_TABLES)
    insert(views.connection, "snapshots", [_facts(snapshot.manifest) for snapshot in snapshots])
    parts = [_part(snapshot.name, part) for snapshot in snapshots for part in snapshot.manifest.parts]
    insert(views.connection, "snapshot_parts", parts)
    views.seal()
    return views.connection


def fresh(folder: Path, cache: Cache, *, as_of: AsOf = None) -> duckdb.DuckDBPyConnection:
    """A new connection, which the caller closes, over the snapshots of a folder up to `as_of`.

    Raises:
        StorageError: there is no finished snapshot (`nothing_synced`).
        ValidationError: a snapshot is damaged.
    """
    return open_set(finished(folder, as_of), cache)


def folder_of(source: Source, settings: ReaderSettings) -> Path:
    """The folder of the snapshots of a source that is not the database."""
    return shipped("snapshots", "sample") if source == "sample" else settings.snapshot_dir


def identity(folder: Path) -> str:
    """A key that changes when snapshots come, go or change; it reads no manifest.

    Raises:
        StorageError: there is no finished snapshot (`nothing_synced`).
    """
    mirror.pull(folder)
    manifests = [file for file in sorted(folder.glob(f"*/{MANIFEST}")) if is_name(file.parent.name)]
    if not manifests:
        raise nothing_synced("the snapshot folder")
    found = [(file.parent.name, file.stat()) for file in manifests]
    facts = [str(folder), *(f"{name}:{stat.st_size}:{stat.st_mtime_ns}" for name, stat in found)]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def finished(folder: Path, as_of: AsOf) -> list[Snapshot]:
    """The finished snapshots of a folder up to `as_of`, oldest first.

    Raises:
        StorageError: there is none (`nothing_synced`).
    """
    snapshots = list_snapshots(folder, as_of=as_of).finished
    if not snapshots:
        raise nothing_synced("the snapshot folder" if as_of is None else "the snapshot folder by that day")
    return snapshots


def _facts(manifest: Manifest) -> tuple[object, ...]:
    """A row of `snapshots`."""
    return (
        manifest.snapshot,
        manifest.outcome,
        manifest.trigger,
        manifest.linkedin_version,
        manifest.workbench_version,
        manifest.started_at,
        manifest.finished_at,
        *manifest.window,
        manifest.api_calls,
    )


def _part(snapshot: str, part: Part) -> tuple[object, ...]:
    """A row of `snapshot_parts`."""
    figures = (part.elements, part.rejected, part.bytes, part.status == "done")
    return (snapshot, part.resource, part.account_id, part.pivot, part.status, part.why, *figures)


def compare(folder: Path, cache: Cache, before: str, after: str) -> duckdb.DuckDBPyConnection:
    """Two states as the schemas `before` and `after` (see `OpenSnapshots.compared`)."""
    known = {snapshot.name for snapshot in list_snapshots(folder).finished}
    connection = open_bounded()
    for state, name in (("before", before), ("after", after)):
        if name not in known:
            raise ValidationError(
                f"There is no finished snapshot {name!r} to compare.",
                why="The snapshot folder does not hold it.",
                next_step=f"Choose one of {', '.join(sorted(known)[-5:]) or 'none: nothing was synced yet'}.",
            )
        with readable():
            _copy_state(connection, state, cache.open(list_snapshots(folder, as_of=moment_of(name)).finished))
            refuse_repeats(connection, schema=state)
    connection.execute("set enable_external_access = false")
    return connection


def refuse_repeats(connection: duckdb.DuckDBPyConnection, *, schema: str = "main") -> None:
    """Make identical rows one, and refuse a set with different rows of one key: DuckDB's tables have no keys for it.

    Raises:
        ValidationError: a snapshot holds such rows, which no sync writes.
    """
    for table in LOADED:
        keys = ", ".join(f't."{key}"' for key in key_of(table))
        whose = "max(t.snapshot)" if table in ENTITIES else _decided_by(table, schema)
        name = f"{schema}.{table.name}"
        repeated = f"select {whose} from {name} as t group by {keys} having count(*) > 1 limit 1"
        if connection.execute(repeated).fetchone() is None:
            continue
        connection.execute(f"create or replace table {name} as select distinct * from {name}")
        for (snapshot,) in connection.execute(repeated).fetchall():
            raise unusable(snapshot, f"it holds different rows of {table.name} with one key")


def _decided_by(table: Table, schema: str) -> str:
    """The snapshot that decides a row of figures: the newest that covers its day or window."""
    return (
        f"(select max(c.snapshot) from {schema}.coverage as c where c.account_id = t.account_id"
        f" and c.resource = '{table.name}' and t.{day_of(table)} between c.window_start and c.window_end)"
    )


def _copy_state(connection: duckdb.DuckDBPyConnection, state: str, views: Views) -> None:
    connection.execute(f"create schema {state}")
    with views:
        for name in (*(table.name for table in LOADED), "coverage"):
            connection.register("state", ArrowStream(views.frame(f"from {name}")))
            connection.execute(f"create table {state}.{name} as from state")
            connection.unregister("state")
