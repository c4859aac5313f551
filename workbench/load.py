"""Bring PostgreSQL up to date from a snapshot: one transaction per account, only what the snapshot decides.

What it decides is computed together with PostgreSQL's own `coverage`, which is written in the same transaction. So
snapshots may be loaded in any order, or twice, and the end is the same. For the same reason an account's daily metrics
may be loaded before the rest of its snapshot is there: nothing that is still to come changes their rows.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
from psycopg import Connection, Cursor
from sqlalchemy import Engine, Table

from workbench import tables
from workbench.coverage import coverage_of
from workbench.lock import WriteLock
from workbench.postgres import borrowed, explained
from workbench.snapshots import Snapshot
from workbench.sync_log import coverage
from workbench.upsert import (
    Counts,
    advance,
    copy_select,
    delete_other_windows,
    delete_vanished_days,
    merge,
    relist,
    stage,
)
from workbench.views import CoverageRow, Views

OnCounts = Callable[[int, str, Counts], None]
_MEMORY = "128MB"  # of each worker's DuckDB
_WORKERS = 2  # one reads JSON while PostgreSQL works for the other; accounts share no rows, so neither waits
_TOGETHER = 2 * 2**20  # bytes of parts that are read at a time: some 50,000 rows
_TRIES = 2


def load_snapshot(
    engine: Engine,
    lock: WriteLock,
    snapshot: Snapshot,
    *,
    on_counts: OnCounts,
    label: str,
    ahead: Collection[int] = (),
) -> None:
    """Load every account of a snapshot.

    Args:
        on_counts: hears account, table and counts, after each account's commit; one call at a time, from any thread.
        label: the database's name for messages.
        ahead: accounts whose daily metrics `load_metrics` has loaded from this very snapshot.

    Raises:
        ValidationError: the snapshot is damaged; nothing was written.
        StorageError: the database refuses; accounts that were committed stay, and loading again completes the rest.
    """
    with borrowed(engine, label) as connection:
        loading = _Loading(engine, lock, snapshot, label, coverage(connection), on_counts, ahead)
    loading.work(deque([0]))
    accounts = deque(sorted({part.account_id for _, part in snapshot.files()} - {0}))
    with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="load") as pool:
        running = [pool.submit(loading.work, accounts) for _ in range(min(_WORKERS, len(accounts)))]
    for worker in running:
        worker.result()


@dataclass
class _Loading:
    """One snapshot being loaded by several workers, each with views and a connection of its own."""

    engine: Engine
    lock: WriteLock
    snapshot: Snapshot
    label: str
    loaded: Sequence[CoverageRow]
    on_counts: OnCounts
    ahead: Collection[int]
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def work(self, accounts: deque[int]) -> None:
        """Load accounts until none is left; a failure leaves none to the others either."""
        views = Views([self.snapshot], loaded=self.loaded, memory=_MEMORY, threads=1)
        with views, _own_connection(self.engine, self.label) as own:
            try:
                while (account_id := _next(accounts)) is not None:
                    self._account(own, views, account_id)
            finally:
                accounts.clear()

    def _account(self, own: Connection, views: Views, account_id: int) -> None:
        left = _tables_of(account_id, metrics=account_id not in self.ahead)
        counts = _retried(own, partial(_load_account, own, self.lock, views, self.snapshot, account_id, left))
        with self.mutex:
            for table, outcome in counts.items():
                self.on_counts(account_id, table, outcome)


def _next(accounts: deque[int]) -> int | None:
    try:
        return accounts.popleft()
    except IndexError:
        return None


def load_metrics(
    engine: Engine, lock: WriteLock, snapshot: Snapshot, account_id: int, *, label: str
) -> dict[str, Counts]:
    """Load one account's daily metrics, and say so in `coverage`, while the snapshot is still being written.

    Args:
        snapshot: what there is of it: the account's metrics, whole.

    Raises:
        StorageError: the database refuses; nothing was written.
    """
    with borrowed(engine, label) as connection:
        loaded = coverage(connection, account_id)
    views = Views([snapshot], loaded=loaded, memory=_MEMORY, threads=1, only=tables.METRICS)
    with views, _own_connection(engine, label) as own:
        return _retried(own, partial(_load_account, own, lock, views, snapshot, account_id, tables.METRICS))


@contextmanager
def _own_connection(engine: Engine, label: str) -> Iterator[Connection]:
    """A pooled connection as psycopg's own, for transactions that the block begins and ends."""
    with explained(label), engine.connect() as pooled:
        yield pooled.connection.driver_connection  # type: ignore[misc]


def _retried(connection: Connection, transaction: Callable[[], dict[str, Counts]]) -> dict[str, Counts]:
    """Once more after a deadlock or a serialization failure: both are the other side's good luck, not an error."""
    for attempt in range(_TRIES):
        try:
            with connection.transaction():
                return transaction()
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
            if attempt + 1 == _TRIES:
                raise
    raise AssertionError("the loop returns or raises")


def _load_account(
    connection: Connection,
    lock: WriteLock,
    views: Views,
    snapshot: Snapshot,
    account_id: int,
    wanted: Iterable[Table],
) -> dict[str, Counts]:
    """One account's transaction; account 0 is the list of accounts itself."""
    lock.check(connection)
    views.narrow(account_id)
    counts: dict[str, Counts] = {}
    with connection.cursor() as cursor:
        for table in wanted:
            if table in tables.ENTITIES:
                counts[table.name] = _load_entities(cursor, views, table, account_id)
            elif table in tables.METRICS:
                counts[table.name] = _load_metrics(cursor, views, table, account_id)
            elif views.decided_days(table.name, account_id):
                counts[table.name] = _load_demographics(cursor, views, account_id)
        _write_coverage(cursor, [row for row in coverage_of(snapshot.manifest) if row[0] == account_id])
    return counts


def _tables_of(account_id: int, *, metrics: bool) -> list[Table]:
    of_account = tables.LOADED[1:] if account_id else tables.LOADED[:1]
    return [table for table in of_account if metrics or table not in tables.METRICS]


def _load_entities(cursor: Cursor, views: Views, table: Table, account_id: int) -> Counts:
    counts = Counts(staged=stage(cursor, table, views.csv(copy_select(table))))
    counts.inserted, counts.updated = merge(cursor, table, account_id or None)
    advance(cursor, table)
    listing = views.newest_listing(table.name, account_id)
    if listing is not None:
        counts.updated += relist(cursor, table, account_id or None, listing)
    return counts


def _load_metrics(cursor: Cursor, views: Views, table: Table, account_id: int) -> Counts:
    """Vanished rows go first: deleting after the upsert would visit every new row again."""
    days = views.decided_days(table.name, account_id)
    counts = Counts(staged=stage(cursor, table, _some_by_some(views, table, account_id)))
    counts.deleted = delete_vanished_days(cursor, table, account_id, days)
    counts.inserted, counts.updated = merge(cursor, table, account_id)
    return counts


def _some_by_some(views: Views, table: Table, account_id: int) -> Iterator[bytes]:
    """Rows of an account as CSV, a few files at a time: memory is bounded by them, not by an account."""
    for paths in _groups(views.deciding(table.name, account_id)):
        views.read_only(table.name, paths)
        yield from views.csv(copy_select(table))
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


def _load_demographics(cursor: Cursor, views: Views, account_id: int) -> Counts:
    table = tables.audience_demographics
    counts = Counts(staged=stage(cursor, table, views.csv(copy_select(table))))
    counts.deleted = delete_other_windows(cursor, table, account_id)
    counts.inserted, counts.updated = merge(cursor, table, account_id)
    return counts


def _write_coverage(cursor: Cursor, rows: list[CoverageRow]) -> None:
    cursor.executemany("insert into coverage values (%s, %s, %s, %s, %s) on conflict do nothing", rows)
