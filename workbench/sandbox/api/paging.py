"""LinkedIn's two ways to page: cursors bound to their query, and `start`/`count`.

Source: LinkedIn docs "Cursor based pagination" and "Pagination".
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from workbench.sandbox.api.restli import Query
from workbench.sandbox.refusals import Refusal, invalid_param, plain
from workbench.sandbox.switches import Switches

DEFAULT_PAGE = 100
ENDLESS = "sandboxEndless"
"""Tokens that begin so are answered with the first page; the endless-cursor fault hands them out."""


def cursor_page(
    query: Query, found: Sequence[dict[str, Any]], *, scope: str, largest: int, switches: Switches
) -> dict[str, Any]:
    """One page of `found`, with `metadata.nextPageToken` while there is more.

    Args:
        query: the request; `pageSize` and `pageToken` are read here.
        found: everything the finder matches, in a stable order.
        scope: all other parameters and the path, to which the token is bound.
        largest: the endpoint's greatest `pageSize`.
        switches: whether pages come short, and how large they get.
    """
    size = query.integer("pageSize", DEFAULT_PAGE)
    largest = min(largest, switches.largest_page or largest)
    if not 1 <= size <= largest:
        raise plain(400, f"pageSize must be between 1 and {largest}")
    scope = f"{scope}&pageSize={size}"
    start = _offset(query.text("pageToken"), scope)
    given = max(1, size - 1) if switches.short_pages else size
    end = start + min(given, switches.page_limit or given)
    metadata = {"nextPageToken": _token(end, scope)} if end < len(found) else {}
    return {"metadata": metadata, "elements": list(found[start:end])}


def _token(offset: int, scope: str) -> str:
    text = json.dumps([offset, _digest(offset, scope)], separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def _offset(token: str | None, scope: str) -> int:
    if token is None or token.startswith(ENDLESS):
        return 0
    try:
        offset, digest = json.loads(base64.b64decode(token, validate=True))
    except ValueError as error:
        raise invalid_param("pageToken") from error
    if not isinstance(offset, int) or digest != _digest(offset, scope):
        raise invalid_param("pageToken")
    return offset


def _digest(offset: int, scope: str) -> str:
    return hashlib.sha256(f"{offset}|{scope}".encode()).hexdigest()[:24]


def index_page(
    query: Query, found: Sequence[dict[str, Any]], path: str, *, page_limit: int | None = None
) -> dict[str, Any]:
    """One page of `found` by `start` and `count`."""
    start, count = query.integer("start", 0), query.integer("count", 10)
    if count > 1_000:
        raise _too_large()
    links = []
    given = min(count, page_limit or count)
    if start + given < len(found):
        href = f"{path}&start={start + given}&count={count}"
        links.append({"type": "application/json", "rel": "next", "href": href})
    return {
        "paging": {"start": start, "count": count, "links": links, "total": len(found)},
        "elements": list(found[start : start + given]),
    }


def _too_large() -> Refusal:
    return plain(400, "Specified count is larger than 1000")
