"""LinkedIn's OAuth: grants, codes and tokens of one member for one application. HTTP is in `endpoints.py`.

Source: LinkedIn docs "Authorization Code Flow", "Programmatic Refresh Tokens", "Token Introspection".
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from workbench.sandbox.clock import Clock
from workbench.sandbox.refusals import Refusal, oauth_error, token_refused

ACCESS_SECONDS = 60 * 86_400
REFRESH_SECONDS = 365 * 86_400
CODE_SECONDS = 30 * 60
DEFAULT_SCOPES = ("r_ads", "r_ads_reporting")
ENABLED_SCOPES = (
    "r_ads",
    "r_ads_reporting",
    "r_basicprofile",
    "r_organization_social",
    "r_marketing_leadgen_automation",
)
DEFAULT_REDIRECT = "http://localhost:8765/callback"

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Code:
    redirect_uri: str
    scopes: frozenset[str]
    expires_at: int


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token, access or refresh; times are epoch seconds."""

    scopes: frozenset[str]
    authorized_at: int
    created_at: int
    expires_at: int
    usable_at: int
    revoked: bool = False


@dataclass
class Authority:
    """LinkedIn's authorization server with one application registered.

    Attributes:
        redirect_uris: registered redirect URLs; matched exactly, query ignored.
        any_loopback_redirect: also accept every http URL on loopback.
        enabled_scopes: what the application's products allow.
        refresh_tokens: whether the application may refresh programmatically.
        auto_approve: answer the authorization URL at once, as if the member had pressed Allow.
        propagation_seconds: how long a new access token is answered with 401.
        access_seconds: life of an access token.
    """

    clock: Clock
    client_id: str = "78sandboxclient0"
    client_secret: str = field(default="WPL_AP1.sandbox.c2VjcmV0", repr=False)
    redirect_uris: list[str] = field(default_factory=lambda: [DEFAULT_REDIRECT])
    any_loopback_redirect: bool = False
    enabled_scopes: frozenset[str] = frozenset(ENABLED_SCOPES)
    refresh_tokens: bool = True
    auto_approve: bool = False
    propagation_seconds: int = 0
    access_seconds: int = ACCESS_SECONDS
    _codes: dict[str, Code] = field(default_factory=dict, repr=False)
    _access: dict[str, Token] = field(default_factory=dict, repr=False)
    _refresh: dict[str, Token] = field(default_factory=dict, repr=False)

    # --- consent ------------------------------------------------------------------------------------------------

    def accepts_redirect(self, uri: str) -> bool:
        """Whether `uri` is registered; query arguments do not count, a fragment is never accepted."""
        parts = urlsplit(uri)
        if parts.fragment or "#" in uri or not parts.scheme or not parts.netloc:
            return False
        if self.any_loopback_redirect and parts.scheme == "http" and parts.hostname in _LOOPBACK:
            return True
        return uri.partition("?")[0] in {registered.partition("?")[0] for registered in self.redirect_uris}

    def refused_scope(self, scopes: Iterable[str]) -> str | None:
        """The first scope that the application does not have."""
        return next((scope for scope in scopes if scope not in self.enabled_scopes), None)

    def grant(self, redirect_uri: str, scopes: Iterable[str]) -> str:
        """The code of a consent. Another set of scopes than before kills the member's earlier tokens."""
        granted = frozenset(scopes)
        for tokens in (self._access, self._refresh):
            for name, token in tokens.items():
                if token.scopes != granted:
                    tokens[name] = replace(token, revoked=True)
        code = "AQ" + secrets.token_urlsafe(90)
        expires_at = self.clock.seconds() + CODE_SECONDS
        self._codes[code] = Code(redirect_uri=redirect_uri, scopes=granted, expires_at=expires_at)
        return code

    # --- tokens -------------------------------------------------------------------------------------------------

    def issue(
        self, scopes: Iterable[str], *, expires_in: int | None = None, authorized_at: int | None = None
    ) -> tuple[str, Token]:
        """A new access token, without consent."""
        now = self.clock.seconds()
        token = Token(
            scopes=frozenset(scopes),
            authorized_at=now if authorized_at is None else authorized_at,
            created_at=now,
            expires_at=now + (self.access_seconds if expires_in is None else expires_in),
            usable_at=now + self.propagation_seconds,
        )
        name = "AQ" + secrets.token_urlsafe(300)
        self._access[name] = token
        return name, token

    def exchange(self, form: dict[str, str]) -> dict[str, object]:
        """Answer a token request of either grant type.

        Raises:
            Refusal: with LinkedIn's error code for what is wrong.
        """
        grant_type = _needed(form, "grant_type")
        if grant_type == "authorization_code":
            return self._by_code(form)
        if grant_type == "refresh_token":
            return self._by_refresh_token(form)
        if grant_type == "client_credentials":
            raise oauth_error(401, "access_denied", "This application is not allowed to create application tokens")
        raise oauth_error(400, "invalid_request", f'The parameter "grant_type" does not support "{grant_type}"')

    def _by_code(self, form: dict[str, str]) -> dict[str, object]:
        text, redirect_uri = _needed(form, "code"), _needed(form, "redirect_uri")
        self._authenticate(form)
        code = self._codes.pop(text, None)
        if code is None:
            raise oauth_error(401, "invalid_request", "Unable to retrieve access token: authorization code not found")
        if code.redirect_uri != redirect_uri or code.expires_at <= self.clock.seconds():
            raise oauth_error(
                400,
                "invalid_redirect_uri",
                "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code."
                " Or authorization code expired. Or external member binding exists",
            )
        access, token = self.issue(code.scopes)
        answer = self._answer(access, token)
        if self.refresh_tokens:
            refresh = "AQ" + secrets.token_urlsafe(270)
            lasting = replace(token, expires_at=token.created_at + REFRESH_SECONDS)
            self._refresh[refresh] = lasting
            answer |= {"refresh_token": refresh, "refresh_token_expires_in": REFRESH_SECONDS}
        return answer

    def _by_refresh_token(self, form: dict[str, str]) -> dict[str, object]:
        text = _needed(form, "refresh_token")
        self._authenticate(form)
        lasting = self._refresh.get(text)
        left = 0 if lasting is None else lasting.expires_at - self.clock.seconds()
        if lasting is None or lasting.revoked or left <= 0:
            raise oauth_error(
                400,
                "invalid_request",
                "The provided authorization grant or refresh token is invalid, expired or revoked",
            )
        expires_in = min(self.access_seconds, left)
        access, token = self.issue(lasting.scopes, expires_in=expires_in, authorized_at=lasting.authorized_at)
        return self._answer(access, token) | {"refresh_token": text, "refresh_token_expires_in": left}

    def _answer(self, access: str, token: Token) -> dict[str, object]:
        return {
            "access_token": access,
            "expires_in": token.expires_at - token.created_at,
            "scope": ",".join(sorted(token.scopes)),
            "token_type": "Bearer",
        }

    def _authenticate(self, form: dict[str, str]) -> None:
        if not self._is_client(_needed(form, "client_id"), _needed(form, "client_secret")):
            raise oauth_error(401, "invalid_client", "Client authentication failed")

    def _is_client(self, client_id: str, secret: str) -> bool:
        same_secret = secrets.compare_digest(secret.encode(), self.client_secret.encode())
        return client_id == self.client_id and same_secret

    def introspect(self, form: dict[str, str]) -> dict[str, object]:
        """LinkedIn's answer about a token."""
        client_id, secret, text = (_needed(form, name) for name in ("client_id", "client_secret", "token"))
        if client_id != self.client_id:
            raise oauth_error(400, "invalid_request", "Invalid client id")
        if not self._is_client(client_id, secret):
            raise oauth_error(401, "invalid_client", "Client authentication failed")
        token = self._access.get(text) or self._refresh.get(text)
        if token is None:
            return {"active": False}
        status = "revoked" if token.revoked else "expired" if token.expires_at <= self.clock.seconds() else "active"
        return {
            "active": status == "active",
            "status": status,
            "scope": ",".join(sorted(token.scopes)),
            "client_id": self.client_id,
            "created_at": token.created_at,
            "authorized_at": token.authorized_at,
            "expires_at": token.expires_at,
            "auth_type": "3L",
        }

    def revoke_all(self) -> None:
        """The member withdraws consent: every token is revoked."""
        for tokens in (self._access, self._refresh):
            for name, token in tokens.items():
                tokens[name] = replace(token, revoked=True)

    def token_of(self, authorization: str | None) -> Token:
        """The token of a request's `Authorization` header.

        Raises:
            Refusal: 401, with the code LinkedIn uses for this state of the token.
        """
        scheme, _, text = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise token_refused("EMPTY_ACCESS_TOKEN")
        token = self._access.get(text.strip())
        now = self.clock.seconds()
        if token is None:
            raise token_refused("INVALID_ACCESS_TOKEN")
        if token.revoked or now < token.usable_at:
            raise token_refused("REVOKED_ACCESS_TOKEN")
        if token.expires_at <= now:
            raise token_refused("EXPIRED_ACCESS_TOKEN")
        return token


def _needed(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise _missing(name)
    return value


def _missing(name: str) -> Refusal:
    return oauth_error(400, "invalid_request", f'A required parameter "{name}" is missing')


def split_scopes(text: str) -> list[str]:
    """Scopes as a request lists them: by space, some tools by comma."""
    return [scope for scope in re.split(r"[ ,+]+", text) if scope]
