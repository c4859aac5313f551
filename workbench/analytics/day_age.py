"""How old each day was when it was fetched, which days are known, and where an account's complete days end.

A day is LinkedIn's UTC day. The deciding fetch of (account, resource, day) is the newest snapshot that covers it; its
age is the snapshot's UTC day minus the day. A day of age 0 or less was under way and is not complete. A covered,
complete day without a row is a known zero; every other day without a row is unknown, and unknown is never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

MOST_DAYS_BEHIND = 3
"""An account further behind the newest one is named and left out; it does not hold the others back."""
COMPLETE_FROM_AGE = 1


class PageEnd(NamedTuple):
    """Where the complete days of several accounts end together.

    Attributes:
        last_day: the earliest last complete day of the accounts that are compared; None if there is none.
        behind: account ids that are left out, because they end more than `MOST_DAYS_BEHIND` days earlier or have no
            complete day; ascending.
    """

    last_day: date | None
    behind: tuple[int, ...]


def covered_days(coverage: pl.DataFrame) -> pl.DataFrame:
    """Every covered day with its deciding fetch, sorted by account, resource and date.

    Args:
        coverage: account_id, resource, window_start, window_end (dates, both inclusive; rows without are ignored),
            snapshot (its name, such as `20261122T060000Z`).

    Returns:
        account_id, resource, date, snapshot (the newest that covers the day), age (whole days), complete (boolean).
    """
    days = (
        coverage.drop_nulls(["window_start", "window_end"])
        .with_columns(pl.date_ranges("window_start", "window_end").alias("date"))
        .explode("date", empty_as_null=False)
    )
    deciding = days.group_by("account_id", "resource", "date").agg(pl.col("snapshot").max())
    made = pl.col("snapshot").str.slice(0, 8).str.to_date("%Y%m%d")
    aged = deciding.with_columns((made - pl.col("date")).dt.total_days().alias("age"))
    complete = (pl.col("age") >= COMPLETE_FROM_AGE).alias("complete")
    return aged.with_columns(complete).sort("account_id", "resource", "date")


def last_complete_days(covered: pl.DataFrame) -> pl.DataFrame:
    """The latest complete day per account and resource: account_id, resource, last_complete_day (null if none).

    Args:
        covered: as `covered_days` returns it.
    """
    last = pl.col("date").filter("complete").max().alias("last_complete_day")
    return covered.group_by("account_id", "resource").agg(last).sort("account_id", "resource")


def page_end(last_days: Iterable[tuple[int, date | None]]) -> PageEnd:
    """Where a page over several accounts ends, and which accounts are too far behind to be on it.

    Args:
        last_days: (account_id, last complete day) of one resource.
    """
    known = dict(last_days)
    newest = max((day for day in known.values() if day is not None), default=None)
    if newest is None:
        return PageEnd(None, tuple(sorted(known)))
    earliest_allowed = newest - timedelta(days=MOST_DAYS_BEHIND)
    level = [day for day in known.values() if day is not None and day >= earliest_allowed]
    behind = [account for account, day in known.items() if day is None or day < earliest_allowed]
    return PageEnd(min(level), tuple(sorted(behind)))


def known_days(
    rows: pl.DataFrame, covered: pl.DataFrame, *, entity: str, figures: Sequence[str], until: date
) -> pl.DataFrame:
    """One row per entity and day, from the entity's first row to `until`: known figures, known zeros, unknown nulls.

    Args:
        rows: account_id, `entity`, date, and `figures`; at most one row per entity and day.
        covered: `covered_days` of the one resource that `rows` are of.
        entity: the column that names the entity, such as campaign_id.
        until: the last day; the account's last complete day as a rule.

    Returns:
        account_id, `entity`, date, known (boolean), `figures` (0 on a known day without a row, null where unknown),
        may_be_older (the entity's first day is the account's first covered day), sorted by key.
    """
    key = ["account_id", entity]
    complete = covered.filter("complete").select("account_id", "date", pl.lit(True).alias("known"))
    first_covered = covered.group_by("account_id").agg(pl.col("date").min().alias("first_covered"))
    begun = rows.group_by(key).agg(pl.col("date").min().alias("first_day")).filter(pl.col("first_day") <= until)
    spans = begun.join(first_covered, on="account_id", how="left").with_columns(
        pl.date_ranges("first_day", pl.lit(until)).alias("date"),
        (pl.col("first_day") <= pl.col("first_covered")).fill_null(False).alias("may_be_older"),
    )
    every = spans.explode("date", empty_as_null=False).join(complete, on=["account_id", "date"], how="left")
    dense = every.with_columns(pl.col("known").fill_null(False)).join(
        rows.with_columns(pl.lit(True).alias("has_row")), on=[*key, "date"], how="left"
    )
    no_row = pl.col("has_row").is_null()
    values = [
        pl.when("known").then(pl.when(no_row).then(pl.col(name).fill_null(0)).otherwise(pl.col(name))).alias(name)
        for name in figures
    ]
    return dense.select(*key, "date", "known", *values, "may_be_older").sort(*key, "date")


def unknown_days(known: Iterable[object | None]) -> int:
    """How many of the values are unknown (null)."""
    return sum(value is None for value in known)
