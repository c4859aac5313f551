"""Merge the answers of several groups of metrics into elements that hold every metric of their key."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import msgspec

from workbench.linkedin.kinds import Kind
from workbench.linkedin.validation import Accepted, Page, check


def merged(groups: Sequence[Sequence[Page]], kind: Kind[Any]) -> list[Sequence[bytes]]:
    """The elements of all groups, those with one key merged into one; of a single group as they came.

    A row may be missing in a group in which all its metrics are 0, so a key of any group is kept. Where two groups send
    the same field, the earlier group's value counts. What cannot be judged, and a key that comes twice in one group,
    is left as it is, behind the merged ones: the part sets it aside with a reason.

    Args:
        groups: for each group of metrics the pages that together hold its answer.
    """
    if len(groups) == 1:
        return [page.elements for page in groups[0]]
    whole: dict[Hashable, bytes] = {}
    odd: list[bytes] = []
    for pages in groups:
        odd += _add(whole, (element for page in pages for element in page.elements), kind)
    return [[*whole.values(), *odd]]


def _add(whole: dict[Hashable, bytes], elements: Iterable[bytes], kind: Kind[Any]) -> list[bytes]:
    """Add one group's elements to those of earlier groups; the elements that could not be added.

    Rows are kept as JSON: taken apart, those of a large account would not fit into memory.
    """
    seen: set[Hashable] = set()
    odd = []
    for verdict in check(list(elements), kind):
        members = _members(verdict.raw) if isinstance(verdict, Accepted) and verdict.key not in seen else None
        if members is None or not isinstance(verdict, Accepted):
            odd.append(verdict.raw)
            continue
        seen.add(verdict.key)
        known = whole.get(verdict.key)
        if known is None:
            whole[verdict.key] = msgspec.json.encode(members)
        elif new := _without(members, known):
            whole[verdict.key] = known[:-1] + b"," + msgspec.json.encode(new)[1:]
    return odd


def _without(members: dict[str, msgspec.Raw], known: bytes) -> dict[str, msgspec.Raw]:
    """The members that an object does not have yet."""
    names = msgspec.json.decode(known, type=dict[str, msgspec.Raw]).keys()
    return {name: value for name, value in members.items() if name not in names}


def _members(raw: bytes) -> dict[str, msgspec.Raw] | None:
    """The members of an object, each as it came; None where it cannot be taken apart."""
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
