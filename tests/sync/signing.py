"""A member's sign-in in the token file of a bench, without a browser."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from sync.bench import Bench
from workbench.linkedin.auth.token import Token, TokenFile

READS_ADS = ("r_ads", "r_ads_reporting")


def sign_in(
    bench: Bench,
    *,
    refreshable: bool = True,
    age: timedelta = timedelta(hours=1),
    scopes: tuple[str, ...] = READS_ADS,
) -> tuple[str, ...]:
    """Store a token that the sandbox issued; everything about it that is secret: code, access and refresh token."""
    redirect = next(iter(bench.sandbox.oauth.redirect_uris))
    code = bench.sandbox.oauth.grant(redirect, list(scopes))
    answer: dict[str, Any] = bench.sandbox.oauth.exchange(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": bench.sandbox.client_id,
            "client_secret": bench.sandbox.oauth.client_secret,
        }
    )
    issued_at = bench.now() - age
    token = Token(
        access_token=SecretStr(answer["access_token"]),
        expires_at=bench.now() + timedelta(days=50),
        refresh_token=SecretStr(answer["refresh_token"]) if refreshable else None,
        refresh_token_expires_at=bench.now() + timedelta(days=300) if refreshable else None,
        scopes=scopes,
        issued_at=issued_at,
        consented_at=issued_at,
        client_id=bench.sandbox.client_id,
    )
    file = TokenFile(bench.folder / "home" / "token.json")

    async def write() -> None:
        async with file.locked():
            file.write(token)

    asyncio.run(write())
    return code, answer["access_token"], answer["refresh_token"]
