"""Sign in: open the consent page, receive LinkedIn's redirect, exchange its code for a token.

The redirect arrives on loopback (`login`), or a person pastes it (`begin`, then `finish`). It prints nothing.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from workbench import logs
from workbench.clock import Clock, utc_now
from workbench.errors import AuthenticationError, ConfigurationError, ValidationError, WorkbenchError
from workbench.linkedin.auth import oauth
from workbench.linkedin.auth.oauth import App
from workbench.linkedin.auth.oauth_errors import PORTAL
from workbench.linkedin.auth.redirect_listener import Callback, can_listen, page
from workbench.linkedin.auth.token import SIGN_IN, Token
from workbench.linkedin.auth.token_file import TokenFile
from workbench.linkedin.http_client import check_client
from workbench.logs import hide, redact
from workbench.settings.fields import Settings

WAIT_SECONDS = 180.0
STATE_LIFE = timedelta(minutes=10)
_RETURN = "Return to the terminal or the start page"
_FAILED = "The sign-in to LinkedIn was not completed."


class Consent:
    """One request for consent; the redirect that answers it is accepted once, for ten minutes."""

    def __init__(self, app: App, *, now: datetime) -> None:
        self.app = app
        self._state: str | None = secrets.token_urlsafe(32)
        self._ends_at = now + STATE_LIFE
        self.url = oauth.authorization_url(app, state=self._state)

    def reply(self, query: str) -> str | None:
        """The page for the browser that LinkedIn sent back, None for a query that does not answer this request."""
        answer = _parameters(query)
        if not self._mine(answer):
            return None
        if "code" in answer:
            return page("LinkedIn has answered", f"{_RETURN} to see the result. You can close this tab.")
        return page("Not signed in", f"{_RETURN} to see the reason. You can close this tab.")

    def redeem(self, query: str, *, now: datetime) -> SecretStr:
        """The code in LinkedIn's redirect; the second call finds the state spent.

        Raises:
            AuthenticationError: the redirect belongs to another request, is too late, or carries a refusal.
            ConfigurationError: LinkedIn does not let the app ask for these scopes.
        """
        answer = _parameters(query)
        mine, self._state = self._mine(answer), None
        if not mine:
            raise _not_completed("LinkedIn's answer belongs to another sign-in.")
        if now > self._ends_at:
            raise _not_completed("It took longer than ten minutes.")
        if not (code := answer.get("code")):
            raise explained(answer.get("error", ""), self.app)
        hide(code)
        return SecretStr(code)

    def _mine(self, answer: dict[str, str]) -> bool:
        state = answer.get("state", "").encode(errors="replace")
        return self._state is not None and secrets.compare_digest(state, self._state.encode())


async def login(
    settings: Settings,
    *,
    open_url: Callable[[str], object],
    announce: Callable[[str], None],
    timeout: float = WAIT_SECONDS,  # noqa: ASYNC109  # a person's patience, not a task's
    clock: Clock = utc_now,
) -> Token:
    """Sign in with a browser and store the token.

    Args:
        settings: app, redirect URI and token file.
        open_url: shows a person the consent page; runs in a thread of its own, since some browsers hold it.
        announce: called with texts for the user; one has the address, in case no browser opens.
        timeout: seconds to wait for LinkedIn's redirect.
        clock: the time.

    Raises:
        ConfigurationError: app or redirect URI cannot be used.
        AuthenticationError: the user did not consent.
        LinkedInAPIError: LinkedIn could not be reached.
        StorageError: the token cannot be stored.
    """
    with logs.event("sign-in", way="browser"):
        return await _login(settings, open_url, announce, timeout, clock)


async def _login(
    settings: Settings,
    open_url: Callable[[str], object],
    announce: Callable[[str], None],
    seconds: float,
    clock: Clock,
) -> Token:
    consent = begin(settings, clock=clock)
    uri = consent.app.redirect_uri
    if not can_listen(uri):
        raise ConfigurationError(
            "LinkedIn's answer cannot be received here.",
            why=f"LINKEDIN_REDIRECT_URI is {uri}, which is not plain http on this machine.",
            next_step="Run `workbench auth login --paste`, or register http://localhost:8765/callback and use it.",
        )
    await TokenFile(settings.token_file).probe()  # before a person spends time on it
    async with Callback(uri, consent.reply) as callback:
        announce(f"Allow access on LinkedIn's page; if no browser opens, open this address:\n\n{consent.url}\n")
        announce(f"Waiting for the answer at {uri}; Ctrl-C stops.")
        _in_background(open_url, consent.url, callback)
        try:
            query = await callback.query(seconds)
        except TimeoutError:
            raise _no_answer(uri, seconds) from None
    return await _store(settings, consent.app, consent.redeem(query, now=clock()), clock)


def begin(settings: Settings, *, clock: Clock = utc_now) -> Consent:
    """Begin a request for consent whose redirect the caller passes to `finish`.

    Raises:
        ConfigurationError: the app cannot be used.
    """
    app = oauth.read_app(settings)
    check_client(app.origin)  # before a person spends time on it
    return Consent(app, now=clock())


async def finish(settings: Settings, consent: Consent, redirected: str, *, clock: Clock = utc_now) -> Token:
    """Sign in with the address that the browser was sent back to, and store the token.

    Raises:
        ValidationError: this is not such an address.
        Otherwise as `login`.
    """
    with logs.event("sign-in", way="paste"):
        query = _pasted_query(redirected, consent.app.redirect_uri)
        return await _store(settings, consent.app, consent.redeem(query, now=clock()), clock)


async def _store(settings: Settings, app: App, code: SecretStr, clock: Clock) -> Token:
    token = await oauth.exchange(app, code, clock=clock)
    file = TokenFile(settings.token_file)
    async with file.locked():
        file.write(token)
    return token


def _in_background(open_url: Callable[[str], object], url: str, callback: Callback) -> None:
    """Open the page in a daemon thread: asyncio would wait for its own threads at Ctrl-C."""
    loop = asyncio.get_running_loop()

    def show() -> None:
        try:
            open_url(url)
        except Exception as error:  # whatever it is belongs to the one who waits
            with suppress(RuntimeError):  # no caller waits any more
                loop.call_soon_threadsafe(callback.fail, error)

    threading.Thread(target=show, name="open-url", daemon=True).start()


def _parameters(query: str) -> dict[str, str]:
    """The parameters that occur exactly once; repeated ones are left out."""
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _pasted_query(text: str, redirect_uri: str) -> str:
    text = text.strip().strip("'\"<>")
    try:
        parts, expected = urlsplit(text), urlsplit(redirect_uri)
    except ValueError:
        parts, expected = urlsplit(""), urlsplit(redirect_uri)
    if (parts.scheme, parts.netloc, parts.path or "/") != (expected.scheme, expected.netloc, expected.path or "/"):
        raise ValidationError(
            "This is not the address LinkedIn sent the browser to.",
            why=f"It does not start with {redirect_uri}.",
            next_step="Sign in again and copy the whole address bar, even if the page shows an error.",
        )
    return parts.query


def explained(error: str, app: App) -> WorkbenchError:
    """LinkedIn's error on the redirect in plain words.

    Source: LinkedIn docs, "Authorization Code Flow", step 2; `unauthorized_scope_error` is observed.
    """
    if error == "user_cancelled_login":
        return _not_completed("No user logged in on LinkedIn's page.")
    if error == "user_cancelled_authorize":
        return _not_completed("The access was declined on LinkedIn's page; the workbench only reads.")
    if error == "unauthorized_scope_error":
        return ConfigurationError(
            _FAILED,
            why=f"The app may not ask for all of these scopes: {', '.join(app.scopes)}.",
            next_step=f"Add the product Advertising API to your app at {PORTAL}, or correct LINKEDIN_SCOPES.",
        )
    code = redact(error) if re.fullmatch(r"[A-Za-z_]{1,60}", error) else "no code and no known error"
    return _not_completed(f"LinkedIn answered: {code}.")


def _not_completed(why: str) -> AuthenticationError:
    return AuthenticationError(_FAILED, why=why, next_step=SIGN_IN)


def _no_answer(uri: str, seconds: float) -> AuthenticationError:
    return AuthenticationError(
        _FAILED,
        why=f"LinkedIn did not answer within {seconds:.0f} seconds.",
        next_step=f"Sign in again. If LinkedIn's page showed an error, list {uri} exactly so on the app's Auth tab; "
        "if the browser is on another machine, use `workbench auth login --paste`.",
    )
