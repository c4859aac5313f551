"""`workbench questions`: which questions there are, and what one of them takes and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from workbench.cli.app import PLAIN, print_json
from workbench.console import tell
from workbench.queries.sql_files import Item, Question, catalogue, find

app = typer.Typer(**PLAIN)

_SOURCES = {
    "questions": "database, snapshots or sample",
    "history": "snapshots only",
    "database": "database only",
}


@app.command()
def run(
    *,
    name: Annotated[str | None, typer.Argument(help="A question, to see its parameters, columns and SQL.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """List the questions there are, a line each; with a name, show that question whole.

    Example: workbench questions campaign_weeks
    """
    asked = [find(name)] if name else list(catalogue().values())
    if as_json:
        print_json({"questions": [_as_dict(question) for question in asked]})
    elif name:
        tell(_whole(asked[0]), err=False)
    else:
        width = max(len(question.name) for question in asked)
        tell("\n".join(f"{question.name:{width}}  {question.title}" for question in asked), err=False)


def _whole(question: Question) -> str:
    parts = [
        f"{question.name}: {question.title}",
        f"Asked of: {_SOURCES[question.folder]}.",
        "Parameters:\n" + (_lines(question.params) or "  none"),
        "Columns:\n" + _lines(question.columns),
        "SQL:\n" + question.sql,
    ]
    return "\n\n".join(parts)


def _lines(items: Mapping[str, Item]) -> str:
    return "\n".join(f"  {name} ({_described(item)})" for name, item in items.items())


def _described(item: Item) -> str:
    return f"{item.type}, {item.note}" if item.note else item.type


def _as_dict(question: Question) -> dict[str, object]:
    return {
        "name": question.name,
        "title": question.title,
        "sources": _SOURCES[question.folder],
        "params": {key: {"type": item.type, "note": item.note} for key, item in question.params.items()},
        "columns": {key: {"type": item.type, "note": item.note} for key, item in question.columns.items()},
        "compares": question.compares,
        "sql": question.sql,
    }
