"""Compare what a role may do with what a sync needs, and write the SQL that grants what is lacking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier

from workbench.database.own_schema import NAMES
from workbench.errors import ConfigurationError, capitalized

_LOCKS = (
    "pg_advisory_lock",
    "pg_advisory_unlock",
    "pg_advisory_xact_lock",
    "pg_advisory_xact_lock_shared",
    "pg_try_advisory_lock",
)
_ASKED = """
    select current_user::text,
           current_database()::text,
           current_setting('search_path'),
           pg_is_in_recovery(),
           (select source from pg_settings where name = 'default_transaction_read_only' and setting = 'on'),
           coalesce(
               has_schema_privilege(to_regnamespace(current_setting('search_path')), 'create'),
               has_database_privilege(current_database(), 'create')
           ),
           has_database_privilege(current_database(), 'temporary'),
           (
               select bool_and(has_function_privilege(format('pg_catalog.%%s(integer, integer)', name), 'execute'))
               from unnest(%s::text[]) as locks (name)
           ),
           array(
               select tablename::text from pg_tables
               where schemaname = current_schema() and tablename = any(%s)
                 and not (
                     has_table_privilege(format('%%I.%%I', schemaname, tablename), 'select')
                     and has_table_privilege(format('%%I.%%I', schemaname, tablename), 'insert')
                     and has_table_privilege(format('%%I.%%I', schemaname, tablename), 'update')
                     and has_table_privilege(format('%%I.%%I', schemaname, tablename), 'delete')
                 )
               order by tablename
           )
"""
_WHERE = {
    "database": "alter database {database} reset default_transaction_read_only;",
    "user": "alter role {role} reset default_transaction_read_only;",
    "database user": "alter role {role} in database {database} reset default_transaction_read_only;",
}
"""By where it is set that transactions are read-only, the SQL that takes it back."""


@dataclass(frozen=True)
class Rights:
    """The rights of a role in a database.

    Attributes:
        standby: whether the server repeats what another one writes.
        read_only: where it is set that transactions are read-only, in PostgreSQL's words; None: they are not.
        create: whether it may make its schema, or tables in it.
        tables: the tables of ours that it may not write.
    """

    role: str
    database: str
    schema: str
    standby: bool
    read_only: str | None
    create: bool
    temporary: bool
    locks: bool
    tables: list[str]

    def lacking(self) -> Iterator[str]:
        """The rights that a sync needs and the role lacks, as half sentences."""
        if self.standby:
            yield "the server is a standby"
        if self.read_only and not self.standby:
            yield "its transactions are read-only"
        if not self.create:
            yield "it may not create its schema, or tables in it"
        if not self.temporary:
            yield "it may not create temporary tables"
        if not self.locks:
            yield "it may not take advisory locks"
        if self.tables:
            yield f"it may not write {', '.join(self.tables)}"

    def granting(self, connection: psycopg.Connection) -> str:
        """The SQL for an administrator that grants what is lacking, besides the schema; "" where no SQL can."""
        statements = []
        if self.read_only in _WHERE:
            statements.append(SQL(_WHERE[self.read_only]))
        if not self.temporary:
            statements.append(SQL("grant temporary on database {database} to {role};"))
        if not self.locks:
            functions = ", ".join(f"pg_catalog.{name}(integer, integer)" for name in _LOCKS)
            statements.append(SQL(f"grant execute on function {functions} to {{role}};"))
        if self.tables:
            statements.append(SQL("grant select, insert, update, delete on {tables} to {role};"))
        parts = {
            "role": Identifier(self.role),
            "database": Identifier(self.database),
            "tables": SQL(", ").join(Identifier(self.schema, table) for table in self.tables),
        }
        return SQL(" ").join(statement.format(**parts) for statement in statements).as_string(connection)


def rights_of(connection: psycopg.Connection) -> Rights:
    """The rights of a connection's role in its database and schema."""
    row = connection.execute(_ASKED, [list(_LOCKS), list(NAMES)]).fetchone()
    assert row is not None  # noqa: S101  (a select of one row)
    return Rights(*row)


def refuse_reader(connection: psycopg.Connection, label: str) -> None:
    """Refuse a role that may not write, and a server that is read-only; the schema is checked when it is made.

    Raises:
        ConfigurationError: names what is lacking, with the SQL that grants it.
    """
    rights = rights_of(connection)
    lacking = [what for what in rights.lacking() if not what.startswith("it may not create its schema")]
    if not lacking:
        return
    sql = rights.granting(connection)
    if rights.standby:
        step = "Point DATABASE_URL at the primary; pages may be served from the standby."
    elif sql:
        step = f"Have an administrator run: {sql} Or use the role that owns the tables."
    else:
        step = "Let it be written to (default_transaction_read_only), or point DATABASE_URL at another server."
    why = f"{'; '.join(lacking)}."
    raise ConfigurationError(f"The database {label} cannot be synced into.", why=capitalized(why), next_step=step)
