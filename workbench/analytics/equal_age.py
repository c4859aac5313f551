"""Late results of two periods at equal age: the days before as they were known when they were as old as these are now.

Compared as known now, the younger period seems to have fewer results and dearer ones, where nothing changed at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from workbench.analytics import wording
from workbench.analytics.metrics import key_result
from workbench.schema.metrics import LATE

COMPARED = (
    "Leads and conversions arrive for weeks, so they are compared at equal age: what is said of the period before is "
    "what was known of its days when they were as old as these are now."
)
NO_HISTORY = (
    "Leads and conversions arrive for weeks. They are not compared with the period before: how many were known at the "
    "same age is seen in daily snapshots, which are not asked here."
)
_NAMES = tuple(metric.name for metric in LATE)


def at_equal_age(paired: pl.DataFrame, equal: pl.DataFrame | None, by: Sequence[str]) -> pl.DataFrame:
    """The frame with each late sum of the period before as it was known at equal age.

    Args:
        paired: as `metrics.against_previous` leaves it.
        equal: `equal_age_results` of the same choices; None where nothing is known of earlier ages.
        by: what identifies a row of `paired`; columns of both.

    Returns:
        `previous_…` of late sums as floats: null unless every day of the period has a partner of the same age, so
        that no change of a late metric is made of periods of different age.
    """
    late = [f"previous_{name}" for name in _NAMES if f"previous_{name}" in paired.columns]
    if equal is None:
        return paired.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in late)
    sums = [pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).cast(pl.Float64).sum()) for name in late]
    known = equal.group_by(by).agg(one.alias(name) for one, name in zip(sums, late, strict=True))
    return paired.drop(late).join(known, on=by, how="left", nulls_equal=True, maintain_order="left")


def late_objective(objective_type: str | None) -> bool:
    """Whether what an objective is after arrives for weeks."""
    return key_result(objective_type).metric in _NAMES


def equal_age_remark(equal: pl.DataFrame | None) -> str:
    """How late results are compared on a page, or why they are not, and what would be enough.

    Args:
        equal: `equal_age_results`, or None.
    """
    if equal is None:
        return NO_HISTORY
    if equal.is_empty():
        return ""
    known, days = equal["known_days"].to_list(), int(equal["days"].to_list()[0])
    if min(known) >= days:
        return COMPARED
    return (
        f"Leads and conversions arrive for weeks, and {min(known)} of {wording.counted(days, 'day')} "
        f"{'has' if min(known) == 1 else 'have'} a day before that was seen at the same age. They are compared once "
        "all have; that takes snapshots of every day, or of every week, for twice the period."
    )
