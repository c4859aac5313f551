"""Days that lie so far back that LinkedIn may no longer give them, and the months that it gives in their place.

LinkedIn says that it keeps days for six months, and others still get them; an answer of old days may be empty although
there was activity. So old days are believed where they agree with the figures of their month. Pure.

Source: Microsoft Learn, "Reporting", restrictions: days for six months, performance for ten years.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.pipeline.fetch.call_planner import CAP, Slice
from workbench.schema.resources import ACTIVE_DAYS, CAMPAIGN_DAYS
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Snapshot, merged

_DETAIL = timedelta(days=183)
ONE_DAY = timedelta(days=1)
_WHOLE = 0.98  # of a month's impressions; more than that is not restated after half a year
_NOT_NOTHING = 0.5  # the same where other resources may lack ads or places
NOT_GIVEN = "LinkedIn no longer gives these days; their months are kept"

Impressions = Mapping[date, int]
"""Impressions by first day of a month."""


@dataclass(frozen=True, order=True)
class Months(Window):
    """Whole calendar months, which can be halved between months only."""

    @property
    def days(self) -> int:
        """How many months it has: the days that it can be cut into."""
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def halves(self) -> tuple[Window, Window]:
        """Two windows of months that make this one."""
        months = list(months_of(self))
        middle = months[len(months) // 2].first
        return Months(self.first, middle - ONE_DAY), Months(middle, self.last)


def old_days(window: Window, today: date) -> Window | None:
    """The days of a window up to the end of the month of half a year ago; None where it begins later than that day."""
    if window.first >= today - _DETAIL:
        return None
    return Window(window.first, min(window.last, _end_of_month(today - _DETAIL)))


def old_months(window: Window, today: date) -> Months | None:
    """The whole months of the old days of a window; None if it has none."""
    old = old_days(window, today)
    return Months(old.first.replace(day=1), _end_of_month(old.last)) if old else None


def months_of(window: Window) -> Iterable[Window]:
    """The calendar months that a window meets, whole."""
    first = window.first.replace(day=1)
    while first <= window.last:
        yield Window(first, _end_of_month(first))
        first = _end_of_month(first) + ONE_DAY


def month_slices(months: Months, campaigns: int) -> list[Slice]:
    """The months in as few calls as stay below the cap, newest first."""
    each = max(1, (CAP - 1) // max(campaigns, 1))
    found = list(months_of(months))
    parts = [found[max(0, end - each) : end] for end in range(len(found), 0, -each)]
    return [Slice(Months(part[0].first, part[-1].last)) for part in parts]


def settled(earlier: Iterable[Snapshot], groups: Collection[str]) -> Mapping[tuple[int, str], Sequence[Window]]:
    """By account and resource the old days that earlier snapshots have asked for: they do not change any more."""
    found: dict[tuple[int, str], list[Window]] = {}
    for snapshot in earlier:
        if not set(groups) <= set(snapshot.manifest.groups):
            continue
        for part in snapshot.manifest.parts:
            if part.status == "done":
                for first, last in (*part.covers, *([part.asked] if part.asked else [])):
                    old = old_days(Window(first, last), snapshot.manifest.started_at.date()) if first and last else None
                    if old:
                        found.setdefault((part.account_id, part.resource), []).append(old)
    return found


def unsettled(pieces: Iterable[Slice], known: Iterable[Window]) -> list[Slice]:
    """The slices that have a day which is not known yet."""
    windows = merged([(one.first, one.last) for one in known])

    def is_known(window: Window) -> bool:
        return any(first <= window.first and window.last <= last for first, last in windows if first and last)

    return [piece for piece in pieces if not is_known(piece.window)]


def is_over(empty: Window | None, months: Impressions | None) -> bool:
    """Whether days that came empty hold a whole month that has figures: LinkedIn gives none before them either."""
    return empty is not None and any(
        (months or {}).get(month.first) for month in months_of(empty) if _holds(empty, month)
    )


def not_given(resource: str, asked: Window, found: Impressions, months: Impressions | None, today: date) -> set[date]:
    """The days of a window that LinkedIn does not give whole, as their months say.

    Args:
        today: days of the half year before it are believed in any case.
        found: impressions of the resource's days by month.
        months: impressions of the months themselves; None where these are not known: then no empty day is believed.
    """
    missing: set[date] = set()
    for month in months_of(asked):
        got, whole = found.get(month.first, 0), (months or {}).get(month.first, 0)
        least = _WHOLE if resource == CAMPAIGN_DAYS else _NOT_NOTHING
        if resource not in ACTIVE_DAYS or not _holds(asked, month):
            least = 0.0
        if (months is None and not got) or (whole and (got < least * whole or not got)):
            last = min(month.last, asked.last, today - _DETAIL - ONE_DAY)
            day = max(month.first, asked.first)
            missing.update(day + timedelta(days=n) for n in range((last - day).days + 1))
    return missing


def by_month(records: Iterable[tuple[date, int]]) -> dict[date, int]:
    """Impressions by month, from days and their impressions."""
    sums: dict[date, int] = {}
    for day, impressions in records:
        month = day.replace(day=1)
        sums[month] = sums.get(month, 0) + impressions
    return sums


def joined(pieces: Sequence[Window]) -> Window | None:
    """One window from the first to the last of some that follow on one another; None for none."""
    return Window(min(one.first for one in pieces), max(one.last for one in pieces)) if pieces else None


def _holds(window: Window, month: Window) -> bool:
    return window.first <= month.first and month.last <= window.last


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - ONE_DAY
