"""Draw bars: shares of segments or campaign groups, and what moved most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl

from workbench.analytics import formatting
from workbench.analytics.metrics import METRICS
from workbench.charts.axes import few_ticks, if_enough, row_names
from workbench.charts.data import MOST_ROWS, drawable, largest, narrow, unlike, with_index, with_tips
from workbench.charts.theme import BLUE, MUTED, ORANGE, ROW, nothing_to_draw, plot, themed


def segments(
    frame: pl.DataFrame,
    *,
    label: str = "segment_name",
    base: str = "share_of_impressions",
    result: str = "share_of_clicks",
    words: Mapping[str, str] | None = None,
    most: int = 20,
) -> Any:
    """Bars of one share with a dot for another, on the same axis: right of the bar's end means more than its part.

    For segments (share of impressions against share of results, index beside it) and for campaign groups (share of
    spend against share of results).

    Args:
        frame: one row per bar with `base` and `result` between 0 and 1, and `enough`: bars that rest on too little to
            say anything are grey; without that column none is.
        words: what the two shares are called.
        most: bars to draw, largest first.
    """
    rows = largest(narrow(frame, label, base, result, "enough"), base, most)
    if rows.is_empty():
        return nothing_to_draw("LinkedIn shows no segment here")
    names = {base: _share_words(base), result: _share_words(result), **(words or {})}
    rows = with_index(unlike(rows, label, "label"), base, result)
    rows = rows if "enough" in rows.columns else rows.with_columns(pl.lit(True).alias("enough"))
    y = alt.Y("label:N", sort=alt.EncodingSortField(base, op="max", order="descending"), title=None, axis=row_names())
    bars = _share(rows, base, names).mark_bar(height=14).encode(y=y, opacity=if_enough(0.7))
    dots = _share(rows, result, names).mark_circle(size=90).encode(y=y, opacity=if_enough(1.0))
    return themed((bars + dots).properties(width="container", height=alt.Step(ROW)))


def movers(frame: pl.DataFrame, metric: str, *, currency: str | None = None, label: str = "name") -> Any:
    """What moved most: bars left and right of zero, largest first.

    Args:
        frame: as `metrics.movers` leaves it.
    """
    if frame.is_empty():
        return nothing_to_draw("Nothing moved")
    kind = METRICS[metric]
    amounts = ("moved", metric, f"previous_{metric}")
    drawn = narrow(frame, label, "change", *amounts).head(MOST_ROWS)
    rows = with_tips(drawable(drawn), amounts, currency, kind=kind)
    rows = unlike(rows, label, "label").with_columns(
        pl.col("change").map_elements(formatting.change, return_dtype=pl.String, skip_nulls=False).alias("tip_change"),
        pl.when(pl.col("moved") > 0).then(pl.lit("more")).otherwise(pl.lit("less")).alias("direction"),
    )
    color = alt.Color("direction:N", legend=None, scale=alt.Scale(domain=["more", "less"], range=[BLUE, ORANGE]))
    tips = {
        "label": "Name",
        "tip_moved": "Moved",
        f"tip_{metric}": "Now",
        f"tip_previous_{metric}": "Before",
        "tip_change": "Change",
    }
    unit = {"money": currency, "usd": "USD"}.get(kind.unit)
    title = f"{kind.label}, change{f' ({unit})' if unit else ''}"
    by_size = alt.EncodingSortField("moved", op="sum", order="descending")
    bars = (
        plot(rows)
        .mark_bar(height=14)
        .encode(
            x=alt.X("moved:Q", title=title, axis=few_ticks(kind)),
            y=alt.Y("label:N", sort=by_size, title=None, axis=row_names()),
            color=color,
            tooltip=[alt.Tooltip(f"{name}:N", title=title) for name, title in tips.items()],
        )
    )
    return themed(bars.properties(width="container", height=alt.Step(ROW)))


def _share(rows: pl.DataFrame, share: str, names: Mapping[str, str]) -> Any:
    """One share of all rows, in its colour; `names` are what both shares are called."""
    tips = [
        alt.Tooltip("label:N", title="Name"),
        *(alt.Tooltip(f"tip_{name}:N", title=title) for name, title in names.items()),
        alt.Tooltip("tip_index:N", title="Index (100 is even)"),
    ]
    field = {"field": "what", "type": "nominal", "title": None}
    scale = {"domain": list(names.values()), "range": [BLUE, ORANGE]}
    return plot(rows.with_columns(pl.lit(names[share]).alias("what"))).encode(
        x=alt.X(f"{share}:Q", title="Share", axis=alt.Axis(format=".0%", tickCount=5, labelOverlap=True)),
        color=alt.ColorValue(MUTED, condition={"test": "datum.enough", "scale": scale, **field}),
        tooltip=tips,
    )


def _share_words(name: str) -> str:
    metric = name.removeprefix("share_of_")
    return f"Share of {METRICS[metric].label.lower()}" if metric in METRICS else formatting.words(name)
