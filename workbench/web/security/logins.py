"""Admit visitors: by a one-time token, by a password, or because a reverse proxy has signed them in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from workbench.errors import several
from workbench.web.security.origins import Addresses, from_elsewhere
from workbench.web.security.passwords import Attempts, NamedPasswords, Password, network
from workbench.web.security.peers import account_of
from workbench.web.security.responses import Refusal, once_more, refuse, sign_in, sign_out
from workbench.web.security.sessions import Sessions, Tokens

NOT_SIGNED_IN = Refusal(
    403,
    "You are not signed in.",
    "Open the address that the workbench printed when it started. It works once; a new start prints a new one.",
)
USED = Refusal(
    403,
    "This address has been used, or was never valid.",
    "It works once, in one browser. Go back to that one, or start the workbench again for a new address.",
)


VISITOR = "workbench.visitor"  # in the scope of what the guard lets through: who it is, without what lets him in


class Login(Protocol):
    """A way to admit visitors; the interface of all logins."""

    def visitor(self, connection: HTTPConnection) -> str:
        """The key of an admitted visitor; empty: visitors cannot be distinguished."""

    def admits(self, connection: HTTPConnection) -> bool:
        """Whether a request or WebSocket comes from a visitor with a session."""

    def lasts(self, connection: HTTPConnection) -> bool:
        """Whether a WebSocket that was admitted still has its session; asking does not keep the session running."""

    async def answer(self, request: Request) -> Response | None:
        """The answer instead of the app's (a form, a redirect, a refusal); None: the app answers."""

    def name(self, connection: HTTPConnection) -> str | None:
        """The name of the login of an admitted request or WebSocket; None or empty: logins have no names here."""


class ProxyLogin:
    """Trust the reverse proxy in front to sign people in. Only the proxy may be able to reach this port.

    Args:
        header: the header in which the proxy says who is signed in. It must overwrite what visitors send.
    """

    def __init__(self, header: str = "X-Forwarded-User") -> None:
        self._header = header

    def visitor(self, connection: HTTPConnection) -> str:
        return self.name(connection) or ""

    def admits(self, connection: HTTPConnection) -> bool:
        return True

    def lasts(self, connection: HTTPConnection) -> bool:
        return True

    async def answer(self, request: Request) -> Response | None:
        return None

    def name(self, connection: HTTPConnection) -> str | None:
        names = connection.headers.getlist(self._header)
        return names[0] if len(names) == 1 else None  # of two, one may be the visitor's own


class _CookieLogin:
    """A random session cookie, out of reach of scripts and of other sites.

    A browser sends cookies to every port of a host, so the name depends on our addresses: two workbenches on one
    machine do not sign each other out. Programs of other accounts get the cookie, too; so it is bound to the account of
    this machine that signed in, where the system says which that is. By TLS the name says to browsers that no other
    host and no plain HTTP may set it (`__Host-`, or `__Secure-` below a path of its own).
    """

    def __init__(self, addresses: Addresses, *, base_url: str = "", sessions: Sessions | None = None) -> None:
        self.addresses, self.base_url = addresses, base_url
        self.sessions = sessions or Sessions()
        self.cookie = "workbench_" + sha256(" ".join(sorted(addresses.origins)).encode()).hexdigest()[:8]

    def admits(self, connection: HTTPConnection) -> bool:
        """Whether any cookie of our name belongs to a session: another host of the domain may set one of the same name.

        A cookie counts below its path only. Where that is a secret of ours, a stolen cookie alone opens nothing.
        """
        return self._value(connection) is not None

    def lasts(self, connection: HTTPConnection) -> bool:
        return any(map(self.sessions.lasts, self._cookies(connection)))

    def visitor(self, connection: HTTPConnection) -> str:
        return sha256((self._value(connection) or "").encode()).hexdigest()

    def _value(self, connection: HTTPConnection) -> str | None:
        if not f"{connection.scope['path']}/".startswith(f"{self.base_url}/"):
            return None
        values = self._cookies(connection)
        return next((value for value in values if self._fits(value, connection) and self.sessions.alive(value)), None)

    def _fits(self, value: str, connection: HTTPConnection) -> bool:
        """Whether a session may be used by this connection."""
        bound = self.sessions.account(value)
        return bound is None or bound == account_of(connection.scope)

    def name(self, connection: HTTPConnection) -> str | None:
        """The login of the session that lets a visitor in."""
        value = self._value(connection)
        return None if value is None else self.sessions.login(value)

    def _enter(self, request: Request, location: str, login: str = "") -> Response:
        """Start a session and redirect to the page (303, so that address bar and reload hold no token)."""
        response = RedirectResponse(location, status_code=303)
        client = network(request.client.host) if request.client else ""
        value = self.sessions.start(login, account=account_of(request.scope), network=client)
        response.set_cookie(self._name(request), value, **self._flags(request))
        return response

    def _name(self, connection: HTTPConnection) -> str:
        if not self._secure(connection):
            return self.cookie
        return f"__Secure-{self.cookie}" if self.base_url else f"__Host-{self.cookie}"

    def _flags(self, connection: HTTPConnection) -> dict[str, Any]:
        secure = self._secure(connection)
        return {"path": f"{self.base_url}/", "secure": secure, "httponly": True, "samesite": "strict"}

    def _secure(self, connection: HTTPConnection) -> bool:
        return self.addresses.secure(connection.headers["host"])

    def _cookie_withheld(self, request: Request) -> bool:
        """Whether a link on another site led here: then the browser keeps a strict cookie back, signed in or not."""
        return not self._cookies(request) and from_elsewhere(request.headers)

    def _cookies(self, connection: HTTPConnection) -> list[str]:
        pairs = (pair.partition("=") for header in connection.headers.getlist("cookie") for pair in header.split(";"))
        wanted = self._name(connection)
        return [value.strip() for name, _, value in pairs if name.strip() == wanted]


class TokenLogin(_CookieLogin):
    """The first address carries `?token=…`, good once; a session cookie replaces it."""

    def __init__(
        self,
        addresses: Addresses,
        *,
        base_url: str = "",
        sessions: Sessions | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        super().__init__(addresses, base_url=base_url, sessions=sessions)
        self.tokens = tokens or Tokens()

    def address(self, origin: str) -> str:
        """A new address to open, such as `http://127.0.0.1:8080/?token=…`."""
        return f"{origin}{self.base_url}/?token={self.tokens.issue()}"

    async def answer(self, request: Request) -> Response | None:
        token = request.query_params.get("token") if request.method == "GET" else None
        if self.admits(request):  # a second click on the same link in the same browser is no reason to complain
            return None if token is None else RedirectResponse(_without_token(request), status_code=303)
        if token is not None:
            return self._enter(request, _without_token(request)) if self.tokens.spend(token) else _no(request, USED)
        return once_more() if self._cookie_withheld(request) else _no(request, NOT_SIGNED_IN)


class PasswordLogin(_CookieLogin):
    """A form asks for the readers' password; a session cookie remembers the answer."""

    def __init__(
        self,
        password: Password | NamedPasswords,
        addresses: Addresses,
        *,
        base_url: str = "",
        sessions: Sessions | None = None,
        attempts: Attempts | None = None,
    ) -> None:
        super().__init__(addresses, base_url=base_url, sessions=sessions)
        self._password, self._attempts = password, attempts or Attempts()
        self._path, self.way_out = f"{base_url}/login", f"{base_url}/logout"
        self.when_left: Callable[[str], Awaitable[None]] | None = None

    async def answer(self, request: Request) -> Response | None:
        path = request.scope["path"]
        if path == self._path and request.method == "POST":
            return await self._try(request)
        if self.admits(request):
            if path == self.way_out:
                return await self._leave(request)
            return None if path != self._path else RedirectResponse(f"{self.base_url}/", status_code=303)
        if self._cookie_withheld(request):
            return once_more()
        if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
            return _no(request, NOT_SIGNED_IN)
        query = request.scope["query_string"].decode("latin-1")
        return self._form(f"{path}?{query}" if query else path)

    async def _try(self, request: Request) -> Response:
        client = request.client.host if request.client else ""
        fields = _fields(await request.body())
        next_path = self._own_path(fields.get("next", ""))
        if seconds := self._attempts.wait(client):
            response = self._form(
                next_path, f"Too many attempts. Try again in {several(seconds, 'second')}.", status=429
            )
            response.headers["retry-after"] = str(seconds)
            return response
        login = fields.get("login", "") if self._password.named else ""
        if not await asyncio.to_thread(self._password.matches, fields.get("password", ""), login):
            what = "the login and its password" if self._password.named else "the password"
            return self._form(next_path, f"That is not {what}.")
        self._attempts.forgive(client)
        return self._enter(request, next_path, login)

    async def _leave(self, request: Request) -> Response:
        """Ask for confirmation, then end the session in every tab; a link alone changes nothing."""
        if request.method != "POST":
            return sign_out(action=self.way_out, back=f"{self.base_url}/")
        visitor = self.visitor(request)
        for value in self._cookies(request):
            self.sessions.end(value)
        if self.when_left is not None:
            await self.when_left(visitor)
        response = RedirectResponse(f"{self.base_url}/", status_code=303)
        response.delete_cookie(self._name(request), **self._flags(request))
        return response

    def _form(self, next_path: str, message: str = "These reports are private.", *, status: int = 403) -> Response:
        named = self._password.named
        return sign_in(action=self._path, next_path=next_path, message=message, status=status, named=named)

    def _own_path(self, path: str) -> str:
        """`path` if it leads to one of our pages and nowhere else, else the first page."""
        start = f"{self.base_url}/"
        own = path.startswith(start) and not path.startswith("//") and path.isprintable() and "\\" not in path
        return path if own and path not in (self._path, self.way_out) else start


def _no(request: Request, refusal: Refusal) -> Response:
    return refuse(refusal, request.headers)


def _without_token(request: Request) -> str:
    """Path and query of a request, without the token; a path of our own, never `//host`."""
    query = urlsplit(str(request.url)).query
    rest = urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "token"])
    path = "/" + request.url.path.lstrip("/")
    return f"{path}?{rest}" if rest else path


def _fields(body: bytes) -> Mapping[str, str]:
    """A form's fields; of one that is not ours, none."""
    try:
        found = parse_qs(body.decode("latin-1"), max_num_fields=8)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}
