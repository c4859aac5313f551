"""Keep readable views of the tables in a schema of their own, for BI tools and for people who write SQL.

Each is a file of `sql/reporting/`. A view's comment ends with a digest of its file, by which a changed one is found.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import psycopg
from psycopg import errors
from psycopg.sql import SQL, Composed, Identifier, Literal

from workbench.database.own_schema import reporting_name
from workbench.errors import StorageError
from workbench.paths import shipped
from workbench.schema import descriptions
from workbench.schema.metrics import RATIOS

NAMES = ("days", "ad_days", "account_days", "weeks", "ad_sets", "ads")
"""The views, each after those that it reads."""

_COLUMN = re.compile(r"(\w+) \([\w\[\]]+(?:, ([^()]*))?\)")
_OTHERS = """
    select c.relname::text from pg_class as c
    where c.relnamespace = to_regnamespace(%s) and c.relname = any(%s)
      and coalesce(obj_description(c.oid, 'pg_class'), '') not like %s
"""
_COMMENTS = """
    select c.relname::text, obj_description(c.oid, 'pg_class') from pg_class as c
    where c.relnamespace = to_regnamespace(%s) and c.relname = any(%s) and c.relkind = 'v'
"""
_READERS = """
    select distinct case when a.grantee = 0 then 'public' else a.grantee::regrole::text end
    from pg_class as c, aclexplode(c.relacl) as a
    where c.oid = to_regclass(%s) and a.privilege_type = 'SELECT' and a.grantee <> c.relowner
"""


class CannotBeMade(StorageError):
    """The views cannot be made; syncs do not need them."""


@dataclass(frozen=True)
class View:
    """A readable view.

    Attributes:
        title: the question that it answers.
        grain: what one of its rows is.
        notes: what each column is, in words; "" where its name says it.
        sql: its select.
        digest: of the file.
    """

    name: str
    title: str
    grain: str
    notes: Mapping[str, str]
    sql: str
    digest: str

    def comment(self, schema: str) -> str:
        """The comment that SQL clients show."""
        return f"{self.title} {self.grain[:1].upper()}{self.grain[1:]}. {_mark(schema)}, {self.digest}."


@cache  # of files that do not change while a process runs
def views() -> tuple[View, ...]:
    """Every view, each after those that it reads."""
    return tuple(_view(name, shipped("sql", "reporting", f"{name}.sql").read_text("utf-8")) for name in NAMES)


def write(connection: psycopg.Connection, schema: str) -> None:
    """Make or correct the views over the tables of a schema; nothing is written where all are as their files.

    Raises:
        CannotBeMade: other things have their names, or other views depend on an old form of them.
    """
    place = reporting_name(schema)
    wanted = {view.name: view.comment(schema) for view in views()}
    found: dict[str, str | None] = dict(connection.execute(_COMMENTS, [place, list(NAMES)]).fetchall())
    if found == wanted:
        return
    _make_schema(connection, place, schema)
    search_path = SQL("set local search_path = {}, {}")
    connection.execute(search_path.format(Identifier(schema), Identifier(place)))
    _drop(connection, place, schema)
    for view in views():
        for statement in _statements(view, place, schema):
            connection.execute(statement)
    for (role,) in connection.execute(_READERS, [f"{schema}.campaigns"]).fetchall():
        for statement in grants(connection, schema, role):
            connection.execute(statement)
    connection.execute(SQL("set local search_path = {}").format(Identifier(schema)))


def drop(connection: psycopg.Connection, schema: str) -> None:
    """Drop the views before the tables change; those on which others depend stay."""
    try:
        with connection.transaction():
            _drop(connection, reporting_name(schema), schema)
    except (CannotBeMade, errors.InsufficientPrivilege):
        pass  # a migration that only adds columns leaves them as they are


def grants(connection: psycopg.Connection, schema: str, role: str) -> list[Composed]:
    """The SQL that lets a role read the views that exist.

    Args:
        schema: of the tables.
        role: quoted where it must be.
    """
    place = reporting_name(schema)
    there = connection.execute(_COMMENTS, [place, list(NAMES)]).fetchall()
    usage = [SQL("grant usage on schema {} to {}").format(Identifier(place), SQL(role))] if there else []
    return usage + [SQL("grant select on {} to {}").format(Identifier(place, name), SQL(role)) for name, _ in there]


def _make_schema(connection: psycopg.Connection, place: str, schema: str) -> None:
    others = connection.execute(_OTHERS, [place, list(NAMES), f"%{_mark(schema)}%"]).fetchall()
    if others:
        named = ", ".join(name for (name,) in others)
        raise CannotBeMade(
            f"The schema {place} holds {named}, which this workbench did not make.",
            why="Another application uses the same names.",
            next_step="Name another schema in DATABASE_SCHEMA; its views stand in a schema named after it.",
        )
    row = connection.execute("select to_regnamespace(%s) is not null", [place]).fetchone()
    if not (row and row[0]):
        connection.execute(SQL("create schema {}").format(Identifier(place)))


def _drop(connection: psycopg.Connection, place: str, schema: str) -> None:
    """Drop the views that are ours, the last first."""
    found = connection.execute(_COMMENTS, [place, list(NAMES)]).fetchall()
    there = {name for name, comment in found if _mark(schema) in (comment or "")}
    try:
        for name in reversed(NAMES):
            if name in there:
                connection.execute(SQL("drop view {}").format(Identifier(place, name)))
    except errors.DependentObjectsStillExist as error:
        raise CannotBeMade(
            f"A view of {place} cannot be replaced.",
            why=" ".join(str(error).split()),
            next_step="Drop what depends on it, then run `workbench db upgrade`.",
        ) from error


def _statements(view: View, place: str, schema: str) -> Iterator[Composed]:
    name = Identifier(place, view.name)
    yield SQL("create view {} as {}").format(name, SQL(view.sql))  # text of our own file
    yield SQL("comment on view {} is {}").format(name, Literal(view.comment(schema)))
    for column, note in view.notes.items():
        named = Identifier(place, view.name, column)
        yield SQL("comment on column {} is {}").format(named, Literal(_said_of(column, note)))


def _view(name: str, text: str) -> View:
    lines = text.splitlines()
    end = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    header = " ".join(line.removeprefix("--").strip() for line in lines[:end] if "[[[" not in line)
    title, grain, columns = re.split(r" *Returns: | Columns: ", " ".join(header.split()))
    sql = "\n".join(line for line in lines[end:] if not line.lstrip().startswith("--")).strip()
    notes = {column: note or "" for column, note in _COLUMN.findall(columns)}
    return View(name, title, grain, notes, sql, hashlib.sha256(text.encode()).hexdigest()[:8])


def _said_of(column: str, note: str) -> str:
    if column in RATIOS:
        return f"{RATIOS[column].label}: {RATIOS[column].formula}."
    if not note or column in descriptions.METRICS:
        return descriptions.of_column("", column).comment
    return f"{note[:1].upper()}{note[1:]}."


def _mark(schema: str) -> str:
    """The mark in a view's comment that identifies it as ours."""
    return f"Made by the LinkedIn Ads workbench from {schema}"
