"""The OAuth 2.0 client for LinkedIn: consent URL, code exchange, refresh, introspection.

It stores nothing and opens no file.

    authorization_url ──▶ (a person consents) ──code──▶ exchange ──▶ Token ──refresh──▶ Token
                                                                      └─────introspect──▶ Introspection

Source: LinkedIn docs, "Authorization Code Flow (3-legged OAuth)", "Programmatic Refresh Tokens", "Token Introspection".
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, TypeVar
from urllib.parse import quote, urlencode

import httpx
import stamina
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic import ValidationError as PydanticError

from workbench.clock import Clock, utc_now
from workbench.errors import ConfigurationError
from workbench.linkedin.auth.oauth_errors import PORTAL, Request, passes, refusal, unreachable, unreadable
from workbench.linkedin.auth.token import Scopes, Secret, Token
from workbench.linkedin.http_client import as_http_errors, http_client, obstacle
from workbench.logs import hide
from workbench.settings.fields import Settings

_TIMEOUT = httpx.Timeout(20, connect=10)
_DEADLINE = 20.0  # seconds until the whole answer is there
_BODY_BYTES = 2**20

_PATHS: dict[Request, str] = {
    "exchange": "/oauth/v2/accessToken",
    "refresh": "/oauth/v2/accessToken",
    "introspection": "/oauth/v2/introspectToken",
}


@dataclass(frozen=True, kw_only=True)
class App:
    """The developer app at LinkedIn that the workbench uses."""

    client_id: str
    client_secret: SecretStr
    redirect_uri: str
    scopes: tuple[str, ...]
    origin: str


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Introspection(_Answer):
    """LinkedIn's own answer about a token.

    Attributes:
        active: False also for a token of another app.
        status: `active`, `expired` or `revoked`; None if LinkedIn left it out.
        authorized_at: the moment of consent.
    """

    active: bool
    status: str | None = None
    scopes: Scopes = Field(default=(), validation_alias="scope")
    client_id: str | None = None
    created_at: AwareDatetime | None = None
    authorized_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    auth_type: str | None = None


Seconds = Annotated[int, Field(gt=0, lt=100 * 365 * 86_400)]


class _Granted(_Answer):
    access_token: Secret
    expires_in: Seconds
    refresh_token: Annotated[Secret | None, BeforeValidator(lambda text: text or None)] = None
    refresh_token_expires_in: Seconds | None = None
    scope: Scopes | None = None


_Kind = TypeVar("_Kind", bound=_Answer)


def has_app(settings: Settings) -> bool:
    return bool(settings.LINKEDIN_CLIENT_ID and settings.LINKEDIN_CLIENT_SECRET)


def read_app(settings: Settings) -> App:
    """The app of the settings.

    Raises:
        ConfigurationError: client id or client secret is missing.
    """
    if not (settings.LINKEDIN_CLIENT_ID and settings.LINKEDIN_CLIENT_SECRET):
        raise ConfigurationError(
            "The workbench has no LinkedIn app to sign in with.",
            why="LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET must both be set.",
            next_step=f"Open or create your app at {PORTAL}, then run `workbench init`, which asks for both.",
        )
    hide(settings.LINKEDIN_CLIENT_SECRET.get_secret_value())
    return App(
        client_id=settings.LINKEDIN_CLIENT_ID,
        client_secret=settings.LINKEDIN_CLIENT_SECRET,
        redirect_uri=settings.LINKEDIN_REDIRECT_URI,
        scopes=settings.LINKEDIN_SCOPES,
        origin=settings.LINKEDIN_OAUTH_URL,
    )


def authorization_url(app: App, *, state: str) -> str:
    """The page on which a member consents."""
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": " ".join(app.scopes),
        "state": state,
    }
    return f"{app.origin}/oauth/v2/authorization?{urlencode(query, quote_via=quote, safe='')}"


async def exchange(app: App, code: SecretStr, *, clock: Clock = utc_now) -> Token:
    """The token for a code; codes live 30 minutes and work once.

    Raises:
        AuthenticationError: LinkedIn does not accept the code.
        ConfigurationError: LinkedIn does not accept the app.
        LinkedInAPIError: no readable answer.
    """
    hide(code.get_secret_value())
    form = {"grant_type": "authorization_code", "code": code.get_secret_value(), "redirect_uri": app.redirect_uri}
    granted = _read(_Granted, await _ask(app, "exchange", form), "exchange")
    return _token(granted, app, clock())


async def refresh(app: App, token: Token, refresh_token: SecretStr, *, clock: Clock = utc_now) -> Token:
    """The successor of `token`; the end of its refresh token stays where it was.

    Raises:
        TokenExpiredError: a person must consent again.
        ConfigurationError: LinkedIn does not accept the app.
        LinkedInAPIError: no readable answer.
    """
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token.get_secret_value()}
    granted = _read(_Granted, await _ask(app, "refresh", form), "refresh")
    return _token(granted, app, clock(), previous=token)


async def introspect(app: App, access_token: SecretStr) -> Introspection:
    """Ask LinkedIn about an access token.

    Raises:
        ConfigurationError: LinkedIn does not accept the app.
        LinkedInAPIError: no readable answer.
    """
    content = await _ask(app, "introspection", {"token": access_token.get_secret_value()})
    return _read(Introspection, content, "introspection")


def _token(granted: _Granted, app: App, now: datetime, *, previous: Token | None = None) -> Token:
    """The answer with moments for durations; what a refresh leaves out stays as it was (RFC 6749 §5.1, §6)."""
    refresh_token = granted.refresh_token or (previous.refresh_token if previous else None)
    refresh_ends = previous.refresh_token_expires_at if previous else None
    if refresh_token is not None and granted.refresh_token_expires_in is not None:
        refresh_ends = now + timedelta(seconds=granted.refresh_token_expires_in)
    return Token(
        access_token=granted.access_token,
        expires_at=now + timedelta(seconds=granted.expires_in),
        refresh_token=refresh_token,
        refresh_token_expires_at=refresh_ends,
        scopes=granted.scope or (previous.scopes if previous else app.scopes),
        issued_at=now,
        consented_at=previous.consented_at if previous else now,
        client_id=app.client_id,
    )


async def _ask(app: App, request: Request, form: dict[str, str]) -> bytes:
    """The body of a 200; a request that fails for a passing reason is repeated, for about a minute."""
    credentials = {"client_id": app.client_id, "client_secret": app.client_secret.get_secret_value()}
    content = b""
    async with http_client(app.origin, base_url=app.origin, timeout=_TIMEOUT) as http:
        async for attempt in stamina.retry_context(on=passes, attempts=5, timeout=45, wait_initial=0.5, wait_max=10):
            with attempt:
                status, content = await _post(http, request, form | credentials)
                if status != httpx.codes.OK:
                    raise refusal(request, status, content, redirect_uri=app.redirect_uri)
    return content


async def _post(http: httpx.AsyncClient, request: Request, form: dict[str, str]) -> tuple[int, bytes]:
    """Status and body of one POST; an answer that is too slow or too long is refused."""
    content = b""
    origin = str(http.base_url).rstrip("/")
    try:
        with as_http_errors():
            async with asyncio.timeout(_DEADLINE), http.stream("POST", _PATHS[request], data=form) as response:
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > _BODY_BYTES:
                        raise unreadable(request)
                return response.status_code, content
    except (httpx.HTTPError, TimeoutError) as error:
        reason, between = type(error).__name__, obstacle(error, origin)
    # Outside the except block: httpx's error holds the request, and the request holds the secrets.
    raise unreachable(request, http.base_url.netloc.decode(), reason, between)


def _read(kind: type[_Kind], content: bytes, request: Request) -> _Kind:
    try:
        return kind.model_validate_json(content)
    except PydanticError:
        pass
    # Outside the except block: pydantic's error holds what it read.
    raise unreadable(request)
