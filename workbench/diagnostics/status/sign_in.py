"""Read the sign-in from disk: days left on both tokens. It renews nothing and uses no network."""

from __future__ import annotations

import os
from datetime import datetime

from workbench.diagnostics.status.facts import SignInFacts, Trouble
from workbench.errors import ConfigurationError, WorkbenchError
from workbench.settings.fields import Settings


def stored_sign_in(settings: Settings, now: datetime) -> SignInFacts:
    """The sign-in in the token file, unless a token from the environment wins over it."""
    has_app = bool(settings.LINKEDIN_CLIENT_ID and settings.LINKEDIN_CLIENT_SECRET)
    try:
        path = settings.token_file
    except ConfigurationError as error:
        path, homeless = None, Trouble.of(error)
    if settings.LINKEDIN_ACCESS_TOKEN is not None:
        return SignInFacts("environment", path, has_app=has_app)
    if path is None:
        return SignInFacts("none", path, has_app=has_app, trouble=homeless)
    if not os.path.lexists(path):
        return SignInFacts("none", path, has_app=has_app)
    from workbench.linkedin.auth.token_file import TokenFile  # slow to import

    try:
        token = TokenFile(path).read()
    except WorkbenchError as error:
        return SignInFacts("none", path, has_app=has_app, trouble=Trouble.of(error))
    if token is None:  # gone since we looked
        return SignInFacts("none", path, has_app=has_app)
    return SignInFacts(
        "file",
        path,
        access_token_expires_at=token.expires_at,
        access_token_days=_days(token.expires_at, now),
        has_refresh_token=token.refresh_token is not None,
        refresh_token_expires_at=token.refresh_token_expires_at,
        refresh_token_days=_days(token.refresh_token_expires_at, now) if token.refresh_token_expires_at else None,
        scopes=token.scopes,
        has_app=has_app,
    )


def _days(end: datetime, now: datetime) -> int:
    return max((end - now).days, 0)
