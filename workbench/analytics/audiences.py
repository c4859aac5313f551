"""Who sees the ads and who answers: an account's segments in shares, and how much of it LinkedIn keeps hidden.

Pure: rows of the questions `demographics` and `demographics_totals` in, rows for a page or a script out. It takes one
account and one window at a time, because approximate figures of two may not be added up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.metrics import ENOUGH_IMPRESSIONS, SUMS, add_shares, ratio
from workbench.errors import ValidationError
from workbench.schema.pivots import SHOWN

ANSWERS = (
    "clicks",
    "landing_page_clicks",
    "one_click_leads",
    "external_website_conversions",
    "cost_in_local_currency",
)
"""What can be set against impressions, as the share of an account's answers, or of its money."""

MOST_SHOWN = 20
ENOUGH_EXPECTED = 10
_KEPT = ("clicks", "one_click_leads", "cost_in_local_currency")


def segment_shares(frame: pl.DataFrame, answer: str = "clicks") -> pl.DataFrame:
    """The segments of one pivot, most impressions first, as they are compared.

    Args:
        frame: `demographics` of one account and one pivot.
        answer: one of `ANSWERS`.

    Returns:
        `segment` (its name, or its URN where LinkedIn has no name), the sums, their `share_of_…` among shown segments,
        `index_…`, and `enough`: whether the index of `answer` rests on enough to say anything (`enough`).

    Raises:
        ValidationError: the rows are of several accounts, pivots or windows.
    """
    _of_one(frame)
    name = pl.coalesce("segment_name", pl.col("segment_urn").map_elements(unresolved, return_dtype=pl.String))
    shares = add_shares(frame.with_columns(name.alias("segment")))
    rows = shares.with_columns(enough(answer).alias("enough"))
    return rows.sort("impressions", "segment_urn", descending=[True, False])


def is_count(answer: str) -> bool:
    """Whether an answer is a count, of which chance and noise are known, and not money."""
    return SUMS[answer].unit == "count"


def index_range(row: Mapping[str, Any]) -> str:
    """The 90 % interval of an index: `60–86`, `under 40` where the answers are not shown, `n/a` with too few."""
    if row["index_low"] is None:
        return formatting.NOT_AVAILABLE if row["index_under"] is None else f"under {math.ceil(row['index_under'])}"
    return f"{row['index_low']:.0f}–{row['index_high']:.0f}"


def enough(answer: str) -> pl.Expr:
    """Whether an index can be read: at its share of impressions a segment would have had ten answers or more.

    Asking for what was to be expected, not for what came, keeps the segments that are seen much and answer little.
    Money has no such count; there a thousand impressions will do.
    """
    if answer == "cost_in_local_currency":
        return pl.col("impressions") >= ENOUGH_IMPRESSIONS
    return pl.col("share_of_impressions").fill_null(0) * pl.col(answer).sum() >= ENOUGH_EXPECTED


def unresolved(segment_urn: str) -> str:
    """`urn:li:organization:12` as `Organization 12, no name`."""
    kind, _, identifier = segment_urn.removeprefix("urn:li:").rpartition(":")
    return f"{formatting.words(kind)} {identifier}, no name" if kind else segment_urn


def shown_shares(totals: pl.DataFrame) -> pl.DataFrame:
    """How much of the account's figures the shown segments make up, pivot by pivot.

    Args:
        totals: `demographics_totals` of one account.

    Returns:
        `pivot`, `segments`, and for each sum its `shown_…`, `account_…` and `shown_share_of_…`: between 0 and 1, null
        where the account has none. It is capped at 1, because noise may show a little more than there was.
    """
    sums = [name for name in SUMS if f"shown_{name}" in totals.columns]
    shares = [
        ratio(f"shown_{name}", f"account_{name}").clip(upper_bound=1).alias(f"shown_share_of_{name}") for name in sums
    ]
    order = pl.col("pivot").replace_strict(SHOWN, range(len(SHOWN)), default=len(SHOWN), return_dtype=pl.Int64)
    return totals.with_columns(shares).sort(order, "pivot")


def headline(shares: pl.DataFrame, answer: str) -> str:
    """Who answers most for how much they see, and who least, in a sentence each; plain text with names from LinkedIn.

    Only the segments seen most are named: among the many small ones the extremes are chance.

    Args:
        shares: as `segment_shares` leaves them.
    """
    index = f"index_{answer}"
    readable = shares.filter("enough").head(MOST_SHOWN).drop_nulls(index).sort(index, descending=True)
    if readable.is_empty():
        return f"No segment has enough {SUMS[answer].label.lower()} to compare."
    ends = dict.fromkeys((0, readable.height - 1))
    said = [_sentence(readable.row(number, named=True), answer) for number in ends]
    words = (f"Most {SUMS[answer].label.lower()} for its share of impressions", "Least")
    return " ".join(f"{word}: {sentence}" for word, sentence in zip(words, said, strict=False))


def table_rows(shares: pl.DataFrame, answer: str) -> pl.DataFrame:
    """The segments as a table for people: parts in percent, the index in whole numbers.

    Args:
        shares: as `segment_shares` leaves them.
    """
    if is_count(answer):
        ranges = [index_range(row) for row in shares.iter_rows(named=True)]
        words = {"over": "more", "under": "less", "par": "not certain", "too_little": "too few"}
        shares = shares.with_columns(
            pl.Series("index_range", ranges, pl.String),
            pl.col("verdict").replace_strict(words, return_dtype=pl.String).alias("reliable"),
        )
    else:
        shares = shares.with_columns(
            pl.when("enough").then(pl.lit("yes")).otherwise(pl.lit("too few")).alias("reliable")
        )
    parts = [(pl.col(f"share_of_{name}") * 100).round(2).alias(f"percent_{name}") for name in ("impressions", answer)]
    return shares.with_columns(
        *parts,
        pl.col(f"index_{answer}").round(0).cast(pl.Int64).alias("index"),
    )


def table_columns(answer: str) -> dict[str, str]:
    """What is shown of `table_rows`, and under which heading."""
    sums = dict.fromkeys(("impressions", answer, *_KEPT))
    return {
        "segment": "Segment",
        "percent_impressions": "% of impressions",
        f"percent_{answer}": f"% of {SUMS[answer].label.lower()}",
        "index": "Index",
        **({"index_range": "90 %", "reliable": "Answers"} if is_count(answer) else {"reliable": "Enough to say"}),
        **{name: SUMS[name].label for name in sums},
    }


def _sentence(row: dict[str, Any], answer: str) -> str:
    seen, answered = (formatting.percent(row[f"share_of_{name}"], 1) for name in ("impressions", answer))
    index = formatting.number(row[f"index_{answer}"])
    wording = SUMS[answer].label.lower()
    return f"{row['segment']}, with {seen} of the impressions and {answered} of the {wording} (index {index})."


def _of_one(frame: pl.DataFrame) -> None:
    for column in ("account_id", "pivot", "window_start", "window_end"):
        if frame[column].n_unique() > 1:
            raise ValidationError(
                "These segments cannot be compared.",
                why=f"Their rows are of several values of {column}, and approximate figures may not be added up.",
                next_step="Ask for one account, one pivot and one window.",
            )
