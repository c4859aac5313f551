"""Tables as files: CSV, Excel and Parquet with ids, currency, days and snapshot, under names that say what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import marimo as mo
import polars as pl

from workbench.analytics import formatting, metrics
from workbench.reports.answer_files import FORMATS
from workbench.reports.workbook import workbook

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MIMETYPES = {"csv": "text/csv", "xlsx": _EXCEL, "parquet": "application/vnd.apache.parquet"}
_LABELS = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet"}
_HEADINGS: Mapping[str, str] = {
    "account_id": "Account id",
    "campaign_group_id": "Campaign id (API: campaign group)",
    "campaign_id": "Ad set id (API: campaign)",
    "creative_id": "Ad id (API: creative)",
    "currency": "Currency",
    "first_day": "First day",
    "last_day": "Last day",
    "snapshot": "Snapshot",
}
_UNDRAWN = ("trend",)
"""Columns that are pictures on the page."""


@dataclass(frozen=True)
class Origin:
    """What a file says of its rows beside them.

    Attributes:
        first, last: the days that the rows are of; None where each row has its own, or none.
        snapshot: asks for the newest snapshot that the rows come from; asked when a file is made.
        facts: as the page's footer has them; asked when an Excel file is made.
    """

    first: date | None = None
    last: date | None = None
    snapshot: Callable[[], str | None] = lambda: None
    facts: Callable[[], Mapping[str, str]] = dict

    def file_name(self, name: str, currency: str | None) -> str:
        """A name without its ending: `ad_sets_EUR_2026-10-25_2026-11-21`."""
        return "_".join(str(part) for part in (name, currency, self.first, self.last) if part)


NOWHERE = Origin()


def exports(
    frame: pl.DataFrame, columns: Mapping[str, str], *, name: str, currency: str | None, origin: Origin
) -> dict[str, mo.download]:
    """The downloads of a table, by format; a file is made when it is asked for.

    Args:
        frame: all that is known of the rows: ids of what they name are written, whether they are shown or not.
        columns: what the page shows, column → heading.
        name: the beginning of the files' names.
        currency: of the money columns.
    """

    def encoded(form: str) -> Callable[[], bytes]:
        return lambda: encode(form, frame, columns, name=name, currency=currency, origin=origin)

    file = origin.file_name(name, currency)
    return {
        form: mo.download(encoded(form), filename=f"{file}.{form}", mimetype=mimetype, label=_LABELS[form])
        for form, mimetype in _MIMETYPES.items()
    }


def exports_view(files: mo.ui.dictionary) -> mo.Html:
    """The buttons of the downloads in one row."""
    return mo.hstack([files[form] for form in _MIMETYPES], justify="end", gap=0.5)


def encode(
    form: str, frame: pl.DataFrame, columns: Mapping[str, str], *, name: str, currency: str | None, origin: Origin
) -> bytes:
    """A file's bytes. Parquet keeps the API's names and exact money; CSV and Excel have the page's headings."""
    rows = _rows(frame, columns, currency, origin)
    if form == "parquet":
        return FORMATS["parquet"].encode(rows)
    headings = _headings(rows, columns)
    shown = _rounded(rows, currency).rename(headings)
    if form == "csv":
        return FORMATS["csv"].encode(shown)
    return workbook({_sheet(name): shown, "Columns": _columns(rows, headings), "About": _about(origin.facts())})


def _rows(frame: pl.DataFrame, columns: Mapping[str, str], currency: str | None, origin: Origin) -> pl.DataFrame:
    """What is shown, before it the ids of what it names, after it currency, days and snapshot."""
    shown = [column for column in columns if column not in _UNDRAWN]
    ids = [column for column in _HEADINGS if column.endswith("_id") and column in frame.columns]
    facts = {"currency": currency, "first_day": origin.first, "last_day": origin.last, "snapshot": origin.snapshot()}
    more = [pl.lit(fact).alias(name) for name, fact in facts.items() if fact is not None and name not in shown]
    known = [column for column in ("currency",) if currency is None and column in frame.columns]
    return frame.select(*dict.fromkeys([*ids, *shown, *known])).with_columns(more)


def _headings(rows: pl.DataFrame, columns: Mapping[str, str]) -> dict[str, str]:
    """A heading for every column, each once."""
    found: dict[str, str] = {}
    for column in rows.columns:
        heading = columns.get(column) or _HEADINGS.get(column) or column
        found[column] = heading if heading not in found.values() else f"{heading} ({column})"
    return found


def _rounded(rows: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """Money to the decimals of its currency, ratios to six, ids as text: a spreadsheet would round them."""
    places = formatting.currency_decimals(currency)
    ids = [name for name, kind in rows.schema.items() if name.endswith("_id") and kind.is_integer()]
    money = [name for name, kind in rows.schema.items() if kind.is_numeric() and _is_money(name, kind)]
    ratios = [name for name, kind in rows.schema.items() if kind.is_float() and name not in money]
    return rows.with_columns(
        *(pl.col(name).round(6) for name in ratios),
        *(pl.col(name).cast(pl.String) for name in ids),
        *(pl.col(name).cast(pl.Decimal(38, 18)).round(places).cast(pl.Decimal(38, places)) for name in money),
    )


def _is_money(name: str, kind: pl.DataType) -> bool:
    known = name.removeprefix("previous_")
    return isinstance(kind, pl.Decimal) or (known in metrics.METRICS and metrics.METRICS[known].unit == "money")


def _columns(rows: pl.DataFrame, headings: Mapping[str, str]) -> pl.DataFrame:
    """Of every column, its heading, the name in the API and in SQL, and what it is."""
    known = [metrics.METRICS.get(name.removeprefix("previous_")) for name in rows.columns]
    return pl.DataFrame(
        {
            "Heading": [headings[name] for name in rows.columns],
            "Column": rows.columns,
            "Made from": [metric.formula if metric else "" for metric in known],
            "Unit": [metric.unit if metric else "" for metric in known],
        }
    )


def _about(facts: Mapping[str, str]) -> pl.DataFrame:
    cells = {"Fact": [*facts], "Value": [*facts.values()]}
    return pl.DataFrame(cells, schema={"Fact": pl.String, "Value": pl.String})


def _sheet(name: str) -> str:
    return name.replace("_", " ").capitalize()[:31]
