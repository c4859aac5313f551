"""Ratios, key results, comparisons and shares from sums; names and formulas stand in `schema.metrics`.

Pure: frames in, frames out. Unknown is not zero: a ratio is null where its denominator is 0 or null.
Money is summed exactly as Decimal before it gets here; ratios are floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from workbench.schema.key_results import KEY_RESULTS, KeyResult
from workbench.schema.metrics import METRICS, RATIOS, SUMS, Metric, Unit

__all__ = ["KEY_RESULTS", "METRICS", "RATIOS", "SUMS", "KeyResult", "Metric", "Unit"]


ENOUGH_IMPRESSIONS = 1000
"""Below it chance decides a rate: no row, segment or ad is judged by one."""


NO_KEY_RESULT = KeyResult(None, "Key results", note="This objective has no key result that we know.")
NOT_LISTED = KeyResult(None, "Key results", note="These ad sets are not listed, so their objective is unknown.")


def objective(name: str | None) -> str | None:
    """One spelling per objective: LinkedIn writes `WEBSITE_VISIT` and `WEBSITE_VISITS` for the same one."""
    if name is None or name in KEY_RESULTS:
        return name
    return name[:-1] if name.endswith("S") and name[:-1] in KEY_RESULTS else name


def key_result(objective_type: str | None) -> KeyResult:
    """What an objective is after, in either spelling; `NO_KEY_RESULT` for one we do not know, `NOT_LISTED` for none."""
    if objective_type is None:
        return NOT_LISTED
    return KEY_RESULTS.get(objective(objective_type) or "", NO_KEY_RESULT)


def sum_or_null(values: pl.Expr) -> pl.Expr:
    """The sum of the known values: null where there are rows and none is known, 0 where there is no row.

    As in SQL; polars itself adds unknown values up to 0.
    """
    return pl.when((values.count() > 0) | (values.len() == 0)).then(values.sum())


def ratio(top: str, bottom: str, scale: int = 1) -> pl.Expr:
    """`scale × top / bottom` as a float, and null where `bottom` is 0 or unknown."""
    quotient = pl.col(top).cast(pl.Float64) / pl.col(bottom).cast(pl.Float64) * scale
    return pl.when(pl.col(bottom) > 0).then(quotient)


def change(current: str, previous: str) -> pl.Expr:
    """`current / previous − 1` as a float; null where `previous` is 0, or either is unknown."""
    before, now = pl.col(previous).cast(pl.Float64), pl.col(current).cast(pl.Float64)
    return pl.when(before > 0).then(now / before - 1)


def add_ratios(frame: pl.DataFrame, names: Iterable[str] = RATIOS) -> pl.DataFrame:
    """The frame with every ratio whose inputs it has; those of the period before (`previous_…`) too."""
    made = [
        ratio(prefix + RATIOS[name].top, prefix + RATIOS[name].bottom, RATIOS[name].scale).alias(prefix + name)
        for prefix in ("", "previous_")
        for name in names
        if {prefix + RATIOS[name].top, prefix + RATIOS[name].bottom} <= set(frame.columns)
    ]
    return frame.with_columns(made)


def add_key_result(frame: pl.DataFrame, *, column: str = "objective_type") -> pl.DataFrame:
    """The frame with `objective`, `key_result_label`, `key_result` and `cost_per_key_result`, `previous_…` too.

    Compare them within one objective only. Where nothing is collected, both are null.
    """
    found = frame[column].unique().to_list() if column in frame.columns else []
    spelled = pl.col(column).replace_strict(found, [objective(name) for name in found], return_dtype=pl.String)
    labels = pl.col(column).replace_strict(found, [key_result(n).label for n in found], return_dtype=pl.String)
    made = frame.with_columns(spelled.alias("objective"), labels.alias("key_result_label"))
    for prefix in ("", "previous_"):
        if prefix + "cost_in_local_currency" in frame.columns:
            made = _with_key_result(made, prefix)
    return made


def against_previous(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Rows of two periods side by side: one row per `by`, the earlier period's sums as `previous_…`.

    Args:
        frame: rows with `period` (`current` or `previous`) and sums.
        by: what identifies a row within a period; nulls are equal to one another.

    Returns:
        Sums are 0 where a period has no row (nothing was active in it); names and settings are those of either row.
        A sum that no row of a period knows is null in all rows. Without a `previous` row anywhere there was no
        comparison, and every `previous_…` is null.
    """
    sums = [name for name in frame.columns if name in SUMS or name.startswith("active_")]
    facts = [name for name in frame.columns if name not in (*sums, *by, "period")]
    current = _period_sums(frame, sums, "current")
    previous = [values.name.prefix("previous_") for values in _period_sums(frame, sums, "previous")]
    return frame.group_by(by, maintain_order=True).agg(pl.col(facts).first(), *current, *previous)


def _period_sums(frame: pl.DataFrame, sums: Sequence[str], period: str) -> list[pl.Expr]:
    rows = frame.filter(pl.col("period") == period)
    asked = period == "current" or not rows.is_empty()
    known = [name for name in sums if asked and (rows.is_empty() or rows[name].null_count() < rows.height)]
    return [
        sum_or_null(pl.col(name).filter(pl.col("period") == period))
        if name in known
        else pl.lit(None, dtype=frame.schema[name]).alias(name)
        for name in sums
    ]


def movers(frame: pl.DataFrame, metric: str = "cost_in_local_currency", *, count: int = 10) -> pl.DataFrame:
    """The rows that moved most in `metric`, of a frame that `against_previous` made, with `moved` and `change`.

    The frame must hold one currency, and for key results one objective.
    """
    moved = pl.col(metric) - pl.col(f"previous_{metric}")
    rows = frame.with_columns(moved.alias("moved"), change(metric, f"previous_{metric}").alias("change"))
    return rows.filter(pl.col("moved") != 0).sort(pl.col("moved").abs(), descending=True).head(count)


def add_shares(frame: pl.DataFrame, *, over: Sequence[str] = ("account_id", "pivot")) -> pl.DataFrame:
    """Each sum's share of what is shown within `over` (`share_of_…`), and the index against impressions (`index_…`).

    Index = 100 × share of a result ÷ share of impressions: 100 is even, 150 is half as much again.
    """
    sums = [name for name in frame.columns if name in SUMS]
    totals = frame.with_columns(sum_or_null(pl.col(sums)).over(over).name.prefix("total_"))
    shares = totals.with_columns(ratio(name, f"total_{name}").alias(f"share_of_{name}") for name in sums)
    indexed = [name for name in sums if name != "impressions"]
    index = shares.with_columns(
        ratio(f"share_of_{name}", "share_of_impressions", 100).alias(f"index_{name}") for name in indexed
    )
    return index.drop(f"total_{name}" for name in sums)


def _with_key_result(frame: pl.DataFrame, prefix: str) -> pl.DataFrame:
    result, cost = pl.lit(None, dtype=pl.Int64), pl.lit(None, dtype=pl.Float64)
    for name, wanted in KEY_RESULTS.items():
        column = prefix + (wanted.metric or "")
        if wanted.metric and column in frame.columns:
            of_objective = pl.col("objective") == name
            result = pl.when(of_objective).then(pl.col(column)).otherwise(result)
            per = ratio(prefix + "cost_in_local_currency", column, wanted.scale)
            cost = pl.when(of_objective).then(per).otherwise(cost)
    return frame.with_columns(result.alias(prefix + "key_result"), cost.alias(prefix + "cost_per_key_result"))
