"""Read questions from `sql/`: the statement, and the header with its parameters and columns. No database is used.

A header reads

    -- How did one ad set do, day by day?
    --
    -- Params:  $campaign_id (bigint), $objective_type (text, null: every objective)
    -- Returns: one row per UTC day with activity, oldest first
    -- Columns: date (date), impressions (bigint), cost_in_local_currency (numeric, account currency)

Metrics in it are written by `poe generate` between `[[[cog` marks, which are no part of the header.
A parameter whose description starts with `null:` may be left out, and says what that means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from workbench.errors import ValidationError
from workbench.paths import shipped
from workbench.queries.headers import Entry, HeaderError, check_parameters, entries, read_header
from workbench.queries.parameter_values import PARAMETER_TYPES, checked

MONEY = pl.Decimal(38, 18)
POLARS_TYPES: Mapping[str, pl.DataType] = {
    "bigint": pl.Int64(),
    "text": pl.String(),
    "json": pl.String(),  # with sorted keys: the engines keep them in different orders
    "date": pl.Date(),
    "timestamptz": pl.Datetime("us", "UTC"),
    "boolean": pl.Boolean(),
    "numeric": MONEY,
    "text[]": pl.List(pl.String()),
}
"""What a column of each type is in polars, whichever engine answered."""

FOLDERS = ("questions", "history", "database")


@dataclass(frozen=True)
class Item:
    """A parameter or a column: its type, and its unit or meaning."""

    type: str
    note: str = ""

    @property
    def optional(self) -> bool:
        """Of a parameter: whether it may be left out."""
        return self.note.startswith("null:")


@dataclass(frozen=True)
class Question:
    """A file of `sql/`.

    Attributes:
        folder: `questions` (both engines), `history` (snapshots only) or `database` (PostgreSQL only).
        title: the question in words.
        sql: the statement without its header.
        compares: whether it reads the two states `before` and `after` instead of the present.
        every_part: whether it reads what every snapshot said, not only what is decided now.
        file: where a question of an installation's own lies; None for one that ships with the workbench.
    """

    name: str
    folder: str
    title: str
    sql: str
    params: Mapping[str, Item]
    columns: Mapping[str, Item]
    compares: bool
    every_part: bool = False
    file: Path | None = None

    @property
    def schema(self) -> pl.Schema:
        """The columns of the answer, in order."""
        return pl.Schema({name: POLARS_TYPES[item.type] for name, item in self.columns.items()})

    def bind(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A value for every parameter; days and moments may be given as text.

        Raises:
            ValidationError: a parameter is unknown, missing, not of its type, or no legal name; the message names it.
        """
        if unknown := sorted(set(values) - set(self.params)):
            raise self._refused(f"It has no parameter {_listed(unknown)}.")
        needed = {name for name, item in self.params.items() if not item.optional}
        if missing := sorted(name for name in needed if values.get(name) is None):
            raise self._refused(f"It needs {_listed(missing)}.")
        try:
            return {name: checked(name, values.get(name), item.type) for name, item in self.params.items()}
        except ValueError as error:
            raise self._refused(str(error)) from None

    def _refused(self, why: str) -> ValidationError:
        takes = ", ".join(f"{name} ({item.type})" for name, item in self.params.items()) or "no parameters"
        return ValidationError(
            f"The question {self.name} cannot be asked like that.", why=why, next_step=f"It takes {takes}."
        )


def find(name: str) -> Question:
    """The question of a name.

    Raises:
        ValidationError: there is none.
    """
    known = catalogue()
    if name not in known:
        raise ValidationError(
            f"There is no question {name!r}.",
            why="No file of that name is in sql/questions, sql/history or sql/database.",
            next_step=f"Ask one of {', '.join(sorted(known))}.",
        )
    return known[name]


@cache  # of files that do not change while a process runs
def catalogue() -> Mapping[str, Question]:
    """Every question there is, by name."""
    files = [(folder, file) for folder in FOLDERS for file in sorted(shipped("sql", folder).glob("*.sql"))]
    return {file.stem: parse(file.stem, folder, file.read_text("utf-8")) for folder, file in files}


def parse(name: str, folder: str | None, text: str, *, file: Path | None = None) -> Question:
    """A question from its file's text.

    Args:
        name: the file's name without its ending.
        folder: of the three, None for a file of an installation's own: its header says where it can be asked.
        text: the whole file.
        file: where a file of an installation's own lies.

    Raises:
        HeaderError: the header is wrong; the error names the line.
    """
    header = read_header(text)
    params = entries(header, "Params", "$", PARAMETER_TYPES)
    columns = entries(header, "Columns", "", POLARS_TYPES)
    if not columns:
        raise HeaderError(1, "The header names no columns. Add a line such as `-- Columns: date (date)`.")
    check_parameters(header, params, text)
    history = not header.sections.keys().isdisjoint(("States", "Reads"))
    return Question(
        name=name,
        folder=folder or ("history" if history else "questions"),
        title=header.title,
        sql=header.sql,
        params=_items(params),
        columns=_items(columns),
        compares="States" in header.sections,
        every_part="Reads" in header.sections,
        file=file,
    )


def _items(found: Mapping[str, Entry]) -> dict[str, Item]:
    return {name: Item(entry.type, entry.note) for name, entry in found.items()}


def _listed(names: list[str]) -> str:
    return ", ".join(names)
