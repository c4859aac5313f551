"""What a snapshot covers completely, from its manifest: the days nobody needs to ask for again. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from workbench.snapshots.manifest import Day, Manifest


def merged(covers: Sequence[tuple[Day, Day]]) -> list[tuple[Day, Day]]:
    """Windows that touch or overlap made one; the complete listing stays by itself."""
    windows: list[tuple[Day, Day]] = [(None, None)] if (None, None) in covers else []
    run: tuple[date, date] | None = None
    for first, last in sorted((a, b) for a, b in covers if a is not None and b is not None):
        if run and first <= run[1] + timedelta(days=1):
            run = (run[0], max(run[1], last))
        else:
            if run:
                windows.append(run)
            run = (first, last)
    return [*windows, run] if run else windows


def coverage_of(manifest: Manifest) -> Iterator[tuple[int, str, Day, Day, str]]:
    """Rows of `coverage`: account_id, resource, window_start, window_end, snapshot.

    Demographics are covered when every pivot is: half an audience is not an audience.
    """
    found: dict[tuple[int, str], list[tuple[Day, Day]]] = {}
    pivots: dict[tuple[int, tuple[Day, Day]], set[str | None]] = {}
    for part in manifest.parts:
        for window in part.covers:
            if part.resource == "audience_demographics":
                pivots.setdefault((part.account_id, window), set()).add(part.pivot)
            else:
                found.setdefault((part.account_id, part.resource), []).append(window)
    for (account_id, resource), windows in found.items():
        for first, last in merged(windows):
            yield account_id, resource, first, last, manifest.snapshot
    for (account_id, (first, last)), answered in pivots.items():
        if answered >= set(manifest.pivots):
            yield account_id, "audience_demographics", first, last, manifest.snapshot
