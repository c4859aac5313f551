"""Frames as an Excel file: a sheet each, money as numbers, ids and lists as text, texts never as formulas or links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO

import polars as pl

from workbench.errors import ValidationError

_ROWS = 2**20 - 1
_TEXT = 32_767
_DIGITS = 10**15
"""Excel keeps fifteen digits of a number."""
_FORMATS = {pl.Decimal: "#,##0.00", pl.Float64: "General", pl.Float32: "General"}
_CUT = " … (cut: Excel holds no more in a cell)"
_ID = re.compile(r"id|.*_id|leader")
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def workbook(sheets: Mapping[str, pl.DataFrame], *, created: datetime | None = None) -> bytes:
    """An Excel file with a sheet for each frame; moments are UTC.

    Args:
        sheets: by name, of at most 31 characters.
        created: written into the file; with it, equal frames make an equal file.

    Raises:
        ValidationError: a frame has more rows than a sheet holds.
    """
    import xlsxwriter  # most answers are not for Excel

    file = BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        if created is not None:
            book.set_properties({"created": created.replace(tzinfo=None)})
        for name, frame in sheets.items():
            _refuse_more_rows(frame)
            numbers = {column: kind for column, kind in frame.schema.items() if kind.is_float() or kind.is_decimal()}
            cells = frame.select(_column(frame[column]) for column in frame.columns)
            cells.write_excel(
                book,
                name,
                autofit=True,
                freeze_panes=(1, 0),
                column_formats={column: _FORMATS[kind.base_type()] for column, kind in numbers.items()},
            )
    return file.getvalue()


def _refuse_more_rows(frame: pl.DataFrame) -> None:
    if frame.height > _ROWS:
        raise ValidationError(
            "The answer does not fit into an Excel file.",
            why=f"It has {frame.height:,} rows, and a sheet holds {_ROWS:,} below its head.",
            next_step="Ask for fewer days or accounts, or for --format csv or parquet.",
        )


def _column(column: pl.Series) -> pl.Expr:
    name, kind = column.name, column.dtype
    cell = pl.col(name)
    if isinstance(kind, pl.List):
        cell, kind = cell.cast(pl.List(pl.String)).list.join("; "), pl.String()
    if kind == pl.String:
        cut = cell.str.slice(0, _TEXT - len(_CUT)) + _CUT
        return pl.when(cell.str.len_chars() > _TEXT).then(cut).otherwise(cell).alias(name)
    if isinstance(kind, pl.Decimal):
        return cell.cast(pl.Float64)
    if isinstance(kind, pl.Datetime):
        return cell.dt.replace_time_zone(None)
    if kind == pl.Int64 and (_ID.fullmatch(name) or ((column > _DIGITS) | (column < -_DIGITS)).any()):
        return cell.cast(pl.String)
    return cell
