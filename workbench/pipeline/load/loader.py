"""Bring PostgreSQL up to date from a snapshot: one transaction per account, only what the snapshot decides.

What it decides is computed together with PostgreSQL's own `coverage`, which is written in the same transaction. So
snapshots may be loaded in any order, or twice, and the end is the same. For the same reason an account's daily metrics
may be loaded before the rest of its snapshot is there: nothing that is still to come changes their rows.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg import Connection
from sqlalchemy import Engine

from workbench import logs
from workbench.database.connection import borrowed, explained
from workbench.database.coverage import coverage
from workbench.database.upsert import Counts
from workbench.database.write_lock import WriteLock
from workbench.pipeline.load.account_loader import load_account, tables_of
from workbench.schema import tables
from workbench.schema.resources import CoverageRow
from workbench.snapshots.coverage import coverage_of
from workbench.snapshots.listers import Listers, account_listings, listers_of, of_the_same_sign_in
from workbench.snapshots.manifest import Snapshot, list_snapshots
from workbench.snapshots.views import Views

OnCounts = Callable[[int, str, Counts], None]
_MEMORY = "128MB"  # of each worker's DuckDB
_WORKERS = 2  # one reads JSON while PostgreSQL works for the other; accounts share no rows, so no worker waits
_TRIES = 2
_IN_THE_WAY = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,  # rows where there were none a moment ago
)


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
        on_counts: called with account, table and counts after each account's commit, one call at a time, in any thread.
        label: the database's name for messages.
        ahead: accounts whose daily metrics `load_metrics` has loaded from this very snapshot.

    Raises:
        ValidationError: the snapshot is damaged; nothing was written.
        StorageError: the database refuses; accounts that were committed stay, and loading again completes the rest.
    """
    with logs.event("load", sync_id=snapshot.name, database=label) as happening:
        totals: Counter[str] = Counter()

        def counted(account_id: int, table: str, counts: Counts) -> None:
            totals.update(counts.as_dict())
            on_counts(account_id, table, counts)

        _load_snapshot(engine, lock, snapshot, counted, label, ahead)
        happening.facts |= totals


def _load_snapshot(
    engine: Engine, lock: WriteLock, snapshot: Snapshot, on_counts: OnCounts, label: str, ahead: Collection[int]
) -> None:
    with borrowed(engine, label) as connection:
        loaded = coverage(connection)
    listers = listers_of([*list_snapshots(snapshot.folder.parent).finished, snapshot])
    loaded = of_the_same_sign_in(loaded, listers, snapshot.name)
    loading = _Loading(engine, lock, snapshot, label, loaded, on_counts, ahead, listers)
    accounts = deque(sorted({0, *(part.account_id for _, part in snapshot.files())}))
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
    listers: Listers
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def work(self, accounts: deque[int]) -> None:
        """Load accounts until none is left; after a failure the other workers get no further account either."""
        views = Views([self.snapshot], loaded=self.loaded, memory=_MEMORY, threads=1)
        with views, _own_connection(self.engine, self.label) as own:
            try:
                while (account_id := _next(accounts)) is not None:
                    self._account(own, views, account_id)
            finally:
                accounts.clear()

    def _account(self, own: Connection, views: Views, account_id: int) -> None:
        left = tables_of(account_id, metrics=account_id not in self.ahead)
        account = partial(load_account, own, self.lock, views, self.snapshot, account_id, left)
        counts = _retried(own, account if account_id else partial(account, self._account_listings()))
        with self.mutex:
            for table, outcome in counts.items():
                self.on_counts(account_id, table, outcome)

    def _account_listings(self) -> dict[str, str]:
        rows = [*self.loaded, *coverage_of(self.snapshot.manifest)]
        return account_listings(self.listers, {row[-1] for row in rows if row[:3] == (0, "ad_accounts", None)})


def _next(accounts: deque[int]) -> int | None:
    try:
        return accounts.popleft()
    except IndexError:
        return None


def load_metrics(
    engine: Engine, lock: WriteLock, snapshot: Snapshot, account_id: int, *, label: str
) -> dict[str, Counts]:
    """Load one account's daily metrics and their `coverage` while the snapshot is still being written.

    Args:
        snapshot: its parts so far; all metrics of the account are among them.

    Raises:
        StorageError: the database refuses; nothing was written.
    """
    with borrowed(engine, label) as connection:
        loaded = coverage(connection, account_id)
    views = Views([snapshot], loaded=loaded, memory=_MEMORY, threads=1, only=tables.METRICS)
    with views, _own_connection(engine, label) as own:
        return _retried(own, partial(load_account, own, lock, views, snapshot, account_id, tables.METRICS))


@contextmanager
def _own_connection(engine: Engine, label: str) -> Iterator[Connection]:
    """A pooled connection as psycopg's own, for transactions that the block begins and ends."""
    with explained(label), engine.connect() as pooled:
        yield pooled.connection.driver_connection  # type: ignore[misc]


def _retried(connection: Connection, transaction: Callable[[], dict[str, Counts]]) -> dict[str, Counts]:
    """Run the transaction again, once, after a deadlock, a serialization failure or a unique violation."""
    for attempt in range(_TRIES):
        try:
            with connection.transaction():
                return transaction()
        except _IN_THE_WAY:
            if attempt + 1 == _TRIES:
                raise
    raise AssertionError("the loop returns or raises")
