"""The pieces of the start page: the four steps to a shared report, and the state of the sign-in to LinkedIn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import marimo as mo

from workbench.analytics.formatting import text
from workbench.app_context import current
from workbench.errors import AuthenticationError, ConfigurationError, WorkbenchError, several
from workbench.linkedin.auth.background_login import Consenting, consenting, start_consent
from workbench.linkedin.auth.token_provider import SignIn, TokenSource
from workbench.pages.components import messages
from workbench.pages.components.style import styled
from workbench.pages.components.sync_banner import timer
from workbench.pages.sync import watch_sync
from workbench.pages.sync_status import Watch
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
    next_step="Make an app at LinkedIn’s developer portal, run `workbench init`, then open the workbench again.",
)


PRESS = "Press the button below; LinkedIn asks whether the workbench may read your ads. It never changes them."
State = Literal["required", "ready", "running", "done", "blocked"]


@dataclass(frozen=True)
class FirstStep:
    """One step: its state and the reason; `page` is where it is done."""

    title: str
    state: State
    reason: str
    page: str = ""
    label: str = ""


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
    """The four steps, the next one marked."""
    return steps_view(first_steps(connected, watch_sync(), synced=_synced()), current().pages)


def first_steps(connection: SignIn | WorkbenchError, watch: Watch, *, synced: bool) -> list[FirstStep]:
    """The four steps (connect, sync, explore, share) from the facts of the installation.

    Args:
        connection: the sign-in, or why there is none.
        watch: how the newest sync stands.
        synced: whether the database holds accounts.
    """
    signed_in = isinstance(connection, SignIn)
    return [_connect(connection), _sync(watch, signed_in=signed_in, synced=synced), _explore(synced), _share(synced)]


def steps_view(steps: list[FirstStep], pages: tuple[str, ...]) -> mo.Html:
    """The steps as a numbered list with a pill each."""
    return mo.Html(
        styled(f'<div class="wb-steps">{"".join(_drawn(n, step, pages) for n, step in enumerate(steps, 1))}</div>')
    )


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
    """A text: how long LinkedIn's approval takes, and what to do meanwhile."""
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
        facts.append(f"Access token: {several(connected.access_token_days, 'day')} left.")
    if connected.refresh_token_days is not None:
        facts.append(
            f"Refresh token: {several(connected.refresh_token_days, 'day')} left; until then no new sign-in is needed."
        )
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


def _connect(connection: SignIn | WorkbenchError) -> FirstStep:
    if isinstance(connection, SignIn):
        days = connection.refresh_token_days or connection.access_token_days
        left = "" if days is None else f" You need to sign in again in {several(days, 'day')}."
        return FirstStep("Connect LinkedIn", "done", f"You are signed in.{left}")
    if isinstance(connection, AuthenticationError):
        return FirstStep("Connect LinkedIn", "required", f"{connection.what} {PRESS}")
    return FirstStep("Connect LinkedIn", "blocked", " ".join(filter(None, (connection.why, connection.next_step))))


def _sync(watch: Watch, *, signed_in: bool, synced: bool) -> FirstStep:
    here = {"page": "sync", "label": "Open the sync page"}
    newest = watch.newest or {}
    if watch.under_way:
        return FirstStep("Sync", "running", "A sync is under way.", **here)
    if not signed_in:
        return FirstStep("Sync", "blocked", "It needs the sign-in first.")
    if not synced:
        return FirstStep("Sync", "required", "Nothing has been fetched yet. The first time takes some minutes.", **here)
    if newest.get("status") == "done":
        return FirstStep("Sync", "done", "The last sync was complete. Sync again whenever you want newer days.", **here)
    return FirstStep("Sync", "ready", "The last sync was not complete; the next one goes on from there.", **here)


def _explore(synced: bool) -> FirstStep:
    if synced:
        return FirstStep("Explore", "ready", "Your figures are here.", "today", "Open Today")
    why = "Look around in the sample data meanwhile: the same pages, invented figures."
    return FirstStep("Explore", "ready", why, "today", "Open the sample data")


def _share(synced: bool) -> FirstStep:
    if not synced:
        return FirstStep("Share", "blocked", "There is nothing of yours to share yet.")
    return FirstStep(
        "Share", "ready", "Run “workbench serve”: your team sees the reports, read-only, without your sign-in."
    )


def _drawn(number: int, step: FirstStep, pages: tuple[str, ...]) -> str:
    query = "?source=sample" if "sample" in step.label else ""
    link = f'<p><a href="../{step.page}/{query}">{text(step.label)} →</a></p>' if step.page in pages else ""
    pill = f'<span class="wb-pill {step.state}">{step.state}</span>'
    body = f"<div><h2>{text(step.title)}</h2>{pill}<p>{text(step.reason)}</p>{link}</div>"
    return f'<div class="wb-step"><span class="k">{number}</span>{body}</div>'
