"""A member's sign-in in the token file of an installation, without a browser."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from sync.installation import Installation
from workbench.linkedin.auth.token import Token
from workbench.linkedin.auth.token_file import TokenFile

READS_ADS = ("r_ads", "r_ads_reporting")


def sign_in(
    installation: Installation,
    *,
    refreshable: bool = True,
    age: timedelta = timedelta(hours=1),
    scopes: tuple[str, ...] = READS_ADS,
) -> tuple[str, ...]:
    """Store a token that the sandbox issued; everything about it that is secret: code, access and refresh token."""
    redirect = next(iter(installation.sandbox.oauth.redirect_uris))
    code = installation.sandbox.oauth.grant(redirect, list(scopes))
    answer: dict[str, Any] = installation.sandbox.oauth.exchange(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": installation.sandbox.client_id,
            "client_secret": installation.sandbox.oauth.client_secret,
        }
    )
    issued_at = installation.now() - age
    token = Token(
        access_token=SecretStr(answer["access_token"]),
        expires_at=installation.now() + timedelta(days=50),
        refresh_token=SecretStr(answer["refresh_token"]) if refreshable else None,
        refresh_token_expires_at=installation.now() + timedelta(days=300) if refreshable else None,
        scopes=scopes,
        issued_at=issued_at,
        consented_at=issued_at,
        client_id=installation.sandbox.client_id,
    )
    file = TokenFile(installation.folder / "home" / "token.json")

    async def write() -> None:
        async with file.locked():
            file.write(token)

    asyncio.run(write())
    return code, answer["access_token"], answer["refresh_token"]
