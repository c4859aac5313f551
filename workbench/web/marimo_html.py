"""Rewrite marimo's pages before they are sent: no path of this machine, one address for scripts. Pure.

marimo serves its scripts below each page anew, and a browser that has them under one address loads and compiles them
again for the next: half of what turning a page takes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from urllib.parse import quote


def conceal(html: bytes, texts: Sequence[str]) -> bytes:
    """A page without `texts`, however it spells them: plainly, escaped for JSON or HTML, or as part of a URL."""
    for text in texts:
        for spelling in {text, json.dumps(text)[1:-1], escape(text), quote(text), quote(text, safe="")}:
            html = html.replace(spelling.encode(), b"")
    return html


def share_assets(html: bytes, base_url: str) -> bytes:
    """A page that takes its scripts and styles from `<base_url>/assets/`; those they name are found beside them."""
    return html.replace(b'"./assets/', f'"{base_url}/assets/'.encode())
