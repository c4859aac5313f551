"""Which days a part does not cover, because a row of them was rejected. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, timedelta

from workbench.snapshots.manifest import Covers, Day

_LONGEST = 3_660  # days of one row


def days_of(raw: bytes) -> set[date | None]:
    """The UTC days that a row is of: one, or more where it spans several; None among them if they cannot be read."""
    try:
        days = json.loads(raw)["dateRange"]
        first, last = (date(day["year"], day["month"], day["day"]) for day in (days["start"], days["end"]))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError):
        return {None}
    length = (last - first).days + 1
    return {first + timedelta(days=number) for number in range(length)} if 1 <= length <= _LONGEST else {None}


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
