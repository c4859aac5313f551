"""Merge the answers of several groups of metrics into elements that hold every metric of their key."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import msgspec

from workbench.linkedin.models import Kind
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
    whole: dict[Hashable, dict[str, msgspec.Raw]] = {}
    odd: list[bytes] = []
    for pages in groups:
        odd += _add(whole, (element for page in pages for element in page.elements), kind)
    return [[*map(msgspec.json.encode, whole.values()), *odd]]


def _add(whole: dict[Hashable, dict[str, msgspec.Raw]], elements: Iterable[bytes], kind: Kind[Any]) -> list[bytes]:
    """Add one group's elements to those of earlier groups; the elements that could not be added."""
    seen: set[Hashable] = set()
    odd = []
    for verdict in check(list(elements), kind):
        members = _members(verdict.raw) if isinstance(verdict, Accepted) and verdict.key not in seen else None
        if members is None or not isinstance(verdict, Accepted):
            odd.append(verdict.raw)
            continue
        seen.add(verdict.key)
        known = whole.setdefault(verdict.key, {})
        known.update((name, value) for name, value in members.items() if name not in known)
    return odd


def _members(raw: bytes) -> dict[str, msgspec.Raw] | None:
    """The members of an object, each as it came; None where it cannot be taken apart."""
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
