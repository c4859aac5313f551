"""`workbench questions`: list questions and answers, or show what one of them takes and returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from workbench.answers.question_list import Column, QuestionInfo, find_question, questions, unusable_questions
from workbench.cli.app import PLAIN, complain, print_json
from workbench.cli.options import question_argument
from workbench.console import tell

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    name: Annotated[
        str | None, question_argument("A question, to see its parameters, columns and SQL.", "[NAME]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List the questions and answers there are, a line each; with a name, show that one whole.

    Example: workbench questions campaign_weeks
    """
    asked = [find_question(name)] if name else list(questions())
    for error in () if name else unusable_questions():
        complain(error)
    if as_json:
        print_json({"questions": [_as_dict(question) for question in asked]})
    elif name:
        tell(_whole(asked[0]), err=False)
    else:
        width = max(len(question.name) for question in asked)
        tell("\n".join(f"{question.name:{width}}  {question.title}" for question in asked), err=False)


def _whole(question: QuestionInfo) -> str:
    parts = [
        f"{question.name}: {question.title}",
        f"Asked of: {_sources(question)}.",
        "Parameters:\n" + (_lines((one.name, one.type, one.note) for one in question.parameters) or "  none"),
    ]
    for name, columns in question.frames.items():
        title = "Columns" if name == question.name else f"Columns of {name}"
        parts.append(f"{title}:\n" + _lines((one.name, one.type, one.unit) for one in columns))
    return "\n\n".join([*parts, f"SQL:\n{question.sql}"] if question.sql else parts)


def _sources(question: QuestionInfo) -> str:
    first, *others = question.sources
    return f"{', '.join((first, *others[:-1]))} or {others[-1]}" if others else f"{first} only"


def _lines(items: Iterable[tuple[str, str, str]]) -> str:
    return "\n".join(f"  {name} ({f'{kind}, {note}' if note else kind})" for name, kind, note in items)


def _as_dict(question: QuestionInfo) -> dict[str, object]:
    return {
        "name": question.name,
        "kind": question.kind,
        "title": question.title,
        "sources": _sources(question),
        "params": {one.name: {"type": one.type, "note": one.note} for one in question.parameters},
        "columns": _columns(question.columns),
        "frames": {name: _columns(columns) for name, columns in question.frames.items()},
        "compares": question.compares,
        "sql": question.sql,
    }


def _columns(columns: tuple[Column, ...]) -> dict[str, dict[str, str]]:
    return {one.name: {"type": one.type, "note": one.unit} for one in columns}
