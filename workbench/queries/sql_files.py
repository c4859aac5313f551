"""Read questions from `sql/`: the statement, and the header with its parameters and columns. No database is used.

A header reads

    -- How did one campaign do, day by day?
    --
    -- Params:  $campaign_id (bigint), $objective_type (text, null: every objective)
    -- Returns: one row per UTC day with activity, oldest first
    -- Columns: date (date), impressions (bigint), cost_in_local_currency (numeric, account currency)

Metrics in it are written by `poe generate` between `[[[cog` marks, which are no part of the header.
A parameter whose description starts with `null:` may be left out, and says what that means.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from workbench.errors import ValidationError
from workbench.paths import shipped
from workbench.queries.parameter_values import checked

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
_MARK = "[[["
_ITEM = re.compile(r"(\$?)(\w+) \(([\w\[\]]+)(?:, ([^()]*))?\)")
_LABEL = re.compile(r"^(Params|Returns|Columns|States|Reads): ", re.MULTILINE)


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
    """

    name: str
    folder: str
    title: str
    sql: str
    params: Mapping[str, Item]
    columns: Mapping[str, Item]
    compares: bool
    every_part: bool = False

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


def parse(name: str, folder: str, text: str) -> Question:
    """A question from its file's text."""
    lines = text.splitlines()
    end = next(n for n, line in enumerate(lines) if not line.startswith("--"))
    header = [line.removeprefix("--").removeprefix(" ") for line in lines[:end] if _MARK not in line]
    title, *rest = _LABEL.split("\n".join(header))
    said = dict(zip(rest[::2], rest[1::2], strict=True))
    return Question(
        name=name,
        folder=folder,
        title=" ".join(title.split()),
        sql="\n".join(line for line in lines[end:] if not line.lstrip().startswith("--")).strip().rstrip(";"),
        params=_items(said.get("Params", ""), "$"),
        columns=_items(said.get("Columns", ""), ""),
        compares="States" in said,
        every_part="Reads" in said,
    )


def _items(text: str, mark: str) -> dict[str, Item]:
    found = _ITEM.findall(" ".join(text.split()))
    return {name: Item(kind, note) for dollar, name, kind, note in found if dollar == mark}


def _listed(names: list[str]) -> str:
    return ", ".join(names)
