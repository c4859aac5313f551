"""Check and convert the values of a question's parameters, and check their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from workbench.schema import pivots, resources

LEGAL_NAMES: Mapping[str, tuple[str, ...]] = {"pivot": pivots.SHOWN, "resource": resources.NAMES}
"""The values of parameters that name something of the workbench's own."""


def read_text(text: str, kind: str) -> Any:
    """The value of a text for a parameter of a type; members of a list are separated by commas.

    Raises:
        ValueError: it says none; the message is what it should be, such as `a day as YYYY-MM-DD`.
    """
    if kind.endswith("[]"):
        return [read_text(part.strip(), kind.removesuffix("[]")) for part in text.split(",")]
    try:
        return _READERS[kind](text.strip() if kind != "text" else text)
    except (ValueError, InvalidOperation):
        raise ValueError(DESCRIPTIONS[kind]) from None


def checked(name: str, value: Any, kind: str) -> Any:
    """The value in the type that the engines take. Days and moments may be texts, lists may be tuples or sets.

    Raises:
        ValueError: it is not of the type, or no legal name; the message says which are, and names the parameter.
    """
    if value is None:
        return None
    if isinstance(value, tuple | set | frozenset):
        value = list(value)
    if isinstance(value, str) and kind in ("date", "timestamptz"):
        try:
            value = read_text(value, kind)
        except ValueError as error:
            raise ValueError(f"{name} must be {error}, not {value!r}.") from None
    if not _ACCEPTED[kind](value):
        shown = f"{type(value).__name__} {value!r}" if isinstance(value, int | float | str | date) else "that"
        raise ValueError(f"{name} must be {DESCRIPTIONS[kind]} ({kind}), not {shown}.")
    if name in LEGAL_NAMES and value not in LEGAL_NAMES[name]:
        raise ValueError(f"{name} must be one of {', '.join(LEGAL_NAMES[name])}, not {value!r}.")
    return value


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


_READERS: Mapping[str, Callable[[str], Any]] = {
    "bigint": int,
    "numeric": _number,
    "text": str,
    "date": _day,
    "timestamptz": _moment,
}

DESCRIPTIONS: Mapping[str, str] = {
    "bigint": "a whole number",
    "bigint[]": "a list of whole numbers",
    "text": "a text",
    "text[]": "a list of texts",
    "date": "a day as YYYY-MM-DD",
    "timestamptz": "a moment with its offset from UTC, such as 2026-11-22T06:00:00Z",
    "numeric": "a number",
}


def _is_bigint(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _is_date(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


_ACCEPTED: Mapping[str, Callable[[Any], bool]] = {
    "bigint": _is_bigint,
    "bigint[]": lambda value: isinstance(value, list) and all(map(_is_bigint, value)),
    "text": _is_text,
    "text[]": lambda value: isinstance(value, list) and all(map(_is_text, value)),
    "date": _is_date,
    "timestamptz": _is_moment,
    "numeric": lambda value: isinstance(value, int | float | Decimal) and not isinstance(value, bool),
}

PARAMETER_TYPES = tuple(_ACCEPTED)
