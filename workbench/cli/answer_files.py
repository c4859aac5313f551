"""An answer as text or as a file: table, CSV, JSON, Parquet or Excel."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import msgspec
import polars as pl

from workbench.analytics import formatting
from workbench.errors import ValidationError

_EXCEL_ROWS = 2**20 - 1
_EXCEL_TEXT = 32_767
_EXCEL_DIGITS = 10**15
"""Excel keeps fifteen digits of a number."""
_EXCEL_FORMATS = {pl.Decimal: "#,##0.00", pl.Float64: "General", pl.Float32: "General"}
_CUT = " … (cut: Excel holds no more in a cell)"
_ID = re.compile(r"id|.*_id|leader")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


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
    file.write_bytes(form.encode(frame))


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
    rows = [{name: _exact(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]
    return msgspec.json.format(_ENCODER.encode(rows), indent=2)


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        plain = value.normalize()
        return plain.quantize(Decimal(1)) if plain.as_tuple().exponent > 0 else plain  # type: ignore[operator]
    return value


def _parquet(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def _excel(frame: pl.DataFrame) -> bytes:
    """One sheet: money as numbers, ids and lists as text, texts never as formulas or links, moments as UTC."""
    if frame.height > _EXCEL_ROWS:
        raise ValidationError(
            "The answer does not fit into an Excel file.",
            why=f"It has {frame.height:,} rows, and a sheet holds {_EXCEL_ROWS:,} below its head.",
            next_step="Ask for fewer days or accounts, or for --format csv or parquet.",
        )
    numbers = {name: kind for name, kind in frame.schema.items() if kind.is_float() or kind.is_decimal()}
    file = BytesIO()
    import xlsxwriter  # most answers are not for Excel

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        cells = frame.select(_excel_column(frame[name]) for name in frame.columns)
        cells.write_excel(
            book,
            "answer",
            autofit=True,
            freeze_panes=(1, 0),
            column_formats={name: _EXCEL_FORMATS[kind.base_type()] for name, kind in numbers.items()},
        )
    return file.getvalue()


def _excel_column(column: pl.Series) -> pl.Expr:
    name, kind = column.name, column.dtype
    cell = pl.col(name)
    if isinstance(kind, pl.List):
        cell, kind = cell.cast(pl.List(pl.String)).list.join("; "), pl.String()
    if kind == pl.String:
        cut = cell.str.slice(0, _EXCEL_TEXT - len(_CUT)) + _CUT
        return pl.when(cell.str.len_chars() > _EXCEL_TEXT).then(cut).otherwise(cell).alias(name)
    if isinstance(kind, pl.Decimal):
        return cell.cast(pl.Float64)
    if isinstance(kind, pl.Datetime):
        return cell.dt.replace_time_zone(None)
    if kind == pl.Int64 and (_ID.fullmatch(name) or ((column > _EXCEL_DIGITS) | (column < -_EXCEL_DIGITS)).any()):
        return cell.cast(pl.String)
    return cell


FORMATS: dict[str, Format] = {
    "table": Format(_table),
    "csv": Format(formatting.csv),
    "json": Format(_json),
    "parquet": Format(_parquet, binary=True),
    "xlsx": Format(_excel, binary=True),
}
