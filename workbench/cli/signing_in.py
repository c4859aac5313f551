"""Sign in to LinkedIn from a terminal: in this machine's browser, or by pasting the address of the redirect."""

from __future__ import annotations

import asyncio
import sys

from workbench.browser import open_privately
from workbench.console import tell
from workbench.errors import AuthenticationError, ValidationError
from workbench.linkedin.auth.login import Consent, begin, finish, login
from workbench.linkedin.auth.token import Token
from workbench.logs import redact
from workbench.settings.fields import Settings

ATTEMPTS = 3
"""How often an address may be pasted on a terminal."""

NEXT_STEP = "Next: `workbench sync` fetches your figures; then `workbench open` shows the pages."


def sign_in(settings: Settings, *, paste: bool = False, browser: bool = True) -> Token:
    """Sign in and store the token.

    Args:
        settings: app, redirect address and token file.
        paste: ask for the address that the browser ends at, which needs no port on this machine.
        browser: open the consent page here; else its address is only printed.
    """
    if paste:
        return _by_paste(settings)
    return asyncio.run(login(settings, open_url=open_privately if browser else _leave_closed, announce=tell))


def welcome(token: Token, settings: Settings) -> str:
    """The text after a sign-in: granted scopes, their end, and where the token is stored."""
    lines = ["Signed in to LinkedIn.", f"Scopes: {', '.join(token.scopes)}.", f"Stored in {settings.token_file}."]
    if token.refresh_token is None:
        lines.append(f"This app gets no refresh tokens: sign in again before {token.expires_at:%Y-%m-%d}.")
    if settings.LINKEDIN_ACCESS_TOKEN is not None:
        lines.append("LINKEDIN_ACCESS_TOKEN is set and wins over this sign-in; remove it to use the new one.")
    return "\n".join(lines)


def _leave_closed(url: str) -> None:
    """Open no browser: the user opens the address that was printed."""


def _by_paste(settings: Settings) -> Token:
    """Read the pasted address; on a terminal a wrong one may be corrected, a pipe has only one."""
    consent = _begin(settings)
    attempts = ATTEMPTS if sys.stdin.isatty() else 1
    while True:
        address = _pasted()
        attempts -= 1
        try:
            return asyncio.run(finish(settings, consent, address))
        except (AuthenticationError, ValidationError) as error:
            if not attempts:
                raise
            tell(redact(f"{error.what} {error.why}\n"))
            if isinstance(error, AuthenticationError):  # LinkedIn's answer is used up: another one is needed
                consent = _begin(settings)
            else:
                tell("Paste the whole address from the browser's address bar here:")


def _begin(settings: Settings) -> Consent:
    consent = begin(settings)
    tell(f"Open this address and allow access:\n\n{consent.url}\n")
    tell(f"The browser then ends at {consent.app.redirect_uri}?…, where a page may fail to load; that is fine.")
    tell("Paste that whole address here:")
    return consent


def _pasted() -> str:
    try:
        return input()  # shown as it is typed: the code in it works once, and only with the client secret
    except EOFError:
        raise ValidationError(
            "The sign-in to LinkedIn was not completed.",
            why="Nothing was pasted.",
            next_step="Run `workbench auth login --paste` in a terminal, or pipe the address into it.",
        ) from None
