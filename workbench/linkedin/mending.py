"""Read what is odd about one element: other spellings of numbers exactly, odd attributes of an entity as null. Pure.

A number has one value however it is written: `1E+2`, `"+100.0"` and 100 are the same. Anything else that a field cannot
hold stays odd: an attribute of an entity becomes null, and a row of figures is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from workbench.linkedin.kinds import Kind

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_PLACES = 60  # more than any field holds, on either side of the point
_TRIES = 30  # oddities of one element

Place = tuple[str | int, ...]


class Spelled(float):
    """A number with a point or an exponent, as it was written."""

    text: str


def spelled(text: str) -> Spelled:
    """The number with its spelling; for `parse_float` of JSON."""
    number = Spelled(text)
    number.text = text
    return number


def mended(element: Any, kind: Kind[Any]) -> tuple[str, str | None] | None:
    """The JSON of an element that its record accepts, and what of it had to become null; None if that cannot be.

    Args:
        element: decoded, with `spelled` for its numbers; it is changed.
    """
    nulled: list[str] = []
    for _ in range(_TRIES):
        odd = _oddities(element, kind)
        if not odd:
            return _encoded(element), "; ".join(nulled) or None
        place, reason = odd[0]
        if _respelled(element, place, kind):
            continue
        if not kind.entity or not _nulled(element, place, kind):
            return None
        nulled.append(f"{reason}; taken as null")
    return None


def _oddities(element: Any, kind: Kind[Any]) -> list[tuple[Place, str]]:
    """The places at which the record refuses the element, with the reasons."""
    try:
        kind.one.validate_json(_encoded(element))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        return [(_place(element, one["loc"]), f"{'.'.join(map(str, one['loc']))}: {one['msg']}") for one in found]
    return []


def _place(element: Any, loc: Sequence[str | int]) -> Place:
    """As much of a location as leads to something; what follows names a member of a union."""
    place: list[str | int] = []
    for step in loc:
        is_member = isinstance(element, dict) and step in element
        if not is_member and not (isinstance(element, list) and isinstance(step, int) and step < len(element)):
            break
        element = _at(element, (step,))
        place.append(step)
    return tuple(place)


def _respelled(element: Any, place: Place, kind: Kind[Any]) -> bool:
    """Put another spelling of the same number in its place, if the record takes one."""
    if not place:
        return False
    holder = _at(element, place[:-1])
    before = holder[place[-1]]
    for candidate in _spellings(before):
        holder[place[-1]] = candidate
        if _is_sound(element, place, kind):
            return True
    holder[place[-1]] = before
    return False


def _spellings(value: Any) -> list[int | str]:
    text = value.text if isinstance(value, Spelled) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return []
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _PLACES or len(number.as_tuple().digits) > _PLACES:
        return []
    whole = [int(number)] if number == number.to_integral_value() else []
    return [*whole, f"{number:f}"]


def _nulled(element: Any, place: Place, kind: Kind[Any]) -> bool:
    """Put null in the place, or in the attribute around it."""
    for end in range(len(place), 0, -1):
        holder = _at(element, place[: end - 1])
        before = holder[place[end - 1]]
        holder[place[end - 1]] = None
        if _is_sound(element, place[:end], kind):
            return True
        holder[place[end - 1]] = before
    return False


def _is_sound(element: Any, place: Place, kind: Kind[Any]) -> bool:
    return all(odd[: len(place)] != place for odd, _ in _oddities(element, kind))


def _at(element: Any, place: Place) -> Any:
    for step in place:
        element = element[step]
    return element


def _encoded(value: Any) -> str:
    """Compact JSON, numbers as they were written."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_encoded(key)}:{_encoded(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_encoded, value)) + "]"
    return value.text if isinstance(value, Spelled) else json.dumps(value, ensure_ascii=False)
