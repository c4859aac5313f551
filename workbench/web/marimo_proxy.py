"""Pass on only the requests of marimo that a page in run mode makes, and hide our paths in pages.

All other requests get 404. Scripts and styles are the same for all pages, so all pages take them from one address,
`<base_url>/assets/`. marimo serves them below each page anew; a browser would load and compile them again for every
page, which is half of the time that opening the next page takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.web.security.responses import Refusal, refuse

NO_PAGE = Refusal(404, "There is no such page.", "Use the navigation of the workbench.")

# What a page in run mode asks for (watched in Chromium, marimo 0.25). Left out, and so refused: code, files, exports,
# packages, terminal, language servers, AI, sessions of others.
_GET = re.compile(
    r"(?:|health|assets/[\w./-]+|@file/[0-9]{1,12}-[^/]+|favicon\.ico|manifest\.json|[\w-]+\.png|public-files-sw\.js)"
)
_POST = frozenset({f"api/kernel/{name}" for name in ("set_ui_element_value", "set_model_value", "function_call")})
_WEBSOCKET = frozenset({"ws"})


class PageRequests:
    """Lets a page have what it needs of marimo, and nothing else."""

    def __init__(self, app: ASGIApp, *, base_url: str, names: Sequence[str]) -> None:
        self.app = app
        pages = "|".join(map(re.escape, names))
        self._path = re.compile(f"{re.escape(base_url)}/(?:{pages})/(.*)")
        self._shared, self._first = f"{base_url}/assets/", f"{base_url}/{names[0]}/assets/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(self._shared):
            scope = {**scope, "path": scope["path"].replace(self._shared, self._first, 1)}
        if self._needed(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await refuse(NO_PAGE, Headers(scope=scope))(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _needed(self, scope: Scope) -> bool:
        found = self._path.fullmatch(scope["path"])
        if found is None:
            return False
        if scope["type"] == "websocket":
            return found[1] in _WEBSOCKET
        if scope["method"] == "POST":
            return found[1] in _POST
        return scope["method"] in ("GET", "HEAD") and _GET.fullmatch(found[1]) is not None


def conceal(html: bytes, texts: Sequence[str]) -> bytes:
    """A page without `texts`, however it spells them: plainly, escaped for JSON or HTML, or as part of a URL."""
    for text in texts:
        for spelling in {text, json.dumps(text)[1:-1], escape(text), quote(text), quote(text, safe="")}:
            html = html.replace(spelling.encode(), b"")
    return html


def share_assets(html: bytes, base_url: str) -> bytes:
    """A page that takes its scripts and styles from `<base_url>/assets/`; those they name are found beside them."""
    return html.replace(b'"./assets/', f'"{base_url}/assets/'.encode())
