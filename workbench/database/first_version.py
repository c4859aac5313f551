"""Move the tables of the first version, which stand in `public`, into our own schema: with their rows, in one step."""

from __future__ import annotations

import psycopg
from psycopg.sql import SQL, Identifier

from workbench.database.own_schema import FIRST_VERSION, NAMES, sql_for_administrator
from workbench.errors import ConfigurationError

_OURS = """
    select c.relname::text, pg_has_role(c.relowner, 'usage')
    from pg_class as c
    where c.relnamespace = %s::regnamespace and c.relname = any(%s) and c.relkind in ('r', 'p')
    order by c.relname
"""
_READERS = """
    select distinct a.grantee::regrole::text
    from pg_class as c, aclexplode(c.relacl) as a
    where c.relnamespace = %s::regnamespace and c.relname = any(%s)
      and a.privilege_type = 'SELECT' and a.grantee not in (0, c.relowner)
"""


def move(connection: psycopg.Connection, schema: str, label: str) -> None:
    """Move every table of ours from `public` into `schema`, which exists; those who could read them still can.

    In the caller's transaction. Keys, rows, rights and other applications' views of these tables go along.

    Raises:
        ConfigurationError: this role does not own them; the error holds the SQL for an administrator.
    """
    tables = connection.execute(_OURS, [FIRST_VERSION, list(NAMES)]).fetchall()
    if not all(owned for _, owned in tables):
        raise _not_allowed(connection, schema, label, [name for name, _ in tables])
    readers = connection.execute(_READERS, [FIRST_VERSION, list(NAMES)]).fetchall()
    for name, _ in tables:
        connection.execute(
            SQL("alter table {}.{} set schema {}").format(
                Identifier(FIRST_VERSION), Identifier(name), Identifier(schema)
            )
        )
    for (reader,) in readers:  # quoted where it must be
        connection.execute(SQL("grant usage on schema {} to {}").format(Identifier(schema), SQL(reader)))


def _not_allowed(connection: psycopg.Connection, schema: str, label: str, tables: list[str]) -> ConfigurationError:
    row = connection.execute("select current_user").fetchone()
    moves = " ".join(f"alter table {FIRST_VERSION}.{name} set schema {schema};" for name in tables)
    return ConfigurationError(
        f"The tables in the schema {FIRST_VERSION} of {label} cannot be moved to {schema}.",
        why="An earlier version made them as another role, and only the owner may move them.",
        next_step=f"Have an administrator run: {sql_for_administrator(row[0] if row else '', schema)} {moves} "
        f"Or use them where they are: DATABASE_SCHEMA={FIRST_VERSION}.",
    )
