"""Split an answer into its elements, byte for byte, and accept or reject each. No network, no disk.

Whatever passes here, the snapshot views can read: one odd element in a file would make DuckDB refuse the whole file.
Lone surrogates and NUL, which PostgreSQL and DuckDB cannot hold, become U+FFFD. Every other oddity is a reject with its
reason; it never takes its neighbours along.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from pydantic import ValidationError as PydanticError

from workbench.errors import DataFetchError
from workbench.linkedin.json_text import (
    DEPTH,
    count_keys,
    element_spans,
    has_strange_numbers,
    is_too_deep,
    parsed,
    storable,
)
from workbench.linkedin.kinds import Kind
from workbench.linkedin.mending import mended

T = TypeVar("T")
_CHUNK = 500  # records alive at a time
_FEW = 20  # elements that are looked at one by one if there is anything odd about any of them
_ELEMENT_BYTES = 2**20  # and no more than this is looked at together
_ODD = (b"\\", b'" ', b"\t")  # `"key" :` would escape the count of keys below


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its elements as raw JSON, the cursor of the next page, and how many there are, as far as it says."""

    elements: Sequence[bytes]
    next_page_token: str | None = None
    total: int | None = field(default=None, compare=False)


class Accepted(NamedTuple, Generic[T]):
    """An element that the views can read: its JSON on one line, its record, and what identifies it in an answer.

    Attributes:
        odd: the element as it came and what had to become null, where something had to.
    """

    raw: bytes
    record: T
    key: Hashable
    odd: Rejected | None = None


class Rejected(NamedTuple):
    """An element set aside, and why."""

    raw: bytes
    reason: str


class _Metadata(msgspec.Struct):
    nextPageToken: str | None = None


class _Body(msgspec.Struct):
    elements: list[msgspec.Raw]
    metadata: _Metadata | None = None
    paging: Any = None

    @property
    def next_page_token(self) -> str | None:
        return (self.metadata.nextPageToken or None) if self.metadata else None


_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def split(body: bytes) -> Page:
    """The elements of an answer.

    Raises:
        DataFetchError: the body is not a collection: cut, empty, HTML, or another shape.
    """
    if body.count(b'"elements"') > 1:
        return _split_loosely(body)  # of two lists in one answer, msgspec would take the last
    try:
        decoded = msgspec.json.decode(body, type=_Body)
        return Page([bytes(element) for element in decoded.elements], decoded.next_page_token, _total(decoded.paging))
    except _UNREADABLE:
        return _split_loosely(body)


def _total(paging: Any) -> int | None:
    total = paging.get("total") if isinstance(paging, dict) else None
    return total if type(total) is int else None


def unreadable(why: str) -> DataFetchError:
    """The error of an answer that has another shape than was asked for."""
    return DataFetchError(
        "LinkedIn's answer cannot be read.",
        why=why,
        next_step="Sync again; if it stays so, LinkedIn may be under maintenance.",
    )


def check(elements: Sequence[bytes], kind: Kind[T]) -> Iterator[Accepted[T] | Rejected]:
    """Each element with its verdict, in order."""
    for start in range(0, len(elements), _CHUNK):
        chunk = [element.replace(b"\n", b" ").replace(b"\r", b" ") for element in elements[start : start + _CHUNK]]
        yield from _judged(chunk, kind)


def without_repeats(
    verdicts: Iterable[Accepted[T] | Rejected], seen: dict[Hashable, int]
) -> Iterator[Accepted[T] | Rejected]:
    """The verdicts, without elements that came before and are identical; one that differs is rejected.

    A key that comes twice with different values means that the answer moved while it was read: which one is right is
    not ours to pick.

    Args:
        seen: keys of elements with the hash of their JSON.
    """
    for verdict in verdicts:
        if isinstance(verdict, Rejected):
            yield verdict
        elif verdict.key not in seen:
            seen[verdict.key] = hash(verdict.raw)
            yield verdict
        elif seen[verdict.key] != hash(verdict.raw):
            yield Rejected(verdict.raw, "its key came twice in one answer, with different values")


def _judged(elements: Sequence[bytes], kind: Kind[T]) -> Iterator[Accepted[T] | Rejected]:
    """Judge elements together where none is odd, else in smaller groups: an odd one must not slow down the others."""
    records = _plain(elements, kind)
    if records is not None:
        for raw, record in zip(elements, records, strict=True):
            yield _accepted(raw, record, kind)
    elif len(elements) > _FEW:
        for start in range(0, len(elements), _FEW):
            yield from _judged(elements[start : start + _FEW], kind)
    else:
        for raw in elements:
            yield _careful(raw, kind)


def _accepted(raw: bytes, record: T, kind: Kind[T]) -> Accepted[T] | Rejected:
    try:
        return Accepted(raw, record, kind.key(record))
    except ValueError as error:
        return Rejected(raw, str(error))


def _plain(elements: Sequence[bytes], kind: Kind[T]) -> list[T] | None:
    """Records of elements without any oddity, or None if a closer look is needed.

    As many keys as there are `":` in the text: then no key comes twice in one object.
    """
    joined = b"[" + b",".join(elements) + b"]"
    if any(odd in joined for odd in _ODD) or len(joined) > _ELEMENT_BYTES:
        return None
    if kind.nested is None and has_strange_numbers(joined):
        return None
    try:
        records = kind.many.validate_json(joined)
        if len(records) != len(elements) or _keys_of(records, joined, kind) != joined.count(b'":'):
            return None
    except (PydanticError, *_UNREADABLE):
        return None
    return records


def _keys_of(records: Sequence[Any], joined: bytes, kind: Kind[Any]) -> int:
    """The number of keys of all objects together, unknown ones included."""
    if kind.nested is None:
        return count_keys(msgspec.json.decode(joined))
    return sum(map(len, records)) + kind.nested * len(records)  # an unknown one is missing here: look closer


def _careful(raw: bytes, kind: Kind[T]) -> Accepted[T] | Rejected:
    try:
        text = storable(raw.decode("utf-8"))
        readable = text.encode()
        if len(readable) > _ELEMENT_BYTES:
            return Rejected(raw, f"larger than {_ELEMENT_BYTES:,} bytes")
        if is_too_deep(raw):
            return Rejected(raw, f"nested deeper than {DEPTH} levels")
        element = parsed(text)
        try:
            return _accepted(readable, kind.one.validate_json(text), kind)
        except PydanticError:
            return _mended(raw, element, kind) or _refused(raw, text, kind)
    except UnicodeDecodeError:
        return Rejected(raw, "not valid UTF-8")
    except (ValueError, RecursionError) as error:
        return Rejected(raw, str(error) or "nested too deeply")


def _mended(raw: bytes, element: Any, kind: Kind[T]) -> Accepted[T] | Rejected | None:
    """The element with its numbers spelled as we read them and odd attributes as null, if that makes it sound."""
    if (found := mended(element, kind)) is None:
        return None
    text, nulled = found
    verdict = _accepted(text.encode(), kind.one.validate_json(text), kind)
    if nulled is None or isinstance(verdict, Rejected):
        return verdict
    return verdict._replace(odd=Rejected(raw, nulled))


def _refused(raw: bytes, text: str, kind: Kind[Any]) -> Rejected:
    """Why the record refuses an element."""
    try:
        kind.one.validate_json(text)
    except PydanticError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return Rejected(raw, f"{'.'.join(str(word) for word in first['loc'])}: {first['msg']}")
    raise AssertionError("it was refused a moment ago")


def _split_loosely(body: bytes) -> Page:
    """The elements of a body that is not quite JSON, found by its brackets: a bad one does not cost the others.

    What stands around the elements has to be sound, or the cursor of the next page could be lost.
    """
    spans = element_spans(body)
    try:
        around = msgspec.json.decode(body[: spans[0][0]] + body[spans[-1][1] :], type=_Body)
    except (*_UNREADABLE, IndexError):
        raise unreadable("It is not a whole JSON collection with `elements`.") from None
    elements = [body[start:end].strip() for start, end in spans]
    return Page([] if elements == [b""] else elements, around.next_page_token)
