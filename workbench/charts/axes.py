"""Axes, tooltips and marks of uncertainty, the same in every chart."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any

import altair as alt

from workbench.analytics.metrics import METRICS, Metric

UTC_DAY = alt.Scale(type="utc")
_LABEL_LIMIT = 260
_BARE_ZERO = "datum.value === 0 ? '0' : datum.label"
"""Not `0k` or `+0`."""
_BOTH_ENDS = "length(datum.label) > 36 ? slice(datum.label, 0, 20) + '…' + slice(datum.label, -13) : datum.label"
"""Long names often differ only at their end."""


def day_axis(ticks: int = 8) -> alt.X:
    return alt.X(
        "day:T",
        title=None,
        scale=UTC_DAY,
        axis=alt.Axis(format="%-d %b", tickCount=ticks, labelOverlap=True, labelFlush=False),
    )


def metric_axis(
    metric: str, currency: str | None, *, channel: Any = alt.Y, ticks: list[float] | None = None, **options: Any
) -> Any:
    kind = METRICS[metric]
    unit = {"money": currency, "usd": "USD"}.get(kind.unit)
    title = f"{kind.label} ({unit})" if unit else kind.label
    axis = alt.Axis(format=axis_format(kind), tickCount=5, labelExpr=_BARE_ZERO, values=ticks or alt.Undefined)
    return channel(f"{metric}:Q", title=title, axis=axis, **options)


def axis_format(kind: Metric, *, sign: bool = False) -> str:
    plus = "+" if sign else ""
    return {"share": f"{plus}.2%", "factor": f"{plus}.2f"}.get(kind.unit, f"{plus}~s")


def few_ticks(kind: Metric) -> alt.Axis:
    """A signed axis with few ticks for bars on both sides of zero, readable on a narrow screen."""
    return alt.Axis(format=axis_format(kind, sign=True), tickCount=6, labelOverlap=True, labelExpr=_BARE_ZERO)


def log_scale(least: float, most: float) -> tuple[alt.Scale, list[float]]:
    """A logarithmic scale around positive values, and its ticks: 1, 2 and 5 of every power of ten."""
    exponents = range(floor(log10(least)) - 1, ceil(log10(most)) + 2)
    steps = [float(f"{digit}e{exponent}") for exponent in exponents for digit in (1, 2, 5)]
    first = max(number for number, step in enumerate(steps) if step <= least)
    last = min(number for number, step in enumerate(steps) if step >= most)
    ticks = steps[first : max(last, first + 1) + 1]
    return alt.Scale(type="log", domain=[ticks[0], ticks[-1]], nice=False), ticks


def day_tips(day: str, metric: str) -> list[alt.Tooltip]:
    """Tooltips of a chart by day: the day, and the metric in full."""
    return [alt.Tooltip("tip_day:N", title=day), alt.Tooltip(f"tip_{metric}:N", title=METRICS[metric].label)]


def hollow(color: str) -> Any:
    """Draw the points of provisional days hollow."""
    return alt.FillValue(color, condition={"test": "datum.provisional", "value": "transparent"})


def row_names() -> alt.Axis:
    """Names of rows; on a narrow screen they leave more than half of it to the bars."""
    limit = alt.ExprRef(f"min({_LABEL_LIMIT}, 0.4 * containerSize()[0])")
    return alt.Axis(labelLimit=limit, labelExpr=_BOTH_ENDS)


def if_enough(opacity: float, pale: float = 0.4) -> Any:
    """Draw marks pale that rest on too few events to compare.

    `alt.condition` says the same, and takes 10 ms to find out which class of Altair's that is.
    """
    return alt.OpacityValue(pale, condition={"test": "datum.enough", "value": opacity})
