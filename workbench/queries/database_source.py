"""Ask PostgreSQL, the present, through one pool per process. It never migrates and never writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import ProgrammingError

from workbench.app_context import current
from workbench.database import embedded
from workbench.database.connection import Database, borrowed
from workbench.database.reader_session import limit
from workbench.errors import StorageError
from workbench.settings.fields import ReaderSettings

_FOR_READERS: dict[str, Any] = {"pool_size": 5, "max_overflow": 5, "pool_timeout": 5.0}


class Present:
    """The configured database and its pool."""

    def __init__(self, database: Database, **pool: Any) -> None:
        self.label = database.label
        self.engine = database.engine(**pool)

    @contextmanager
    def reading(self) -> Iterator[psycopg.Connection]:
        """A connection in a transaction.

        Raises:
            StorageError: out of reach, or nothing was ever synced (`nothing_synced`), or another version's schema.
        """
        try:
            with borrowed(self.engine, self.label) as connection:
                yield connection
        except StorageError as error:
            raise _in_context(error, self.label) from error.__cause__


class _Pools:
    """The pools of this process by database; there is one, unless settings change while it runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[Any, Present] = {}
        self._role: str | None = None
        self._sizes: dict[str, Any] = {}

    def limit(self, role: str, sizes: dict[str, Any]) -> None:
        with self._lock:
            self._role, self._sizes = role, sizes
            self._pools.clear()

    def of(self, settings: ReaderSettings) -> Present:
        key = settings.conninfo or settings.home
        with self._lock:
            if key not in self._pools:
                _refuse_to_create(settings)
                self._pools[key] = Present(Database.of(settings, role=self._role), **self._sizes)
                if self._role:
                    event.listen(self._pools[key].engine, "connect", _limited)
            return self._pools[key]


def _limited(connection: psycopg.Connection, record: object) -> None:
    """Limit a new connection of the pool before it is used."""
    limit(connection)
    connection.commit()


_pools = _Pools()


def present(settings: ReaderSettings) -> Present:
    """The pool for the database that the settings name.

    Raises:
        StorageError: it is the embedded one and does not exist yet (`nothing_synced`): reading creates nothing. Or this
            process serves snapshots alone: no page of it reaches a database that happens to be configured.
    """
    if "database" not in current().sources:
        raise _not_served()
    return _pools.of(settings)


def limit_to_readers() -> None:
    """From now on use the role that can only read and a pool for many visitors: this process serves pages."""
    _pools.limit(embedded.READER, _FOR_READERS)


def engine_of(settings: ReaderSettings) -> Engine:
    """The pool itself."""
    return present(settings).engine


def nothing_synced(where: str) -> StorageError:
    """The error for a source that holds nothing yet."""
    return StorageError(
        f"Nothing has been synced to {where} yet.",
        why="It holds no account and no figures.",
        next_step="Run `workbench sync`, or look at the sample data meanwhile.",
        nothing_synced=True,
    )


def _not_served() -> StorageError:
    return StorageError(
        "No database is asked here.",
        why="These pages are served from snapshots alone.",
        next_step="Serve without --snapshots-only to ask the database.",
        nothing_synced=True,
    )


def _refuse_to_create(settings: ReaderSettings) -> None:
    if settings.conninfo is None and embedded.status(embedded.default_home(settings.home)).version is None:
        raise nothing_synced("the database")


def _in_context(error: StorageError, label: str) -> StorageError:
    cause = error.__cause__
    cause = cause.orig if isinstance(cause, ProgrammingError) else cause
    if isinstance(cause, psycopg.errors.UndefinedTable):
        return nothing_synced("the database")
    if isinstance(cause, psycopg.errors.UndefinedColumn):
        return StorageError(
            f"The database {label} has the schema of another workbench.",
            why="A column is missing that this version reads.",
            next_step="Run `workbench db upgrade`, or `workbench sync`, which does it too.",
        )
    if isinstance(cause, (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)):
        return StorageError(
            f"The database {label} took too long to answer.",
            why="The question ran into its time limit.",
            next_step="Choose a shorter period or fewer accounts, then try again.",
        )
    return error
