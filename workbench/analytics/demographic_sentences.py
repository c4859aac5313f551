"""What indexes of segments say, in sentences: who answers more or less than they see, and what LinkedIn hides."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from workbench.analytics import wording
from workbench.analytics.demographic_index import Indices
from workbench.analytics.metrics import SUMS, sum_or_null

NONE_DIFFERS = "No segment differs from the others by more than chance and LinkedIn's blurring explain."


def index_headline(rows: pl.DataFrame, answer: str) -> str:
    """Who answers more and who less than they see, one of each at most; plain text with names from LinkedIn.

    Args:
        rows: as `indexed_segments` returns them.
    """
    judged = rows.filter(pl.col("verdict") != "too_little")
    if judged.is_empty():
        return f"No segment has enough {SUMS[answer].label.lower()} to compare."
    said: list[str] = []
    for verdict, word, descending in (("over", "more", True), ("under", "less", False)):
        called = judged.filter(pl.col("verdict") == verdict)
        ordered = called.sort("index_shrunk", "segment", descending=[descending, False], nulls_last=True)
        said.extend(_called(row, word) for row in ordered.head(1).iter_rows(named=True))
    return " ".join(said) or NONE_DIFFERS


def suppression_sentence(found: Indices, answer: str) -> str:
    """How much LinkedIn hides and what that could do to an index; "" where it hides none or it is not known."""
    if found.shown_results is None or found.suppression is None or found.shown_results >= 1:
        return ""
    hidden = wording.percent(1 - found.shown_results)
    said = f"LinkedIn hides {hidden} of the {SUMS[answer].label.lower()}"
    moved = wording.percent(abs(1 - found.suppression))
    if moved == "0 %":
        return f"{said}."
    return f"{said}; hidden ones could {'lower' if found.suppression < 1 else 'raise'} every index by {moved}."


def hidden_sentence(rows: pl.DataFrame, totals: pl.DataFrame, answer: str) -> str:
    """`suppression_sentence` of one pivot.

    Args:
        rows: as `indexed_segments` returns them.
        totals: as `known_totals` leaves them.
    """
    key = ["account_id", "pivot", "window_start", "window_end"]
    mine = totals.join(rows.select(key).unique(), on=key, how="semi")
    whole = mine[f"account_{answer}"].to_list()
    shown = rows.select(sum_or_null(pl.col(answer))).item()
    share = shown / whole[0] if whole and whole[0] and shown is not None else None
    return suppression_sentence(Indices((), rows["suppression"].to_list()[0], 0.0, share), answer)


def _called(row: Mapping[str, Any], word: str) -> str:
    said = f"{row['segment']} answer {word} than they see: index"
    if row["index_shrunk"] is None:
        return f"{said} under {math.ceil(row['index_under'])}."
    ends = f"{row['index_low']:.0f}–{row['index_high']:.0f}"
    return f"{said} {row['index_shrunk']:.0f} after allowing for noise ({ends})."
