"""Sync (fetch into a snapshot, then load it) and load: the two functions of the front door that write.

The network is asynchronous; disk and databases are not, and run in worker threads where the two meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from workbench import logs
from workbench.clock import Clock, utc_now
from workbench.database import migrations
from workbench.database.connection import Database, borrowed, explained
from workbench.database.upsert import Counts
from workbench.database.write_lock import WriteLock
from workbench.pipeline.load.loader import load_snapshot
from workbench.pipeline.report import SyncReport
from workbench.pipeline.resume import steps_of
from workbench.pipeline.steps import Steps
from workbench.pipeline.sync_log import SyncLog, note_counts
from workbench.pipeline.sync_run import SyncRun
from workbench.pipeline.sync_windows import asked_window
from workbench.progress import OnProgress, Progress, ignore
from workbench.settings.fields import Settings, read_settings
from workbench.snapshots.manifest import read_manifest
from workbench.snapshots.read_errors import readable

__all__ = ["SyncReport", "load", "sync"]


async def sync(
    *,
    days: int | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    account_ids: Sequence[int] | None = None,
    force: bool = False,
    trigger: str = "script",
    on_progress: OnProgress = ignore,
    settings: Settings | None = None,
    clock: Clock = utc_now,
) -> SyncReport:
    """Fetch LinkedIn's answers into a new snapshot, then bring PostgreSQL up to date from it.

    Args:
        days: ask for today − `days` … today (UTC, both inclusive). Without any dates the window is planned from what
            is already covered, so that no day is ever left out.
        first_day: ask from this UTC day on, to `last_day` (today if left out).
        last_day: the last UTC day to ask for, inclusive.
        account_ids: only these ad accounts; otherwise `LINKEDIN_ACCOUNT_IDS`, otherwise all.
        force: ask even where the last complete sync is younger than `FRESHNESS_TTL_MINUTES`.
        trigger: who started it: `cli`, `notebook`, `script` or `demo`.
        on_progress: called with a `Progress` for every step.
        settings: used instead of those of the environment.
        clock: the time in UTC.

    Raises:
        WorkbenchError: the sync could not begin or go on; what was fetched stays on disk for the next run.
    """
    settings = settings or read_settings(Settings)
    database = Database.of(settings)
    lock = WriteLock(database, "sync")
    run = SyncRun(
        settings=settings,
        database=database,
        engine=database.engine(application_name=lock.name),
        lock=lock,
        asked=asked_window(clock().date(), days=days, first_day=first_day, last_day=last_day),
        account_ids=tuple(account_ids or settings.LINKEDIN_ACCOUNT_IDS),
        force=force,
        trigger=trigger,
        on_progress=on_progress,
        clock=clock,
    )
    with logs.event("sync", start=False, trigger=trigger) as run.event:
        try:
            await asyncio.to_thread(run.open)
            report = await run.go()
        finally:
            await asyncio.shield(asyncio.to_thread(run.close))
        run.event.facts |= report.facts()
    return report


def load(
    folders: Iterable[Path], *, settings: Settings | None = None, on_progress: OnProgress = ignore
) -> dict[str, dict[int, dict[str, dict[str, int]]]]:
    """Bring PostgreSQL up to date from snapshot folders, in any order.

    Returns:
        Counts by snapshot name, account id and table: rows `inserted`, `updated`, `deleted` and `unchanged`. Account
        0 is the list of accounts.

    Raises:
        ValidationError: a snapshot cannot be used; those before it are loaded.
        StorageError: the database cannot be used, or another sync or load holds its lock.
    """
    settings = settings or read_settings(Settings)
    snapshots = [read_manifest(Path(folder)) for folder in folders]
    database = Database.of(settings)
    lock = WriteLock(database, "load")
    engine = database.engine(application_name=lock.name)  # a process that takes over ends every connection of this name
    outcome: dict[str, dict[int, dict[str, dict[str, int]]]] = {}
    try:
        with lock:
            with explained(database.label):
                migrations.upgrade(engine)
            for snapshot in snapshots:
                counted = outcome.setdefault(snapshot.name, {})
                sync_log = SyncLog(snapshot.name)
                steps = Steps(sync_log.step)
                steps_of(snapshot.manifest, steps)

                def note(account_id: int, table: str, counts: Counts, *, into: Any = counted, of: Any = steps) -> None:
                    into.setdefault(account_id, {})[table] = counts.as_dict()
                    note_counts(of, account_id, table, counts)
                    on_progress(Progress("load", account_id, resource=table, status="done", done=counts.staged))

                with readable(snapshot.name):
                    load_snapshot(engine, lock, snapshot, on_counts=note, label=database.label)
                with borrowed(engine, database.label) as connection:
                    sync_log.record(connection, snapshot.manifest)
    finally:
        engine.dispose()
    return outcome
