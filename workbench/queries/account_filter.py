"""Let a question on DuckDB see the rows of some accounts only.

A set of snapshots gets a catalog of its own for each group of accounts, in memory, with nothing but views. A cursor
that uses it finds no other table: one that has no account column is not there, unless it stands in `_REWRITTEN`.
"""

from __future__ import annotations

import hashlib
import threading

import duckdb

_lock = threading.Lock()  # two cursors that make one catalog at once would meet a conflict
_HERE = "memory"  # what DuckDB calls the database of an in-memory connection
_REWRITTEN = {
    "snapshots": """
        select * replace (
            cast(null as bigint) as api_calls,
            case
                when s.status = 'partial' and not exists (
                    select 1 from {catalog}.main.snapshot_parts as p where p.snapshot = s.snapshot and not p.complete
                ) then 'done'
                else s.status
            end as status
        )
        from {table} as s
    """
}


def limit(cursor: duckdb.DuckDBPyConnection, accounts: frozenset[int]) -> None:
    """Let this cursor, and no other, see the rows of these accounts only."""
    ids = ", ".join(str(int(account)) for account in sorted(accounts)) or "null"
    catalog = f"only_{hashlib.sha256(ids.encode()).hexdigest()[:16]}"
    with _lock:
        if not cursor.execute("select 1 from duckdb_databases() where database_name = $1", [catalog]).fetchall():
            _make(cursor, catalog, ids)
    cursor.execute(f"use {catalog}")


def _make(cursor: duckdb.DuckDBPyConnection, catalog: str, ids: str) -> None:
    cursor.execute(f"attach ':memory:' as {catalog}")
    try:
        for schema, name, of_accounts in _tables(cursor):
            table = f'{_HERE}."{schema}"."{name}"'
            select = f"select * from {table} where account_id in ({ids})" if of_accounts else _REWRITTEN.get(name)
            if select is not None:
                cursor.execute(f'create schema if not exists {catalog}."{schema}"')
                select = select.format(table=table, catalog=catalog)
                cursor.execute(f'create view {catalog}."{schema}"."{name}" as {select}')
    except BaseException:
        cursor.execute(f"detach {catalog}")
        raise


def _tables(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, str, bool]]:
    """Schema, name, and whether rows have an account, of every table and view; those with an account first."""
    return cursor.execute(
        "select schema_name, table_name, bool_or(column_name = 'account_id') as of_accounts from duckdb_columns()"
        " where database_name = $1 and not internal group by all order by of_accounts desc, schema_name, table_name",
        [_HERE],
    ).fetchall()
