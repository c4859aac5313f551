"""Compute from manifests what snapshots cover completely, and need not be asked for again. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from workbench.schema.resources import BY_NAME, CORE_DAYS, REACH, WINDOWED, CoverageRow
from workbench.snapshots.manifest import Covers, Day, Manifest, Part, merged

_REFUSED = re.compile(r"(LinkedIn answered|HTTP) 40[34]\b")


def refused_accounts(manifest: Manifest) -> frozenset[int]:
    """The accounts of which LinkedIn refused anything (403, 404) that every sign-in may read, in this snapshot."""
    return frozenset(
        part.account_id
        for part in manifest.parts
        if part.account_id
        and part.path is None
        and not BY_NAME[part.resource].optional
        and _REFUSED.match(part.why or "")
    )


def believed_covers(part: Part, refused: Collection[int]) -> Covers:
    """The windows that a part covers; none for an empty part of an account that was refused elsewhere in its snapshot.

    LinkedIn answers with nothing where there is no permission, too. A sync withdraws such parts itself; snapshots that
    were written before it did so are read here.

    Args:
        refused: `refused_accounts` of the part's manifest.
    """
    if part.elements or not part.account_id or not part.covers:
        return part.covers
    return () if part.account_id in refused else part.covers


def coverage_of(manifest: Manifest) -> Iterator[CoverageRow]:
    """Rows of `coverage`. A window of demographics has one row if every pivot asked is covered, else one for each.

    A window of reach has a row for each level. Days of campaigns and creatives say which groups of metrics are whole.
    """
    found: dict[tuple[int, str, str | None], list[tuple[Day, Day]]] = {}
    pivots: dict[tuple[int, str, tuple[Day, Day]], set[str]] = {}
    refused = refused_accounts(manifest)
    for part in manifest.parts:
        for window in believed_covers(part, refused):
            if part.resource in WINDOWED and part.pivot:
                pivots.setdefault((part.account_id, part.resource, window), set()).add(part.pivot)
            elif part.resource == REACH:
                yield CoverageRow(part.account_id, REACH, *window, manifest.snapshot, part.pivot)
            elif part.resource not in WINDOWED:
                found.setdefault((part.account_id, part.resource, _groups(part, manifest)), []).append(window)
    for (account_id, resource, groups), windows in found.items():
        for first, last in merged(windows):
            yield CoverageRow(account_id, resource, first, last, manifest.snapshot, groups)
    for (account_id, resource, (first, last)), answered in pivots.items():
        whole = answered >= set(manifest.pivots)
        for pivot in [None] if whole else sorted(answered):
            yield CoverageRow(account_id, resource, first, last, manifest.snapshot, pivot)


def _groups(part: Part, manifest: Manifest) -> str | None:
    """The groups beyond the core that are whole, as `coverage` has them; of days of campaigns and creatives only."""
    if part.resource not in CORE_DAYS:
        return None
    return ",".join(group for group in manifest.groups if group not in part.failed_groups) or None


def is_doubtful(manifest: Manifest) -> bool:
    """Whether a database may hold coverage of this snapshot that its manifest lacks now."""
    return manifest.status == "partial" or bool(refused_accounts(manifest))


def believed_and_doubted(
    rows: Sequence[CoverageRow], manifests: Iterable[Manifest]
) -> tuple[list[CoverageRow], list[CoverageRow]]:
    """Split a database's rows of coverage: those that count, and those that `coverage_of` their manifest lacks now.

    A manifest lacks them if LinkedIn refused the account elsewhere, or if a part that was loaded early was damaged on
    disk before its unfinished snapshot was closed.
    """
    doubtful = {manifest.snapshot: set(coverage_of(manifest)) for manifest in manifests if is_doubtful(manifest)}
    doubted = [row for row in rows if row.snapshot in doubtful and row not in doubtful[row.snapshot]]
    unbelieved = set(doubted)
    return [row for row in rows if row not in unbelieved], doubted
