"""Compute a fingerprint of the sign-in, by which a snapshot records whose list of accounts it holds."""

from __future__ import annotations

import hashlib

from workbench.errors import WorkbenchError
from workbench.linkedin.auth.token_file import TokenFile
from workbench.settings.fields import Settings


def sign_in_fingerprint(settings: Settings) -> str | None:
    """Twelve hexadecimal digits that stay the same until another sign-in or token takes its place; no network.

    None where there is no sign-in that can be read.
    """
    if settings.LINKEDIN_ACCESS_TOKEN is not None:
        return _digest(settings.LINKEDIN_API_URL, settings.LINKEDIN_ACCESS_TOKEN.get_secret_value())
    try:
        token = TokenFile(settings.token_file).read()
    except WorkbenchError:  # the next request to LinkedIn reports it
        return None
    if token is None:
        return None
    return _digest(settings.LINKEDIN_API_URL, token.client_id, token.consented_at.isoformat())


def _digest(*facts: str) -> str:
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]
