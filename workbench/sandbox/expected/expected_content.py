"""What an ad shows, as the table of ads must have it: format, texts, landing page and its tags."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from workbench.sandbox.world.model import Element

_TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_FIRST_LINES = 200


def shown_by(creative: Element, post: Element | None) -> dict[str, Any]:
    """The columns about what a creative shows; `post` is the post it refers to, where that may be read."""
    post = post or {}
    own: Element = next(iter(creative.get("content", {}).values()), {})
    own = own if isinstance(own, dict) else {}
    article = post.get("content", {}).get("article", {})
    title = article.get("title") or post.get("content", {}).get("media", {}).get("title")
    page = _text(own, "landingPage") or post.get("contentLandingPage") or article.get("source") or None
    text = _text(own, "description") or post.get("commentary")
    return {
        "format": _format(creative.get("content", {}), post.get("content", {})),
        "introductory_text": text[:_FIRST_LINES] if text else None,
        "headline": _text(own, "headline") or title or None,
        "landing_page": page,
        **_tags(page or ""),
    }


def _text(shown: Element, name: str) -> str | None:
    value = shown.get(name)
    return value if isinstance(value, str) and value else None


def _format(content: Element, of_post: Element) -> str | None:
    kind = next(iter(content), None)
    if kind == "reference":
        if ":adInMailContent:" in content["reference"]:
            return "MESSAGE"
        kind = next(iter(of_post), None)
        if kind == "media":
            return str(of_post["media"]["id"]).split(":")[2].upper()
    return re.sub("([a-z])([A-Z])", r"\1_\2", kind).upper() if kind else None


def _tags(page: str) -> dict[str, str | None]:
    """The tags of an address, names in any case, values decoded; one that is no text stays as it is written."""
    found: dict[str, str | None] = dict.fromkeys(_TAGS)
    written = dict(pair.split("=", 1) for pair in urlsplit(page).query.split("&") if "=" in pair)
    for name, value in written.items():
        if name.lower() not in found or not value:
            continue
        try:
            decoded = parse_qsl(f"x={value}", errors="strict")[0][1]
        except UnicodeDecodeError:
            decoded = value
        found[name.lower()] = decoded.replace("\0", "") or None
    return found
