"""Run the user's own SQL over the snapshots, with statements to begin with. Nothing here can change a file."""

from __future__ import annotations

import duckdb
import polars as pl

from workbench.errors import ValidationError
from workbench.paths import shipped
from workbench.snapshots.views import frame

MOST_ROWS = 10_000


def examples() -> dict[str, str]:
    """Statements to begin with: the question that each answers → its SQL."""
    files = sorted(shipped("sql", "examples").glob("*.sql"))
    texts = [file.read_text(encoding="utf-8").strip() for file in files]
    return {text.partition("\n")[0].removeprefix("--").strip(): text for text in texts}


def ask(connection: duckdb.DuckDBPyConnection, statement: str) -> pl.DataFrame:
    """What one statement answers, its first 10,000 rows.

    Args:
        connection: from `workbench.connect`, not shared.

    Raises:
        ValidationError: DuckDB refuses it, or it answers nothing; the message is DuckDB's own.
    """
    cursor = connection.cursor()
    try:
        relation = cursor.sql(statement)
        rows = frame(relation.limit(MOST_ROWS)) if relation is not None else None
    except duckdb.Error as error:
        raise _refused(str(error)) from error
    finally:
        cursor.close()
    if rows is None:
        raise _refused("A statement that answers with rows is needed, such as a select.")
    return rows


def _refused(why: str) -> ValidationError:
    return ValidationError(
        "The statement was not answered.", why=why, next_step="Correct it; `show tables` names what there is."
    )
