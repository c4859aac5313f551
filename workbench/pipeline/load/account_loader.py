"""Load one account of a snapshot in one transaction: its rows and its lines of `coverage`, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType

from psycopg import Connection, Cursor
from sqlalchemy import Table

from workbench.database.coverage import add_coverage
from workbench.database.data_origin import claim_origin
from workbench.database.upsert import (
    Counts,
    advance,
    copy_first,
    copy_select,
    delete_other_windows,
    delete_vanished_days,
    delete_vanished_of_windows,
    has_rows,
    merge,
    relist,
    relist_accounts,
    stage,
)
from workbench.database.write_lock import WriteLock
from workbench.schema import tables
from workbench.snapshots.coverage import coverage_of
from workbench.snapshots.manifest import Snapshot
from workbench.snapshots.views import Views

_TOGETHER = 2 * 2**20  # bytes of parts that are read at a time: some 50,000 rows


def load_account(
    connection: Connection,
    lock: WriteLock,
    views: Views,
    snapshot: Snapshot,
    account_id: int,
    wanted: Iterable[Table],
    listings: Mapping[str, str] = MappingProxyType({}),
    had: Callable[[str], Collection[int] | None] = lambda snapshot: None,
) -> dict[str, Counts]:
    """Load one account in one transaction; account 0 is the list of accounts itself.

    Args:
        listings: for account 0: the list of accounts that may say what is gone, by the snapshot that had it last.
        had: for account 0: as `relist_accounts`.
    """
    lock.check(connection)
    if not account_id:
        lock.take_turns(connection)
    claim_origin(connection, snapshot.manifest.origin, f"Snapshot {snapshot.name} is not loaded.")
    views.narrow(account_id)
    counts: dict[str, Counts] = {}
    with connection.cursor() as cursor:
        for table in wanted:
            if table in tables.ENTITIES:
                counts[table.name] = _load_entities(
                    cursor, views, table, account_id, partial(relist_accounts, listings=listings, had=had)
                )
            elif table in tables.METRICS or table is tables.MONTHLY:
                counts[table.name] = _load_metrics(cursor, views, table, account_id)
            elif table is tables.reach_windows:
                counts |= _load_reach(cursor, views, table, account_id)
            elif pivots := views.decided_pivots(table.name, account_id):
                counts[table.name] = _load_windows(cursor, views, table, account_id, pivots)
        add_coverage(cursor, [row for row in coverage_of(snapshot.manifest) if row.account_id == account_id])
        _count_load(cursor, account_id)
    return counts


def tables_of(account_id: int, *, metrics: bool) -> list[Table]:
    of_account = tables.OF_ACCOUNT if account_id else tables.OF_ALL
    return [table for table in of_account if metrics or table not in tables.ACTIVE]


def _load_entities(
    cursor: Cursor, views: Views, table: Table, account_id: int, relist_all: Callable[[Cursor], int]
) -> Counts:
    counts = Counts(staged=stage(cursor, table, views.csv(copy_select(table))))
    counts.inserted, counts.updated = merge(cursor, table, account_id or None)
    advance(cursor, table)
    if not account_id:
        counts.updated += relist_all(cursor)
    elif listing := views.newest_listing(table.name, account_id):
        counts.updated += relist(cursor, table, account_id, listing)
    return counts


def _load_metrics(cursor: Cursor, views: Views, table: Table, account_id: int) -> Counts:
    """Delete vanished rows, then upsert: a delete after the upsert would visit every new row again."""
    days = views.decided_days(table.name, account_id)
    if not days:  # newer snapshots that are loaded decide all of them
        return Counts()
    if not has_rows(cursor, table, account_id):
        return _load_first(
            cursor, table, _some_by_some(views, table, account_id, copy_select(table, synced_at=_now(cursor)))
        )
    counts = Counts(staged=stage(cursor, table, _some_by_some(views, table, account_id, copy_select(table))))
    counts.deleted = delete_vanished_days(cursor, table, account_id, days)
    counts.inserted, counts.updated = merge(cursor, table, account_id)
    return counts


def _some_by_some(views: Views, table: Table, account_id: int, select: str) -> Iterator[bytes]:
    """Rows of an account as CSV, a few files at a time, so that memory does not grow with the account."""
    for paths in _groups(views.deciding(table.name, account_id)):
        views.read_only(table.name, paths)
        yield from views.csv(select)
    views.narrow(account_id)


def _groups(paths: Iterable[str]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for path in paths:
        size += Path(path).stat().st_size
        if group and size > _TOGETHER:
            yield group
            group, size = [], Path(path).stat().st_size
        group.append(path)
    if group:
        yield group


def _load_windows(cursor: Cursor, views: Views, table: Table, account_id: int, pivots: list[str]) -> Counts:
    if not has_rows(cursor, table, account_id):
        return _load_first(cursor, table, views.csv(copy_select(table, synced_at=_now(cursor))))
    counts = Counts(staged=stage(cursor, table, views.csv(copy_select(table))))
    counts.deleted = delete_other_windows(cursor, table, account_id, pivots)
    counts.inserted, counts.updated = merge(cursor, table, account_id)
    return counts


def _load_reach(cursor: Cursor, views: Views, table: Table, account_id: int) -> dict[str, Counts]:
    """Load the windows that the snapshot decides; all others stay."""
    windows = views.decided_windows(table.name, account_id)
    if not windows:
        return {}
    counts = Counts(staged=stage(cursor, table, views.csv(copy_select(table))))
    counts.deleted = delete_vanished_of_windows(cursor, table, account_id, windows)
    counts.inserted, counts.updated = merge(cursor, table, account_id)
    return {table.name: counts}


def _load_first(cursor: Cursor, table: Table, lines: Iterable[bytes]) -> Counts:
    copied = copy_first(cursor, table, lines)
    return Counts(staged=copied, inserted=copied)


def _now(cursor: Cursor) -> datetime:
    """The moment at which this transaction began."""
    (now,) = cursor.execute("select now()").fetchone() or ()
    return now


def _count_load(cursor: Cursor, account_id: int) -> None:
    """Count this load of an account: answers that were made before it are made anew."""
    cursor.execute(
        "insert into account_loads (account_id, loads) values (%s, 1)"
        " on conflict (account_id) do update set loads = account_loads.loads + excluded.loads",
        [account_id],
    )
