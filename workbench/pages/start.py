"""The start page's connection: how the sign-in stands, days left on both tokens, the button, the link to LinkedIn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import marimo as mo

from workbench.analytics.formatting import text
from workbench.app_context import current
from workbench.errors import AuthenticationError, ConfigurationError, WorkbenchError
from workbench.linkedin.auth.background_login import Consenting, consenting, start_consent
from workbench.linkedin.auth.token_provider import SignIn, TokenSource
from workbench.pages.components import messages
from workbench.pages.components.style import styled
from workbench.pages.components.sync_banner import timer
from workbench.pages.first_steps import PRESS, first_steps, steps_view
from workbench.pages.sync import watch_sync
from workbench.queries.api import data_version
from workbench.settings.fields import Settings, read_settings

APPROVAL = (
    "An app of your own needs LinkedIn’s Advertising API product: your company’s page verifies the app, then LinkedIn "
    "reviews the request. It promises no time; about the programme before this one it said “a few days”. Until then "
    "everything here works with the sample data, and with “workbench demo”."
)
"""LinkedIn's pages on access name no time; the page on the Marketing Developer Program ("Getting Access") did."""

NO_APP = ConfigurationError(
    "There is no LinkedIn app to sign in with yet.",
    why="LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET are not set.",
    next_step="Make an app at LinkedIn’s developer portal, write both into .env, then open the workbench again.",
)


async def connection() -> SignIn | WorkbenchError:
    """The sign-in, or why there is none."""
    try:
        settings = read_settings(Settings)
        return await TokenSource(settings).check()
    except AuthenticationError as error:
        return error if settings.LINKEDIN_CLIENT_ID and settings.LINKEDIN_CLIENT_SECRET else NO_APP
    except WorkbenchError as error:
        return error


def steps(connected: SignIn | WorkbenchError) -> mo.Html:
    """The four steps, and which is next."""
    return steps_view(first_steps(connected, watch_sync(), synced=_synced()), current().pages)


def connection_view(connected: SignIn | WorkbenchError, now: Consenting) -> mo.Html:
    """Days left on both tokens, or what is missing; while a consent is awaited, the link to LinkedIn's page."""
    if now.state == "waiting":
        return _waiting(now.url)
    if now.state == "failed" and now.error is not None and not isinstance(connected, SignIn):
        return messages.failure(now.error)
    if isinstance(connected, SignIn):
        return messages.note("Connected to LinkedIn.", points=_facts(connected), kind="good")
    if isinstance(connected, AuthenticationError):
        return messages.note(connected.what, PRESS)
    if connected is NO_APP:
        return messages.note(connected.what, connected.why, connected.next_step, kind="warn")
    return messages.failure(connected)


def sign_in_button(connected: SignIn | WorkbenchError, after: Callable[[], object]) -> mo.ui.button:
    """Opens LinkedIn's consent page; greyed while one is open, and where settings forbid it."""

    def start(_: Any) -> None:
        try:
            start_consent(read_settings(Settings))
        except WorkbenchError as error:
            mo.status.toast(error.what, f"{error.why} {error.next_step}", kind="danger")
        after()

    again = isinstance(connected, SignIn)
    return mo.ui.button(
        label="Sign in again" if again else "Sign in to LinkedIn",
        kind="neutral" if again else "success",
        on_change=start,
        disabled=consenting().state == "waiting" or isinstance(connected, ConfigurationError),
    )


def poll_consent() -> mo.ui.refresh | None:
    """A timer while LinkedIn's answer is awaited, None otherwise."""
    return timer() if consenting().state == "waiting" else None


def approval() -> mo.Html:
    """How long LinkedIn's approval takes, and what to do meanwhile."""
    return messages.note("How long does LinkedIn’s approval take?", APPROVAL, kind="plain")


def _waiting(url: str | None) -> mo.Html:
    if url is None:
        return messages.working("Preparing the sign-in")
    link = f'<a href="{text(url)}" target="_blank" rel="noreferrer noopener">Open LinkedIn’s consent page</a>'
    return mo.Html(
        styled(
            '<section class="wb-note info" role="status"><p class="t">Waiting for LinkedIn …</p>'
            f"<p>Allow the access there, then come back: {link}. It waits for three minutes.</p></section>"
        )
    )


def _facts(connected: SignIn) -> list[str]:
    facts = []
    if connected.access_token_days is not None:
        facts.append(f"Access token: {connected.access_token_days} days left.")
    if connected.refresh_token_days is not None:
        facts.append(f"Refresh token: {connected.refresh_token_days} days left; until then nobody has to sign in.")
    elif connected.source == "environment":
        facts.append("The token comes from LINKEDIN_ACCESS_TOKEN; it is never renewed here.")
    else:
        facts.append("There is no refresh token: sign in again when the access token ends.")
    return [*facts, *connected.doubts]


def _synced() -> bool:
    try:
        data_version("database")
    except WorkbenchError:
        return False
    return True
