"""Set every session's settings ourselves, whatever server, database or role preset.

`default_transaction_read_only` is left as it is: a database that its administrator made read-only stays so, and a sync
says so before it asks LinkedIn.

`search_path` is set after connecting, as everything here: poolers do not pass on options of the start-up packet.
"""

from __future__ import annotations

import psycopg

from workbench.errors import ConfigurationError
from workbench.settings.schema_name import DEFAULT_SCHEMA

SETTINGS = {
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
}
LIMITS = {
    "lock_timeout": "0",
    "statement_timeout": "0",  # statements that must be short set their own limit
    "transaction_timeout": "0",
    "idle_in_transaction_session_timeout": "0",  # a load computes between two statements
    "idle_session_timeout": "0",
}
"""Limits that a server or a database sets for others; a role that may only read keeps those that it was given."""
_WITH_TRANSACTION_TIMEOUT = 170_000
_BEFORE_ALL = "set default_transaction_isolation = 'read committed'; set statement_timeout = 0"
"""Utility statements, which need neither a plan nor a snapshot: a limit of 100 ms may be over before the first `select`
is compiled, and a standby refuses a serializable one."""
_SET = """
    select set_config(wanted.name, wanted.value, false)
    from unnest(%s::text[], %s::text[]) as wanted (name, value)
    where exists (select from pg_settings as known where known.name = wanted.name)
"""
_LIFT = f"""{_SET}
      and not exists (
          select from pg_settings as role
          where role.name = 'default_transaction_read_only' and role.setting = 'on'
            and role.source in ('user', 'database user')
      )
"""


def prepare(connection: psycopg.Connection, label: str, schema: str = DEFAULT_SCHEMA) -> None:
    """Set `SETTINGS` on a new connection, and its schema; settings that its server lacks are left out.

    Args:
        connection: in autocommit.
        label: the database's name for messages.
        schema: the only one in which unqualified names are looked up.

    Raises:
        ConfigurationError: the database cannot hold every text.
    """
    refuse_encoding(connection.info.parameter_status("server_encoding") or "UTF8", label)
    settings = {**SETTINGS, "search_path": schema}
    of_a_statement = ["statement_timeout"]
    connection.execute(_BEFORE_ALL)
    if connection.info.server_version >= _WITH_TRANSACTION_TIMEOUT:
        of_a_statement.append("transaction_timeout")
        connection.execute("set transaction_timeout = 0")
    connection.execute(_SET, [list(settings), list(settings.values())])
    if not connection.execute(_LIFT, [list(LIMITS), list(LIMITS.values())]).fetchall():
        connection.execute("; ".join(f"reset {name}" for name in of_a_statement))


def refuse_encoding(encoding: str, label: str) -> None:
    """Refuse a database that is not encoded in UTF-8.

    Raises:
        ConfigurationError: it is not: names and texts of ads would be refused, or stored as other texts.
    """
    if encoding.upper() in ("UTF8", "UNICODE"):
        return
    raise ConfigurationError(
        f"The database {label} cannot be used.",
        why=f"Its encoding is {encoding}, which does not hold every name and text that LinkedIn sends; UTF8 does.",
        next_step="Create another one: create database linkedin_ads encoding 'UTF8' locale 'C' template template0; "
        "name it in DATABASE_URL, then run `workbench load --all`: snapshots hold everything.",
    )
