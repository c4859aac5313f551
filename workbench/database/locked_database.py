"""A database that this process may write: its pool of connections together with the write lock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import psycopg
from sqlalchemy import Engine

from workbench.database import migrations
from workbench.database.connection import Database, borrowed, explained
from workbench.database.own_schema import Standing
from workbench.database.write_lock import WriteLock
from workbench.schema.shards import Shard


@dataclass(frozen=True)
class LockedDatabase:
    """A database, its write lock and its pool of connections.

    Attributes:
        label: the database's name for messages.
        engine: its connections carry the lock's name, so that a process that takes the lock over can end them all.
    """

    label: str
    engine: Engine
    lock: WriteLock

    @classmethod
    def of(cls, database: Database, doing: str, shard: Shard | None = None) -> LockedDatabase:
        """The database, not locked yet; `doing` names the work in the lock's name, beside the shard of the accounts."""
        lock = WriteLock(database, doing if shard is None else f"{doing} {shard}", shard)
        return cls(database.label, database.engine(application_name=lock.name), lock)

    def open(self) -> Standing:
        """Take the lock and bring the tables to the newest migration; returns what stood there before.

        Raises:
            StorageError: another process writes, or the database cannot be used.
            ConfigurationError: a transaction pooler stands between this process and the database, or the schema is
                another application's or cannot be made.
        """
        self.lock.acquire()
        with explained(self.label):
            return migrations.upgrade(self.engine, self.label)

    def close(self) -> None:
        """Release the lock and close every connection."""
        self.lock.release()
        self.engine.dispose()

    def connection(self) -> AbstractContextManager[psycopg.Connection]:
        """A connection from the pool, for one block."""
        return borrowed(self.engine, self.label)
