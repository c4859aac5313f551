"""Summarize covered windows: first and last day, and the days missing in between. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from workbench.diagnostics.status.facts import Coverage, Days
from workbench.schema.pivots import ASKED
from workbench.schema.resources import CORE_DAYS, REACH, WINDOWED
from workbench.schema.snapshot_names import day_of
from workbench.snapshots.manifest import merged

_ONE_DAY = timedelta(days=1)


class Summary(NamedTuple):
    """What all rows of `coverage` of one account and resource say together: its covered days, none of a listing."""

    account_id: int
    resource: str
    days: tuple[Days, ...]
    complete_through: date | None
    newest_snapshot: str


def summaries(rows: Iterable[Any]) -> Iterator[Summary]:
    """A summary for each account and resource.

    Args:
        rows: account_id, resource, first and last day of a run of covered days (None: there is none),
            complete_through, newest_snapshot; ordered.
    """
    for (account_id, resource, complete_through, newest), runs in groupby(rows, lambda row: (*row[:2], *row[4:])):
        days = tuple((first, last) for _, _, first, last, *_ in runs if first is not None)
        yield Summary(account_id, resource, days, complete_through, newest)


def covered(
    rows: Iterable[Any], accounts: Mapping[int, str | None], summed_up: Iterable[Summary] = ()
) -> tuple[Coverage, ...]:
    """Rows of `coverage` by account and resource; a listed account without any figures is there too.

    Args:
        rows: account_id, resource, window_start, window_end, snapshot, pivot.
        accounts: names of the listed accounts.
        summed_up: what stands in for all rows of an account and resource.
    """
    found: dict[tuple[int, str], list[_Covered]] = {
        (account_id, resource): [] for account_id in accounts for resource in CORE_DAYS
    }
    for account_id, resource, *window in rows:
        found.setdefault((account_id, resource), []).append(_Covered(*window))
    whole = {summary[:2]: _coverage_of(summary, accounts.get(summary.account_id)) for summary in summed_up}
    parts = {
        (account_id, resource): _coverage(account_id, accounts.get(account_id), resource, windows)
        for (account_id, resource), windows in found.items()
        if (account_id, resource) not in whole
    }
    return tuple(one for _, one in sorted({**parts, **whole}.items()))


def _coverage_of(summary: Summary, name: str | None) -> Coverage:
    return Coverage(
        summary.account_id,
        name,
        summary.resource,
        first_day=summary.days[0][0] if summary.days else None,
        last_day=summary.days[-1][1] if summary.days else None,
        complete_through=summary.complete_through,
        holes=_between(summary.days),
        newest_snapshot=summary.newest_snapshot,
    )


class _Covered(NamedTuple):
    first: date | None
    last: date | None
    snapshot: str
    pivot: str | None = None

    @property
    def age(self) -> tuple[date, str]:
        """The sort key by which a window is newest, as in `sql/decides.sql`."""
        return self.last or date.min, self.snapshot

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days if self.first and self.last else 0


def _coverage(account_id: int, name: str | None, resource: str, windows: list[_Covered]) -> Coverage:
    newest = max((window.snapshot for window in windows), default=None)
    late: tuple[str, ...] = ()
    if resource in WINDOWED:  # windows of their own, never added up
        late = tuple(_late_pivots(windows))
        windows = sorted(windows, key=lambda window: window.age)[-1:]
    if resource == REACH:  # as are these: the longest of the newest
        windows = sorted(windows, key=lambda window: (window.age, window.length))[-1:]
    days = [(window.first, window.last) for window in windows if window.first is not None and window.last is not None]
    over = [min(window.last, day_of(window.snapshot) - _ONE_DAY) for window in windows if window.last is not None]
    return Coverage(
        account_id,
        name,
        resource,
        first_day=min((first for first, _ in days), default=None),
        last_day=max((last for _, last in days), default=None),
        complete_through=max(over, default=None),
        holes=holes(days),
        newest_snapshot=newest,
        late_pivots=late,
    )


def _late_pivots(windows: list[_Covered]) -> Iterator[str]:
    """The pivots whose newest window ends before that of others, or that have none."""
    ends = {
        pivot: max((window.age[0] for window in windows if window.pivot in (None, pivot)), default=date.min)
        for pivot in ASKED
    }
    newest = max((window.age[0] for window in windows), default=date.min)
    return (pivot for pivot, end in ends.items() if end < newest)


def holes(windows: Iterable[Days]) -> tuple[Days, ...]:
    """The days between windows that no window holds."""
    runs = [(first, last) for first, last in merged(list(windows)) if first is not None and last is not None]
    return _between(runs)


def _between(runs: Iterable[Days]) -> tuple[Days, ...]:
    return tuple((before[1] + _ONE_DAY, after[0] - _ONE_DAY) for before, after in pairwise(runs))
