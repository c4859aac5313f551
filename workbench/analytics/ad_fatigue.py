"""Which ads are tired: how likely an ad's landing-page CTR fell against its own first two weeks, in words. Pure.

A verdict is given only where both windows hold enough impressions and chance is an unlikely reason.
"""

from __future__ import annotations

import math

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.metrics import ENOUGH_IMPRESSIONS, add_fatigue

FELL = 0.8
"""Tired means: the rate is below this part of what it was, a fall of more than a fifth."""
SURE = 0.9
"""How likely it must be before we say so."""

VERDICTS = ("Tired", "Holding", "Unclear", "Too little data")


def verdicts(frame: pl.DataFrame) -> pl.DataFrame:
    """Answers of `creative_fatigue` with both rates, `fell` (a probability), `verdict` and `reason`; tired ones first.

    Rows of one verdict are sorted by the impressions of their last 7 days.
    """
    rates = add_fatigue(frame, enough=ENOUGH_IMPRESSIONS)
    said = [_said(row) for row in rates.iter_rows(named=True)]
    judged = rates.with_columns(
        pl.Series("fell", [probability for probability, _, _ in said], pl.Float64),
        pl.Series("verdict", [verdict for _, verdict, _ in said], pl.Enum(VERDICTS)),
        pl.Series("reason", [reason for _, _, reason in said], pl.String),
    )
    return judged.sort(["verdict", "late_impressions", "creative_id"], descending=[False, True, False])


def probability_of_fall(early: tuple[int, int], late: tuple[int, int], *, below: float = FELL) -> float:
    """How likely the late rate is below `below` × the early one.

    Args:
        early, late: clicks and impressions.

    Returns:
        Between 0 and 1: normal in the logarithm of the ratio of two Poisson rates, half a click added to each count
        (Haldane's and Anscombe's correction), so that no click at all is evidence, but weak.
    """
    (early_clicks, early_shown), (late_clicks, late_shown) = early, late
    before, now = early_clicks + 0.5, late_clicks + 0.5
    distance = math.log(below) - math.log(now / late_shown) + math.log(before / early_shown)
    return 0.5 * (1 + math.erf(distance / math.sqrt(2 * (1 / before + 1 / now))))


def _said(row: dict[str, int]) -> tuple[float | None, str, str]:
    if not row["readable"]:
        return None, "Too little data", f"under {formatting.number(ENOUGH_IMPRESSIONS)} impressions"
    early = row["early_landing_page_clicks"], row["early_impressions"]
    late = row["late_landing_page_clicks"], row["late_impressions"]
    if early[0] == late[0] == 0:
        return None, "Unclear", "no landing-page clicks at all"
    fell = probability_of_fall(early, late)
    if fell >= SURE:
        return fell, "Tired", "fell by more than a fifth"
    if fell <= 1 - SURE:
        return fell, "Holding", "did not fall by a fifth"
    return fell, "Unclear", "chance may explain it"
