"""Databases inside the embedded server, and how libpq reaches them.

psycopg is imported where it is needed: who only asks whether there is a server need not wait for it.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from workbench.database.embedded.os_account import OWN_DATABASE
from workbench.database.embedded.server import EmbeddedServer
from workbench.errors import StorageError

if TYPE_CHECKING:
    import psycopg

DATABASE = "linkedin_ads"


def connection_parameters(
    server: EmbeddedServer, database: str = DATABASE, *, role: str | None = None
) -> dict[str, Any]:
    """Keyword arguments for `psycopg.connect`, which `PGHOST` and its relatives cannot redirect.

    Other variables of libpq can still refuse the connection (`PGREQUIREAUTH`): open it `without_libpq_environment`.

    Args:
        server: the server.
        database: its database.
        role: who to be; the superuser when left out.
    """
    return {
        "host": str(server.socket_dir),
        "hostaddr": "",
        "port": server.port,
        "user": role or server.user,
        "dbname": database,
        "options": "",
        "client_encoding": "UTF8",
        "target_session_attrs": "any",
    }


def create_database(server: EmbeddedServer, database: str = DATABASE, *, template: str = "template1") -> None:
    """Create the database if it is missing, as a copy of `template`.

    Raises:
        StorageError: the server refuses, for example because another session uses the template.
    """
    import psycopg

    from workbench.database.libpq_environment import without_libpq_environment

    try:
        with without_libpq_environment():
            opened = psycopg.connect(**connection_parameters(server, "postgres"), autocommit=True)
        with opened as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                _create(connection, database, template)
    except psycopg.Error as error:
        raise StorageError(
            f"The database {database} could not be created in the embedded PostgreSQL.",
            why=" ".join(str(error).split()),
            next_step=f"Try again, or {OWN_DATABASE}.",
        ) from error


def _create(connection: psycopg.Connection, database: str, template: str) -> None:
    from psycopg import errors, sql

    statement = sql.SQL("create database {} template {}").format(sql.Identifier(database), sql.Identifier(template))
    # UniqueViolation: another process created it at the same moment
    with contextlib.suppress(errors.DuplicateDatabase, errors.UniqueViolation):
        connection.execute(statement)
