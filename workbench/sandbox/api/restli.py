"""Read a Rest.li 2.0 query string as strictly as LinkedIn does; it forgives no encoding mistake.

Grammar (Rest.li protocol 2.0): a value is `List(a,b)`, a record `(key:value,…)` or a primitive, whose reserved
characters are percent-encoded exactly once. `fields` is the exception: a projection with literal commas.
Source: LinkedIn docs "Protocol version"; answers to mistakes as observed on the live API.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from workbench.sandbox.refusals import (
    Refusal,
    field_invalid,
    illegal_argument,
    invalid_param,
    missing_param,
    not_projectable,
    param_not_allowed,
)

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_PRIMITIVE = re.compile(r"[^(),:]*")
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_URN = re.compile(r"urn:li:[A-Za-z]+:(?:\d+|[A-Za-z0-9_-]+|\(.*\))")
_MAX_DEPTH = 20


class Malformed(ValueError):
    """Text that is no Rest.li value."""


def parse_value(text: str) -> Value:
    """The value `text` spells.

    Raises:
        Malformed: it spells none.
    """
    value, end = _value(text, 0, 0)
    if end != len(text):
        raise Malformed(f"unexpected {text[end]!r} at {end}")
    return value


def _value(text: str, at: int, depth: int) -> tuple[Value, int]:
    if depth > _MAX_DEPTH:
        raise Malformed("nested too deeply")
    if text.startswith("List(", at):
        return _list(text, at + 5, depth)
    if text.startswith("(", at):
        return _record(text, at + 1, depth)
    return _primitive(text, at)


def _list(text: str, at: int, depth: int) -> tuple[Value, int]:
    items: list[Value] = []
    if text.startswith(")", at):
        return items, at + 1
    while True:
        item, at = _value(text, at, depth + 1)
        items.append(item)
        if _next_item(text, at):
            return items, at + 1
        at += 1


def _record(text: str, at: int, depth: int) -> tuple[Value, int]:
    members: dict[str, Value] = {}
    if text.startswith(")", at):
        return members, at + 1
    while True:
        key, at = _primitive(text, at)
        if not text.startswith(":", at) or key in members:
            raise Malformed(f"a record needs one value per key at {at}")
        members[key], at = _value(text, at + 1, depth + 1)
        if _next_item(text, at):
            return members, at + 1
        at += 1


def _next_item(text: str, at: int) -> bool:
    """True at the closing parenthesis, False at a comma."""
    mark = text[at : at + 1]
    if mark not in (",", ")"):
        raise Malformed(f"expected ',' or ')' at {at}")
    return mark == ")"


def _primitive(text: str, at: int) -> tuple[str, int]:
    match = _PRIMITIVE.match(text, at)
    raw = match.group() if match else ""
    if not raw or ("'" in raw and raw != "''"):
        raise Malformed(f"a value is missing or not encoded at {at}")
    return ("" if raw == "''" else decode(raw)), at + len(raw)


def decode(raw: str) -> str:
    """Percent-decoding, once; `+` stays a plus.

    Raises:
        Malformed: a stray `%`, or bytes that are no UTF-8.
    """
    if _BROKEN_PERCENT.search(raw):
        raise Malformed("a percent sign that encodes nothing")
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error


def raw_params(query: str) -> dict[str, str]:
    """Parameters by name, values still as sent.

    Raises:
        Refusal: a parameter that is repeated.
    """
    params: dict[str, str] = {}
    for piece in filter(None, query.split("&")):
        raw_name, _, raw = piece.partition("=")
        try:
            name = decode(raw_name)
        except Malformed as error:
            raise invalid_param(raw_name) from error
        if name in params:
            raise illegal_argument(name, "Parameter must not be repeated")
        params[name] = raw
    return params


class Query:
    """The parameters of one request, read by the type each must have.

    Protocol 1.0, which is what a request without `X-Restli-Protocol-Version: 2.0.0` speaks, knows no `List()` and no
    records, so their text is a plain string there and is refused wherever a structure is due.
    """

    def __init__(self, query: str, *, protocol: str = "2.0.0", allowed: Collection[str] = ()) -> None:
        self._raw = raw_params(query)
        self._protocol = protocol
        for name in self._raw:
            if name not in allowed:
                raise param_not_allowed(name)

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def raw(self, name: str) -> str | None:
        return self._raw.get(name)

    def value(self, name: str) -> Value | None:
        """Whatever `name` holds, or None."""
        raw = self._raw.get(name)
        if raw is None:
            return None
        try:
            return decode(raw) if self._protocol == "1.0.0" else parse_value(raw)
        except Malformed as error:
            raise invalid_param(name) from error

    def text(self, name: str) -> str | None:
        value = self.value(name)
        if value is None or isinstance(value, str):
            return value
        raise invalid_param(name)

    def integer(self, name: str, default: int) -> int:
        text = self.text(name)
        if text is None:
            return default
        if not re.fullmatch(r"\d{1,9}", text):
            raise invalid_param(name)
        return int(text)

    def enum(self, name: str, known: Collection[str]) -> str | None:
        """A name out of `known`, plain or wrapped as `(value:NAME)`."""
        value = self.value(name)
        if isinstance(value, dict) and set(value) == {"value"}:
            value = value["value"]
        if value is None:
            return None
        if not isinstance(value, str) or value not in known:
            raise field_invalid(name, f"ERROR :: /{name} :: {value!r} is not an enum symbol")
        return value

    def texts(self, name: str) -> list[str] | None:
        """A list of primitives."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise field_invalid(f"{name}/value", "ERROR :: /value :: array type is not backed by a DataList")
        return [_primitive_item(name, item) for item in value]

    def urns(self, name: str, *kinds: str) -> list[str] | None:
        """A list of URNs, of the given kinds if any are given."""
        found = self.texts(name)
        if found is not None:
            for text in found:
                _check_urn(name, text, kinds)
        return found

    def urn(self, name: str, *kinds: str) -> str | None:
        text = self.text(name)
        if text is not None:
            _check_urn(name, text, kinds)
        return text

    def fields(self, schema: str, known: Collection[str] | None = None) -> list[str] | None:
        """The names of a projection; commas and parentheses must be literal.

        Raises:
            Refusal: an encoded comma, or a name the schema does not have.
        """
        raw = self._raw.get("fields")
        if raw is None:
            return None
        names = split_projection(raw)
        for name in names:
            plain = name.partition(":")[0]
            if not re.fullmatch(r"\w+(:\([\w,:()]+\))?", name) or (known is not None and plain not in known):
                raise not_projectable(name, schema)
        return names


def split_projection(raw: str) -> list[str]:
    """`["a", "b:(c,d)"]` for `a,b:(c,d)`."""
    names, depth, start = [], 0, 0
    for at, mark in enumerate(raw):
        depth += (mark == "(") - (mark == ")")
        if mark == "," and depth == 0:
            names.append(raw[start:at])
            start = at + 1
    return [*names, raw[start:]]


def required(value: object, name: str) -> None:
    """Refuse when `value` is None."""
    if value is None:
        raise missing_param(name)


def _primitive_item(name: str, item: Value) -> str:
    if isinstance(item, str):
        return item
    raise invalid_param(name)


def _check_urn(name: str, text: str, kinds: tuple[str, ...]) -> None:
    kind = text.split(":", 3)[2] if text.count(":") >= 3 else ""
    if not _URN.fullmatch(text) or (kinds and kind not in kinds):
        raise _urn_refused(name, text)


def _urn_refused(name: str, text: str) -> Refusal:
    return field_invalid(name, f"ERROR :: /{name} :: {text!r} is not a valid URN")
