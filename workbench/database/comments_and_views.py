"""Write comments and readable views into PostgreSQL. A sync needs neither."""

from __future__ import annotations

import logging
from collections.abc import Callable

import psycopg

from workbench.database import comments, reporting

_LOG = logging.getLogger(__name__)

_PATIENCE = "5s"  # to wait for others' locks: an explanation never holds up a sync


def write(connection: psycopg.Connection, schema: str) -> None:
    """Bring comments and views up to date, in the caller's transaction. What is refused is logged and left out."""
    for what, written in (("comments", comments.write), ("views", reporting.write)):
        _tried(connection, schema, what, written)


def _tried(
    connection: psycopg.Connection, schema: str, what: str, written: Callable[[psycopg.Connection, str], None]
) -> None:
    try:
        with connection.transaction():
            connection.execute(f"set local lock_timeout = '{_PATIENCE}'")
            written(connection, schema)
            connection.execute("set local lock_timeout = 0")
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.LockNotAvailable, reporting.CannotBeMade) as error:
        _LOG.warning("The %s of the tables in %s are not up to date: %s", what, schema, str(error).partition("\n")[0])
