"""A comparison as a table: sparklines, words instead of codes, rows with too little data in grey.

Cells are text, never markup; the only markup is the sparkline, drawn from numbers, and a link made of two ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import formatting, metrics, wording
from workbench.pages.components.exports import NOWHERE, Origin, exports
from workbench.pages.components.style import ACCENT, styled
from workbench.pages.components.tables import marimo_table, plain, with_headings

_ENOUGH = "enough"
_PALE = "light-dark(#667085, #98a2b3)"
_KEY = "key"
_ROWS = 12
_WIDTH, _HEIGHT, _MARGIN = 96, 22, 3


def comparison_table(
    frame: pl.DataFrame,
    columns: Mapping[str, str],
    *,
    name: str,
    currency: str | None,
    origin: Origin = NOWHERE,
    key: str | None = None,
) -> mo.ui.dictionary:
    """A frame of one currency as a table with its exports, for `tables.table_view`.

    Args:
        frame: `trend` is drawn as a sparkline; rows whose `enough` is false are greyed.
        columns: what is shown, column → heading.
        name: the beginning of the exported files' names.
        origin: the days and the snapshot that the rows come from.
        key: a column of ids; with it a row can be chosen, and `picked` says which.
    """
    table = _table(frame, frame.select(columns.keys()), columns, currency, key)
    return mo.ui.dictionary({"table": table, **exports(frame, columns, name=name, currency=currency, origin=origin)})


def picked(table: mo.ui.dictionary) -> Any:
    """The id of the row that is chosen in a `comparison_table` with a key, or None."""
    chosen: Any = table["table"].value
    return chosen[_KEY][0] if chosen is not None and len(chosen) else None


def remark(sentence: str) -> mo.Html:
    """A grey line of text below a chart."""
    return mo.Html(styled(f'<span class="wb-sub">{formatting.text(sentence)}</span>'))


def sparkline(trend: str | None) -> mo.Html:
    """The shape of `0 12.5 3` as a line on its own scale from 0, its last point marked; a dash where all is 0."""
    values = [float(value) for value in (trend or "").split()]
    if not any(values):
        return mo.Html("–")  # a column of a table holds one kind of value
    step = (_WIDTH - 2 * _MARGIN) / max(len(values) - 1, 1)
    scale = (_HEIGHT - 2 * _MARGIN) / max(values)
    points = [(_MARGIN + i * step, _HEIGHT - _MARGIN - value * scale) for i, value in enumerate(values)]
    line, (x, y) = " ".join(f"{x:.1f},{y:.1f}" for x, y in points), points[-1]
    return mo.Html(
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{len(values)} days"><polyline fill="none" stroke="{ACCENT}" stroke-width="1.5" '
        f'points="{line}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{ACCENT}"/></svg>'
    )


def manager_link(address: str | None) -> mo.Html:
    """A link to an ad set in Campaign Manager, in a tab of its own; a dash where the ad set is not known."""
    if address is None:
        return mo.Html("–")
    return mo.Html(
        f'<a href="{formatting.text(address)}" target="_blank" rel="noopener noreferrer" '
        'aria-label="Open in Campaign Manager" style="text-decoration:underline">open ↗</a>'
    )


def _table(
    frame: pl.DataFrame, shown: pl.DataFrame, columns: Mapping[str, str], currency: str | None, key: str | None
) -> mo.ui.table:
    numbers = [columns[column] for column, kind in shown.schema.items() if kind.is_numeric()]
    judged = _ENOUGH in frame.columns
    data = with_headings(shown, columns)
    hidden = [frame[_ENOUGH]] if judged else []
    hidden += [frame[key].alias(_KEY)] if key else []
    return marimo_table(
        data.select(*hidden, pl.all()),
        columns,
        rows=_ROWS,
        formats={heading: words_of(column, currency) for column, heading in columns.items()},
        right=numbers,
        selection="single" if key else None,
        hidden_columns=[column.name for column in hidden] or None,
        style_cell=_paler() if judged else None,
    )


def words_of(column: str, currency: str | None) -> Callable[[Any], Any]:
    """How a value of a column is written."""
    if column == "trend":
        return sparkline
    if column == "manager":
        return manager_link
    if column == "change" or column.endswith("_change"):
        return formatting.change
    if column in ("early_rate", "late_rate"):
        return lambda value: formatting.NOT_AVAILABLE if value is None else wording.rate(value)
    if column.startswith("p_"):
        return lambda value: formatting.NOT_AVAILABLE if value is None else wording.probability(value)
    if column.endswith(("_count", "_exposure")):
        return formatting.number
    if column.endswith("_budget"):
        return lambda value: formatting.money(value, currency)
    known = column.removeprefix("late_")
    if known in metrics.METRICS:
        return lambda value: formatting.metric(known, value, currency)
    return plain


def _paler() -> Callable[[str, str, Any], dict[str, Any]]:
    """A style function that greys a row by its first, hidden column; marimo calls it for the columns in order.

    Telling rows by their number instead needs a selectable table, which looks up each cell by itself.
    """
    enough = True

    def style(row: str, column: str, value: Any) -> dict[str, Any]:
        nonlocal enough
        if column == _ENOUGH:
            enough = value
        return {} if enough else {"color": _PALE}

    return style
