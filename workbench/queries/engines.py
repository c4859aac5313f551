"""Run a question on PostgreSQL or on DuckDB and return the same polars frame.

What differs between them is settled here and nowhere else: how a parameter is bound, how a type crosses, and how the
rows of accounts are kept out that the present viewer may not see (`Access.accounts`).
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

import duckdb
import polars as pl
import psycopg
from psycopg import sql

from workbench.database.account_filter import ACCOUNTS, filtered
from workbench.database.statements import psycopg_sql
from workbench.queries import account_filter
from workbench.queries.sources import Accounts
from workbench.queries.sql_files import Question
from workbench.snapshots.arrow import frame

STATEMENT_TIMEOUT_SECONDS = 30

_CSV_TYPES: dict[str, pl.DataType] = {
    "timestamptz": pl.String(),
    "boolean": pl.String(),
    "text[]": pl.String(),
}
"""Types that CSV writes in a way of PostgreSQL's own."""

_LIMITS = f"""
    set transaction read only;
    set local statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s';
    set local timezone = 'UTC';
    set local datestyle = 'ISO, YMD'
"""
_MEMBER = re.compile(r'"((?:[^"\\]|\\.)*)"|([^{},]+)', re.DOTALL)  # of an array literal: quoted, or bare


def ask_postgresql(
    connection: psycopg.Connection, question: Question, values: dict[str, Any], *, accounts: Accounts = None
) -> pl.DataFrame:
    """The answer, in a read-only transaction with a time limit; the caller's transaction ends it.

    Rows come as CSV, which is four times faster than tuples, and in the order that the question asks for: it is the
    whole statement. (The order of a subquery is lost wherever a planner has no reason to keep it.)
    """
    if accounts is not None:
        values = {**values, ACCOUNTS: sorted(accounts)}
    with connection.cursor() as cursor:
        cursor.execute(_LIMITS)
        with cursor.copy(sql.SQL(_copy_statement(question, accounts)), values) as copy:
            text = b"".join(copy)
    return _uncrossed(question, text)


def ask_duckdb(
    connection: duckdb.DuckDBPyConnection, question: Question, values: dict[str, Any], *, accounts: Accounts = None
) -> pl.DataFrame:
    """The answer, through a cursor of its own, so that threads may share the connection."""
    cursor = connection.cursor()
    try:
        if accounts is not None:
            account_filter.limit(cursor, accounts)
        return _canonical(question, frame(cursor.sql(question.sql, params=values or None)))
    finally:
        cursor.close()


def _copy_statement(question: Question, accounts: Accounts = None) -> str:
    """`copy (…) to stdout`, with psycopg's placeholders, of the rows of some accounts or of all."""
    statement = psycopg_sql(question.sql)
    return f"copy ({statement if accounts is None else filtered(statement)}) to stdout (format csv, header)"


def _uncrossed(question: Question, text: bytes) -> pl.DataFrame:
    """The frame of a CSV whose first line names its columns."""
    names = pl.read_csv(io.BytesIO(text.partition(b"\n")[0]), n_rows=0).columns
    kinds = {name: question.columns[name].type for name in names}
    crossed = {name: _CSV_TYPES.get(kind, question.schema[name]) for name, kind in kinds.items()}
    rows = pl.read_csv(io.BytesIO(text), schema=crossed)
    moments, flags, lists = (
        [name for name, kind in kinds.items() if kind == wanted] for wanted in ("timestamptz", "boolean", "text[]")
    )
    return _canonical(
        question,
        rows.with_columns(
            pl.col(moments).str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us", time_zone="UTC"),
            pl.col(flags) == "t",
            pl.col(lists).map_elements(_members, return_dtype=pl.List(pl.String)),
        ).select(list(question.columns)),
    )


def _members(literal: str) -> list[str | None]:
    """The texts of an array literal such as `{a,"b c",NULL}`."""
    found = _MEMBER.finditer(literal[1:-1])
    return [_bare(match[2]) if match[2] else re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL) for match in found]


def _bare(word: str) -> str | None:
    return None if word == "NULL" else word


def _canonical(question: Question, answer: pl.DataFrame) -> pl.DataFrame:
    """JSON with sorted keys: `jsonb` reorders them, a snapshot keeps LinkedIn's order."""
    documents = [name for name, item in question.columns.items() if item.type == "json"]
    return answer.with_columns(pl.col(documents).map_elements(_sorted_keys, return_dtype=pl.String))


def _sorted_keys(document: str) -> str:
    return json.dumps(json.loads(document), sort_keys=True, ensure_ascii=False)
