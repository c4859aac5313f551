"""Read what every snapshot has about ad sets' days, also those that it does not decide: how results arrived."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from workbench.queries.snapshot_source import finished
from workbench.queries.sources import AsOf
from workbench.schema.metrics import SPEND_AND_LATE
from workbench.schema.tables import campaign_daily_metrics
from workbench.snapshots.arrow import ArrowStream
from workbench.snapshots.duckdb_paths import exact, literal
from workbench.snapshots.in_memory import open_bounded
from workbench.snapshots.manifest import Snapshot
from workbench.snapshots.parquet_cache import Cache
from workbench.snapshots.read_errors import readable
from workbench.snapshots.views import Views

_PRESENT = ("ad_accounts", "campaigns", "coverage")
_FIGURES = "".join(f", {metric.name}" for metric in SPEND_AND_LATE)
_VERSIONS = f"select account_id, campaign_id, date{_FIGURES} from campaign_daily_metrics"


def every_part(folder: Path, cache: Cache, *, as_of: AsOf = None) -> duckdb.DuckDBPyConnection:
    """The present ad_accounts, campaigns and coverage, and `campaign_versions`: each snapshot's own figures.

    Raises:
        StorageError: there is no finished snapshot (`nothing_synced`).
        ValidationError: a snapshot is damaged.
    """
    return _read(finished(folder, as_of), cache)


def _read(snapshots: Sequence[Snapshot], cache: Cache) -> duckdb.DuckDBPyConnection:
    connection = open_bounded()
    with readable():
        with cache.open(snapshots) as views:
            for name in _PRESENT:
                _copy(connection, f"create table {name} as from arriving", ArrowStream(views.frame(f"from {name}")))
        try:
            _read_versions(connection, snapshots, cache)
        except duckdb.Error:  # a kept file is damaged
            cache.forget_single(every=True)
            _read_versions(connection, snapshots, cache)
    connection.execute("set enable_external_access = false")
    return connection


def _read_versions(connection: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot], cache: Cache) -> None:
    """Fill `campaign_versions`, of each snapshot by what is kept of it, or by its own files, which is then kept."""
    connection.execute("drop table if exists campaign_versions")
    kept = cache.single(snapshots, _VERSIONS)
    for number, (snapshot, file) in enumerate(zip(snapshots, kept, strict=True)):
        verb = "insert into campaign_versions" if number else "create table campaign_versions as"
        select = f"{verb} select '{snapshot.name}' as snapshot, * from"
        if file is not None:
            connection.execute(f"{select} read_parquet({literal(exact(file))}, hive_partitioning = false)")
            continue
        with Views([snapshot], only=(campaign_daily_metrics,)) as views:
            rows = views.frame(_VERSIONS)
        _copy(connection, f"{select} arriving", ArrowStream(rows))
        cache.keep_single(snapshot, _VERSIONS, rows.write_parquet)
    cache.forget_single()


def _copy(connection: duckdb.DuckDBPyConnection, statement: str, rows: ArrowStream) -> None:
    connection.register("arriving", rows)
    connection.execute(statement)
    connection.unregister("arriving")
