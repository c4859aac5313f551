"""An answer as text or as a file: table, CSV, JSON, Parquet or Excel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import msgspec
import polars as pl

from workbench.analytics import formatting
from workbench.files import write_output
from workbench.reports.json_rows import encoded, rows_of
from workbench.reports.workbook import workbook


@dataclass(frozen=True)
class Format:
    """How an answer is written; `binary` formats need a file."""

    encode: Callable[[pl.DataFrame], bytes]
    binary: bool = False


def as_text(frame: pl.DataFrame, form: Format) -> str:
    """The answer as text for a terminal or a pipe, without its last line end."""
    return form.encode(frame).decode("utf-8-sig").rstrip("\n")


def write(frame: pl.DataFrame, form: Format, file: Path) -> None:
    """Write the answer to a file. Raises OSError where the file cannot be written."""
    write_output(file, form.encode(frame))


def _table(frame: pl.DataFrame) -> bytes:
    """Columns side by side, every row and column shown, money without trailing zeros."""
    if frame.is_empty():
        return f"No rows. Columns: {', '.join(frame.columns)}.".encode()
    shown = frame.select(formatting.plain(name, kind) for name, kind in frame.schema.items())
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=10_000,
        fmt_str_lengths=200,
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_formatting="NOTHING",
    ):
        return str(shown).encode()


def _json(frame: pl.DataFrame) -> bytes:
    """A list of objects; money as exact JSON numbers, days and moments as ISO 8601."""
    return msgspec.json.format(encoded(rows_of(frame)), indent=2)


def _parquet(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def _excel(frame: pl.DataFrame) -> bytes:
    return workbook({"answer": frame})


FORMATS: dict[str, Format] = {
    "table": Format(_table),
    "csv": Format(formatting.csv),
    "json": Format(_json),
    "parquet": Format(_parquet, binary=True),
    "xlsx": Format(_excel, binary=True),
}
