"""Find the schema of our tables in a database that other applications may share, and make it.

A schema is a workbench's if our tables with our columns stand in it. So another application's `campaigns` or
`alembic_version` is never taken for ours, and ours is found in other schemas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.errors import ConfigurationError
from workbench.schema.resources import TABLES
from workbench.settings.schema_name import DEFAULT_SCHEMA

if TYPE_CHECKING:
    import psycopg

FIRST_VERSION = "public"
"""The schema in which the first version made its tables."""
_FIRST_MIGRATION = "0001"
VERSIONS = "alembic_version"
NAMES = (
    *(resource.name for resource in TABLES),
    "account_loads",
    "coverage",
    "coverage_summary",
    "data_origin",
    "sync_log",
    "sync_steps",
    VERSIONS,
)
"""Every table of ours."""

# A column of each table by which it is ours.
_MARKS = (
    ("alembic_version", "version_num"),
    ("campaign_daily_metrics", "one_click_lead_form_opens"),
    ("coverage", "window_end"),
    ("sync_log", "heartbeat_at"),
    ("sync_steps", "complete_through"),
)
_PLACES = """
    select n.nspname::text,
           array_agg(c.relname::text order by c.relname),
           count(*) filter (
               where c.relkind in ('r', 'p') and exists (
                   select from pg_attribute as a
                   join unnest(%(tables)s::text[], %(columns)s::text[]) as m (relname, attname) using (attname)
                   where a.attrelid = c.oid and m.relname = c.relname
               )
           ) = cardinality(%(tables)s::text[])
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where c.relname = any(%(names)s) and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and not starts_with(n.nspname, 'pg_') and n.nspname <> 'information_schema'
    group by n.nspname
    order by n.nspname
"""
_RIGHTS = """
    select current_user, to_regnamespace(%(schema)s) is not null,
           coalesce(
               has_schema_privilege(to_regnamespace(%(schema)s), 'create, usage'),
               has_database_privilege(current_database(), 'create')
           )
"""


@dataclass(frozen=True)
class Standing:
    """What a database holds.

    Attributes:
        schema: the schema of our tables, made or not.
        ours: whether our tables stand in it.
        foreign: what has names of ours there and is not ours.
        others: the other schemas in which a workbench's tables stand.
        first_version: whether the first version's tables stand in `public`, to be moved into the default schema; those
            of a later version were put there by its DATABASE_SCHEMA, and stay.
    """

    schema: str
    ours: bool
    foreign: tuple[str, ...]
    others: tuple[str, ...]
    first_version: bool = False


def standing(connection: psycopg.Connection, schema: str) -> Standing:
    """Look at what the schema holds, and which other schemas hold tables of a workbench."""
    tables, columns = (list(part) for part in zip(*_MARKS, strict=True))
    asked = {"tables": tables, "columns": columns, "names": list(NAMES)}
    found = {place: (names, ours) for place, names, ours in connection.execute(_PLACES, asked).fetchall()}
    names, ours = found.pop(schema, ((), False))
    others = tuple(place for place, (_, theirs) in found.items() if theirs)
    movable = schema == DEFAULT_SCHEMA and not names and FIRST_VERSION in others
    first_version = movable and _is_first_version(connection)
    return Standing(schema, ours, () if ours else tuple(names), others, first_version)


def _is_first_version(connection: psycopg.Connection) -> bool:
    table = f"{FIRST_VERSION}.{VERSIONS}"
    row = connection.execute("select has_table_privilege(%s, 'select')", [table]).fetchone()
    if not (row and row[0]):
        return False
    found = connection.execute(f"select version_num from {table}").fetchall()
    return found == [(_FIRST_MIGRATION,)]


def foreign_tables(label: str, found: Standing) -> ConfigurationError:
    """The error of a schema in which other tables have our names."""
    named = ", ".join(found.foreign)
    return ConfigurationError(
        f"The schema {found.schema} of {label} cannot be used.",
        why=f"It holds {named}, which this workbench did not make: another application uses the same "
        f"{'names' if len(found.foreign) > 1 else 'name'}.",
        next_step="Name another schema in DATABASE_SCHEMA, such as linkedin_ads; the next sync makes it.",
    )


def said_of_others(found: Standing) -> str | None:
    """A sentence about a workbench's tables in other schemas, None where there are none."""
    if not found.others:
        return None
    named = ", ".join(found.others)
    if found.first_version:
        return (
            f"The tables of an earlier version stand in the schema {FIRST_VERSION}; the next sync, load or "
            f"`workbench db upgrade` moves them to {found.schema}, with all their rows."
        )
    plural = len(found.others) > 1
    return (
        f"Tables of a workbench also stand in the {'schemas' if plural else 'schema'} {named} of this database; "
        f"this installation uses {found.schema} (DATABASE_SCHEMA)."
    )


def said_of_a_migration(found: Standing) -> str | None:
    """A sentence about tables that were just made or moved; `found` is what stood there before."""
    if found.ours:
        return None
    if found.first_version:
        return (
            f"The tables of an earlier version were moved from the schema {FIRST_VERSION} to {found.schema}, with all "
            "their rows; your own SQL and reports name them there now."
        )
    return said_of_others(found)


def make(connection: psycopg.Connection, schema: str, label: str) -> None:
    """Make the schema if it is missing.

    Raises:
        ConfigurationError: this role may not; the error holds the SQL for an administrator.
    """
    from psycopg import errors  # late: a status of no database need not wait for it

    role, exists, allowed = connection.execute(_RIGHTS, {"schema": schema}).fetchone() or ("", False, False)
    if not allowed:
        raise _not_allowed(role, schema, label, exists=exists)
    if not exists:
        try:
            with connection.transaction():
                connection.execute(f"create schema if not exists {schema}")  # a name that needs no quotes
        except (errors.DuplicateSchema, errors.UniqueViolation):
            pass  # another process made it at the same moment


def sql_for_administrator(role: str, schema: str) -> str:
    """The SQL that gives a role its schemas."""
    return " ".join(
        f'create schema if not exists {name} authorization "{role.replace(chr(34), chr(34) * 2)}";'
        for name in (schema, reporting_name(schema))
    )


def reporting_name(schema: str) -> str:
    """The schema of the readable views that belong to a schema of tables."""
    return "reporting" if schema == DEFAULT_SCHEMA else f"{schema}_reporting"


def _not_allowed(role: str, schema: str, label: str, *, exists: bool) -> ConfigurationError:
    if exists:
        what = f"The tables cannot be made in the schema {schema} of {label}."
        why = f"The role {role} may not create tables in it."
        sql = f'grant usage, create on schema {schema} to "{role}";'
    else:
        what = f"The schema {schema} cannot be made in {label}."
        why = f"The role {role} may not create schemas in this database."
        sql = sql_for_administrator(role, schema)
    return ConfigurationError(
        what,
        why=why,
        next_step=f"Have an administrator run this in that database: {sql} "
        "Or name a schema in DATABASE_SCHEMA in which the role may create tables.",
    )
