"""Pass the viewer of a page from the request to the question: a kernel asks only for what its viewer may see.

1. `Viewers` writes the login into the scope of each request and WebSocket; marimo hands it to the kernel with every
   command (`mo.app_meta().request.meta`). What a visitor sends cannot reach that place.
2. marimo runs one kernel on one thread. The login of its first command owns the thread; a later command of another
   login gets nothing.
3. marimo identifies a kernel by an id that the browser chose. `Viewers` mixes the login into it, so that no id leads to
   the kernel of another login.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.queries.sources import Accounts
from workbench.web.account_rules import AccountRules

_LOGIN = "workbench_login"
_SESSION = "session_id"
_SESSION_HEADER = b"marimo-session-id"


class Viewers:
    """Middleware behind the guard, and the answer to `Access.accounts`.

    Args:
        rules: what each login may see.
        login: the name of the login that a request or WebSocket comes with; None: it has none.
    """

    def __init__(self, rules: AccountRules, login: Callable[[HTTPConnection], str | None]) -> None:
        self.rules, self._login = rules, login
        self._thread = threading.local()
        self._key = secrets.token_bytes(32)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The app, where each request carries its login; the app itself if logins make no difference."""
        if self.rules.logins is None:
            return app

        async def known(scope: Scope, receive: Receive, send: Send) -> None:
            await app(self._known(scope), receive, send)

        return known

    def accounts(self) -> Accounts:
        """The accounts that may be seen by the viewer of the kernel on this thread; elsewhere none."""
        if self.rules.logins is None:
            return self.rules.everyone
        if getattr(self._thread, "for_all", False):
            return self.rules.allowed_to_any()
        return self.rules.allowed(self._owner())

    def for_all(self, ready: Callable[[], Mapping[str, Any]]) -> Callable[[], Mapping[str, Any]]:
        """A health check that looks at the accounts of all viewers."""

        def checked() -> Mapping[str, Any]:
            self._thread.for_all = True
            try:
                return ready()
            finally:
                self._thread.for_all = False

        return checked

    def _owner(self) -> str | None:
        import marimo

        request = marimo.app_meta().request
        stored = request.meta.get(_LOGIN) if request is not None else None
        login = stored if isinstance(stored, str) else None
        owner: str | None = getattr(self._thread, "owner", None)
        if owner is None:
            self._thread.owner = login
        elif login is not None and login != owner:
            return None
        return owner or login

    def _known(self, scope: Scope) -> Scope:
        if scope["type"] not in ("http", "websocket"):
            return scope
        login = self._login(HTTPConnection(scope)) or ""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        own = [(name, self._own(value, login) if name == _SESSION else value) for name, value in query]
        headers = [
            (name, self._own(value.decode("latin-1"), login).encode() if name.lower() == _SESSION_HEADER else value)
            for name, value in scope["headers"]
        ]
        return {**scope, "query_string": urlencode(own).encode(), "headers": headers, "meta": {_LOGIN: login}}

    def _own(self, session: str, login: str) -> str:
        """A session's id that no other login can send."""
        mixed = blake2b(f"{login}\0{session}".encode(errors="replace"), key=self._key, digest_size=16)
        return f"s_{mixed.hexdigest()}"
