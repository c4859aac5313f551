"""Refuse transaction poolers: one hands a session's server process, and with it a lock, to other clients."""

from __future__ import annotations

import psycopg

from workbench.database.connection import Database
from workbench.errors import ConfigurationError

_LOOKS = 3  # a pooler that takes its server processes by turns has changed by then


def backend_pid(connection: psycopg.Connection) -> int:
    """The process id of the server that answers; when a connection is opened, a pooler sends a number of its own."""
    row = connection.execute("select pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0


def refuse_transaction_pooler(database: Database, connection: psycopg.Connection) -> None:
    """Refuse a connection that is not answered by one server process from beginning to end.

    Args:
        database: for a second connection.
        connection: in autocommit, outside a transaction.

    Raises:
        ConfigurationError: another process answers, or another connection of ours is answered by the same one.
        StorageError: there is no second connection.
    """
    seen = {backend_pid(connection) for _ in range(_LOOKS)}
    if len(seen) > 1:
        raise _refusal(database.label)
    with database.connect() as other, other.transaction():
        # While its transaction lasts, this process is not ours; if it is the only one, ours would wait for it.
        if backend_pid(other) in seen or backend_pid(connection) not in seen:
            raise _refusal(database.label)


def _refusal(label: str) -> ConfigurationError:
    return ConfigurationError(
        f"The database {label} cannot be synced into through this pooler.",
        why="It pools by transaction: it hands one session to several clients, and a sync's lock with it.",
        next_step="Point DATABASE_URL at PostgreSQL itself (its own port, often 5432), or let it pool by session "
        "(PgBouncer: pool_mode = session).",
    )
