"""Periods as people choose them, and the equal period before. Pure: no clock, no widget, no data.

Every period ends at the last complete UTC day of its source at the latest: days still under way are never compared.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

from workbench.analytics.formatting import day
from workbench.errors import ValidationError
from workbench.schema.key_results import PROVISIONAL_DAYS, PROVISIONAL_RESULT_DAYS
from workbench.schema.metrics import LATE_METRICS
from workbench.schema.windows import Window

DEFAULT = "7d"
RANGE = "range"
_PRESETS = (7, 14, 28, 90)
_MONTHS_SHOWN = 13
_EARLIEST = date(1990, 1, 1)
"""LinkedIn is younger; and a period needs days before it to be compared with, which the year 1 has not."""
_MONTH_NAMES = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def period(key: str, *, until: date) -> Window:
    """The days that a key names: `28d`, `2026-11` or `2026-11-01..2026-11-15`, none later than `until`.

    Raises:
        ValidationError: it names no days, or only days after `until`.
    """
    found = _rolling(key, until) or _month(key) or _range(key)
    if found is None or found.first < _EARLIEST:
        raise ValidationError(
            f"{key!r} is not a period.",
            why="A period is a number of days, a month, or two days.",
            next_step="Write it as 28d, 2026-11 or 2026-11-01..2026-11-15.",
        )
    if found.first > until:
        raise ValidationError(
            f"There is nothing complete after {day(until)}.",
            why=f"The period {key} begins later than the figures end.",
            next_step="Choose an earlier period, or sync.",
        )
    return Window(found.first, min(found.last, until))


def options(*, first: date, until: date, chosen: str) -> Mapping[str, str]:
    """What the period menu offers, label → key: complete days, the months that are covered, and any range."""
    rolling = sorted({*_PRESETS, *([int(chosen[:-1])] if re.fullmatch(r"[1-9]\d{0,3}d", chosen) else [])})
    menu = {f"Last {count} complete days" if count > 1 else "Last complete day": f"{count}d" for count in rolling}
    month = until.replace(day=1)
    for _ in range(_MONTHS_SHOWN):
        if month < first.replace(day=1):
            break
        menu[f"{_MONTH_NAMES[month.month - 1]} {month.year}"] = f"{month:%Y-%m}"
        month = (month - timedelta(days=1)).replace(day=1)
    return {**menu, "Any range …": RANGE}


def key_of(first: date, last: date) -> str:
    """The key of a range."""
    return f"{first.isoformat()}..{last.isoformat()}"


def provisional_from(metric: str, fetched: date) -> date:
    """The first day whose figures LinkedIn may still correct noticeably; late metrics settle for 30 days."""
    return fetched - timedelta(days=PROVISIONAL_RESULT_DAYS if metric in LATE_METRICS else PROVISIONAL_DAYS)


def _rolling(key: str, until: date) -> Window | None:
    if not re.fullmatch(r"[1-9]\d{0,3}d", key):
        return None
    return Window(until - timedelta(days=int(key[:-1]) - 1), until)


def _month(key: str) -> Window | None:
    if not re.fullmatch(r"\d{4}-\d{2}", key):
        return None
    try:
        first = date.fromisoformat(f"{key}-01")
    except ValueError:
        return None
    return Window(first, first.replace(day=monthrange(first.year, first.month)[1]))


def _range(key: str) -> Window | None:
    try:
        first, last = (date.fromisoformat(text) for text in key.split(".."))
    except ValueError:
        return None
    return Window(first, last) if first <= last else None
