"""One request to LinkedIn's REST API, as httpx takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from workbench.linkedin.error_mapping import Subject
from workbench.linkedin.restli import QUERY_BYTES


@dataclass(frozen=True)
class Request:
    """A request before the token is known.

    Attributes:
        subject: what is read, for messages.
        path: from the origin on.
        query: encoded.
    """

    subject: Subject
    path: str
    query: str
    headers: Mapping[str, str]

    def as_http(self, origin: str, token: SecretStr) -> dict[str, object]:
        """Arguments for httpx; a query too long for a URL travels in a tunnelled POST."""
        sent = {**self.headers, "Authorization": f"Bearer {token.get_secret_value()}"}
        if len(self.query) <= QUERY_BYTES:
            return {"method": "GET", "url": httpx.URL(f"{origin}{self.path}?{self.query}"), "headers": sent}
        sent |= {"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}
        return {"method": "POST", "url": httpx.URL(f"{origin}{self.path}"), "headers": sent, "content": self.query}
