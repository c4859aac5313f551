"""The requests to the sandbox, for tests to count; no token, secret or body is kept."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Entry:
    """One request. `status` is 0 while it is under way or when the connection was dropped."""

    endpoint: str
    method: str
    path: str
    query: str
    headers: dict[str, str] = field(repr=False)
    at: float
    status: int = 0
    fault: str | None = None
    seconds: float | None = None


_SECRET = frozenset({"authorization", "cookie"})


class Journal:
    """Every request since the start, or since `clear()`."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.under_way = 0
        self.most_at_once = 0

    def open(self, endpoint: str, method: str, path: str, query: str, headers: dict[str, str]) -> Entry:
        shown = {name: value for name, value in headers.items() if name not in _SECRET}
        entry = Entry(endpoint=endpoint, method=method, path=path, query=query, headers=shown, at=time.time())
        self.entries.append(entry)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        return entry

    def close(self, entry: Entry) -> None:
        entry.seconds = time.time() - entry.at
        self.under_way -= 1

    def count(self, endpoint: str | None = None) -> int:
        """Requests to an endpoint, or to all."""
        return sum(endpoint in (None, entry.endpoint) for entry in self.entries)

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(entry.endpoint for entry in self.entries))

    def of(self, endpoint: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.endpoint == endpoint]

    def clear(self) -> None:
        self.entries.clear()
        self.most_at_once = self.under_way

    def as_dict(self) -> dict[str, Any]:
        return {
            "counts": self.counts,
            "most_at_once": self.most_at_once,
            "requests": [asdict(entry) for entry in self.entries],
        }
