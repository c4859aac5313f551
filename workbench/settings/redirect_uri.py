"""Check the address that LinkedIn sends a browser back to after consent."""

from __future__ import annotations

import re
from urllib.parse import urlsplit


def redirect_uri(text: str) -> str:
    """The address as it is; LinkedIn compares it character by character.

    Raises:
        ValueError: it is no absolute http or https URL, or has a fragment, which LinkedIn refuses.
    """
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError(
            "it must be an absolute http or https URL without blanks and without a # part, "
            "such as http://localhost:8765/callback"
        )
    return text
