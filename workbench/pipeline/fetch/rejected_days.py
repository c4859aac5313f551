"""Which days a part does not cover, because a row of them was rejected. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, timedelta

from workbench.snapshots.manifest import Covers, Day


def day_of(raw: bytes) -> date | None:
    """The UTC day of a daily row; None if it cannot be read."""
    try:
        days = json.loads(raw)["dateRange"]
        start = days["start"]
        return date(start["year"], start["month"], start["day"]) if start == days["end"] else None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


def without_days(covers: Covers, odd: Collection[date | None]) -> Covers:
    """Windows without the days of rejected rows; no window at all if one of these days is unknown."""
    if None in odd:
        return ()
    left: list[tuple[Day, Day]] = []
    for first, last in covers:
        assert first is not None and last is not None  # noqa: S101, PT018  (windows of daily rows)
        for day in sorted(day for day in odd if day is not None and first <= day <= last):
            if first < day:
                left.append((first, day - timedelta(days=1)))
            first = day + timedelta(days=1)
        if first <= last:
            left.append((first, last))
    return tuple(left)
