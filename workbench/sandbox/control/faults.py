"""Faults to order: which request goes wrong, how often, and in which way; `fault_effects.py` carries them out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = frozenset(
    {
        "status",
        "drop",
        "cut",
        "truncated_json",
        "html",
        "empty",
        "slow",
        "drip",
        "bad_gzip",
        "bomb",
        "redirect",
        "forbid",
        "unauthorized",
        "cap",
        "bad_element",
        "endless_cursor",
        "repeated_cursor",
        "rewrite",
    }
)
BAD_ELEMENTS = (
    "missing_id",
    "wrong_type",
    "nan",
    "null_element",
    "deep_nesting",
    "duplicate_row",
    "lone_surrogate",
    "nul",
    "duplicate_key",
    "huge_integer",
    "fraction",
    "boolean",
    "empty_decimal",
    "worded_decimal",
)


@dataclass(kw_only=True)
class Fault:
    """One order.

    Attributes:
        match: an endpoint's name (`adAnalytics`, `accessToken`, …), or a regular expression searched for in
            `METHOD /path?query`.
        fault: one of `KINDS`.
        nth: the first matching request that is hit, counted from 1.
        every: from there on each `every`-th.
        times: how many are hit at most; None: without end.
        status: of `status`, `html` and `redirect`.
        headers: extra headers, such as `Retry-After`.
        body: text of the answer for `status` and `html`; None: a body such as LinkedIn's.
        retry_after: shorthand for that header.
        seconds: of `slow` (before the answer) and `drip` (in all).
        n: of `cap` (elements) and `bomb` (mebibytes).
        url: of `redirect`.
        kinds: of `bad_element`.
        find: of `rewrite`: a regular expression, searched for in the text of the answer.
        put: of `rewrite`: what the first match becomes; it may name groups.
        code: of `unauthorized`: which of LinkedIn's 401 codes.
    """

    match: str
    fault: str
    nth: int = 1
    every: int = 1
    times: int | None = 1
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    retry_after: str | None = None
    seconds: float = 1.0
    n: int = 10
    url: str = "http://127.0.0.1:9/elsewhere"
    kinds: Sequence[str] = ("missing_id",)
    find: str = ""
    put: str = ""
    code: str = "INVALID_ACCESS_TOKEN"
    seen: int = 0
    hit: int = 0

    def __post_init__(self) -> None:
        if self.fault not in KINDS:
            raise ValueError(f"no such fault: {self.fault!r}; there are {', '.join(sorted(KINDS))}")
        if unknown := set(self.kinds) - set(BAD_ELEMENTS):
            raise ValueError(f"no such bad element: {', '.join(sorted(unknown))}")
        if self.retry_after is not None:
            self.headers = {**self.headers, "Retry-After": str(self.retry_after)}

    def concerns(self, endpoint: str, request: str) -> bool:
        return self.match == endpoint or bool(re.search(self.match, request))

    def strikes(self) -> bool:
        """Count a matching request; whether it is hit."""
        self.seen += 1
        due = self.seen >= self.nth and (self.seen - self.nth) % self.every == 0
        if not due or (self.times is not None and self.hit >= self.times):
            return False
        self.hit += 1
        return True


class Faults:
    """The standing orders, oldest first; the first one that strikes a request decides."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []

    def add(self, match: str, fault: str, **details: Any) -> Fault:
        """Order a fault; see `Fault` for the details."""
        order = Fault(match=match, fault=fault, **details)
        self.orders.append(order)
        return order

    def clear(self) -> None:
        self.orders.clear()

    def strike(self, endpoint: str, request: str) -> Fault | None:
        """The fault for this request, if any."""
        concerned = [order for order in self.orders if order.concerns(endpoint, request)]
        struck = [order for order in concerned if order.strikes()]
        return struck[0] if struck else None

    def as_list(self) -> list[dict[str, Any]]:
        return [asdict(order) for order in self.orders]
