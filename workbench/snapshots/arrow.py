"""Pass rows between DuckDB and polars through the Arrow interface.

DuckDB and polars are imported when they are needed: a sync asks LinkedIn meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import polars as pl


def warm() -> None:
    """Import what opening snapshots takes, before it is needed."""
    import duckdb
    import polars as pl

    del duckdb, pl


def frame(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """A relation as a polars frame.

    Through the Arrow interface alone: `.pl()` would need pyarrow, and a relation handed to polars itself leaks.
    """
    import polars as pl

    return pl.DataFrame(ArrowStream(relation))


class ArrowStream:
    """A relation or a frame through its Arrow interface alone, which is all that the other side then looks at."""

    def __init__(self, rows: duckdb.DuckDBPyRelation | pl.DataFrame) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows, all in one statement; as Arrow, because DuckDB takes Python's lists value by value."""
    import polars as pl

    if rows:
        columns = {str(number): list(values) for number, values in enumerate(zip(*rows, strict=True))}
        arriving = pl.DataFrame(columns).with_columns(pl.selectors.by_dtype(pl.Null).cast(pl.String))
        connection.register("arriving", ArrowStream(arriving))
        connection.execute(f"insert into {table} from arriving")
        connection.unregister("arriving")
