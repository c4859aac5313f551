"""Carry out a fault on a finished answer, or send something else in its place.

Broken elements are made by cutting text, not by a JSON encoder, which would refuse most of them.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import responses
from typing import Any

from starlette.types import Send

from workbench.sandbox.api.paging import ENDLESS
from workbench.sandbox.control.faults import Fault
from workbench.sandbox.refusals import Refusal, access_denied, token_refused
from workbench.sandbox.world.model import MONEY

_HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>We'll be right back</h1></body></html>"
_MIB = 1 << 20


@dataclass
class Answer:
    """An HTTP answer before it is sent."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def instead(fault: Fault, endpoint: str) -> Answer | None:
    """The answer that a fault gives without asking the endpoint; None if it only changes the endpoint's own."""
    if fault.fault == "status":
        return _with_status(fault)
    if fault.fault == "forbid":
        return refused(access_denied(endpoint, "GET", "20260701"))
    if fault.fault == "unauthorized":
        return refused(token_refused(fault.code))
    if fault.fault == "redirect":
        status = fault.status if 300 <= fault.status < 400 else 302
        return Answer(status, b"", {**fault.headers, "Location": fault.url})
    if fault.fault == "html":
        return Answer(fault.status, (fault.body or _HTML).encode(), {**fault.headers, "Content-Type": "text/html"})
    if fault.fault == "empty":
        return Answer(200, b"", dict(fault.headers))
    return None


def refused(refusal: Refusal) -> Answer:
    """A refusal as an answer."""
    return Answer(refusal.status, json.dumps(refusal.body).encode(), dict(refusal.headers))


def _with_status(fault: Fault) -> Answer:
    messages = {429: "Resource level throttle is reached.", 503: "Service unavailable", 504: "Gateway timeout"}
    message = messages.get(fault.status) or responses.get(fault.status, "Unknown status")
    body = json.dumps({"message": message, "status": fault.status}) if fault.body is None else fault.body
    return Answer(fault.status, body.encode(), dict(fault.headers))


def changed(fault: Fault, answer: Answer, query: str) -> Answer:
    """The endpoint's answer as the fault leaves it."""
    if fault.fault in ("truncated_json", "rewrite", "bad_element", "cap", "endless_cursor", "repeated_cursor"):
        return Answer(answer.status, _changed_body(fault, answer.body, query), answer.headers)
    if fault.fault == "bad_gzip":
        squeezed = bytearray(gzip.compress(answer.body))
        squeezed[10:] = b"\xff" * (len(squeezed) - 10)
        return Answer(answer.status, bytes(squeezed), {**answer.headers, "Content-Encoding": "gzip"})
    if fault.fault == "bomb":
        return Answer(200, _bomb(fault.n), {**answer.headers, "Content-Encoding": "gzip"})
    return answer


def _changed_body(fault: Fault, body: bytes, query: str) -> bytes:
    if fault.fault == "truncated_json":
        return body[: max(1, len(body) // 2)]
    if fault.fault == "rewrite":
        return re.sub(fault.find, fault.put, body.decode(), count=1).encode()
    page = json.loads(body)
    if fault.fault == "cap":
        page["elements"] = page.get("elements", [])[: fault.n]
    elif fault.fault == "endless_cursor":
        page.setdefault("metadata", {})["nextPageToken"] = ENDLESS + secrets.token_hex(8)
    elif fault.fault == "repeated_cursor":
        page.setdefault("metadata", {})["nextPageToken"] = ENDLESS
    elif page.get("elements"):
        return _spoiled(page, fault)
    return json.dumps(page).encode()


def _bomb(mebibytes: int) -> bytes:
    """A small gzip stream that unpacks to `mebibytes` of blanks."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * _MIB
    return b"".join([*(squeezer.compress(blanks) for _ in range(mebibytes)), squeezer.flush()])


# --- broken elements ------------------------------


def _spoiled(page: dict[str, Any], fault: Fault) -> bytes:
    """The page with its first elements spoiled, one for each kind."""
    texts = [json.dumps(element) for element in page["elements"]]
    for place, kind in enumerate(fault.kinds):
        if kind == "duplicate_row":
            texts.append(texts[-1])
        elif place < len(page["elements"]):
            texts[place] = _SPOILERS[kind](page["elements"][place])
    rest = {name: value for name, value in page.items() if name != "elements"}
    return f'{{{json.dumps(rest)[1:-1]}{"," if rest else ""}"elements":[{",".join(texts)}]}}'.encode()


def _identifier(element: dict[str, Any]) -> str:
    return next(name for name in ("id", "pivotValues", "urn", "account") if name in element)


def _number(element: dict[str, Any]) -> str:
    """A field that holds a count, or the id."""
    counts = (name for name, value in element.items() if type(value) is int and name != "id")
    return next(counts, _identifier(element))


def _replaced(element: dict[str, Any], name: str, text: str) -> str:
    """The element with the raw JSON `text` as the value of `name`."""
    marked = json.dumps({**element, name: "\x00mark\x00"})
    return marked.replace(json.dumps("\x00mark\x00"), text, 1)


def _with_text(element: dict[str, Any], text: str) -> str:
    """The raw JSON string `text` where the element has a name, or as its identifier."""
    if "pivotValues" in element:
        return _replaced(element, "pivotValues", f"[{text}]")
    return _replaced(element, "name", text)


def _decimal(element: dict[str, Any]) -> str:
    return next((name for name in element if name in MONEY), "unitCost")


_SPOILERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing_id": lambda e: json.dumps({name: value for name, value in e.items() if name != _identifier(e)}),
    "wrong_type": lambda e: _replaced(e, _identifier(e), '{"what":"is this"}'),
    "nan": lambda e: _replaced(e, _number(e), "NaN"),
    "null_element": lambda e: "null",
    "deep_nesting": lambda e: _replaced(e, "extension", "[" * 5_000 + "]" * 5_000),
    "lone_surrogate": lambda e: _with_text(e, r'"half \ud83d of a pair"'),
    "nul": lambda e: _with_text(e, r'"a \u0000 in the middle"'),
    "duplicate_key": lambda e: f'{json.dumps(e)[:-1]},"{_identifier(e)}":{json.dumps(e[_identifier(e)])}}}',
    "huge_integer": lambda e: _replaced(e, _number(e), "1" + "0" * 30),
    "fraction": lambda e: _replaced(e, _number(e), "12.5"),
    "boolean": lambda e: _replaced(e, _number(e), "true"),
    "empty_decimal": lambda e: _replaced(e, _decimal(e), '""'),
    "worded_decimal": lambda e: _replaced(e, _decimal(e), '"about twelve"'),
}


# --- on the socket ------------------------------


class Connection:
    """The TCP connection of one request, so that a fault can end it."""

    def __init__(self, cycle: Any) -> None:
        self._cycle = cycle

    @classmethod
    def of(cls, send: Send) -> Connection:
        """The connection of the server's own `send`, a method of the object on which uvicorn keeps its transport."""
        return cls(getattr(send, "__self__", None))

    async def drop(self) -> None:
        """Close the connection without an answer.

        Raises:
            RuntimeError: the app runs without a server.
        """
        if self._cycle is None:
            raise RuntimeError("dropping a connection needs the server's own send")
        self._cycle.disconnected = True
        self._cycle.transport.abort()
        await asyncio.sleep(0)


async def send_cut(send: Send, connection: Connection, head: dict[str, Any], body: bytes) -> None:
    """Promise the whole body, send half of it, hang up."""
    await send(head)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await asyncio.sleep(0.05)  # let the half leave before the line goes dead
    await connection.drop()


async def send_slowly(send: Send, head: dict[str, Any], body: bytes, seconds: float) -> None:
    """Send the body in twenty drops."""
    await send(head)
    size = max(1, len(body) // 20)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(seconds / len(pieces))
    await send({"type": "http.response.body", "body": b""})
