"""Ask LinkedIn whether a sign-in could begin with this app, before a person spends time on it."""

from __future__ import annotations

import asyncio
import secrets
from urllib.parse import parse_qs, urlsplit

import httpx

from workbench.errors import ConfigurationError
from workbench.linkedin.auth import oauth
from workbench.linkedin.auth.login import explained
from workbench.linkedin.auth.oauth import App
from workbench.linkedin.auth.oauth_errors import PORTAL
from workbench.linkedin.http_client import as_http_errors, http_client

_SECONDS = 15
_BODY_BYTES = 2**20
_REFUSED = "LinkedIn would not begin a sign-in with this app."


async def check_consent(app: App) -> bool:
    """Whether LinkedIn answers with the page on which a sign-in begins; false if it could not be asked.

    It signs in no user and sends no secret.
    Source of the refusals: LinkedIn docs, "Authorization Code Flow", errors of step 2.

    Raises:
        ConfigurationError: LinkedIn refuses the client id, the redirect address or the scopes.
    """
    url = oauth.authorization_url(app, state=secrets.token_urlsafe(16))
    body = b""
    try:
        with as_http_errors():
            async with (
                asyncio.timeout(_SECONDS),
                http_client(app.origin, timeout=_SECONDS) as http,
                http.stream("GET", url) as response,
            ):
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _BODY_BYTES:
                        break
    except (httpx.HTTPError, TimeoutError):
        return False
    location = response.headers.get("location", "")
    if location.startswith(app.redirect_uri):
        error = parse_qs(urlsplit(location).query).get("error", [""])[0]
        if error:
            raise explained(error, app)
    if response.status_code in (400, 401, 403):
        raise _refusal(app, body.decode("utf-8", "replace"))
    return response.status_code < 400


def _refusal(app: App, text: str) -> ConfigurationError:
    """LinkedIn's page of refusal in plain words; its own text is only searched, never shown."""
    client = "LinkedIn does not know the client id in LINKEDIN_CLIENT_ID."
    redirect = f"The redirect address {app.redirect_uri} is not listed on the app's Auth tab exactly like this."
    if "client_id" in text and "redirect_uri" not in text:
        why = client
    elif "redirect_uri" in text and "client_id" not in text:
        why = redirect
    else:
        why = f"One of two things: {client} Or: {redirect}"
    step = f"Compare both with the Auth tab of your app at {PORTAL}; then run `workbench init` again."
    return ConfigurationError(_REFUSED, why=why, next_step=step)
