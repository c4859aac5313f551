"""Limit the database sessions of served pages: refuse a role that can write, and set time limits.

`reader_role` makes roles that pass. Refused are others, such as the role of the `DATABASE_URL` that syncs.
"""

from __future__ import annotations

import psycopg

from workbench.database.reader_role import SETTINGS, TABLES
from workbench.errors import ConfigurationError

_CAN_WRITE = """
    select rolsuper or exists (
        select from pg_class c
        where c.relnamespace = any(array(select oid from pg_namespace where nspname = any(current_schemas(false))))
          and c.relkind in ('r', 'p') and c.relname = any(%s)
          and (has_table_privilege(c.oid, 'insert, update, delete, truncate') or pg_has_role(c.relowner, 'member'))
    )
    from pg_roles where rolname = current_user
"""


def limit(connection: psycopg.Connection) -> None:
    """Make every transaction of this session read-only and short; in a transaction, it has to be committed.

    Raises:
        ConfigurationError: its role can write to our tables.
    """
    refuse_writer(connection)
    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in SETTINGS.items())
    connection.execute(f"select {settings}")


def refuse_writer(connection: psycopg.Connection) -> None:
    """Let only a role pass that cannot change what pages show.

    Raises:
        ConfigurationError: it is a superuser, owns a table of ours, or may change its rows.
    """
    row = connection.execute(_CAN_WRITE, [list(TABLES)]).fetchone()
    if row and row[0]:
        raise ConfigurationError(
            "Pages for others are not served with a database role that can write.",
            why="DATABASE_URL, or POSTGRES_USER, names the role that syncs.",
            next_step="Run `workbench db grant-reader`, and serve with a DATABASE_URL that names the role it creates.",
        )
