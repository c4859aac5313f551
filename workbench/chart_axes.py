"""How a chart's axes, tooltips and doubts are drawn, the same in every chart. It knows no frame."""

from __future__ import annotations

from typing import Any

import altair as alt

from workbench.metrics import METRICS, Metric

UTC_DAY = alt.Scale(type="utc")
_LABEL_LIMIT = 260


def day_axis(ticks: int = 8) -> alt.X:
    return alt.X("day:T", title=None, scale=UTC_DAY, axis=alt.Axis(format="%-d %b", tickCount=ticks, labelOverlap=True))


def metric_axis(metric: str, currency: str | None, *, channel: Any = alt.Y, **options: Any) -> Any:
    kind = METRICS[metric]
    unit = {"money": currency, "usd": "USD"}.get(kind.unit)
    title = f"{kind.label} ({unit})" if unit else kind.label
    return channel(f"{metric}:Q", title=title, axis=alt.Axis(format=axis_format(kind), tickCount=5), **options)


def axis_format(kind: Metric, *, sign: bool = False) -> str:
    plus = "+" if sign else ""
    return {"share": f"{plus}.2%", "factor": f"{plus}.2f"}.get(kind.unit, f"{plus}~s")


def few_ticks(kind: Metric) -> alt.Axis:
    """For bars on both sides of zero: signed, and readable on a narrow screen."""
    return alt.Axis(format=axis_format(kind, sign=True), tickCount=6, labelOverlap=True)


def day_tips(day: str, metric: str) -> list[alt.Tooltip]:
    """The day, under what it is called, and the metric in full."""
    return [alt.Tooltip("tip_day:N", title=day), alt.Tooltip(f"tip_{metric}:N", title=METRICS[metric].label)]


def hollow(color: str) -> Any:
    """Points of provisional days are empty inside."""
    return alt.condition("datum.provisional", alt.value("transparent"), alt.value(color))


def row_names() -> alt.Axis:
    """Names of rows; on a narrow screen they leave more than half of it to the bars."""
    return alt.Axis(labelLimit=alt.ExprRef(f"min({_LABEL_LIMIT}, 0.4 * containerSize()[0])"))


def if_enough(opacity: float) -> Any:
    """What rests on too little to say anything is pale."""
    return alt.condition("datum.enough", alt.value(opacity), alt.value(0.4))
