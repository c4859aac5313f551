"""Turn frames into rows for charts: floats, days as UTC milliseconds, tooltips as text. Pure polars.

Tooltips carry full precision and units as plain strings: what comes from LinkedIn stays text, and no browser's locale
or time zone changes a number.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.metrics import METRICS, Metric

MOST_ROWS = 3000
"""What a chart is handed at most; more cannot be read and makes a page slow."""
_NAMED = ("account_name", "name", "creative_id", "impressions")
"""What a chart by day shows beside its metric: whose it is, and how much it rests on."""


def by_day(frame: pl.DataFrame, metric: str, currency: str | None, provisional_from: date | None) -> pl.DataFrame:
    """Rows by day: `day` in milliseconds (a day is UTC, whatever a browser's clock says), tooltips, `provisional`."""
    if frame.is_empty():
        return frame
    drawn = narrow(frame, "date", metric, *_NAMED).sort("date").tail(MOST_ROWS)
    rows = with_tips(drawable(drawn), (metric,), currency)
    never = pl.lit(False)
    return rows.with_columns(
        pl.col("date").cast(pl.Datetime("ms")).dt.epoch("ms").cast(pl.Float64).alias("day"),
        pl.col("date").map_elements(formatting.day, return_dtype=pl.String).alias("tip_day"),
        (never if provisional_from is None else pl.col("date") >= provisional_from).alias("provisional"),
    ).drop("date")


def with_tips(
    frame: pl.DataFrame, names: tuple[str, ...], currency: str | None, *, kind: Metric | None = None
) -> pl.DataFrame:
    """A `tip_…` column beside each metric: the value in full, in its unit."""
    return frame.with_columns(
        pl.Series(f"tip_{name}", [_in_full(kind or METRICS[name], value, currency) for value in frame[name]], pl.String)
        for name in names
    )


def _in_full(kind: Metric, value: float | None, currency: str | None) -> str:
    if kind.unit in ("money", "usd"):
        return formatting.money(value, "USD" if kind.unit == "usd" else currency)
    return (
        formatting.percent(value, 3)
        if kind.unit == "share"
        else formatting.number(value, 2 if kind.unit == "factor" else 0)
    )


def narrow(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The frame with only those of some columns that it has: a browser need not receive what is not drawn."""
    return frame.select(name for name in dict.fromkeys(names) if name in frame.columns)


def drawable(frame: pl.DataFrame) -> pl.DataFrame:
    """Decimals as floats and lists left out: what a chart can draw."""
    drawable = [name for name, kind in frame.schema.items() if not isinstance(kind, pl.List)]
    return frame.select(drawable).with_columns(pl.selectors.decimal().cast(pl.Float64))


def largest(frame: pl.DataFrame, by: str, most: int = MOST_ROWS) -> pl.DataFrame:
    return drawable(frame.sort(by, descending=True, nulls_last=True).head(min(most, MOST_ROWS)))


def with_index(rows: pl.DataFrame, base: str, result: str) -> pl.DataFrame:
    index = [100 * r / b if b and r is not None else None for b, r in zip(rows[base], rows[result], strict=True)]
    said = {
        "tip_index": [formatting.number(value) for value in index],
        f"tip_{base}": [formatting.percent(value, 1) for value in rows[base]],
        f"tip_{result}": [formatting.percent(value, 1) for value in rows[result]],
    }
    return rows.with_columns(pl.Series(name, values, pl.String) for name, values in said.items())


def unlike(frame: pl.DataFrame, column: str, alias: str) -> pl.DataFrame:
    """Names made distinct (`Spring`, `Spring (2)`): two rows of one name are two bars, not one."""
    name = pl.col(column).fill_null("unknown")
    nth = name.cum_count().over(name)
    return frame.with_columns(
        pl.when(nth > 1).then(pl.concat_str(name, pl.lit(" ("), nth, pl.lit(")"))).otherwise(name).alias(alias)
    )


def label_heights(values: list[float], *, gap: float) -> list[float]:
    """Heights for labels of values in ascending order, moved up until neighbours are `gap` apart."""
    heights: list[float] = []
    for value in values:
        heights.append(max(value, heights[-1] + gap) if heights else value)
    return heights
