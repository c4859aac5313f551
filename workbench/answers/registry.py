"""What an answer is: a question with a method behind it, its parameters, inputs, outputs and sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from workbench.answers.inputs import Asker
from workbench.queries.sql_files import Item, Question

ACCOUNTS = Item("bigint[]", "null: every account")
NO_HISTORY = (
    "The database remembers no earlier state, and its snapshots are not here. Ask where the snapshots are, with "
    'source="snapshots".'
)
LAST_DAY = Item("date", "null: the last complete day; a later day is cut to it")
OBJECTIVE = Item("text", "null: every objective; singular and plural are one")


@dataclass(frozen=True)
class Said:
    """One sentence and what it is about: an account, and where it applies an objective and an entity."""

    text: str
    account_id: int | None = None
    objective_type: str | None = None
    entity_id: int | None = None


@dataclass(frozen=True)
class Output:
    """One frame of an answer.

    Attributes:
        columns: name and polars type, in order.
        units: what the numbers of a column are; columns without one are ids, names, days or plain counts.
    """

    columns: Mapping[str, Any]
    units: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The frames of an answer by the name of their output, the main one first, and its sentences."""

    frames: Mapping[str, pl.DataFrame]
    sentences: tuple[Said, ...]

    @property
    def frame(self) -> pl.DataFrame:
        """The main frame."""
        return next(iter(self.frames.values()))


@dataclass(frozen=True)
class Answer:
    """An entry of the registry.

    Attributes:
        title: what it answers, in one line.
        params: as those of a question; `null:` in the note means that it may be left out.
        inputs: the questions of `sql/` that it asks.
        outputs: its frames by name, the main one first; its name is the answer's.
        method: from the inputs to frames and sentences.
    """

    name: str
    title: str
    params: Mapping[str, Item]
    inputs: tuple[str, ...]
    outputs: Mapping[str, Output]
    method: Callable[[Asker, Mapping[str, Any]], Found]

    def bind(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A value for every parameter.

        Raises:
            ValidationError: a parameter is unknown, missing, or not of its type; the message names it.
        """
        return Question(self.name, "answers", self.title, "", self.params, {}, False).bind(values)


def frame_of(rows: list[dict[str, Any]] | list[pl.DataFrame], output: Output) -> pl.DataFrame:
    """Rows or partial frames as one frame with the columns of an output, in order."""
    schema = dict(output.columns)
    parts = [part for part in rows if isinstance(part, pl.DataFrame)]
    if parts or not rows:
        empty = pl.DataFrame(schema=schema)
        typed = [part.select(pl.col(name).cast(kind) for name, kind in schema.items()) for part in parts]
        return pl.concat([empty, *typed])
    return pl.DataFrame(rows, schema=schema)
