"""Keep bookkeeping small over years: drop coverage that decides nothing any more, sum up the steps of old syncs.

Days of figures keep every row: each of them still says how old a day was when it was last fetched.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from workbench.database.write_lock import WriteLock
from workbench.schema.resources import DEMOGRAPHICS, LISTINGS

if TYPE_CHECKING:
    import psycopg

KEPT_DAYS = 100
"""For so long before the newest of its kind a row is kept; `sql/views/coverage.sql` leaves out the same rows."""
_ACCOUNTS = 100  # of one transaction
_SYNCS = 50  # of one call, and of those that keep their steps
_COMPACT = """
    delete from coverage as c using (
        select account_id, resource,
               to_char(to_date(left(newest_snapshot, 8), 'YYYYMMDD') - %(kept)s::integer, 'YYYYMMDD') as first_day
        from coverage_summary
        where account_id = any(%(accounts)s) and account_id <> 0 and resource = any(%(resources)s)
    ) as n
    where c.account_id = n.account_id and c.resource = n.resource and c.snapshot < n.first_day
      and exists (
          select from coverage as s
          where s.account_id = c.account_id and s.resource = c.resource and s.pivot is not distinct from c.pivot
            and s.snapshot > c.snapshot and (s.window_end >= c.window_end or c.window_end is null)
      )
"""
_PRUNE = """
    with old as (
        select sync_id from sync_log
        where not steps_pruned and status in ('done', 'partial')
          and started_at < (select max(started_at) from sync_log) - %(kept)s * interval '1 day'
          and sync_id <> all(array(select sync_id from sync_log order by started_at desc, sync_id desc limit %(syncs)s))
        order by sync_id limit %(syncs)s
    ),
    summed as (
        select sync_id, count(distinct nullif(account_id, 0)) as accounts, sum(fetched) as fetched,
               sum(rejected) as rejected, sum(inserted) as inserted, sum(updated) as updated, sum(deleted) as deleted
        from sync_steps where sync_id = any(array(select sync_id from old)) group by sync_id
    ),
    gone as (
        delete from sync_steps where sync_id = any(array(select sync_id from old)) and status = 'done'
    )
    update sync_log as l
    set steps_pruned = true, accounts = coalesce(s.accounts, 0), fetched = coalesce(s.fetched, 0),
        rejected = coalesce(s.rejected, 0), inserted = coalesce(s.inserted, 0), updated = coalesce(s.updated, 0),
        deleted = coalesce(s.deleted, 0)
    from old left join summed as s using (sync_id)
    where l.sync_id = old.sync_id
"""


def compact_coverage(connection: psycopg.Connection, lock: WriteLock, accounts: Collection[int]) -> None:
    """Drop listings, and windows of accounts' audiences, that a newer one replaced long ago; accounts by the hundred.

    Call it only when whole snapshots are loaded: the plan of an unfinished one is made without its own coverage.
    """
    ordered = sorted(accounts)
    for place in range(0, len(ordered), _ACCOUNTS):
        with connection.transaction():
            lock.check(connection)
            facts = {
                "accounts": ordered[place : place + _ACCOUNTS],
                "resources": [*LISTINGS, DEMOGRAPHICS],
                "kept": KEPT_DAYS,
            }
            connection.execute(_COMPACT, facts)


def prune_steps(connection: psycopg.Connection, lock: WriteLock) -> None:
    """Sum up in `sync_log` what old syncs did, and drop their steps that were done; some syncs at a time."""
    with connection.transaction():
        lock.check(connection)
        connection.execute(_PRUNE, {"kept": KEPT_DAYS, "syncs": _SYNCS})
