"""Load a snapshot and count its rows in the steps of its sync; load what earlier syncs fetched and did not load."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path

from workbench.database.coverage import loaded_snapshots
from workbench.database.data_origin import OtherOriginError, data_origin
from workbench.database.locked_database import LockedDatabase
from workbench.database.upsert import Counts
from workbench.errors import ValidationError
from workbench.pipeline.load.loader import OnCounts, load_snapshot
from workbench.pipeline.progress import OnProgress, Progress
from workbench.pipeline.report import Loaded
from workbench.pipeline.resume import finished, steps_of
from workbench.pipeline.steps import Steps
from workbench.pipeline.sync_log import SyncLog, mark_interrupted, unloaded
from workbench.schema.shards import Shard
from workbench.snapshots.catalog import list_snapshots, not_loaded, offer_to_load
from workbench.snapshots.manifest import Snapshot
from workbench.snapshots.read_errors import readable

_LOG = logging.getLogger(__name__)


def row_counter(steps: Steps) -> OnCounts:
    """A function that enters the counts of one table of one account in `steps`."""

    def count(account_id: int, table: str, counts: Counts) -> None:
        steps.count_rows(account_id, table, counts.as_dict())

    return count


def load_and_count(
    database: LockedDatabase,
    snapshot: Snapshot,
    steps: Steps,
    on_progress: OnProgress,
    *,
    loaded_early: Collection[int] = (),
) -> Loaded:
    """Load all accounts of a snapshot; each table's rows are counted in `steps` and passed to `on_progress`.

    Returns: the counts.

    Raises: as `load_snapshot`.
    """
    loaded: Loaded = {}
    count_rows = row_counter(steps)

    def count(account_id: int, table: str, counts: Counts) -> None:
        loaded.setdefault(account_id, {})[table] = counts.as_dict()
        count_rows(account_id, table, counts)
        on_progress(Progress("load", account_id or None, resource=table, status="done", done=counts.staged))

    with readable(snapshot.name):
        load_snapshot(database, snapshot, on_counts=count, loaded_early=loaded_early)
    return loaded


def load_and_record(database: LockedDatabase, snapshot: Snapshot, on_progress: OnProgress) -> Loaded:
    """Load a snapshot that another sync fetched, and enter that sync in `sync_log`.

    Returns: the counts.

    Raises: as `load_snapshot`.
    """
    sync_log = SyncLog(snapshot.name)
    steps = Steps(sync_log.step)
    steps_of(snapshot.manifest, steps)
    loaded = load_and_count(database, snapshot, steps, on_progress)
    with database.connection() as connection:
        sync_log.record(connection, snapshot.manifest)
    return loaded


def load_earlier_syncs(
    database: LockedDatabase, snapshot_dir: Path, on_progress: OnProgress, shard: Shard | None = None
) -> None:
    """Mark dead syncs as interrupted, then load every finished snapshot whose sync ended before all was loaded.

    A sync of one shard loads those of its own shard: others may be loaded by another process at this moment.
    """
    with database.connection() as connection:
        mark_interrupted(connection, shard)
        names = unloaded(connection, shard)
    for name in names:
        snapshot = finished(snapshot_dir, name)
        if snapshot and snapshot.manifest.outcome != "failed":  # a failed one has nothing to load
            load_earlier(database, snapshot, on_progress)


def offer_of_snapshots(database: LockedDatabase, snapshot_dir: Path) -> tuple[str, bool]:
    """A sentence about snapshots on disk that the database lacks, "" if there are none; whether it has none at all."""
    with database.connection() as connection:
        loaded, origin = loaded_snapshots(connection), data_origin(connection)
    return offer_to_load(not_loaded(list_snapshots(snapshot_dir).finished, loaded, origin)), not loaded


def load_earlier(database: LockedDatabase, snapshot: Snapshot, on_progress: OnProgress) -> bool:
    """Load a snapshot of an earlier sync and complete its row in `sync_log`.

    Returns: False if the snapshot is damaged, or of another origin than the database.
    """
    try:
        load_and_record(database, snapshot, on_progress)
    except (ValidationError, OtherOriginError) as error:  # its days are asked for again
        _LOG.warning("Snapshot %s is left out: %s", snapshot.name, error.why)
        return False
    return True
