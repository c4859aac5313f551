"""List every question and answer there is, with what it takes and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import polars as pl

from workbench.answers.catalogue import ANSWERS
from workbench.answers.registry import Answer, Output
from workbench.errors import ValidationError
from workbench.queries.sources import SOURCES, Source
from workbench.queries.sql_files import POLARS_TYPES, Item, Question, catalogue

_SOURCES: Mapping[str, tuple[Source, ...]] = {
    "questions": SOURCES,
    "history": ("snapshots",),
    "database": ("database",),
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question or answer.

    Attributes:
        type: as in SQL: `bigint`, `bigint[]`, `text`, `date`, `timestamptz` or `numeric`.
        optional: whether it may be left out.
        note: its unit or meaning; for one that may be left out, what leaving it out means.
    """

    name: str
    type: str
    optional: bool = False
    note: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a frame.

    Attributes:
        type: SQL's name where questions have it (`numeric` is a decimal with 18 places), else polars' own.
        unit: its unit or meaning, such as `account currency`; "" for ids, names, days and plain counts.
    """

    name: str
    type: str
    unit: str = ""


@dataclass(frozen=True)
class QuestionInfo:
    """A question of `sql/`, or an answer: a question with a method behind it.

    Attributes:
        kind: `question` or `answer`.
        title: what it answers, in one line.
        sources: those it can be asked of.
        parameters: in the order of its header.
        frames: the columns of each frame by the frame's name, in order; the first has the name of the question.
        sql: the statement of a question; None for an answer.
        compares: whether it compares two snapshots, named by the parameters `before` and `after`.
    """

    name: str
    kind: Literal["question", "answer"]
    title: str
    sources: tuple[Source, ...]
    parameters: tuple[Parameter, ...]
    frames: Mapping[str, tuple[Column, ...]]
    sql: str | None = None
    compares: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of its main frame, in order."""
        return self.frames[self.name]


@cache  # of files and code that do not change while a process runs
def questions() -> tuple[QuestionInfo, ...]:
    """Every question of `sql/`, then every answer, with parameters, columns, types and units."""
    return (*map(_of_question, catalogue().values()), *map(_of_answer, ANSWERS.values()))


def find_question(name: str) -> QuestionInfo:
    """The question or answer of a name; an answer also by the name of one of its further frames.

    Raises:
        ValidationError: there is none.
    """
    for question in questions():
        if name in question.frames:
            return question
    raise ValidationError(
        f"There is no question {name!r}.",
        why="No file of that name is in sql/questions, sql/history or sql/database, and no answer has it.",
        next_step=f"Ask one of {', '.join(sorted(frame for one in questions() for frame in one.frames))}.",
    )


def _of_question(question: Question) -> QuestionInfo:
    states = tuple(Parameter(state, "text", note="the name of a snapshot") for state in ("before", "after"))
    columns = tuple(Column(name, item.type, item.note) for name, item in question.columns.items())
    return QuestionInfo(
        name=question.name,
        kind="question",
        title=question.title,
        sources=_SOURCES[question.folder],
        parameters=(*_parameters(question.params), *(states if question.compares else ())),
        frames={question.name: columns},
        sql=question.sql,
        compares=question.compares,
    )


def _of_answer(answer: Answer) -> QuestionInfo:
    return QuestionInfo(
        name=answer.name,
        kind="answer",
        title=answer.title,
        sources=("snapshots",) if answer.snapshots_only else SOURCES,
        parameters=_parameters(answer.params),
        frames={name: _columns(output) for name, output in answer.outputs.items()},
    )


def _parameters(params: Mapping[str, Item]) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, item.type, item.optional, item.note) for name, item in params.items())


def _columns(output: Output) -> tuple[Column, ...]:
    return tuple(Column(name, _type_name(kind), output.units.get(name, "")) for name, kind in output.columns.items())


def _type_name(kind: Any) -> str:
    """SQL's name for a polars type, else polars' own; `json` looks like text."""
    names = {dtype: name for name, dtype in POLARS_TYPES.items() if name != "json"}
    made: pl.DataType = kind() if isinstance(kind, type) else kind
    return names.get(made, str(made))
