"""Read JSON as text: its tokens, escapes, numbers, depth and keys. No network, no disk."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from workbench.linkedin.mending import Spelled, spelled

DEPTH = 64  # levels of nesting that a sane element never reaches
_NO_NUMBER = (b"NaN", b"Infinity")
_HUGE = re.compile(rb"[eE][+-]?[0-9]{3}|[0-9]{300}")
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[][{},]', re.DOTALL)  # an open string ends with the text
_ESCAPE = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\(?:u(\w{4})|.)", re.DOTALL)


def has_strange_numbers(joined: bytes) -> bool:
    """Whether a JSON text holds NaN, Infinity, or a number of hundreds of digits."""
    return any(word in joined for word in _NO_NUMBER) or _HUGE.search(joined) is not None


def storable(text: str) -> str:
    """JSON text in which U+FFFD replaces lone surrogates and NUL, which no database can hold."""
    return _ESCAPE.sub(_readable, text).replace("\0", "�")


def parsed(text: str) -> Any:
    """The value of a JSON text, its numbers as they are spelled.

    Raises:
        ValueError: it is not JSON, a key comes twice in one object, or a number is beyond what a double can hold.
        RecursionError: it is nested too deeply for Python.
    """
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_number)


def is_too_deep(raw: bytes) -> bool:
    """Whether a JSON text is nested deeper than `DEPTH` levels."""
    return raw.count(b"{") + raw.count(b"[") > DEPTH and _depth(raw) > DEPTH


def count_keys(value: Any, depth: int = 0) -> int:
    """The number of keys of all objects in a value.

    Raises:
        RecursionError: it is nested deeper than `DEPTH` levels.
    """
    if depth > DEPTH:
        raise RecursionError
    if type(value) is dict:
        return len(value) + sum(count_keys(inner, depth + 1) for inner in value.values() if type(inner) in (dict, list))
    return sum(count_keys(inner, depth + 1) for inner in value if type(inner) in (dict, list))


def _readable(escape: re.Match[str]) -> str:
    """The replacement of a JSON escape: itself, or U+FFFD where no database can hold the character."""
    code = escape[1]
    if code is not None and (code == "0000" or (code[0] in "dD" and code[1] in "89abcdefABCDEF")):
        return "\\ufffd"
    return escape[0]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key comes twice in one object")
    return members


def _number(digits: str) -> Spelled:
    """A number that a double can hold; a database refuses those with thousands of places."""
    value = spelled(digits)
    if math.isinf(value) or (float(value) == 0 and digits.lower().partition("e")[0].strip("-0.")):
        raise ValueError("a number beyond all measure")
    return value


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


def element_spans(body: bytes) -> list[tuple[int, int]]:
    """The start and end of each element of `elements`; nothing if there is no such list, or more than one."""
    spans: list[tuple[int, int]] = []
    depth, start, before, ended = 0, -1, b"", False
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark == b"[" and before == b'"elements"' and depth == 1:
            if ended:
                return []
            start = token.end()
        elif mark in (b",", b"]") and depth == 2 and start >= 0:
            spans.append((start, token.start()))
            start, ended = (token.end(), False) if mark == b"," else (-1, True)
        if mark in (b"[", b"{"):
            depth += 1
        elif mark in (b"]", b"}"):
            depth -= 1
        before = mark
    return spans if ended and depth == 0 else []
