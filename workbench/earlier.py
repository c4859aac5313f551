"""What snapshots that were finished before still know. A file of theirs that cannot be read is passed over."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from workbench.harvest import read_lines
from workbench.records import entity_id
from workbench.snapshots import COMPLETE_LISTING, Part, Snapshot

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
                    envelopes = list(read_lines(path))
                yield envelopes


def listed(snapshots: Sequence[Snapshot], resource: str, account_id: int) -> set[Hashable]:
    """The ids that the newest complete listing had; none where there is none, or it cannot be read."""

    def wanted(part: Part) -> bool:
        return (part.resource, part.account_id, part.covers) == (resource, account_id, COMPLETE_LISTING)

    with suppress(*UNREADABLE):
        return {entity_id(envelope["element"]) for envelope in next(lines(snapshots, wanted), ())}
    return set()
