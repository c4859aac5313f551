"""From the body of an answer to elements, byte for byte, each with a verdict; touches no network and no disk.

Whatever passes here, the snapshot views can read: one odd element in a file would make DuckDB refuse the whole file.
Lone surrogates and NUL, which PostgreSQL and DuckDB cannot hold, become U+FFFD. Every other oddity is a reject with its
reason; it never takes its neighbours along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from pydantic import ValidationError as PydanticError

from workbench.errors import DataFetchError
from workbench.records import Kind

_CHUNK = 500  # records alive at a time
_DEPTH = 64  # levels of nesting that a sane element never reaches
_ELEMENT_BYTES = 2**20
_ODD = (b"\\u", b"NaN", b"Infinity", b'" ', b'"\t')  # `"key" :` would escape the count of keys below
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{},]', re.DOTALL)
_ESCAPE = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\(?:u(\w{4})|.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its elements as raw JSON, and the cursor of the next page, if there is one."""

    elements: Sequence[bytes]
    next_page_token: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An element that the views can read: its JSON on one line, and its record."""

    raw: bytes
    record: Any


@dataclass(frozen=True, slots=True)
class Rejected:
    """An element set aside, and why."""

    raw: bytes
    reason: str


class _Metadata(msgspec.Struct):
    nextPageToken: str | None = None


class _Body(msgspec.Struct):
    elements: list[msgspec.Raw]
    metadata: _Metadata | None = None


def split(body: bytes) -> Page:
    """The elements of an answer.

    Raises:
        DataFetchError: the body is not a collection: cut, empty, HTML, or another shape.
    """
    try:
        decoded = msgspec.json.decode(body, type=_Body)
        token = decoded.metadata.nextPageToken if decoded.metadata else None
        return Page([bytes(element) for element in decoded.elements], token or None)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _split_loosely(body)


def check(elements: Sequence[bytes], kind: Kind) -> Iterator[Accepted | Rejected]:
    """Each element with its verdict, in order."""
    for start in range(0, len(elements), _CHUNK):
        chunk = [element.replace(b"\n", b" ").replace(b"\r", b" ") for element in elements[start : start + _CHUNK]]
        records = _plain(chunk, kind)
        if records is None:
            yield from (_careful(element, kind) for element in chunk)
        else:
            yield from map(Accepted, chunk, records)


def without_repeats(
    verdicts: Iterable[Accepted | Rejected], kind: Kind, seen: set[Hashable]
) -> Iterator[Accepted | Rejected]:
    """The verdicts, with every element rejected whose key has been `seen` before, or has none.

    A key that comes twice means that the answer moved while it was read: which one is right is not ours to pick.
    """
    for verdict in verdicts:
        if isinstance(verdict, Rejected):
            yield verdict
            continue
        try:
            key = kind.key(verdict.record)
        except ValueError as error:
            yield Rejected(verdict.raw, str(error))
            continue
        if key in seen:
            yield Rejected(verdict.raw, "its key came twice in one answer")
        else:
            seen.add(key)
            yield verdict


def _plain(elements: Sequence[bytes], kind: Kind) -> list[Any] | None:
    """Records of elements without any oddity, or None if a closer look is needed.

    Exactly the fields we know, each once: then no key comes twice and nothing nests deeper than the models.
    """
    joined = b"[" + b",".join(elements) + b"]"
    if any(odd in joined for odd in _ODD):
        return None
    try:
        records = kind.many.validate_json(joined)
        return records if len(records) == len(elements) and _keys(records) == joined.count(b'":') else None
    except (PydanticError, RecursionError):
        return None


def _keys(value: Any, depth: int = 0) -> int:
    if depth > _DEPTH:
        raise RecursionError
    if type(value) is dict:
        return len(value) + sum(_keys(inner, depth + 1) for inner in value.values() if type(inner) in (dict, list))
    return sum(_keys(inner, depth + 1) for inner in value if type(inner) in (dict, list))


def _careful(raw: bytes, kind: Kind) -> Accepted | Rejected:
    if len(raw) > _ELEMENT_BYTES:
        return Rejected(raw, f"larger than {_ELEMENT_BYTES:,} bytes")
    try:
        text = _ESCAPE.sub(_readable, raw.decode("utf-8")).replace("\0", "�")
        if _depth(raw) > _DEPTH:
            return Rejected(raw, f"nested deeper than {_DEPTH} levels")
        json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
        return Accepted(text.encode(), kind.one.validate_json(text))
    except UnicodeDecodeError:
        return Rejected(raw, "not valid UTF-8")
    except PydanticError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return Rejected(raw, f"{'.'.join(str(word) for word in first['loc'])}: {first['msg']}")
    except (ValueError, RecursionError) as error:
        return Rejected(raw, str(error) or "nested too deeply")


def _readable(escape: re.Match[str]) -> str:
    """A JSON escape as it is, unless it stands for what no database can hold."""
    code = escape[1]
    if code is not None and (code == "0000" or (code[0] in "dD" and code[1] in "89abcdefABCDEF")):
        return "\\ufffd"
    return escape[0]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key comes twice in one object")
    return members


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for token in _TOKEN.finditer(raw):
        if token[0] in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in b"]}":
            depth -= 1
    return deepest


def _split_loosely(body: bytes) -> Page:
    """The elements of a body that is not quite JSON, by its brackets; a reader of last resort."""
    depth, start, elements, before = 0, None, [], b""
    inside = False
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
            if depth == 2 and mark == b"[" and before == b'"elements"':
                inside, start = True, token.end()
        elif mark in (b"]", b"}"):
            if inside and depth == 2 and start is not None:
                elements.append(body[start : token.start()].strip())
                inside = False
            depth -= 1
        elif mark == b"," and inside and depth == 2 and start is not None:
            elements.append(body[start : token.start()].strip())
            start = token.end()
        before = mark
    if depth != 0 or start is None or inside:
        raise DataFetchError(
            "LinkedIn's answer cannot be read.",
            why="It is not a whole JSON collection with `elements`.",
            next_step="Sync again; if it stays so, LinkedIn may be under maintenance.",
        )
    token_found = re.search(rb'"nextPageToken"\s*:\s*("(?:[^"\\]|\\.)*")', body)
    next_page_token = json.loads(token_found[1]) if token_found else None
    return Page([element for element in elements if element], next_page_token or None)
