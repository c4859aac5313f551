"""Ask PostgreSQL, the present, through a pool per database. It never migrates and never writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import ProgrammingError

from workbench.database import embedded
from workbench.database.connection import Database, borrowed, explained
from workbench.database.reader_role import ensure_reader
from workbench.database.reader_session import limit
from workbench.errors import StorageError
from workbench.queries.sources import nothing_synced
from workbench.settings.fields import ReaderSettings

_FOR_READERS: dict[str, Any] = {"pool_size": 5, "max_overflow": 5, "pool_timeout": 5.0}


class Present:
    """The configured database and its pool."""

    def __init__(self, database: Database, *, readers: bool = False) -> None:
        """Open nothing yet.

        Args:
            readers: whether its sessions are limited to reading, and the pool is one for many visitors.
        """
        self.label = database.label
        self.engine = database.engine(**(_FOR_READERS if readers else {}))
        if readers:
            event.listen(self.engine, "connect", _limited)

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


@contextmanager
def apart(settings: ReaderSettings, *, readers: bool = False) -> Iterator[psycopg.Connection]:
    """A connection in a transaction, for one statement of the user's own: what it sets or locks ends with the block.

    The embedded database is asked as its role that can only read: a superuser's statement could read files and end
    connections.

    Raises:
        StorageError: as `Present.reading`.
    """
    _refuse_to_create(settings)
    database = _reading_only(settings) if readers or settings.conninfo is None else Database.of(settings)
    try:
        with explained(database.label), database.connect() as connection:
            if readers:
                limit(connection)
            with connection.transaction():
                yield connection
    except StorageError as error:
        raise _in_context(error, database.label) from error.__cause__


class Pools:
    """The pools of one workbench by database; there is one, unless its settings change while it runs."""

    def __init__(self, *, readers: bool = False) -> None:
        """Open nothing yet.

        Args:
            readers: whether to use the role that can only read, with time limits, and a pool for many visitors.
        """
        self._lock = threading.Lock()
        self._pools: dict[tuple[str | Path, str], Present] = {}
        self._readers = readers

    def of(self, settings: ReaderSettings) -> Present:
        """The pool for the database that the settings name.

        Raises:
            StorageError: it is the embedded one and does not exist yet (`nothing_synced`): reading creates nothing.
        """
        key = (settings.conninfo or settings.home, settings.DATABASE_SCHEMA)
        with self._lock:
            if key not in self._pools:
                _refuse_to_create(settings)
                self._pools[key] = self._made(settings)
            return self._pools[key]

    def close(self) -> None:
        """Close the connections that no thread uses; the others end when they are given back."""
        with self._lock:
            for present in self._pools.values():
                present.engine.dispose()
            self._pools.clear()

    def _made(self, settings: ReaderSettings) -> Present:
        if not self._readers:
            return Present(Database.of(settings))
        return Present(_reading_only(settings), readers=True)


def _reading_only(settings: ReaderSettings) -> Database:
    """The database, of the embedded one as its role that can only read, which is made if it is not there."""
    if settings.conninfo is None:
        ensure_reader(Database.of(settings))
    return Database.of(settings, role=embedded.READER)


def _limited(connection: psycopg.Connection, record: object) -> None:
    """Limit a new connection of the pool before it is used."""
    limit(connection)
    connection.commit()


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
