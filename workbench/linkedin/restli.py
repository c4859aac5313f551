"""Encode requests and interpret answers in LinkedIn's Rest.li 2.0: parameters, headers, refusals. No I/O.

Source: Microsoft Learn, "Rest.li protocol version 2.0", "Error handling", "Rate limits"; the kinds of 429 as observed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any
from urllib.parse import quote

from workbench.logs import redact

PROTOCOL = "2.0.0"
QUERY_BYTES = 4_000  # LinkedIn answers 414 above 4 KB; a longer query is tunnelled

Value = str | int | bool | date | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True)
class Plain:
    """A value that goes out as it is: `fields` takes literal commas and no `List()`."""

    text: str


def encode(value: Value | Plain) -> str:
    """A value on the wire: leaves percent-encoded with no safe character, structure literal.

    A sequence is `List(a,b)`, a mapping `(key:value)`, a date `(year:…,month:…,day:…)`, an empty string `''`.
    """
    match value:
        case Plain(text):
            return text
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return quote(value, safe="") if value else "''"
        case date():
            return encode({"year": value.year, "month": value.month, "day": value.day})
        case Mapping():
            return f"({','.join(f'{encode(key)}:{encode(member)}' for key, member in value.items())})"
        case _:
            return f"List({','.join(map(encode, value))})"


def query(parameters: Mapping[str, Value | Plain]) -> str:
    """A finished query string; no HTTP library may encode it again."""
    return "&".join(f"{name}={encode(value)}" for name, value in parameters.items())


def headers(version: str, method: str | None = None) -> dict[str, str]:
    """The headers of every request. `version` is `YYYYMM`, `method` Rest.li's (`FINDER`, `BATCH_GET`)."""
    fixed = {"LinkedIn-Version": version, "X-Restli-Protocol-Version": PROTOCOL, "Accept-Encoding": "gzip"}
    return fixed | ({"X-RestLi-Method": method} if method else {})


class Meaning(Enum):
    """The kind of an answer: what the client has to do next."""

    OK = "take it"
    PASSING = "a fault that passes by itself: ask again soon"
    BUSY = "a burst limit: ask again in about a minute"
    METRIC_VALUES = "45 million metric values in 5 minutes: pause all analytics"
    QUOTA = "the day's quota of this endpoint is spent: ask again after 00:00 UTC"
    TOKEN = "the token is not accepted"  # noqa: S105  (a meaning, not a token)
    FORBIDDEN = "this resource is not ours to read"
    VERSION = "LinkedIn-Version has been retired"
    REFUSED = "asking again changes nothing"


@dataclass(frozen=True)
class Refusal:
    """An answer that is not 200, as far as its body can be read.

    Attributes:
        retry_after: seconds LinkedIn asks us to wait (it has never been seen to), or None.
    """

    meaning: Meaning
    status: int
    code: str | None
    message: str
    retry_after: float | None = None

    def __str__(self) -> str:
        code = f" ({self.code})" if self.code else ""
        return (
            f"LinkedIn answered {self.status}{code}: {self.message}" if self.message else f"HTTP {self.status}{code}."
        )


def refusal(status: int, answer_headers: Mapping[str, str], body: bytes, now: datetime) -> Refusal:
    """The meaning of an answer that is not 200. The body may be any of five JSON families, or HTML."""
    members = _members(body)
    message = _sentence(members.get("message") or members.get("error_description"))
    code = _code(members.get("code"))
    after = _retry_after(answer_headers.get("retry-after"), now)
    return Refusal(_meaning(status, code, message), status, code, message, after)


def next_midnight(now: datetime) -> datetime:
    """00:00 UTC after `now`: when daily quotas start anew."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def _meaning(status: int, code: str | None, message: str) -> Meaning:
    match status:
        case 429 if "million" in message or "5-minute" in message:
            return Meaning.METRIC_VALUES
        case 429 if "DAY" in message:
            return Meaning.QUOTA
        case 429:
            return Meaning.BUSY
        case 401:
            return Meaning.TOKEN
        case 403:
            return Meaning.FORBIDDEN
        case 426:
            return Meaning.VERSION
        case 400 if code == "VERSION_MISSING":
            return Meaning.VERSION
        case 408 | 500 | 502 | 503 | 504:
            return Meaning.PASSING
        case _:
            return Meaning.REFUSED


def _members(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _sentence(message: object) -> str:
    """LinkedIn's words on one line, without secrets and without characters that a log or a database cannot hold."""
    words = redact(str(message or "").encode("utf-8", "replace").decode().replace("\0", " ")).split()
    return " ".join(words)[:300]


def _code(code: object) -> str | None:
    """A word such as `ACCESS_DENIED`; nothing else is a code."""
    return code if isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", redact(code)) else None


def _retry_after(text: str | None, now: datetime) -> float | None:
    """Seconds from now, from seconds or an HTTP date; None for nonsense."""
    if not text:
        return None
    if re.fullmatch(r"\s*-?[0-9]+\s*", text):
        return max(0.0, float(text))  # a thousand digits are infinity
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
