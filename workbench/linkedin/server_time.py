"""Read LinkedIn's time."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from workbench.linkedin.http_client import as_http_errors, http_client


async def server_time(origin: str) -> datetime | None:
    """LinkedIn's time, from the header `Date` (in seconds); None if it is missing. No data is asked for.

    Raises:
        httpx.HTTPError: there is no answer.
        ConfigurationError: a proxy or certificates that the environment names cannot be used.
    """
    async with http_client(origin, timeout=5) as http:
        with as_http_errors():
            answer = await http.head(f"{origin}/")
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None
