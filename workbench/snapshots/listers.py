"""Distinguish lists of ad accounts of different sign-ins: one sign-in may not see the accounts of another. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from workbench.schema.resources import CoverageRow
from workbench.snapshots.manifest import Snapshot

Listers = Mapping[str, str | None]
"""Fingerprint of the sign-in that listed the accounts, by snapshot name; None where the snapshot lacks it."""


def listers_of(snapshots: Iterable[Snapshot]) -> dict[str, str | None]:
    """The lister of every snapshot, by its name."""
    return {
        snapshot.name: next((part.sign_in for part in snapshot.manifest.parts if part.resource == "ad_accounts"), None)
        for snapshot in snapshots
    }


def account_listings(listers: Listers, complete: Collection[str]) -> dict[str, str]:
    """By snapshot, the newest complete list of accounts that may declare its accounts gone.

    It must be a list of the same sign-in. Where one of the two lacks its fingerprint, any list may.

    Args:
        complete: the snapshots whose list of accounts is complete.
    """
    newest: dict[str | None, str] = {}
    for name in complete:
        lister = listers.get(name)
        newest[lister] = max(name, newest.get(lister, ""))
    found = {}
    for name, lister in listers.items():
        candidates = newest.values() if lister is None else filter(None, (newest.get(lister), newest.get(None)))
        if listing := max(candidates, default=None):
            found[name] = listing
    return found


def of_the_same_sign_in(rows: Iterable[CoverageRow], listers: Listers, name: str) -> list[CoverageRow]:
    """A database's rows of coverage without the lists of accounts that sign-ins other than this snapshot's made."""
    lister = listers[name]
    same = {other for other, of in listers.items() if of is None or of == lister}
    return [row for row in rows if row[0] or lister is None or row.snapshot in same]
