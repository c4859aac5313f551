"""Draw the spend of a budget's period: what was spent, the plan, and where it ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import altair as alt
import polars as pl

from workbench.analytics import formatting, wording
from workbench.charts.axes import day_axis
from workbench.charts.data import label_heights
from workbench.charts.theme import BLUE, HEIGHT, MUTED, nothing_to_draw, plot, themed

_SPENT = alt.Y("spent:Q")


def budget_course(
    days: pl.DataFrame,
    *,
    first: date,
    last: date,
    budget: float | None,
    ends: tuple[float, float, float] | None,
    currency: str | None,
) -> Any:
    """Cumulative spend by day, the plan as a dashed line, and a band from the last day to where the spend ends.

    Args:
        days: date and spent (cumulative; null on unknown days), ascending, to the last complete day.
        ends: forecast of the period, its low and its high end; None: none is drawn.
    """
    if days["spent"].is_null().all():
        return nothing_to_draw("Nothing was spent in this period")
    start = first - timedelta(days=1)
    actual = pl.concat(
        [pl.DataFrame({"date": [start], "spent": [0.0]}), days.select("date", pl.col("spent").cast(float))]
    )
    until, spent = days["date"][-1], float(days["spent"].max() or 0)  # type: ignore[arg-type]  # a column of floats
    layers, words = [], list[tuple[float, str]]()
    if ends is not None and until < last:
        layers += _fan((until, spent), last, ends, currency)
        words.append((ends[0], f"forecast {wording.money(ends[0], currency)}"))
    if budget is not None:
        layers.append(_line([(start, 0.0), (last, budget)], MUTED, [5, 4], 1.5))
        words.append((budget, f"plan {wording.money(budget, currency)}"))
    layers.append(_words(last, words, gap=max([spent, *(value for value, _ in words)]) * 18 / HEIGHT))
    base = plot(_moments(actual, currency)).encode(x=day_axis(), y=_axis(currency))
    tips = [alt.Tooltip("tip_day:N", title="Day"), alt.Tooltip("tip_spent:N", title="Spent by then")]
    layers.append(base.mark_line(color=BLUE, strokeWidth=2))
    layers.append(base.mark_point(color=BLUE, filled=True, size=30).encode(tooltip=tips))
    return themed(alt.layer(*layers).properties(width="container", height=HEIGHT))


def _fan(now: tuple[date, float], last: date, ends: tuple[float, float, float], currency: str | None) -> list[Any]:
    (until, spent), (forecast, low, high) = now, ends
    rows = pl.DataFrame({"date": [until, last], "low": [spent, low], "high": [spent, high], "spent": [spent, forecast]})
    band = plot(_moments(rows, currency)).mark_area(color=BLUE, opacity=0.2)
    return [
        band.encode(x=day_axis(), y=alt.Y("low:Q", title=_title(currency)), y2="high:Q"),
        _line([now, (last, forecast)], BLUE, [2, 3], 1.5),
    ]


def _line(points: list[tuple[date, float]], color: str, dash: list[int], width: float) -> Any:
    rows = pl.DataFrame(points, schema={"date": pl.Date, "spent": pl.Float64}, orient="row")
    mark = plot(_moments(rows, None)).mark_line(color=color, strokeDash=dash, strokeWidth=width)
    return mark.encode(x=day_axis(), y=_SPENT)


def _words(day: date, words: list[tuple[float, str]], *, gap: float) -> Any:
    """Each line's name at its end, none upon another."""
    ends = sorted(words)
    heights = label_heights([value for value, _ in ends], gap=gap)
    rows = pl.DataFrame(
        {"date": [day] * len(ends), "spent": heights, "word": [word for _, word in ends]},
        schema={"date": pl.Date, "spent": pl.Float64, "word": pl.String},
    )
    names = plot(_moments(rows, None)).mark_text(color=MUTED, align="left", dx=6, fontSize=12)
    return names.encode(x=day_axis(), y=_SPENT, text="word:N")


def _moments(rows: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """The rows with `day` in milliseconds and tips as text."""
    return rows.with_columns(
        pl.col("date").cast(pl.Datetime("ms")).dt.epoch("ms").cast(pl.Float64).alias("day"),
        pl.col("date").map_elements(formatting.day, return_dtype=pl.String).alias("tip_day"),
        pl.col("spent")
        .map_elements(lambda value: formatting.money(value, currency), return_dtype=pl.String)
        .alias("tip_spent"),
    ).drop("date")


def _axis(currency: str | None) -> alt.Y:
    return alt.Y("spent:Q", title=_title(currency), axis=alt.Axis(format="~s", tickCount=5))


def _title(currency: str | None) -> str:
    return f"Spend since the period began ({currency})" if currency else "Spend since the period began"
