"""Open the user's browser without a secret in its command line, which every account of the machine may read."""

from __future__ import annotations

import os
import sys
import webbrowser
from html import escape
from pathlib import Path

from workbench.temporary_folder import fresh_name

_REDIRECT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={address}"><title>LinkedIn Ads Workbench</title></head>
<body><p><a href="{address}">Continue</a></p></body></html>
"""


def can_show_a_page() -> bool:
    """Whether this process can reach a display, and so a browser that the user sees."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_privately(address: str) -> bool:
    """Open `address` in a browser; whether one was started.

    The browser gets the name of a file that only this account can read, and that leads to `address`. It is
    removed when the process ends. Without a place for it no browser is opened: the address was printed.
    """
    name = fresh_name()
    if not name:
        return False
    page = Path(f"{name}.html")
    try:
        descriptor = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_REDIRECT.format(address=escape(address)))
    except OSError:
        return False
    return webbrowser.open(page.as_uri())
