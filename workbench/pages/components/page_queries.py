"""Ask the questions of a page; a failure ends the cell with what, why and what next."""

from __future__ import annotations

from typing import Any

import marimo as mo
import polars as pl

from workbench.answers.registry import Found
from workbench.errors import WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.selection import Choices
from workbench.pages.components.style import styled


def answers(choices: Choices, *questions: str, **params: Any) -> tuple[pl.DataFrame, ...]:
    """One frame per question, about what is chosen; `params` go to the questions that take them.

    A failure ends the cell with a panel, or a script with the error's exit code.
    """
    try:
        return tuple(_ask(choices, question, params) for question in questions)
    except WorkbenchError as error:
        messages.stop(error)


def answer(choices: Choices, name: str, **params: Any) -> Found:
    """An answer about what is chosen, with its sentences; a failure ends the cell as with `answers`."""
    try:
        return choices.answer(name, **params)
    except WorkbenchError as error:
        messages.stop(error)


def figure(chart: Any) -> mo.ui.altair_chart:
    """A chart without selections, that brings its rows along."""
    return mo.ui.altair_chart(chart, chart_selection=False, legend_selection=False)


def wide_figure(chart: Any) -> mo.Html:
    """A chart of a fixed width: a narrow screen scrolls it."""
    return mo.Html(styled(f'<div class="wb-scroll">{figure(chart).text}</div>'))


def _ask(choices: Choices, question: str, params: dict[str, Any]) -> pl.DataFrame:
    from workbench.queries.sql_files import find

    return choices.ask(question, **{name: value for name, value in params.items() if name in find(question).params})
