"""The four steps from installation to a shared report, and which of them is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import marimo as mo

from workbench.analytics.formatting import text
from workbench.errors import AuthenticationError, WorkbenchError
from workbench.linkedin.auth.token_provider import SignIn
from workbench.pages.components.style import styled
from workbench.pages.sync_status import Watch

PRESS = "Press the button below; LinkedIn asks whether the workbench may read your ads. It never changes them."
State = Literal["required", "ready", "running", "done", "blocked"]


@dataclass(frozen=True)
class FirstStep:
    """One step: how it stands and why; `page` is where it is done."""

    title: str
    state: State
    reason: str
    page: str = ""
    label: str = ""


def first_steps(connection: SignIn | WorkbenchError, watch: Watch, *, synced: bool) -> list[FirstStep]:
    """Connect, sync, explore, share.

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


def _connect(connection: SignIn | WorkbenchError) -> FirstStep:
    if isinstance(connection, SignIn):
        days = connection.refresh_token_days or connection.access_token_days
        left = "" if days is None else f" You need to sign in again in {days} days."
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
        return FirstStep("Explore", "ready", "Your figures are here.", "overview", "Open the overview")
    why = "Look around in the sample data meanwhile: the same pages, invented figures."
    return FirstStep("Explore", "ready", why, "overview", "Open the sample data")


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
