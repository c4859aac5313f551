"""Read LinkedIn's time."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from workbench.paths import is_loopback


async def server_time(origin: str) -> datetime | None:
    """LinkedIn's time, from the header `Date` (in seconds); None if it is missing. No data is asked for.

    Raises:
        httpx.HTTPError: there is no answer.
    """
    trust_env = not is_loopback(urlsplit(origin).hostname or "")
    async with httpx.AsyncClient(timeout=5, follow_redirects=False, trust_env=trust_env) as http:
        try:
            answer = await http.head(f"{origin}/")
        except ssl.SSLError as error:  # httpx lets those through that come after the handshake
            raise httpx.ReadError(str(error)) from error
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None
