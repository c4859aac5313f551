"""The two functions of the front door that write: `sync` (fetch into a snapshot, then load it) and `load`.

The network is asynchronous; disk and databases are not, and run in worker threads where the two meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from workbench.clock import Clock, utc_now
from workbench.database.connection import Database
from workbench.database.data_origin import OtherOriginError
from workbench.database.locked_database import LockedDatabase
from workbench.database.own_schema import said_of_a_migration
from workbench.errors import ValidationError, capitalized
from workbench.pipeline.loading import load_and_record
from workbench.pipeline.progress import OnProgress, Progress, ignore
from workbench.pipeline.report import LoadReport, SyncReport
from workbench.pipeline.request import SyncRequest
from workbench.pipeline.sync_run import SyncRun
from workbench.pipeline.sync_windows import requested_window
from workbench.schema.literals import Trigger
from workbench.schema.shards import Shard
from workbench.settings import metric_groups
from workbench.settings.fields import Settings, read_settings
from workbench.snapshots.manifest import read_manifest

__all__ = ["LoadReport", "SyncReport", "load", "sync"]


async def sync(
    *,
    days: int | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    account_ids: Sequence[int] | None = None,
    only: Sequence[str] | None = None,
    shard: Shard | None = None,
    force: bool = False,
    trigger: Trigger = "script",
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
        only: the groups of figures to ask for beside the core metrics, by the words of `METRIC_GROUPS`; `core` alone
            asks for none. Without it, the settings say. Days that lack a group are asked for again by later syncs.
        shard: this part of the accounts only; several machines may sync one shard each at the same time.
        force: ask even where the last complete sync is younger than `FRESHNESS_TTL_MINUTES`.
        trigger: who started it: `cli`, `notebook`, `script` or `demo`.
        on_progress: called with a `Progress` for every step.
        settings: used instead of those of the environment.
        clock: the time in UTC.

    Raises:
        WorkbenchError: the sync could not begin or go on; what was fetched stays on disk for the next run.
    """
    settings = settings or read_settings(Settings)
    request = SyncRequest(
        settings=settings,
        window=requested_window(clock().date(), days=days, first_day=first_day, last_day=last_day),
        account_ids=tuple(account_ids or settings.LINKEDIN_ACCOUNT_IDS),
        force=force,
        trigger=trigger,
        on_progress=on_progress,
        clock=clock,
        only=None if only is None else chosen_groups(only),
        shard=shard,
    )
    return await SyncRun(request, LockedDatabase.of(Database.of(settings), "sync", shard)).run()


def chosen_groups(words: Sequence[str]) -> tuple[str, ...]:
    """The groups beyond the core that some words name. Raises ValidationError for a word that names none."""
    try:
        return metric_groups.chosen(tuple(words))
    except ValueError as error:
        raise ValidationError(
            f"{', '.join(words)} does not name groups of figures.",
            why=f"{capitalized(str(error))}.",
            next_step="Name the groups to ask for, such as core or video.",
        ) from error


def load(folders: Iterable[Path], *, settings: Settings | None = None, on_progress: OnProgress = ignore) -> LoadReport:
    """Bring PostgreSQL up to date from snapshot folders, in any order.

    Args:
        folders: of finished snapshots.
        settings: used instead of those of the environment.
        on_progress: called with a `Progress` (step `load`) for every table of every account.

    Returns:
        Numbers of rows changed, by snapshot, account and table.

    Raises:
        ValidationError: a snapshot cannot be used; those before it are loaded.
        ConfigurationError: a snapshot holds data of another origin than the database; all others are loaded.
        StorageError: the database cannot be used, or another sync or load holds its lock.
    """
    settings = settings or read_settings(Settings)
    snapshots = [read_manifest(Path(folder)) for folder in folders]
    database = LockedDatabase.of(Database.of(settings), "load")
    report, refused = LoadReport(), list[OtherOriginError]()
    try:
        if said := said_of_a_migration(database.open()):
            on_progress(Progress("notice", note=said))
        for snapshot in snapshots:
            try:
                report.snapshots[snapshot.name] = load_and_record(database, snapshot, on_progress)
            except OtherOriginError as error:
                refused.append(error)
    finally:
        database.close()
    if refused:
        raise refused[0]
    return report
