"""What a report consists of: tables with exact figures, sections in words, charts; and the hash of its data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, Literal

import polars as pl

from workbench.analytics import formatting
from workbench.schema.windows import Window

Kind = Literal["text", "right", "money", "count", "share", "change", "day", "factor"]


@dataclass(frozen=True)
class Column:
    """How a column of a table is shown: its head, and what its values are."""

    label: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """A table of a report.

    Attributes:
        name: of its sheet and its file.
        title: for people.
        frame: all rows and columns, exact.
        columns: those that pages show, by name; empty: the table stands in files only.
        units: what the numbers of a column are.
        page: the rows that pages show, where they are made of finished text; None: those of `frame`.
        most: rows that pages show; the files have all.
    """

    name: str
    title: str
    frame: pl.DataFrame
    columns: Mapping[str, Column]
    units: Mapping[str, str]
    page: pl.DataFrame | None = None
    most: int = 60

    def rows(self, currency: str | None) -> list[list[str]]:
        """The rows that pages show, as finished text."""
        kinds = [self.columns[name].kind for name in self.columns]
        shown = self.frame if self.page is None else self.page
        picked = shown.head(self.most).select(list(self.columns)).rows()
        return [[_shown(value, kind, currency) for value, kind in zip(row, kinds, strict=True)] for row in picked]

    @cached_property
    def csv(self) -> bytes:
        """The whole table as CSV: exact figures, ISO days, no formulas."""
        return formatting.csv(self.frame)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.csv).hexdigest()


@dataclass(frozen=True)
class Chart:
    """A chart as a Vega-Lite specification whose data are in it; `text` says in words what it shows."""

    text: str
    specification: Mapping[str, Any]


@dataclass(frozen=True)
class Block:
    """A piece of free text: a heading, a paragraph or an item of a list."""

    kind: Literal["heading", "paragraph", "item"]
    text: str


@dataclass(frozen=True)
class Section:
    """A part of the report, in the order in which it is read."""

    title: str
    sentences: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Pin:
    """What decides the data of a report.

    Attributes:
        snapshot: the newest snapshot that it knows.
        source: `snapshots`, `sample`, or the `database` where its snapshots cannot be asked.
        period, previous: its days, and those it is compared with; None: they are not known whole.
    """

    account_ids: tuple[int, ...]
    snapshot: str
    source: str
    period: Window
    previous: Window | None
    currency: str | None


@dataclass(frozen=True)
class Report:
    """A report of one account or client over one period.

    Attributes:
        name: of the account or client.
        headline: the answer in one sentence.
        period: a month or two days, as the command takes it.
        again: the words of the command that makes it again.
    """

    name: str
    title: str
    period: str
    pin: Pin
    headline: str
    sections: tuple[Section, ...]
    again: tuple[str, ...]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in order."""
        return tuple(table for section in self.sections for table in section.tables)

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 of what decides the data and of every table: equal for the same snapshot and version."""
        facts = [workbench_version(), *_pin_facts(self.pin), *((table.name, table.sha256) for table in self.tables)]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def about(self) -> dict[str, Any]:
        """What the report is, what it was made of, and how to make it again."""
        window = self.pin.period
        return {
            "report": self.title,
            "name": self.name,
            "account_ids": list(self.pin.account_ids),
            "currency": self.pin.currency,
            "first_day": window.first.isoformat(),
            "last_day": window.last.isoformat(),
            "compared_with": None if self.pin.previous is None else [str(day) for day in _ends(self.pin.previous)],
            "source": self.pin.source,
            "snapshot": self.pin.snapshot,
            "workbench_version": workbench_version(),
            "data_sha256": self.data_hash,
            "made_again_by": list(self.again),
            "sentence": self.headline,
            "tables": {table.name: _about(table) for table in self.tables},
        }


def workbench_version() -> str:
    """The version of the workbench that is installed."""
    return version("linkedin-ads-workbench")


def _pin_facts(pin: Pin) -> list[Any]:
    previous = None if pin.previous is None else [str(day) for day in _ends(pin.previous)]
    return [list(pin.account_ids), pin.snapshot, [str(day) for day in _ends(pin.period)], previous]


def _ends(window: Window) -> tuple[Any, Any]:
    return window.first, window.last


def _about(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "file": f"{table.name}.csv",
        "rows": table.frame.height,
        "sha256": table.sha256,
        "columns": {
            name: {"type": str(kind), "unit": table.units.get(name, "")} for name, kind in table.frame.schema.items()
        },
    }


def _shown(value: Any, kind: Kind, currency: str | None) -> str:
    if kind in ("text", "right"):
        return "–" if value is None else str(value)
    if value is None:
        return formatting.NOT_AVAILABLE
    if kind == "money":
        return formatting.money(value, currency)
    if kind == "day":
        return formatting.day(value)
    if kind in ("share", "change"):
        return formatting.percent(value) if kind == "share" else formatting.change(value)
    return formatting.number(value, 2 if kind == "factor" else 0)
