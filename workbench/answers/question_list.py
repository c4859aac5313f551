"""List every question and answer there is, with what it takes and what it returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

import polars as pl

from workbench.answers.catalogue import ANSWERS, FRAMES
from workbench.answers.registry import Answer, Output
from workbench.errors import ValidationError
from workbench.exit_codes import USAGE
from workbench.queries.own_questions import find_own, own_catalogue
from workbench.queries.sources import SOURCES, Source
from workbench.queries.sql_files import POLARS_TYPES, Item, Question, catalogue
from workbench.settings.fields import ReaderSettings, read_settings

_SOURCES: Mapping[str, tuple[Source, ...]] = {
    "questions": SOURCES,
    "history": ("snapshots",),
    "database": ("database",),
}


class UnknownQuestionError(ValidationError):
    """There is no question of this name."""

    exit_code = USAGE


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


def questions(folder: Path | None = None) -> tuple[QuestionInfo, ...]:
    """Every question of `sql/`, every answer, then every question of the installation's own.

    Each with parameters, columns, types and units. A file of one's own that cannot be used is left out.

    Args:
        folder: with the questions of one's own; that of the settings if left out.
    """
    own = own_catalogue(folder or _own_folder()).values()
    return (*_shipped(), *(_of_question(one) for one in own if isinstance(one, Question) and not _is_answer(one.name)))


def unusable_questions(folder: Path | None = None) -> tuple[ValidationError, ...]:
    """Why files of the installation's own cannot be used, an error for each."""
    own = own_catalogue(folder or _own_folder())
    taken = [_taken(one) for one in own.values() if isinstance(one, Question) and _is_answer(one.name)]
    return (*(one for one in own.values() if isinstance(one, ValidationError)), *taken)


def find_question(name: str) -> QuestionInfo:
    """The question or answer of a name; an answer also by the name of one of its further frames.

    Raises:
        ValidationError: there is none, or its file cannot be used.
    """
    for question in _shipped():
        if name in question.frames:
            return question
    folder = _own_folder()
    own = find_own(name, folder)
    if own is not None:
        return _of_question(own)
    known = [frame for one in questions(folder) for frame in one.frames]
    raise UnknownQuestionError(
        f"There is no question {name!r}.",
        why=f"No file of that name is in sql/questions, sql/history, sql/database or {folder}, and no answer has it.",
        next_step=f"{meant(name, known)}List them with `workbench questions`, or with `questions()` in Python.",
    )


def meant(word: str, known: Iterable[str]) -> str:
    """The names that were probably meant, as a sentence with a blank after it; empty where none is near."""
    near = get_close_matches(word, known, n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(near)}? " if near else ""


@cache  # of files and code that do not change while a process runs
def _shipped() -> tuple[QuestionInfo, ...]:
    return (*map(_of_question, catalogue().values()), *map(_of_answer, ANSWERS.values()))


def _own_folder() -> Path:
    return read_settings(ReaderSettings).question_dir


def _is_answer(name: str) -> bool:
    return name in FRAMES


def _taken(question: Question) -> ValidationError:
    return ValidationError(
        f"The question in {question.file} cannot be asked.",
        why=f"The workbench has an answer {question.name} itself.",
        next_step="Give the file another name.",
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
        sources=SOURCES,
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
