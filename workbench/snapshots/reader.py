"""Read lines of finished snapshots: earlier names and listings. A file that cannot be read is skipped."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from workbench.schema.resources import entity_id
from workbench.snapshots.manifest import COMPLETE_LISTING, Day, Part, Snapshot
from workbench.snapshots.part_file import read_lines

UNREADABLE = (OSError, EOFError, zlib.error, ValueError, TypeError, AttributeError, LookupError, RecursionError)


def lines(snapshots: Sequence[Snapshot], wanted: Callable[[Part], bool]) -> Iterator[list[dict[str, Any]]]:
    """The envelopes of every part that is wanted, newest snapshot first.

    Args:
        snapshots: oldest first.
    """
    for snapshot in reversed(snapshots):
        for path, part in snapshot.files():
            if wanted(part):
                envelopes: list[dict[str, Any]] = []
                with suppress(*UNREADABLE):
                    envelopes = list(read_lines(path, trusted=False))
                yield envelopes


def listed(
    snapshots: Sequence[Snapshot], resource: str, account_id: int, *, sign_in: str | None = None
) -> set[Hashable]:
    """The ids that the newest complete listing had; none where there is none, or it cannot be read.

    Args:
        sign_in: whose list of accounts to take; None: any.
    """

    def wanted(part: Part) -> bool:
        of_ours = sign_in is None or part.sign_in == sign_in
        return of_ours and (part.resource, part.account_id, part.covers) == (resource, account_id, COMPLETE_LISTING)

    with suppress(*UNREADABLE):
        return {entity_id(envelope["element"]) for envelope in next(lines(snapshots, wanted), ())}
    return set()


def accounts_in(snapshot: Snapshot | None) -> set[int] | None:
    """The ad accounts whose lines a snapshot has; None where it has none, or they cannot be read."""
    found: set[int] = set()
    with suppress(*UNREADABLE):
        for envelopes in lines([snapshot] if snapshot else [], lambda part: part.resource == "ad_accounts"):
            found |= {entity_id(envelope["element"]) for envelope in envelopes}
    return found or None


def windows_with_figures(
    snapshots: Iterable[Snapshot], resources: Collection[str]
) -> Mapping[tuple[int, str], Collection[tuple[Day, Day]]]:
    """By account and resource, the windows that parts with rows cover."""
    found: dict[tuple[int, str], set[tuple[Day, Day]]] = {}
    for snapshot in snapshots:
        for part in snapshot.manifest.parts:
            if part.elements and part.resource in resources:
                found.setdefault((part.account_id, part.resource), set()).update(part.covers)
    return found


def days_a_call(snapshots: Sequence[Snapshot], since: str) -> dict[tuple[int, str], int]:
    """By account and resource, the longest window that LinkedIn last answered for, where it refused a longer one.

    Args:
        snapshots: oldest first.
        since: the name of a snapshot; what was learned before it may have changed.
    """
    found: dict[tuple[int, str], int] = {}
    for snapshot in snapshots:
        learned: dict[tuple[int, str], int] = {}
        for part in snapshot.manifest.parts if snapshot.name >= since else ():
            if part.days_a_call is not None:
                of = (part.account_id, part.resource)
                learned[of] = min(part.days_a_call, learned.get(of, part.days_a_call))
        found |= learned
    return found


def accounts_of(snapshots: Sequence[Snapshot], sign_in: str | None) -> tuple[int, ...]:
    """The ad accounts of the newest complete list that a sign-in made; empty if there is none."""
    if sign_in is None:
        return ()
    return tuple(sorted(int(str(key)) for key in listed(snapshots, "ad_accounts", 0, sign_in=sign_in)))
