"""Plan one sync: the days to ask for of each account, and the snapshot to write them to."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

import psycopg

from workbench.database.coverage import (
    coverage_of_snapshot,
    fresh_accounts,
    known_accounts,
    newest_snapshot,
    rule_days,
    settled_coverage,
)
from workbench.database.locked_database import LockedDatabase
from workbench.linkedin.auth.fingerprint import sign_in_fingerprint
from workbench.paths import loopback_origin
from workbench.pipeline.estimate import AccountSize, estimate
from workbench.pipeline.fetch.history import old_days
from workbench.pipeline.loading import load_earlier
from workbench.pipeline.request import SyncRequest
from workbench.pipeline.resume import continue_or_close
from workbench.pipeline.sync_log import requests_of, siblings
from workbench.pipeline.sync_windows import SyncWindows
from workbench.schema.literals import Origin
from workbench.schema.metric_groups import asked_fields, asked_groups
from workbench.schema.pivots import ASKED
from workbench.schema.resources import CoverageRow
from workbench.schema.shards import Shard
from workbench.settings.demographics_by import LEVELS
from workbench.settings.fields import Settings
from workbench.snapshots.catalog import list_snapshots, next_name
from workbench.snapshots.coverage import believed_and_doubted, is_doubtful
from workbench.snapshots.manifest import Plan, Snapshot
from workbench.snapshots.reader import accounts_of
from workbench.snapshots.writer import SnapshotWriter

_A_WEEK = timedelta(days=7)
_SIZES = """
    select count(*), (select count(*) from creatives as r where r.account_id = c.account_id)
    from campaigns as c
    where (%(accounts)s::bigint[] = '{}' or c.account_id = any(%(accounts)s::bigint[]))
      and c.account_id %% %(count)s = %(number)s - 1
    group by c.account_id
"""


def plan_windows(request: SyncRequest, database: LockedDatabase) -> SyncWindows:
    """The days to ask for, from the request and from the coverage that is in PostgreSQL."""
    settings = request.settings
    snapshots = list_snapshots(settings.snapshot_dir)
    # Coverage of an unfinished snapshot (early loading) must not change its plan, or it could not be continued.
    unfinished = {folder.name for folder in snapshots.unfinished}
    with database.connection() as connection:
        complete_list = request.account_ids or accounts_of(snapshots.finished, sign_in_fingerprint(settings))
        doubted = [row for row in _doubted(connection, snapshots.finished) if row.snapshot not in unfinished]
        since = request.clock().date() - timedelta(days=settings.SYNC_DAYS)
        longest = min(rule_days(connection), settings.SYNC_DAYS)  # no sync reaches further back than that by itself
        covered = settled_coverage(
            connection,
            floor=min([since, *(row.window_start for row in doubted if row.window_start)]),
            lookback_days=settings.LOOKBACK_DAYS,
            rule_days=longest,
            groups=asked_groups(request.groups),
            unfinished=unfinished,
            doubted=doubted,
        )
        windows = SyncWindows(
            request.clock().date(),
            settings.SYNC_DAYS,
            settings.LOOKBACK_DAYS,
            requested=request.window,
            coverage=covered,
            doubted=doubted,
            accounts=request.of_shard(complete_list or known_accounts(connection)),
            accounts_are_complete=bool(complete_list),
            groups=asked_groups(request.groups),
            rule_days=longest,
        )
        if request.force or not settings.FRESHNESS_TTL_MINUTES:
            return windows
        youngest = request.clock() - timedelta(minutes=settings.FRESHNESS_TTL_MINUTES)
        levels = not LEVELS.keys().isdisjoint(request.demographics_by)  # ids alone may be of other accounts
        others = [one.name for one in snapshots.finished if _asked_less(one, request)]
        ask = partial(fresh_accounts, connection, youngest, groups=request.groups, of_entities=levels, others=others)
        return windows.with_fresh(lambda window: ask(window=window))


def _asked_less(snapshot: Snapshot, request: SyncRequest) -> bool:
    """Whether the sync of a snapshot did not ask for every audience that is asked for now."""
    return not set(request.demographics_by) <= set(snapshot.manifest.demographics_by)


def estimate_of_history(request: SyncRequest, database: LockedDatabase) -> str | None:
    """What a sync that reaches back over half a year will ask, in words; None for any other sync."""
    today = request.clock().date()
    if request.window is None or old_days(request.window, today) is None:
        return None
    with database.connection() as connection:
        shard = request.shard or Shard(1, 1)
        facts = {"accounts": list(request.account_ids), "number": shard.number, "count": shard.count}
        counts = connection.execute(_SIZES, facts).fetchall()
    goes_on = "What is fetched is kept: a sync that stops goes on there the next time."
    if not counts:
        return f"How many requests {request.window} takes is known after the first sync. {goes_on}"
    sizes = [AccountSize(campaigns, creatives) for campaigns, creatives in counts]
    found = estimate(
        sizes,
        request.window.days,
        batch_size=request.settings.METRICS_BATCH_SIZE,
        groups=request.groups,
        demographics_by=request.demographics_by,
    )
    return (
        f"{request.window} takes about {found.calls:,} requests at most, some {found.minutes:,.0f} minutes,"
        f" less where LinkedIn no longer gives days. {goes_on}"
    )


def _doubted(connection: psycopg.Connection, snapshots: Iterable[Snapshot]) -> Iterator[CoverageRow]:
    """The rows of coverage that are no longer believed, read from one doubtful snapshot after the other."""
    for snapshot in snapshots:
        if is_doubtful(snapshot.manifest):
            rows = coverage_of_snapshot(connection, snapshot.name)
            yield from believed_and_doubted(rows, [snapshot.manifest])[1]


def open_snapshot(
    request: SyncRequest, database: LockedDatabase, windows: SyncWindows
) -> tuple[SnapshotWriter, SyncWindows]:
    """The snapshot to write: an unfinished one of today with an equal plan, else a new one; and the windows.

    Other unfinished snapshots are closed, and loaded if the same LinkedIn was asked. The windows are planned again
    after that, because what was loaded need not be asked for. A new name is later than every name in the folder and in
    the database: whichever machines sync into one database, the later sync has the later name, whatever their clocks
    say.
    """
    folder = request.settings.snapshot_dir
    with database.connection() as connection:
        others = siblings(connection, request.shard, request.clock() - _A_WEEK) if request.shard else set[str]()
        requests, newest = requests_of(connection), newest_snapshot(connection, others)
    plan = _snapshot_plan(request, windows)
    writer, closed = continue_or_close(folder, plan, windows.today, requests, newest=newest, siblings=others)
    ours = [one for one in closed if one.manifest.origin == plan.origin and plan.shard in (None, one.manifest.shard)]
    loaded = [load_earlier(database, snapshot, request.on_progress) for snapshot in ours]
    if any(loaded):
        windows = plan_windows(request, database)
    if writer is None:
        now = request.clock()
        writer = SnapshotWriter.create(
            folder / next_name(now, [newest, *({*list_snapshots(folder).names()} - others)], request.shard),
            _snapshot_plan(request, windows),
            trigger=request.trigger,
            started_at=now,
            version=importlib.metadata.version("linkedin-ads-workbench"),
        )
    return writer, windows


def _snapshot_plan(request: SyncRequest, windows: SyncWindows) -> Plan:
    window = windows.overall()
    return Plan(
        linkedin_version=request.settings.LINKEDIN_VERSION,
        window=(window.first, window.last),
        account_ids=request.account_ids or None,
        campaign_statuses=request.settings.CAMPAIGN_STATUSES,
        pivots=ASKED,
        groups=asked_groups(request.groups),
        demographics_by=request.demographics_by,
        metrics=asked_fields(request.groups),
        origin=origin_of(request.settings),
        shard=str(request.shard) if request.shard else None,
    )


def origin_of(settings: Settings) -> Origin:
    """Whose data a sync with these settings fetches."""
    return "loopback" if loopback_origin(settings.LINKEDIN_API_URL) else "linkedin"
