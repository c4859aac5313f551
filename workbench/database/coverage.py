"""Read from PostgreSQL what it covers completely, which accounts it has, and which are fresh."""

from __future__ import annotations

from datetime import datetime
from itertools import starmap
from typing import TYPE_CHECKING

from workbench.database.statements import psycopg_sql
from workbench.paths import shipped
from workbench.schema.resources import CoverageRow
from workbench.schema.windows import Window

if TYPE_CHECKING:
    import psycopg


def coverage(connection: psycopg.Connection, account_id: int | None = None) -> list[CoverageRow]:
    """The rows of `coverage`: what the database has loaded completely, of one account or of all."""
    cursor = connection.execute(
        f"select {', '.join(CoverageRow._fields)} from coverage"
        " where %(account_id)s::bigint is null or account_id = %(account_id)s",
        {"account_id": account_id},
    )
    return list(starmap(CoverageRow, cursor))


def known_accounts(connection: psycopg.Connection) -> tuple[int, ...]:
    """The accounts that the newest listing had."""
    rows = connection.execute("select account_id from ad_accounts where listed order by account_id").fetchall()
    return tuple(account_id for (account_id,) in rows)


def loaded_snapshots(connection: psycopg.Connection) -> set[str]:
    """The names of the snapshots that the database has loaded, or that a sync or load is bringing now."""
    rows = connection.execute("select sync_id from sync_log where status in ('done', 'partial', 'running')").fetchall()
    return {name for (name,) in rows}


def newest_snapshot(connection: psycopg.Connection) -> str:
    """The newest snapshot that any machine has begun or loaded here, "" where there is none."""
    row = connection.execute(
        "select greatest((select max(snapshot) from coverage), (select max(sync_id) from sync_log))"
    ).fetchone()
    return (row and row[0]) or ""


def fresh_accounts(connection: psycopg.Connection, youngest: datetime, window: Window) -> set[int]:
    """The accounts whose last complete sync ended after `youngest` and covers the window."""
    facts = {"youngest": youngest, "first_day": window.first, "last_day": window.last}
    sql = psycopg_sql(shipped("sql", "database", "fresh_accounts.sql").read_text("utf-8"))
    return {account_id for account_id, _ in connection.execute(sql, facts).fetchall()}
