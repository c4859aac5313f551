"""Bring PostgreSQL up to date from a snapshot: one transaction per account, only what the snapshot decides.

What a snapshot decides is computed together with PostgreSQL's `coverage`, which is written in the same transaction. So
snapshots may be loaded in any order, or twice, with the same result. An account's daily metrics may be loaded before
the rest of its snapshot is fetched, because no later part of the snapshot changes their rows.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg import Connection

from workbench import logs
from workbench.database.bookkeeping import compact_coverage
from workbench.database.connection import explained
from workbench.database.coverage import coverage_beside
from workbench.database.data_origin import refuse_other_origin
from workbench.database.locked_database import LockedDatabase
from workbench.database.upsert import Counts
from workbench.errors import WorkbenchError
from workbench.pipeline.load.account_loader import load_account, tables_of
from workbench.schema import tables
from workbench.schema.resources import CoverageRow
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.coverage import coverage_of
from workbench.snapshots.listers import Listers, account_listings, listers_of, of_the_same_sign_in
from workbench.snapshots.manifest import Snapshot
from workbench.snapshots.reader import accounts_in
from workbench.snapshots.views import Earlier, Views

OnCounts = Callable[[int, str, Counts], None]
_MEMORY = "128MB"  # of each worker's DuckDB
_WORKERS = 2  # one reads JSON while PostgreSQL works for the other; accounts share no rows
_TRIES = 2
_CONFLICTS = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,  # rows where there were none a moment ago
)


def load_snapshot(
    database: LockedDatabase,
    snapshot: Snapshot,
    *,
    on_counts: OnCounts,
    loaded_early: Collection[int] = (),
) -> None:
    """Load every account of a snapshot.

    Args:
        on_counts: called with account, table and counts after each account's commit, one call at a time, in any thread.
        loaded_early: accounts whose daily metrics `load_metrics` has loaded from this very snapshot.

    Raises:
        ValidationError: the snapshot is damaged; nothing was written.
        OtherOriginError: the database holds data of another origin; nothing was written.
        StorageError: the database refuses; accounts that were committed stay, and loading again completes the rest.
    """
    with logs.event("load", sync_id=snapshot.name, database=database.label) as event:
        totals: Counter[str] = Counter()

        def count(account_id: int, table: str, counts: Counts) -> None:
            totals.update(counts.as_dict())
            on_counts(account_id, table, counts)

        _load_snapshot(database, snapshot, count, loaded_early)
        event.facts |= totals


def _load_snapshot(
    database: LockedDatabase, snapshot: Snapshot, on_counts: OnCounts, loaded_early: Collection[int]
) -> None:
    accounts = sorted({0, *(part.account_id for part in snapshot.manifest.parts)})
    with database.connection() as connection:
        refuse_other_origin(connection, snapshot.manifest.origin, f"Snapshot {snapshot.name} is not loaded.")
        loaded = coverage_beside(connection, snapshot.name, list(coverage_of(snapshot.manifest)), accounts)
    known = {one.name: one for one in [*list_snapshots(snapshot.folder.parent).finished, snapshot]}
    listers = listers_of(known.values())
    loaded = of_the_same_sign_in(loaded, listers, snapshot.name)
    loading = _Loading(database, snapshot, loaded, on_counts, loaded_early, listers, known)
    with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="load") as pool:
        waiting = deque(sorted({0, *(part.account_id for _, part in snapshot.files())}))
        running = [pool.submit(loading.work, waiting) for _ in range(min(_WORKERS, len(waiting)))]
    for worker in running:
        worker.result()
    with suppress(WorkbenchError), _own_connection(database) as own:  # loaded is loaded; the next load tries again
        compact_coverage(own, database.lock, accounts)


@dataclass
class _Loading:
    """One snapshot being loaded by several workers, each with views and a connection of its own."""

    database: LockedDatabase
    snapshot: Snapshot
    loaded: Sequence[CoverageRow]
    on_counts: OnCounts
    loaded_early: Collection[int]
    listers: Listers
    known: Mapping[str, Snapshot]
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def work(self, accounts: deque[int]) -> None:
        """Load accounts until none is left. After a failure the other workers end after their current account."""
        views = Views([self.snapshot], earlier=Earlier(self.loaded), memory=_MEMORY, threads=1)
        with views, _own_connection(self.database) as own:
            try:
                while (account_id := _next(accounts)) is not None:
                    self._load_account(own, views, account_id)
            finally:
                accounts.clear()

    def _load_account(self, own: Connection, views: Views, account_id: int) -> None:
        left = tables_of(account_id, metrics=account_id not in self.loaded_early)
        account = partial(load_account, own, self.database.lock, views, self.snapshot, account_id, left)
        counts = _retried(own, account if account_id else partial(account, self._account_listings(), self._had))
        with self.mutex:
            for table, outcome in counts.items():
                self.on_counts(account_id, table, outcome)

    def _had(self, name: str) -> set[int] | None:
        return accounts_in(self.known.get(name))

    def _account_listings(self) -> dict[str, str]:
        rows = [*self.loaded, *coverage_of(self.snapshot.manifest)]
        return account_listings(self.listers, {row.snapshot for row in rows if row[:3] == (0, "ad_accounts", None)})


def _next(accounts: deque[int]) -> int | None:
    try:
        return accounts.popleft()
    except IndexError:
        return None


def load_metrics(database: LockedDatabase, snapshot: Snapshot, account_id: int) -> dict[str, Counts]:
    """Load one account's daily metrics and their `coverage` while the snapshot is still being written.

    Args:
        snapshot: its parts so far; all metrics of the account are among them.

    Raises:
        StorageError: the database refuses; nothing was written.
    """
    with database.connection() as connection:
        covered = list(coverage_of(snapshot.manifest))
        loaded = coverage_beside(connection, snapshot.name, covered, [account_id])
    views = Views([snapshot], earlier=Earlier(loaded), memory=_MEMORY, threads=1, only=tables.ACTIVE)
    with views, _own_connection(database) as own:
        return _retried(own, partial(load_account, own, database.lock, views, snapshot, account_id, tables.ACTIVE))


@contextmanager
def _own_connection(database: LockedDatabase) -> Iterator[Connection]:
    """A pooled connection as psycopg's own, for transactions that the block begins and ends."""
    with explained(database.label), database.engine.connect() as pooled:
        yield pooled.connection.driver_connection  # type: ignore[misc]


def _retried(connection: Connection, transaction: Callable[[], dict[str, Counts]]) -> dict[str, Counts]:
    """Run the transaction again, once, after a deadlock, a serialization failure or a unique violation."""
    for attempt in range(_TRIES):
        try:
            with connection.transaction():
                return transaction()
        except _CONFLICTS:
            if attempt + 1 == _TRIES:
                raise
    raise AssertionError("the loop returns or raises")
