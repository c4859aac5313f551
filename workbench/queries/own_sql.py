"""Run one statement of the caller's own, read-only, with limits on rows and time, on either engine."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.errors import StorageError, ValidationError
from workbench.queries.sources import GivenAsOf, Source
from workbench.snapshots.arrow import frame

if TYPE_CHECKING:
    import duckdb
    import psycopg
    from duckdb.sqltypes import DuckDBPyType

    from workbench.queries.api import Queries

MOST_ROWS, MOST_SECONDS = 10_000, 30
MOST_BYTES = 200_000_000
"""Of an answer; more is not read."""
_PLAIN = (bool, int, float, Decimal, str, date, datetime)
_PLAIN_TYPES = (
    *("boolean", "tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint", "hugeint"),
    *("float", "double", "decimal", "varchar", "date", "timestamp", "timestamp with time zone"),
)
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
"""Of Python's calendar, in days since 1970."""
_LARGEST = 2**63 - 1
_EXPLAINED = re.compile(r"\s*explain\s+(select|with|from|values|table)\b", re.IGNORECASE)


@dataclass(frozen=True)
class SqlAnswer:
    """The rows of a statement; `cut` if there are more."""

    frame: pl.DataFrame
    cut: bool


def run_sql(
    queries: Queries,
    source: Source,
    statement: str,
    *,
    as_of: GivenAsOf = None,
    rows: int = MOST_ROWS,
    seconds: float = MOST_SECONDS,
) -> SqlAnswer:
    """The first rows of the answer to one statement, which can change nothing.

    Raises:
        ValidationError: the engine refuses it, or it answers no rows; or the viewer may see some accounts only, which
            nothing checks in such a statement.
        StorageError: the source cannot be read, or the statement took too long.
    """
    if source == "database":
        with queries.reading() as connection:
            return _of_postgresql(connection, statement, rows, seconds)
    with closing(queries.connect(source, as_of=as_of)) as opened:  # type: ignore[type-var]  # DuckDB's
        return _of_duckdb(opened, statement, rows, seconds)  # type: ignore[arg-type]


def _of_duckdb(connection: duckdb.DuckDBPyConnection, statement: str, rows: int, seconds: float) -> SqlAnswer:
    import duckdb

    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        parsed = connection.extract_statements(statement)
        if len(parsed) != 1 or not _only_answers(parsed[0]):
            raise _refused("One statement that answers with rows is needed, such as a select.")
        relation = connection.sql(statement)
        if relation is None:
            raise _refused("A statement that answers with rows is needed, such as a select.")
        found = _with_usual_days(frame(_in_plain_types(relation).limit(rows + 1)))
    except duckdb.InterruptException as error:
        raise _too_slow(seconds) from error
    except duckdb.Error as error:
        raise _refused(str(error)) from error
    except pl.exceptions.PolarsError as error:  # more than 2 GB in a column
        raise _refused("Its answer is too large.") from error
    finally:
        timer.cancel()
        timer.join()
    return SqlAnswer(found.head(rows), found.height > rows)


def _in_plain_types(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The relation with distinct names; what polars or a file has no type for becomes text."""
    columns = [
        f"cast(#{place} as varchar)" if not _is_plain(kind) else f"#{place}"
        for place, kind in enumerate(relation.types, 1)
    ]
    names = (name.replace('"', '""') for name in _distinct(relation.columns))
    return relation.project(", ".join(f'{column} as "{name}"' for column, name in zip(columns, names, strict=True)))


def _is_plain(kind: DuckDBPyType) -> bool:
    return kind.id in _PLAIN_TYPES or str(kind) == "VARCHAR[]"


def _with_usual_days(found: pl.DataFrame) -> pl.DataFrame:
    """Refuse a day that Python has no date for, such as `infinity`: polars would panic later."""
    for column in found.select(pl.selectors.date() | pl.selectors.datetime()):
        units = 1 if column.dtype == pl.Date else 86_400_000_000  # days, or microseconds
        first, last = _FIRST_DAY * units, (_LAST_DAY + 1) * units - 1
        if not column.to_physical().is_between(first, last).fill_null(value=True).all():
            raise _refused(f"{column.name} has a day outside the years 1 to 9999; cast it to varchar.")
    return found


def _only_answers(statement: duckdb.Statement) -> bool:
    """Whether a statement is a select, or explains one. `explain analyze` would run any statement."""
    import duckdb

    if statement.type == duckdb.StatementType.EXPLAIN:
        return _EXPLAINED.match(statement.query) is not None
    return statement.type == duckdb.StatementType.SELECT


def _of_postgresql(connection: psycopg.Connection, statement: str, rows: int, seconds: float) -> SqlAnswer:
    """The server's cursor takes one statement that answers with rows. Any may be large, so they are read one by one."""
    import psycopg

    connection.execute("set transaction read only")
    connection.execute("select set_config('statement_timeout', %s, true)", [str(max(1, int(seconds * 1000)))])
    try:
        with connection.cursor(name="answer") as cursor:
            cursor.execute(statement.encode())
            names = [column.name for column in cursor.description or ()]
            found, cut = _read(connection, rows)
    except psycopg.errors.QueryCanceled as error:
        raise _too_slow(seconds) from error
    except psycopg.errors.OperationalError:
        raise
    except psycopg.DatabaseError as error:
        raise _refused(" ".join(str(error).split())) from error
    return SqlAnswer(_framed(_distinct(names), found), cut)


def _read(connection: psycopg.Connection, most: int) -> tuple[list[tuple[Any, ...]], bool]:
    """The first rows of the cursor, and whether there are more than `most` or than fit into `MOST_BYTES`."""
    found: list[tuple[Any, ...]] = []
    room = MOST_BYTES
    with connection.cursor() as cursor:
        for row in cursor.stream(f"fetch {most + 1} from answer".encode()):
            room -= sum(len(value) if isinstance(value, str | bytes) else len(str(value)) for value in row)
            if len(found) == most or room < 0:
                return found, True
            found.append(row)
    return found, False


def _framed(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    return pl.DataFrame([_column(name, values) for name, values in zip(names, columns, strict=True)])


def _column(name: str, values: Iterable[Any]) -> pl.Series:
    """A column of plain values; what polars has no type for becomes text."""
    plain = [_plain(value) for value in values]
    try:
        return pl.Series(name, plain)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series(name, [None if value is None else str(value) for value in plain], pl.String)


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, _PLAIN) and not (isinstance(value, int) and abs(value) > _LARGEST)):
        return value
    if isinstance(value, list) and all(one is None or isinstance(one, str) for one in value):
        return value
    return str(value)


def _distinct(names: Iterable[str]) -> list[str]:
    """The names, those that come again with a number behind."""
    found: list[str] = []
    for name in names:
        taken, number = name, 2
        while taken in found:
            taken, number = f"{name}_{number}", number + 1
        found.append(taken)
    return found


def _refused(why: str) -> ValidationError:
    return ValidationError(
        "The statement cannot be run.",
        why=why,
        next_step="Correct it; `workbench questions` shows statements that run.",
    )


def _too_slow(seconds: float) -> StorageError:
    return StorageError(
        "The statement took too long.",
        why=f"It has not ended within {seconds:g} seconds.",
        next_step="Ask for fewer days or accounts, or allow it more time.",
    )
