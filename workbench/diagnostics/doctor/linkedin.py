"""Check LinkedIn's side: the sign-in, LinkedIn's own answer about it, API version, clock. No data is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from pydantic import SecretStr

from workbench.diagnostics.doctor.finding import Finding, of_trouble, ok, problem, warning
from workbench.diagnostics.status import Health, SignInFacts
from workbench.errors import ConfigurationError, LinkedInAPIError, several
from workbench.settings.fields import Settings

CONSENT_WARN_DAYS = 30
ACCESS_WARN_DAYS = 7
SKEW_WARN = timedelta(seconds=60)
SKEW_TOO_MUCH = timedelta(minutes=5)
_SIGN_IN = "Run `workbench auth login`."
_NEEDED = ("r_ads", "r_ads_reporting")


def sign_in(health: Health) -> Iterator[Finding]:
    """Whether there is a token, private and with life left, and with the scopes that reports need."""
    facts = health.sign_in
    if facts is None:
        return
    if facts.trouble:
        yield of_trouble("sign-in", facts.trouble)
    elif facts.source == "environment":
        yield ok("sign-in", "LINKEDIN_ACCESS_TOKEN is used; it is never stored or renewed.")
    elif facts.source == "none":
        app = "" if facts.has_app else "Set LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET in .env. "
        why = f"There is no {facts.token_file}."
        yield problem("sign-in", "There is no sign-in to LinkedIn.", why=why, next_step=f"{app}{_SIGN_IN}")
    else:
        yield _life(facts, health.checked_at)
        if missing := [scope for scope in _NEEDED if not _has(facts.scopes, scope)]:
            why = f"The sign-in lacks {', '.join(missing)}."
            yield problem("scopes", "Reports cannot be read with this sign-in.", why=why, next_step=_SIGN_IN)


def introspection(settings: Settings, health: Health) -> Iterator[Finding]:
    """Check the token by LinkedIn's own answer, if there is a token and an app to ask with."""
    token = _stored_token(settings, health)
    if token is None or health.sign_in is None or not health.sign_in.has_app:
        return
    from workbench.linkedin.auth import oauth

    try:
        said = asyncio.run(oauth.introspect(oauth.read_app(settings), token))
    except LinkedInAPIError as error:
        yield of_trouble("introspection", error, level="warning")
    except ConfigurationError as error:
        yield of_trouble("introspection", error)
    else:
        if said.active:
            yield ok("introspection", "LinkedIn says that the access token is active.")
        else:
            why = f"Its status is {said.status}." if said.status else "It belongs to another app, or was made up."
            yield problem("introspection", "LinkedIn does not accept the access token.", why=why, next_step=_SIGN_IN)


def version(health: Health) -> Iterator[Finding]:
    """Whether LinkedIn will still answer to the version we ask in."""
    countdown = health.linkedin_version
    if countdown is None:
        return
    check, step = "linkedin version", "Update the workbench, or set LINKEDIN_VERSION to a newer version."
    about = "" if countdown.published else "about "
    if countdown.standing == "unknown":
        yield warning(check, f"LinkedIn is not known to have a version {countdown.version}.", next_step=step)
    elif countdown.standing == "gone":
        what = f"LinkedIn ended version {countdown.version} {about or 'on '}{countdown.sunset}."
        yield problem(check, what, why="It answers every request in it with 426.", next_step=step)
    else:
        left = several(countdown.days_left, "day")
        what = f"Version {countdown.version} has {left} left, until {about}{countdown.sunset}."
        yield ok(check, what) if countdown.standing == "supported" else warning(check, what, next_step=step)


def connection(health: Health) -> Iterator[Finding]:
    """Whether the environment's proxy and certificates can be used at all; no request is sent."""
    if health.connection:
        yield of_trouble("network", health.connection)


def clock(settings: Settings, health: Health, now: Callable[[], datetime]) -> Iterator[Finding]:
    """Compare this machine's clock with LinkedIn's, to the second (the resolution of HTTP's `Date`)."""
    import httpx

    from workbench.linkedin.http_client import obstacle
    from workbench.linkedin.server_time import server_time

    if health.connection:
        return  # said already

    origin = settings.LINKEDIN_API_URL
    before = now()
    try:
        theirs = asyncio.run(server_time(origin))
    except httpx.HTTPError as error:
        between = obstacle(error, origin)
        why = between.why if between else f"{type(error).__name__}."
        step = between.next_step if between else "Check the network or proxy."
        step += " Until then, notebooks read what is on disk."
        yield warning("clock", f"{origin} did not answer, so its clock is unknown.", why=why, next_step=step)
        return
    if theirs is None:
        yield warning(
            "clock", f"{origin} does not tell the time.", next_step="Check that the network is no captive one."
        )
        return
    yield skewed(before + (now() - before) / 2 - theirs)


def skewed(skew: timedelta) -> Finding:
    """Judge by how much this machine's clock is ahead of LinkedIn's (negative: behind)."""
    if abs(skew) <= SKEW_WARN:
        return ok("clock", "This machine's clock agrees with LinkedIn's.")
    what = f"This machine's clock is {_amount(abs(skew))} {'ahead of' if skew > timedelta() else 'behind'} LinkedIn's."
    step = "Let the system set its time (NTP), then look again."
    if abs(skew) <= SKEW_TOO_MUCH:
        return warning("clock", what, next_step=step)
    why = "Tokens would be renewed too late, and the wrong UTC days asked for."
    return problem("clock", what, why=why, next_step=step)


def _life(facts: SignInFacts, now: datetime) -> Finding:
    renewable = facts.has_refresh_token
    days = facts.refresh_token_days if renewable else facts.access_token_days
    end = facts.refresh_token_expires_at if renewable else facts.access_token_expires_at
    if end is not None and end <= now:
        return problem("sign-in", f"The sign-in ended on {end:%Y-%m-%d}.", next_step=_SIGN_IN)
    access = f"The access token has {several(facts.access_token_days, 'day')} left"
    what = f"{access}, the refresh token {several(days, 'day')}." if renewable else f"{access}."
    if days is not None and days <= (CONSENT_WARN_DAYS if renewable else ACCESS_WARN_DAYS):
        return warning("sign-in", what, why="LinkedIn then needs your consent again.", next_step=_SIGN_IN)
    return ok("sign-in", what)


def _has(scopes: tuple[str, ...], scope: str) -> bool:
    """Whether a scope is granted: `rw_ads` includes `r_ads`; unknown scopes count as granted."""
    return not scopes or scope in scopes or scope.replace("r_", "rw_", 1) in scopes


def _stored_token(settings: Settings, health: Health) -> SecretStr | None:
    if settings.LINKEDIN_ACCESS_TOKEN is not None:
        return settings.LINKEDIN_ACCESS_TOKEN
    if health.sign_in is None or health.sign_in.source != "file":
        return None
    from workbench.linkedin.auth.token_file import TokenFile

    token = TokenFile(settings.token_file).read()
    return None if token is None or token.expired(health.checked_at) else token.access_token


def _amount(skew: timedelta) -> str:
    seconds = int(skew.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
