"""Summarize covered windows: first and last day, and the days missing in between. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from workbench.diagnostics.status.facts import Coverage, Days
from workbench.schema.resources import DAILY, WINDOWED
from workbench.schema.snapshot_names import day_of
from workbench.snapshots.coverage import merged

_ONE_DAY = timedelta(days=1)


def covered(rows: Iterable[Any], accounts: Mapping[int, str | None]) -> tuple[Coverage, ...]:
    """Rows of `coverage` by account and resource; a listed account without any figures is there too.

    Args:
        rows: account_id, resource, window_start, window_end, snapshot.
        accounts: names of the listed accounts.
    """
    found: dict[tuple[int, str], list[tuple[date | None, date | None, str]]] = {
        (account_id, resource): [] for account_id in accounts for resource in DAILY
    }
    for account_id, resource, first, last, snapshot in rows:
        found.setdefault((account_id, resource), []).append((first, last, snapshot))
    return tuple(
        _coverage(account_id, accounts.get(account_id), resource, windows)
        for (account_id, resource), windows in sorted(found.items())
    )


def _coverage(
    account_id: int, name: str | None, resource: str, windows: list[tuple[date | None, date | None, str]]
) -> Coverage:
    newest = max((snapshot for *_, snapshot in windows), default=None)
    if resource in WINDOWED:  # windows of their own, never added up: the table holds that of `sql/decides.sql`
        windows = sorted(windows, key=lambda window: (window[1] or date.min, window[2]))[-1:]
    days = [(first, last) for first, last, _ in windows if first is not None and last is not None]
    over = [min(last, day_of(snapshot) - _ONE_DAY) for _, last, snapshot in windows if last is not None]
    return Coverage(
        account_id,
        name,
        resource,
        first_day=min((first for first, _ in days), default=None),
        last_day=max((last for _, last in days), default=None),
        complete_through=max(over, default=None),
        holes=holes(days),
        newest_snapshot=newest,
    )


def holes(windows: Iterable[Days]) -> tuple[Days, ...]:
    """The days between windows that no window holds."""
    runs = [(first, last) for first, last in merged(list(windows)) if first is not None and last is not None]
    return tuple((before[1] + _ONE_DAY, after[0] - _ONE_DAY) for before, after in pairwise(runs))
