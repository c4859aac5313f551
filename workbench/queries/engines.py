"""Two engines, one answer: run a question on PostgreSQL or on DuckDB and get the same polars frame.

What differs between them is settled here and nowhere else: how a parameter is bound, and how a type crosses.
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

from workbench.queries.sql_files import Question
from workbench.snapshots.views import frame

STATEMENT_TIMEOUT_SECONDS = 30

_CROSSING = {
    "timestamptz": "cast(extract(epoch from {}) * 1000000 as bigint)",
    "boolean": "cast({} as text)",
    "text[]": "array_to_json({})",
}
"""Types that CSV writes in a way of PostgreSQL's own, and how they cross instead, exactly."""

_CSV_TYPES: dict[str, pl.DataType] = {"timestamptz": pl.Int64(), "text[]": pl.String()}


def ask_postgresql(connection: psycopg.Connection, question: Question, values: dict[str, Any]) -> pl.DataFrame:
    """The answer, in a read-only transaction with a time limit; the caller's transaction ends it.

    Rows come as CSV, which is four times faster than tuples.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"set transaction read only; set local statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
        with cursor.copy(sql.SQL(_copy_statement(question)), values) as copy:
            text = b"".join(copy)
    return _uncrossed(question, text)


def ask_duckdb(connection: duckdb.DuckDBPyConnection, question: Question, values: dict[str, Any]) -> pl.DataFrame:
    """The answer, through a cursor of its own, so that threads may share the connection."""
    cursor = connection.cursor()
    try:
        return _canonical(question, frame(cursor.sql(question.sql, params=values or None)))
    finally:
        cursor.close()


def _copy_statement(question: Question) -> str:
    """`copy (…) to stdout`, with psycopg's placeholders."""
    columns = ", ".join(_CROSSING.get(item.type, "{}").format(f'"{name}"') for name, item in question.columns.items())
    asked = re.sub(r"\$(\w+)", r"%(\1)s", question.sql.replace("%", "%%"))
    return f"copy (select {columns} from ({asked}) as question) to stdout (format csv)"


def _uncrossed(question: Question, text: bytes) -> pl.DataFrame:
    if not text:
        return pl.DataFrame(schema=question.schema)
    crossed = {name: _CSV_TYPES.get(item.type, question.schema[name]) for name, item in question.columns.items()}
    rows = pl.read_csv(io.BytesIO(text), has_header=False, schema=crossed)
    moments = [name for name, item in question.columns.items() if item.type == "timestamptz"]
    lists = [name for name, item in question.columns.items() if item.type == "text[]"]
    return _canonical(
        question,
        rows.with_columns(
            pl.col(moments).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            pl.col(lists).str.json_decode(pl.List(pl.String)),
        ),
    )


def _canonical(question: Question, answer: pl.DataFrame) -> pl.DataFrame:
    """JSON with sorted keys: `jsonb` reorders them, a snapshot keeps LinkedIn's order."""
    documents = [name for name, item in question.columns.items() if item.type == "json"]
    return answer.with_columns(pl.col(documents).map_elements(_sorted_keys, return_dtype=pl.String))


def _sorted_keys(document: str) -> str:
    return json.dumps(json.loads(document), sort_keys=True, ensure_ascii=False)
