"""A caller gets a token that works, or an error with a next step; LinkedIn is asked once for many callers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from oauth_server import (
    ACCESS,
    ACTIVE,
    CANARIES,
    DEAD,
    GRANTED,
    NEW_ACCESS,
    NOW,
    OAuthServer,
    a_token,
    store,
)
from pydantic import SecretStr

from workbench.errors import AuthenticationError, ConfigurationError, LinkedInAPIError, StorageError, TokenExpiredError
from workbench.linkedin.auth.token_file import TokenFile
from workbench.linkedin.auth.token_provider import SignIn, TokenSource
from workbench.settings.fields import Settings

pytestmark = pytest.mark.anyio

OLD, NEW = SecretStr(ACCESS), SecretStr(NEW_ACCESS)
MakeSettings = Callable[..., Settings]


def source(settings: Settings, now: datetime = NOW) -> TokenSource:
    return TokenSource(settings, clock=lambda: now)


async def test_a_token_with_time_left_is_handed_out_without_asking(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token(expires_at=NOW + timedelta(minutes=5, seconds=1)))

    assert (await source(settings).token(), server.asked) == (OLD, [])


async def test_a_token_five_minutes_before_its_end_is_renewed_and_stored(
    settings: Settings, server: OAuthServer
) -> None:
    file = await store(settings, a_token(expires_at=NOW + timedelta(minutes=5)))
    server.tokens((200, GRANTED))

    asked = source(settings)

    assert [await asked.token(), await asked.token(), len(server.asked)] == [NEW, NEW, 1]
    stored = file.read()
    assert stored is not None
    assert (stored.access_token, stored.issued_at, stored.consented_at) == (NEW, NOW, a_token().consented_at)


async def test_a_token_cut_short_is_not_renewed_with_every_request(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token(expires_at=NOW))
    server.tokens((200, GRANTED | {"expires_in": 240, "refresh_token_expires_in": 240}))

    for minute in (0, 0, 1):
        await source(settings, NOW + timedelta(minutes=minute)).token()

    assert len(server.asked) == 1


async def test_without_a_refresh_token_the_access_token_serves_to_its_end(
    settings: Settings, server: OAuthServer
) -> None:
    await store(settings, a_token(refresh_token=None, refresh_token_expires_at=None))

    assert await source(settings, NOW + timedelta(days=60, seconds=-1)).token() == OLD
    with pytest.raises(TokenExpiredError, match="LinkedIn gave no refresh token"):
        await source(settings, NOW + timedelta(days=60)).token()
    assert server.asked == []


async def test_after_a_year_the_consent_is_over_and_no_request_is_sent(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token())

    with pytest.raises(TokenExpiredError, match="The consent of 2026-11-24 ended on 2027-11-24"):
        await source(settings, NOW + timedelta(days=365)).token()
    assert server.asked == []


async def test_a_bad_moment_at_linkedin_is_survived_while_the_token_lives(
    settings: Settings, server: OAuthServer
) -> None:
    await store(settings, a_token())
    server.tokens((503, {}))

    assert await source(settings, NOW + timedelta(days=60, minutes=-1)).token() == OLD
    with pytest.raises(LinkedInAPIError, match="503"):
        await source(settings, NOW + timedelta(days=60)).token()


async def test_without_a_sign_in_the_error_says_how_to_sign_in(settings: Settings) -> None:
    asked = source(settings)

    for ask in (asked.token, asked.check, lambda: asked.renew(OLD)):
        with pytest.raises(AuthenticationError, match="auth login") as caught:
            await ask()
        assert (caught.value.what, caught.value.exit_code) == ("Not signed in to LinkedIn.", 77)


async def test_a_rejected_token_is_renewed_once(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token())
    server.tokens((200, GRANTED))
    asked = source(settings)

    assert [await asked.renew(OLD) for _ in range(3)] == [NEW] * 3
    assert len(server.asked) == 1


async def test_requests_rejected_together_renew_once(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token())
    server.tokens((200, GRANTED))
    asked = source(settings)

    assert await asyncio.gather(*(asked.renew(OLD) for _ in range(8))) == [NEW] * 8
    assert len(server.asked) == 1


async def test_a_newer_token_in_the_file_is_taken_without_asking(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token())
    asked = source(settings)
    await asked.token()
    await store(settings, a_token(access_token=NEW))

    assert (await asked.renew(OLD), server.asked) == (NEW, [])


async def test_a_revoked_consent_says_so_and_keeps_the_file(settings: Settings, server: OAuthServer) -> None:
    file = await store(settings, a_token())
    server.tokens((400, DEAD))

    with pytest.raises(TokenExpiredError, match="consent again"):
        await source(settings).renew(OLD)
    assert file.read() == a_token()


async def test_a_token_of_another_app_is_not_renewed(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token(client_id="client-2"))

    with pytest.raises(AuthenticationError, match="another app"):
        await source(settings).renew(OLD)
    assert server.asked == []


async def test_renewing_without_an_app_names_the_settings(make_settings: MakeSettings) -> None:
    settings = make_settings(LINKEDIN_CLIENT_SECRET=None)
    await store(settings, a_token())

    with pytest.raises(ConfigurationError, match="LINKEDIN_CLIENT_SECRET"):
        await source(settings).renew(OLD)


async def test_a_just_issued_token_is_known_as_such(settings: Settings) -> None:
    await store(settings, a_token(issued_at=NOW - timedelta(seconds=60)))
    asked = source(settings)
    await asked.token()

    assert [asked.issued_recently(NOW), asked.issued_recently(NOW + timedelta(seconds=1))] == [True, False]


async def test_a_file_that_others_may_read_stops_before_anything_is_sent(
    settings: Settings, server: OAuthServer
) -> None:
    await store(settings, a_token())
    settings.token_file.chmod(0o644)

    with pytest.raises(StorageError, match="chmod 600"):
        await source(settings).token()
    assert server.asked == []


async def test_a_token_made_elsewhere_wins_and_is_never_stored(make_settings: MakeSettings) -> None:
    settings = make_settings(LINKEDIN_ACCESS_TOKEN=NEW_ACCESS, LINKEDIN_CLIENT_ID=None, LINKEDIN_CLIENT_SECRET=None)
    await store(settings, a_token())
    asked = source(settings)

    assert (await asked.token(), asked.issued_recently(NOW)) == (NEW, False)
    with pytest.raises(AuthenticationError, match="LINKEDIN_ACCESS_TOKEN") as caught:
        await asked.renew(NEW)
    assert caught.value.exit_code == 77
    assert TokenFile(settings.token_file).read() == a_token()


@pytest.mark.parametrize("value", ["two words", "line\n", "naïve-token", ""])
async def test_a_token_made_elsewhere_that_is_none_names_the_variable(make_settings: MakeSettings, value: str) -> None:
    with pytest.raises(ConfigurationError, match="LINKEDIN_ACCESS_TOKEN") as caught:
        await source(make_settings(LINKEDIN_ACCESS_TOKEN=value)).token()
    assert not value or value not in str(caught.value)


async def test_a_check_tells_the_days_left_and_what_linkedin_says(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token())
    server.introspection((200, ACTIVE))

    sign_in = await source(settings).check()

    assert sign_in.as_dict() == {
        "source": "file",
        "access_token": {"expires_at": "2027-01-23T06:00:00Z", "days_left": 60},
        "refresh_token": {"expires_at": "2027-11-24T06:00:00Z", "days_left": 365},
        "consented_at": "2026-11-24T05:00:00Z",
        "scopes": ["r_ads", "r_ads_reporting"],
        "introspection": {
            "active": True,
            "status": "active",
            "scopes": ["r_ads", "r_ads_reporting"],
            "client_id": None,
            "created_at": None,
            "authorized_at": datetime.fromtimestamp(1_790_000_000, UTC).isoformat().replace("+00:00", "Z"),
            "expires_at": None,
            "auth_type": None,
        },
        "warnings": [],
    }


async def test_a_check_warns_a_month_before_consent_ends(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token(refresh_token_expires_at=NOW + timedelta(days=30)))
    server.introspection((200, ACTIVE))

    [doubt] = (await source(settings).check()).doubts

    assert doubt == "LinkedIn will need your consent again in 30 days: run `workbench auth login` before."


@pytest.mark.parametrize(
    ("scopes", "named"),
    [
        (("r_ads", "r_ads_reporting", "openid"), None),
        (("r_ads", "rw_ads", "w_member_social"), "(rw_ads, w_member_social)"),
    ],
)
async def test_a_check_warns_of_scopes_that_write(
    settings: Settings, server: OAuthServer, scopes: tuple[str, ...], named: str | None
) -> None:
    await store(settings, a_token(scopes=scopes))
    server.introspection((200, ACTIVE))

    doubts = (await source(settings).check()).doubts

    assert [named in doubt for doubt in doubts if named] == [True] * len(doubts)
    assert len(doubts) == (0 if named is None else 1)


async def test_a_check_renews_a_token_that_linkedin_calls_revoked(settings: Settings, server: OAuthServer) -> None:
    await store(settings, a_token())
    server.introspection((200, {"active": False, "status": "revoked"}), (200, ACTIVE))
    server.tokens((200, GRANTED))

    sign_in = await source(settings).check()

    assert (sign_in.introspection and sign_in.introspection.active, await source(settings).token()) == (True, NEW)


async def test_a_check_that_cannot_ask_linkedin_still_lets_the_token_try(
    settings: Settings, server: OAuthServer
) -> None:
    await store(settings, a_token())
    server.introspection((401, {}))

    sign_in = await source(settings).check()

    assert sign_in.introspection is None
    assert sign_in.doubts == ("LinkedIn does not accept LINKEDIN_CLIENT_ID together with LINKEDIN_CLIENT_SECRET.",)


async def test_a_check_of_a_token_made_elsewhere_needs_no_app(make_settings: MakeSettings, server: OAuthServer) -> None:
    settings = make_settings(LINKEDIN_ACCESS_TOKEN=NEW_ACCESS, LINKEDIN_CLIENT_ID=None)

    assert await source(settings).check() == SignIn(source="environment", checked_at=NOW)
    assert server.asked == []


async def test_a_check_of_a_token_of_another_app_says_so_and_goes_on(
    make_settings: MakeSettings, server: OAuthServer
) -> None:
    server.introspection((200, {"active": False}))

    sign_in = await source(make_settings(LINKEDIN_ACCESS_TOKEN=NEW_ACCESS)).check()

    assert [*sign_in.doubts] == ["LINKEDIN_ACCESS_TOKEN was not made with the app that LINKEDIN_CLIENT_ID names."]


async def test_a_check_of_an_expired_token_made_elsewhere_names_the_variable(
    make_settings: MakeSettings, server: OAuthServer
) -> None:
    server.introspection((200, {"active": False, "status": "expired"}))

    with pytest.raises(AuthenticationError, match="Set LINKEDIN_ACCESS_TOKEN to a new token"):
        await source(make_settings(LINKEDIN_ACCESS_TOKEN=NEW_ACCESS)).check()


async def test_no_failure_tells_a_secret(
    settings: Settings, server: OAuthServer, caplog: pytest.LogCaptureFixture
) -> None:
    await store(settings, a_token())
    for status, body in [(400, DEAD), (503, {"error": ACCESS}), (200, {"access_token": 1}), (401, {"error": "x"})]:
        server.tokens((status, body))
        with pytest.raises((AuthenticationError, LinkedInAPIError)) as caught:
            await source(settings).renew(OLD)
        shown = f"{caught.value} {caught.value!r} {caught.value.as_dict()} {source(settings).__dict__} {caplog.text}"
        assert [canary for canary in CANARIES if canary in shown] == []
