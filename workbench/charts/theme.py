"""Set how every chart looks, light and dark: colours, sizes, fonts.

Colours stand out on white and on near-black, and stay apart for colour-blind eyes. Axis and title colours are left
out, so that the page's own light or dark theme decides them.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

BLUE, ORANGE, GREEN, PINK = "#3d85c6", "#dd8320", "#249d79", "#c65a94"
PALETTE = (BLUE, ORANGE, GREEN, PINK, "#8b7fd4", "#b3932b", "#4aa6c4", "#a8673f")
"""Okabe's and Ito's, moved to a middle lightness."""
MUTED = "#828a98"
"""What is not data: rules, direct labels, the period before."""

HEIGHT = 260
ROW = 24
"""Height of a bar with its gap, in pixels."""

_FONT = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_CONFIG: dict[str, Any] = {
    "font": _FONT,
    "padding": 8,
    "view": {"stroke": None},
    "range": {"category": list(PALETTE)},
    "axis": {
        "domain": False,
        "ticks": False,
        "gridColor": MUTED,
        "gridOpacity": 0.25,
        "labelFontSize": 12,
        "labelPadding": 6,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
    },
    "axisX": {"grid": False},
    "header": {"labelFontSize": 12, "labelFontWeight": "bold", "labelAnchor": "start", "title": None},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "orient": "top", "symbolType": "circle"},
    "text": {"font": _FONT, "fontSize": 12},
}


def plot(rows: pl.DataFrame) -> Any:
    """A chart that contains its rows.

    marimo would keep a frame as a file beside the page and drop it as soon as the cell runs again: a filter that
    changed while a chart was loading left the chart empty. A few thousand rows are small enough to be in the page.
    """
    finite = rows.with_columns(pl.selectors.float().fill_nan(None))
    return alt.Chart({"values": finite.to_dicts()})


def themed(chart: Any) -> Any:
    """The chart with colours, sizes and fonts set; per chart, because Altair's global theme is shared by visitors."""
    return chart.configure(**_CONFIG)


def nothing_to_draw(reason: str = "No figures in this period") -> Any:
    """A chart that holds only a sentence, in the place of a chart without data."""
    note = alt.Chart(alt.InlineData(values=[{}])).mark_text(color=MUTED, fontSize=14)
    return themed(note.encode(text=alt.value(reason)).properties(width="container", height=80))
