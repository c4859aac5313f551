"""Rows are compared with staged ones by hashing or merging, whatever the planner believes an account to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table

from workbench.database import upsert
from workbench.database.connection import Database
from workbench.schema import tables
from workbench.schema.metrics import STORED
from workbench.schema.tables import view_columns

KNOWN, NEW, DAYS, ENTITIES = 1, 2, 30, 100
FIRST = date(2026, 11, 1)


class Explained:
    """A cursor that keeps the plan of every statement that it runs."""

    def __init__(self, cursor: psycopg.Cursor[Any]) -> None:
        self._cursor = cursor
        self.plans: list[str] = []

    def execute(self, statement: str, values: Any = None) -> Any:
        if statement.split()[0] in ("delete", "update", "with"):
            lines = self._cursor.execute(f"explain {statement}", values).fetchall()
            self.plans.append("\n".join(line for (line,) in lines))
        return self._cursor.execute(statement, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection]:
    """A database that knows one account well, and whose role has habits of its own."""
    with database.connect() as connection:
        connection.execute("set enable_hashjoin = off; set enable_mergejoin = off; set work_mem = '64kB'")
        yield connection


def fill(connection: psycopg.Connection, table: Table, account_id: int) -> None:
    """Rows of an account: one per entity, and day where there are days."""
    names = view_columns(table)
    texts = {"snapshot": "'20261101T000000Z'", "listed": "true", "account_id": str(account_id), "date": "d::date"}
    figures = {name: "0" for name in (metric.name for metric in STORED)}
    window = {"pivot": "'P'", "segment_urn": "n::text", "window_start": f"'{FIRST}'", "window_end": f"'{FIRST}'"}
    window |= {"serving_location": "'ON_SITE'", "level": "'CAMPAIGN'", "entity_id": "n"}
    keys = {"campaign_id": "n", "creative_id": "n", "conversion_id": "1", "campaign_group_id": "n"}
    known = {**figures, **texts, **window, **keys}
    chosen = [name for name in names if name in known]
    days = (
        f"generate_series('{FIRST}'::date, '{FIRST + timedelta(DAYS - 1)}', '1 day') as d"
        if "date" in names
        else "(select) as d"
    )
    values = ", ".join(known[name] for name in chosen)
    connection.execute(
        f"insert into {table.name} ({', '.join(chosen)}, synced_at) select {values}, now()"
        f" from generate_series(1, {ENTITIES}) as n cross join {days}"
    )


def staged(connection: psycopg.Connection, table: Table, account_id: int) -> list[bytes]:
    names = ", ".join(view_columns(table))
    query = f"copy (select {names} from {table.name} where account_id = {account_id}) to stdout csv"
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return [bytes(piece) for piece in copy]


@pytest.mark.parametrize(
    "table",
    [*tables.METRICS, tables.audience_demographics, tables.reach_windows, tables.metadata.tables["campaigns"]],
    ids=lambda t: t.name,
)
def test_no_comparison_with_staged_rows_is_a_nested_loop(connection: psycopg.Connection, table: Table) -> None:
    fill(connection, table, KNOWN)
    connection.execute(f"analyze {table.name}")
    fill(connection, table, NEW)
    lines = staged(connection, table, NEW)

    with connection.transaction(), connection.cursor() as plain:
        cursor: Any = Explained(plain)
        upsert.stage(cursor, table, lines)
        if table in tables.METRICS:
            upsert.delete_vanished_days(cursor, table, NEW, [FIRST + timedelta(n) for n in range(DAYS)])
        elif table is tables.audience_demographics:
            upsert.delete_other_windows(cursor, table, NEW, ["P"])
        elif table is tables.reach_windows:
            upsert.delete_vanished_of_windows(cursor, table, NEW, [("CAMPAIGN", FIRST, FIRST)])
        else:
            upsert.advance(cursor, table)
        upsert.merge(cursor, table, NEW)

    assert len(cursor.plans) == 2
    for plan in cursor.plans:
        assert "Nested Loop" not in plan, plan
        assert "Hash" in plan or "Merge" in plan, plan
