"""The catalogue's questions and answers as tools of the Model Context Protocol: typed parameters, units, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from workbench.answers.api import found_by_name, frame_by_name
from workbench.answers.question_list import Column, Parameter, QuestionInfo, questions
from workbench.errors import ConfigurationError, ValidationError
from workbench.queries.api import Queries
from workbench.queries.own_sql import run_sql
from workbench.queries.parameter_values import LEGAL_NAMES, checked
from workbench.queries.sources import Accounts, Source
from workbench.reports.json_rows import encoded, rows_of

MOST_ROWS, MOST_BYTES = 1000, 500_000
SQL = "sql"
_AS_OF = Parameter("as_of", "date", True, "null: now; else the state as it was known at the end of that UTC day")
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "bigint": {"type": "integer"},
    "bigint[]": {"type": "array", "items": {"type": "integer"}},
    "text": {"type": "string"},
    "text[]": {"type": "array", "items": {"type": "string"}},
    "date": {"type": "string", "format": "date"},
    "timestamptz": {"type": "string", "format": "date-time"},
    "numeric": {"type": "number"},
}


@dataclass(frozen=True)
class Tool:
    """A tool as a client sees it."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Toolbox:
    """Answers calls of tools from one source, within limits.

    Attributes:
        queries: asks as a role that can only read, for some accounts or all.
        most_rows: rows of an answer; what is more is left out, and said.
        allow_sql: whether there is a tool for statements of the caller's own.
    """

    queries: Queries
    source: Source
    most_rows: int = MOST_ROWS
    allow_sql: bool = False

    def __post_init__(self) -> None:
        if self.allow_sql and self._accounts is not None:
            raise ConfigurationError(
                "SQL cannot be allowed for some accounts only.",
                why="A statement could read the others.",
                next_step="Leave out --allow-sql, or --account.",
            )

    @property
    def _accounts(self) -> Accounts:
        return self.queries.access.accounts()

    def tools(self) -> list[Tool]:
        """Every tool that the source can answer; statements of one's own only where they are allowed."""
        found = [_tool(info, self._parameters(info)) for info in self._known().values()]
        if self.allow_sql:
            text = "Run one SQL select over the tables; it can change nothing. Money is in the account's currency."
            schema = {"type": "object", "properties": {"statement": {"type": "string"}}, "required": ["statement"]}
            found.append(Tool(SQL, text, schema))
        return found

    def call(self, name: str, arguments: Mapping[str, Any]) -> bytes:
        """The answer as JSON: rows by frame, units, sentences, and whether rows were left out.

        Raises:
            WorkbenchError: there is no such tool, a parameter is wrong, or the source cannot be read.
        """
        if name == SQL and self.allow_sql:
            return self._sql(arguments)
        info = self._known().get(name)
        if info is None:
            raise ValidationError(f"There is no tool {name!r}.", next_step="List the tools.")
        values = self._values(info, arguments)
        as_of = values.pop("as_of", None)
        if info.kind == "answer":
            found = found_by_name(self.queries, name, self.source, as_of, values)
            return self._said(info.frames, found.frames, [one.text for one in found.sentences])
        frame = frame_by_name(self.queries, name, self.source, as_of, values)
        return self._said(info.frames, {name: frame}, [])

    def _known(self) -> dict[str, QuestionInfo]:
        """Questions of one's own are not there for some accounts only: nothing limits their statements."""
        every = {info.name: info for info in questions() if self.source in info.sources}
        if self._accounts is None:
            return every
        return {name: info for name, info in every.items() if info.kind == "answer" or self._is_shipped(name)}

    def _is_shipped(self, name: str) -> bool:
        return not self.queries.has_own(name)

    def _parameters(self, info: QuestionInfo) -> tuple[Parameter, ...]:
        dated = self.source != "database" and not info.compares
        return (*info.parameters, _AS_OF) if dated else info.parameters

    def _values(self, info: QuestionInfo, arguments: Mapping[str, Any]) -> dict[str, Any]:
        kinds = {one.name: one.type for one in self._parameters(info)}
        unknown = [name for name in arguments if name not in kinds]
        if unknown:
            takes = ", ".join(kinds) or "no parameter"
            raise _wrong(info, f"{unknown[0]} is no parameter of it; it takes {takes}.")
        try:
            return {name: checked(name, _exact(value, kinds[name]), kinds[name]) for name, value in arguments.items()}
        except ValueError as error:
            raise _wrong(info, str(error)) from None

    def _sql(self, arguments: Mapping[str, Any]) -> bytes:
        statement = arguments.get("statement")
        if not isinstance(statement, str) or set(arguments) != {"statement"}:
            raise ValidationError("The tool sql takes a statement.", next_step='Give {"statement": "select …"}.')
        found = run_sql(self.queries, self.source, statement, rows=self.most_rows)
        return self._said({}, {"rows": found.frame}, [], cut=found.cut)

    def _said(
        self,
        columns: Mapping[str, tuple[Column, ...]],
        frames: Mapping[str, pl.DataFrame],
        sentences: list[str],
        *,
        cut: bool = False,
    ) -> bytes:
        """As many rows of each frame as fit into the bounds."""
        units = {
            frame: {one.name: one.unit for one in those if one.unit}
            for frame, those in columns.items()
            if frame in frames
        }
        rows = self.most_rows
        while True:
            shown = {name: frame.head(rows) for name, frame in frames.items()}
            left = {name: frame.height - shown[name].height for name, frame in frames.items()}
            answer = {
                "source": self.source,
                "sentences": sentences,
                "frames": {name: rows_of(frame) for name, frame in shown.items()},
                "units": units,
                "rows_left_out": {name: count for name, count in left.items() if count},
                "truncated": cut or any(left.values()),
            }
            text = encoded(answer)
            if len(text) <= MOST_BYTES or rows == 0:
                return text
            rows = rows * MOST_BYTES // len(text) // 2


def _wrong(info: QuestionInfo, why: str) -> ValidationError:
    return ValidationError(f"{info.name} cannot be asked like that.", why=why, next_step="Correct the parameter.")


def _exact(value: Any, kind: str) -> Any:
    """A number of JSON as the exact number that it is written as, where the parameter is one."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if kind == "numeric" and is_number else value


def _tool(info: QuestionInfo, parameters: tuple[Parameter, ...]) -> Tool:
    columns = "\n".join(
        f"Frame {name}: " + ", ".join(f"{one.name} ({one.unit})" if one.unit else one.name for one in those)
        for name, those in info.frames.items()
    )
    text = f"{info.title}\n{columns}"
    properties = {one.name: _property(one) for one in parameters}
    required = [one.name for one in parameters if not one.optional]
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return Tool(info.name, text, schema)


def _property(parameter: Parameter) -> dict[str, Any]:
    made: dict[str, Any] = dict(_TYPES[parameter.type])
    if parameter.name in LEGAL_NAMES:
        made["enum"] = list(LEGAL_NAMES[parameter.name])
    if parameter.optional:
        made = {"anyOf": [made, {"type": "null"}], "default": None}
    return made | ({"description": parameter.note} if parameter.note else {})
