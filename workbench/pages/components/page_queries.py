"""Ask the questions of a page; a failure ends the cell with what, why and what next."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import formatting
from workbench.answers.registry import Found
from workbench.charts.theme import MUTED
from workbench.errors import WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.selection import Choices
from workbench.pages.components.style import styled

_CAPTION: dict[str, Any] = {
    "orient": "bottom",
    "anchor": "start",
    "fontSize": 12,
    "fontWeight": "normal",
    "color": MUTED,
    "offset": 8,
}
_CHARACTER, _NARROW = 7, 36
"""Pixels of a character of a caption, at most; and characters of a line on a phone."""


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


def figure(chart: Any, *said: str) -> mo.ui.altair_chart:
    """A chart without selections, that brings its rows along.

    It is saved as PNG of double size, or as SVG, with what it says of itself below it. Other people's editors, to
    which its rows would go, are not offered.

    Args:
        said: what it shows, and where that is from; the first gives a saved file its name.
    """
    name = re.sub(r"\W+", "_", said[0].lower()).strip("_") if said else "chart"
    own = chart.copy(deep=False)
    own.usermeta = {
        "embedOptions": {
            "actions": {"export": {"png": True, "svg": True}, "source": False, "compiled": False, "editor": False},
            "scaleFactor": {"png": 2, "svg": 1},
            "downloadFileName": name,
        }
    }
    if said:
        own = own.properties(title={"text": _caption(" · ".join(said), getattr(own, "width", None)), **_CAPTION})
    return mo.ui.altair_chart(own, chart_selection=False, legend_selection=False)


def _caption(words: str, width: object) -> list[str] | dict[str, str]:
    """The caption in one line, or in several where a chart as wide as the screen has less room than that.

    Vega makes room for a line by shrinking what is drawn, on a phone to nothing.
    """
    if width != "container":
        return [words]
    needed = _CHARACTER * len(words) + 2 * _CAPTION["offset"]
    folded = json.dumps(textwrap.wrap(words, _NARROW))
    return {"expr": f"containerSize()[0] < {needed} ? {folded} : {json.dumps([words])}"}


def wide_figure(chart: Any, *said: str) -> mo.Html:
    """A chart of a fixed width: a narrow screen scrolls it."""
    label = formatting.text(said[0] if said else "Chart")
    drawn = figure(chart, *said).text
    return mo.Html(styled(f'<div class="wb-scroll" tabindex="0" role="group" aria-label="{label}">{drawn}</div>'))


def source_words(choices: Choices, currency: str | None = None, *, days: str | None = None) -> str:
    """The days, the currency and the source of a chart, for those who see it without its page.

    Args:
        days: in words, if they are not those of the period.
    """
    shown = days or formatting.days(choices.period.first, choices.period.last)
    from_where = "invented sample data" if choices.source == "sample" else "LinkedIn Ads"
    parts = [shown, currency, f"source: {from_where}"]
    return " · ".join(filter(None, parts))


def _ask(choices: Choices, question: str, params: dict[str, Any]) -> pl.DataFrame:
    from workbench.queries.sql_files import find

    return choices.ask(question, **{name: value for name, value in params.items() if name in find(question).params})
