"""Draw tables that sort, search, page and export; values keep their type, cells are text and never markup.

A notebook binds what `data_table` returns to a global name, and shows it with `table_view`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, Literal

import marimo as mo
import polars as pl

from workbench.analytics import formatting, metrics
from workbench.analytics.formatting import text
from workbench.console import printable, tell
from workbench.pages.components.exports import NOWHERE, Origin, exports, exports_view
from workbench.pages.components.links import Link
from workbench.pages.components.style import styled

PAGE_ROWS = 15
_WORD_JOINER = "\u2060"
_ADDRESS = re.compile(r"^(data|blob|javascript|mailto):|:(?=//)", re.IGNORECASE)


def data_table(
    frame: pl.DataFrame,
    columns: Mapping[str, str],
    *,
    name: str,
    currency: str | None = None,
    rows: int = PAGE_ROWS,
    amounts: Collection[str] = (),
    origin: Origin = NOWHERE,
) -> mo.ui.dictionary:
    """A frame as a table with its exports.

    Args:
        frame: numbers as they are; money columns hold one currency.
        columns: what is shown, column → heading.
        name: the beginning of the exported files' names.
        currency: of the money columns; without it amounts are plain numbers.
        amounts: columns of finished text that are numbers all the same, of more units than one.
        origin: the days and the snapshot that the rows come from.
    """
    table = _table(frame.select(columns.keys()), columns, currency, rows, amounts)
    return mo.ui.dictionary({"table": table, **exports(frame, columns, name=name, currency=currency, origin=origin)})


def table_view(table: mo.ui.dictionary) -> mo.Html:
    """The table with its export buttons below."""
    return mo.vstack([table["table"], exports_view(table)])


def small_table(rows: list[Mapping[str, Any]], *, numbers: frozenset[str] = frozenset()) -> mo.Html:
    """A few rows of finished text as a plain table; `numbers` are columns to set flush right."""
    if not rows:
        return mo.Html("")
    align = {name: ' class="n"' if name in numbers else "" for name in rows[0]}
    head = "".join(f'<th scope="col"{align[name]}>{text(name)}</th>' if name else "<td></td>" for name in rows[0])
    body = "".join(f"<tr>{_cells(row, align)}</tr>" for row in rows)
    table = f'<table class="wb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    said = text(f"Table: {', '.join(filter(None, rows[0]))}")
    return mo.Html(styled(f'<div class="wb-scroll" tabindex="0" role="group" aria-label="{said}">{table}</div>'))


def text_table(rows: list[Mapping[str, Any]]) -> str:
    """Finished text as aligned columns for a terminal."""
    if not rows:
        return "(no rows)"
    lines = [list(rows[0]), *([printable(str(value)) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def say(text: str) -> None:
    """Print a page's text line by line, without control characters."""
    tell("\n".join(map(printable, text.split("\n"))), err=False)


class Pill(str):
    """A word to be drawn as a pill; its kind is its first word in lower case."""

    __slots__ = ()


def _cells(row: Mapping[str, Any], align: Mapping[str, str]) -> str:
    return "".join(f"<td{align[name]}>{_cell(value)}</td>" for name, value in row.items())


def _cell(value: Any) -> str:
    if isinstance(value, Pill):
        return f'<span class="wb-pill {text(value.lower())}">{text(value)}</span>'
    if isinstance(value, Link):
        return value.html
    return text(value)


def _table(
    shown: pl.DataFrame, columns: Mapping[str, str], currency: str | None, rows: int, amounts: Collection[str]
) -> mo.ui.table:
    numeric = [
        columns[name]
        for name, kind in shown.schema.items()
        if name in amounts or (kind.is_numeric() and not name.endswith("_id"))
    ]
    formats = {columns[name]: _format(name, kind, currency) for name, kind in shown.schema.items()}
    return marimo_table(with_headings(shown, columns), columns, rows=rows, formats=formats, right=numeric)


def with_headings(shown: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """A frame for marimo's table: headings for names, and amounts as numbers, so that they sort."""
    return shown.with_columns(pl.col(pl.Decimal).cast(pl.Float64)).rename(dict(columns))


def marimo_table(
    data: pl.DataFrame,
    columns: Mapping[str, str],
    *,
    rows: int,
    formats: Mapping[str, Callable[[Any], Any]],
    right: Collection[str],
    selection: Literal["single"] | None = None,
    **more: Any,
) -> mo.ui.table:
    """A table of marimo's without its selection, summaries and download; a metric's heading explains it.

    Args:
        columns: column → heading; `data` has the headings.
        rows: of a page of the table.
        selection: `single` where a row can be chosen.
        formats: heading → how a value is written.
        right: headings whose values are aligned on the right.
        more: further arguments of `mo.ui.table`.
    """
    return mo.ui.table(
        data,
        selection=selection,
        page_size=rows,
        pagination=True,
        show_column_summaries=False,
        show_data_types=False,
        show_download=False,
        format_mapping=dict(formats),
        text_justify_columns=dict.fromkeys(right, "right"),
        header_tooltip={columns[name]: metrics.METRICS[name].formula for name in columns if name in metrics.METRICS},
        **more,
    )


def _format(name: str, kind: pl.DataType, currency: str | None) -> Callable[[Any], Any]:
    known = name.removeprefix("previous_")
    if name == "change" or name.endswith("_change"):
        return formatting.change
    if name.endswith("_id"):
        return str if kind.is_numeric() else plain
    if known in metrics.METRICS:
        return lambda value: formatting.metric(known, value, currency)
    if name in ("objective", "objective_type"):
        return lambda value: plain(formatting.objective_words(value))
    if name in ("status", "intended_status", "review_status", "format", "cost_type", "optimization_target_type"):
        return lambda value: plain(formatting.words(value))
    if kind.is_numeric():
        return lambda value: formatting.number(value, 0 if kind.is_integer() else 2)
    return plain


def plain(value: Any) -> str:
    """A value as text; an address in it stays text, which marimo would make a link or a picture."""
    if isinstance(value, date):
        return formatting.day(value)
    if value is None:
        return formatting.NOT_AVAILABLE
    return _ADDRESS.sub(lambda found: f"{found[1]}{_WORD_JOINER}:" if found[1] else f":{_WORD_JOINER}", str(value))
