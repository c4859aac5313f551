"""Draw Altair charts from frames. Pure: no data is fetched and no metric is computed.

Each draws one question in one look (`themes`), takes a frame as `metrics` leaves it, draws a frame without rows as a
sentence, and holds a few thousand rows at most.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import altair as alt
import polars as pl

from workbench.analytics import formatting
from workbench.analytics.metrics import ENOUGH_IMPRESSIONS, METRICS
from workbench.charts.axes import axis_format, day_axis, day_tips, hollow, if_enough, log_scale, metric_axis
from workbench.charts.data import by_day, label_heights, largest, narrow, with_tips
from workbench.charts.theme import BLUE, HEIGHT, MUTED, nothing_to_draw, plot, themed

_PRICES = ("cost_in_local_currency", "cost_per_key_result", "key_result")


def daily_trend(
    frame: pl.DataFrame, metric: str, *, currency: str | None = None, provisional_from: date | None = None
) -> Any:
    """One metric by UTC day: a line, its newest, provisional days hollow.

    Args:
        frame: `date` and the metric, one row per day (`daily_series`).
        provisional_from: the first day whose figures may still change.
    """
    rows = by_day(frame, metric, currency, provisional_from)
    if rows.is_empty():
        return nothing_to_draw()
    base = plot(rows).encode(x=day_axis(), y=metric_axis(metric, currency), tooltip=day_tips("Day", metric))
    line = base.mark_line(color=BLUE, strokeWidth=2)
    points = base.mark_point(color=BLUE, size=36, strokeWidth=1.5, opacity=1).encode(fill=hollow(BLUE))
    return themed((line + points).properties(width="container", height=HEIGHT))


def trend_by_account(
    frame: pl.DataFrame, metric: str, *, series: str = "account_name", currency: str | None = None
) -> Any:
    """A line per account (or any other `series`), each labelled at its end; one currency where it is about money."""
    rows = by_day(frame, metric, currency, None)
    if rows.is_empty():
        return nothing_to_draw()
    rows = rows.with_columns(pl.col(series).fill_null("unknown").alias("series"))
    base = plot(rows).encode(
        x=day_axis(),
        y=metric_axis(metric, currency),
        color=alt.Color("series:N", legend=None),
        tooltip=[alt.Tooltip("series:N", title="Account"), *day_tips("Day", metric)],
    )
    labels = _end_labels(rows, metric)
    lines = base.mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=20))
    return themed((lines + labels).properties(width="container", height=HEIGHT))


def tradeoff(
    frame: pl.DataFrame, *, currency: str | None = None, result: str = "Key results", together: float | None = None
) -> Any:
    """Spend against cost per key result (log), sized by results, with the cost of all together as a rule.

    Args:
        frame: one row per campaign or creative of one objective and one currency, as `add_key_result` leaves it.
        result: what the objective's key result is called.
        together: what a key result costs over all rows, those without one among them.
    """
    priced = frame.filter((pl.col("cost_per_key_result") > 0) & (pl.col("cost_in_local_currency") > 0))
    rows = largest(narrow(priced, "name", *_PRICES), "cost_in_local_currency")
    if rows.is_empty():
        return nothing_to_draw("Nothing has spend and results enough to compare in this period")
    rows = with_tips(rows, _PRICES, currency).with_columns(pl.col("name").fill_null("unknown"))
    scale, ticks = log_scale(rows["cost_per_key_result"].min(), rows["cost_per_key_result"].max())  # type: ignore[arg-type]
    points = (
        plot(rows)
        .mark_circle(color=BLUE, opacity=0.75, stroke=BLUE)
        .encode(
            x=metric_axis("cost_in_local_currency", currency, channel=alt.X),
            y=metric_axis("cost_per_key_result", currency, scale=scale, ticks=ticks),
            size=alt.Size("key_result:Q", title=result, scale=alt.Scale(range=[40, 900]), legend=None),
            tooltip=[alt.Tooltip("name:N", title="Name"), *_tip_list(rows, result)],
        )
    )
    drawn = alt.layer(*([] if together is None else [_rule(together, currency)]), points)
    return themed(drawn.properties(width="container", height=HEIGHT + 60))


def creative_weeks(frame: pl.DataFrame, *, metric: str = "ctr", most: int = 12) -> Any:
    """One small chart per creative: a metric by ISO week, on one scale; weeks of few impressions pale.

    Args:
        frame: `creative_weeks` with ratios.
        most: creatives to draw, most impressions first.
    """
    if frame.is_empty():
        return nothing_to_draw()
    busiest = frame.group_by("creative_id").agg(pl.col("impressions").sum()).sort("impressions", descending=True)
    chosen = frame.join(busiest.head(most).select("creative_id"), on="creative_id", how="semi")
    rows = by_day(chosen.rename({"week": "date"}), metric, None, None).with_columns(
        (pl.col("name").fill_null("unknown").str.slice(0, 32) + " · " + pl.col("creative_id").cast(pl.String)).alias(
            "ad"
        ),
        (pl.col("impressions") >= ENOUGH_IMPRESSIONS).alias("enough"),
    )
    base = plot(rows).encode(
        x=day_axis(ticks=4),
        y=alt.Y(f"{metric}:Q", title=None, axis=alt.Axis(format=axis_format(METRICS[metric]), tickCount=3)),
        tooltip=[alt.Tooltip("ad:N", title="Ad"), *day_tips("Week of", metric)],
    )
    drawn = base.mark_line(color=BLUE, strokeWidth=1.5) + base.mark_point(color=BLUE, filled=True, size=36).encode(
        opacity=if_enough(1.0, 0.3)
    )
    by_impressions = alt.EncodingSortField("impressions", op="sum", order="descending")
    facet = alt.Facet("ad:N", title=None, sort=by_impressions, header=alt.Header(labelLimit=280))
    return themed(drawn.properties(width=280, height=90).facet(facet=facet, columns=3))


def _tip_list(rows: pl.DataFrame, result: str) -> list[alt.Tooltip]:
    titles = {
        "tip_cost_in_local_currency": "Spend",
        "tip_key_result": result,
        "tip_cost_per_key_result": "Cost per result",
    }
    return [alt.Tooltip(f"{name}:N", title=title) for name, title in titles.items()]


def _end_labels(rows: pl.DataFrame, metric: str) -> Any:
    """Each line's name at its end, in its colour, none upon another."""
    ends = rows.drop_nulls(metric).sort("day").group_by("series").last().sort(metric)
    gap = float(rows[metric].max() or 0) * 16 / HEIGHT  # type: ignore[arg-type]  # 16 pixels of the axis
    heights = pl.Series("height", label_heights(ends[metric].to_list(), gap=gap), pl.Float64)
    names = plot(ends.with_columns(heights)).mark_text(align="left", dx=8, limit=180)
    return names.encode(x="day:T", y="height:Q", text="series:N", color=alt.Color("series:N", legend=None))


def _rule(cost: float, currency: str | None) -> Any:
    line = pl.DataFrame({"cost": [cost], "said": [f"all together {formatting.money(cost, currency)}"]})
    rule = plot(line).mark_rule(color=MUTED, strokeDash=[4, 4]).encode(y="cost:Q")
    words = plot(line).mark_text(color=MUTED, align="left", dx=4, dy=-7)
    return rule + words.encode(y="cost:Q", x=alt.value(0), text="said:N")
