"""Read the id of an ad account as people write it: a number, or LinkedIn's URN of it."""

from __future__ import annotations

import re

URN = "urn:li:sponsoredAccount:"


def account_id(text: str) -> int | None:
    """The id in `512345678` or `urn:li:sponsoredAccount:512345678`; None if it is neither."""
    digits = text.strip().removeprefix(URN)
    return int(digits) if re.fullmatch(r"[0-9]{1,18}", digits) else None
