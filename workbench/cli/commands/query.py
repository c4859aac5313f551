"""`workbench query`: ask one question or answer from the shell; the result is a table or a file."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from workbench.answers.question_list import QuestionInfo, find_question, meant
from workbench.cli.app import PLAIN
from workbench.cli.options import (
    choice_option,
    day_option,
    one_of,
    only_with,
    question_argument,
    refuse_state_of_database,
    wrong_options,
)
from workbench.console import at_a_terminal, printable_lines, tell, write_data_as_utf8
from workbench.errors import StorageError
from workbench.front_door import query
from workbench.queries.api import default
from workbench.queries.own_sql import MOST_ROWS, MOST_SECONDS, run_sql
from workbench.queries.parameter_values import LEGAL_NAMES, read_text
from workbench.queries.sources import SOURCES, Source
from workbench.reports.answer_files import FORMATS, Format, as_text, write

app = typer.Typer(**PLAIN)


@app.command(context_settings={**PLAIN["context_settings"], "ignore_unknown_options": True, "allow_extra_args": True})
def run(
    context: typer.Context,
    *,
    name: Annotated[str | None, question_argument("A question; `workbench questions` lists them.", "[NAME]")] = None,
    statement: Annotated[
        str | None,
        typer.Option("--sql", metavar="SELECT", help="A statement of your own instead; - reads it from stdin."),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(min=1, metavar="COUNT", help=f"With --sql: the most rows; {MOST_ROWS:,} if left out."),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=0.1, max=86_400, metavar="SECONDS", help=f"With --sql: the most time; {MOST_SECONDS} if left out."
        ),
    ] = None,
    source: Annotated[Source, choice_option(SOURCES, "")] = "database",
    as_of: Annotated[date | None, day_option("With snapshots: as known on that UTC day.")] = None,
    form: Annotated[
        str | None, typer.Option("--format", help=f"One of {', '.join(FORMATS)}. Default: table, or by --output.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="The file to write; stdout if left out.")] = None,
) -> None:
    """Ask one question or answer; parameters are options of their names, days as YYYY-MM-DD, lists with commas.

    --sql runs one statement of your own instead, which can change nothing.

    Example: workbench query kpis --first-day 2026-11-01 --last-day 2026-11-21
    """
    refuse_state_of_database(as_of, source)
    only_with(rows, "--rows", "--sql", there=statement is not None)
    only_with(seconds, "--seconds", "--sql", there=statement is not None)
    chosen = _format(form, output)
    if statement is not None:
        if name is not None or context.args:
            raise typer.BadParameter("It takes no question and no parameters beside it.", param_hint="--sql")
        text = sys.stdin.read() if statement == "-" else statement
        with wrong_options():
            frame = _own(text, source, as_of, rows or MOST_ROWS, seconds or MOST_SECONDS)
    else:
        name, words = _question_and_options([] if name is None else [name, *context.args])
        values = _values(find_question(name), words)
        with wrong_options():
            frame = query(name, source=source, as_of=as_of, **values)
    _out(frame, chosen, output)


def _own(statement: str, source: Source, as_of: date | None, rows: int, seconds: float) -> pl.DataFrame:
    """The answer to a statement; that it is cut is said on stderr."""
    found = run_sql(default, source, statement, as_of=as_of, rows=rows, seconds=seconds)
    if found.cut and found.frame.height < rows:
        tell("There are more rows; they are too large to be read at once.")
    elif found.cut:
        tell(f"There are more than {rows:,} rows; --rows allows more.")
    return found.frame


def _out(frame: pl.DataFrame, chosen: Format, output: Path | None) -> None:
    if output is None:
        if chosen is not FORMATS["table"]:
            write_data_as_utf8()
        text = as_text(frame, chosen)
        tell(printable_lines(text) if at_a_terminal() else text, err=False)
        return
    try:
        write(frame, chosen, output)
    except OSError as error:
        raise StorageError(
            f"The file {output} cannot be written.",
            why=f"{error.strerror or error}.",
            next_step="Choose another file with --output.",
        ) from error
    tell(f"{frame.height:,} {'row' if frame.height == 1 else 'rows'} in {output}")


def _format(asked: str | None, output: Path | None) -> Format:
    name = asked or (output.suffix.removeprefix(".").lower() if output else "table")
    one_of(name, tuple(FORMATS), "--format" if asked else "--output")
    ending = output.suffix.removeprefix(".").lower() if output else name
    if ending in FORMATS and ending != name:
        raise typer.BadParameter(f"{name} does not belong into a file that ends in .{ending}.", param_hint="--format")
    chosen = FORMATS[name]
    if output is None and chosen.binary:
        raise typer.BadParameter(f"{name} needs a file: add --output answer.{name}.", param_hint="--format")
    return chosen


def _question_and_options(words: list[str]) -> tuple[str, list[str]]:
    """The question's name, wherever it stands, and the options with their values."""
    names: list[str] = []
    options: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            names.append(word)
            continue
        options.append(word)
        if "=" not in word:
            options += rest[:1]
            del rest[:1]
    if not names:
        raise typer.BadParameter("Name a question, or give a statement with --sql.", param_hint="NAME")
    return names[0], [*options, *names[1:]]


def _values(question: QuestionInfo, words: list[str]) -> dict[str, Any]:
    """The question's parameters from `--name value` pairs; names with hyphens or underscores."""
    values: dict[str, Any] = {}
    types = {one.name: one.type for one in question.parameters}
    rest = [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]
    while rest:
        option = rest.pop(0)
        name = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or name not in types:
            known = ", ".join(f"--{known.replace('_', '-')}" for known in types) or "no options"
            near = meant(name, types).replace("_", "-")
            raise typer.BadParameter(f"{option!r} is no parameter of {question.name}. {near}It takes {known}.")
        if not rest:
            raise typer.BadParameter("It needs a value.", param_hint=option)
        values[name] = _value(rest.pop(0), types[name], option)
        if name in LEGAL_NAMES and values[name] not in LEGAL_NAMES[name]:
            legal = ", ".join(LEGAL_NAMES[name])
            raise typer.BadParameter(f"{values[name]!r} is none of {legal}.", param_hint=option)
    _refuse_gaps(question, values)
    return values


def _refuse_gaps(question: QuestionInfo, values: dict[str, Any]) -> None:
    """Refuse to ask without what the question needs, or of days in the wrong order."""
    needed = [one.name for one in question.parameters if not one.optional and one.name not in values]
    if needed:
        words = " and ".join(f"--{name.replace('_', '-')}" for name in needed)
        raise typer.BadParameter(f"{question.name} needs {words}; `workbench questions {question.name}` says more.")
    for before in ("", "previous_"):
        first, last = values.get(f"{before}first_day"), values.get(f"{before}last_day")
        if first and last and first > last:
            option = f"--{before}last-day".replace("_", "-")
            raise typer.BadParameter(f"{last} is before {first}: give the earlier day first.", param_hint=option)


def _value(text: str, kind: str, option: str) -> Any:
    try:
        return read_text(text, kind)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not {error}.", param_hint=option) from error
