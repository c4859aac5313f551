"""What LinkedIn's OAuth endpoints answer becomes a token or an error of ours, and never tells a secret."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as thoroughly
from hypothesis import strategies as st
from oauth_server import (
    ACCESS,
    ACTIVE,
    CANARIES,
    CLIENT_SECRET,
    CODE,
    DEAD,
    GRANTED,
    NEW_ACCESS,
    NEW_REFRESH,
    NOW,
    REFRESH,
    OAuthServer,
    a_token,
)
from pydantic import SecretStr

from workbench.errors import (
    AuthenticationError,
    ConfigurationError,
    LinkedInAPIError,
    RateLimitError,
    TokenExpiredError,
    WorkbenchError,
)
from workbench.linkedin.auth import oauth
from workbench.linkedin.auth.oauth import App, Introspection
from workbench.linkedin.auth.token import Token
from workbench.settings.fields import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
def app(settings: Settings) -> App:
    return oauth.read_app(settings)


def clock() -> datetime:
    return NOW


async def exchanged(app: App) -> Token:
    return await oauth.exchange(app, SecretStr(CODE), clock=clock)


async def refreshed(app: App, token: Token | None = None) -> Token:
    return await oauth.refresh(app, token or a_token(), SecretStr(REFRESH), clock=clock)


async def introspected(app: App) -> Introspection:
    return await oauth.introspect(app, SecretStr(ACCESS))


def test_the_consent_page_is_asked_for_exactly_what_is_registered(app: App) -> None:
    url = oauth.authorization_url(app, state="s t/a&te")

    assert url.startswith(f"{app.origin}/oauth/v2/authorization?response_type=code&client_id=client-1&")
    assert "scope=r_ads%20r_ads_reporting" in url
    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["client-1"],
        "redirect_uri": ["http://localhost:8765/callback"],
        "scope": ["r_ads r_ads_reporting"],
        "state": ["s t/a&te"],
    }


@pytest.mark.parametrize("missing", ["LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET"])
def test_without_an_app_both_settings_are_named_and_where_to_find_them(make_settings: Any, missing: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        oauth.read_app(make_settings(**{missing: None}))

    assert "LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET" in str(caught.value)
    assert "https://www.linkedin.com/developers/apps" in str(caught.value)


async def test_a_code_becomes_a_token(app: App, server: OAuthServer) -> None:
    server.tokens((200, GRANTED))

    assert await exchanged(app) == a_token(
        access_token=SecretStr(NEW_ACCESS), refresh_token=SecretStr(NEW_REFRESH), issued_at=NOW, consented_at=NOW
    )
    form = {"grant_type": "authorization_code", "code": CODE, "redirect_uri": app.redirect_uri}
    credentials = {"client_id": "client-1", "client_secret": CLIENT_SECRET}
    assert server.asked == [("/oauth/v2/accessToken", form | credentials)]


@pytest.mark.parametrize("scope", ["r_ads,r_ads_reporting", "r_ads r_ads_reporting", "r_ads+r_ads_reporting",
                                   "r_ads%2Cr_ads_reporting", "r_ads%20r_ads_reporting", None])  # fmt: skip
@pytest.mark.parametrize("expires_in", [3600, "3600", 3600.0])
async def test_scopes_and_seconds_are_read_in_every_spelling(
    app: App, server: OAuthServer, scope: str | None, expires_in: object
) -> None:
    server.tokens((200, GRANTED | {"scope": scope, "expires_in": expires_in}))

    token = await exchanged(app)

    assert (token.scopes, token.expires_at) == (("r_ads", "r_ads_reporting"), NOW + timedelta(hours=1))


@pytest.mark.parametrize("nothing", [{}, {"refresh_token": None}, {"refresh_token": ""}])
async def test_an_app_without_refresh_tokens_gets_none(app: App, server: OAuthServer, nothing: dict[str, Any]) -> None:
    server.tokens((200, {"access_token": NEW_ACCESS, "expires_in": 60, **nothing}))

    token = await exchanged(app)

    assert (token.refresh_token, token.refresh_token_expires_at, token.scopes) == (None, None, app.scopes)


async def test_a_refresh_keeps_the_day_of_consent_and_stores_what_comes_back(app: App, server: OAuthServer) -> None:
    server.tokens((200, GRANTED | {"refresh_token_expires_in": 26_438_400}))

    assert await refreshed(app) == a_token(
        access_token=SecretStr(NEW_ACCESS),
        refresh_token=SecretStr(NEW_REFRESH),
        refresh_token_expires_at=NOW + timedelta(days=306),
        issued_at=NOW,
    )
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH}
    credentials = {"client_id": "client-1", "client_secret": CLIENT_SECRET}
    assert server.asked == [("/oauth/v2/accessToken", form | credentials)]


async def test_what_a_refresh_leaves_out_stays_as_it_was(app: App, server: OAuthServer) -> None:
    server.tokens((200, {"access_token": NEW_ACCESS, "expires_in": 5_184_000}))

    assert await refreshed(app) == a_token(access_token=SecretStr(NEW_ACCESS), issued_at=NOW)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, DEAD),
        (401, DEAD),
        (400, {"error": "invalid_grant"}),
        (400, {"error": "invalid_request", "error_description": "The token used in the request has been revoked"}),
    ],
)
async def test_a_dead_refresh_token_needs_consent_and_is_not_asked_again(
    app: App, server: OAuthServer, status: int, body: dict[str, str]
) -> None:
    server.tokens((status, body))

    with pytest.raises(TokenExpiredError, match="consent again"):
        await refreshed(app)

    assert len(server.asked) == 1


@pytest.mark.parametrize("text", ['A required parameter "refresh_token" is missing', "Invalid client id", ""])
async def test_another_invalid_request_is_not_taken_for_a_dead_token(app: App, server: OAuthServer, text: str) -> None:
    server.tokens((400, {"error": "invalid_request", "error_description": text}))

    with pytest.raises(LinkedInAPIError) as caught:
        await refreshed(app)

    assert (caught.value.status, caught.value.code) == (400, "invalid_request")


@pytest.mark.parametrize("error", ["invalid_client", "invalid_client_id"])
async def test_a_wrong_client_secret_is_a_setting_to_correct(app: App, server: OAuthServer, error: str) -> None:
    server.tokens((401, {"error": error, "error_description": "Client authentication failed"}))

    for attempt in (exchanged, refreshed):
        with pytest.raises(ConfigurationError, match="LINKEDIN_CLIENT_SECRET"):
            await attempt(app)


@pytest.mark.parametrize(
    ("status", "error"), [(401, "invalid_request"), (400, "invalid_redirect_uri"), (400, "invalid_request")]
)
async def test_a_code_that_is_not_accepted_names_the_redirect_uri(
    app: App, server: OAuthServer, status: int, error: str
) -> None:
    text = "Unable to retrieve access token: authorization code not found"
    server.tokens((status, {"error": error, "error_description": text}))

    with pytest.raises(AuthenticationError, match="http://localhost:8765/callback is listed exactly"):
        await exchanged(app)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_what_passes_by_itself_is_asked_again(app: App, server: OAuthServer, status: int) -> None:
    server.tokens((status, b"<html>"), (status, {}), (200, GRANTED))

    assert (await refreshed(app)).access_token == SecretStr(NEW_ACCESS)


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimitError), (503, LinkedInAPIError)])
async def test_what_does_not_pass_ends(app: App, server: OAuthServer, status: int, kind: type[Exception]) -> None:
    server.tokens((status, {}))

    with pytest.raises(kind, match=f"LinkedIn answered {status}"):
        await refreshed(app)

    assert len(server.asked) == 3


async def test_a_secret_that_looks_like_an_error_code_is_not_repeated(make_settings: Any, server: OAuthServer) -> None:
    server.tokens((403, {"error": "secret_of_letters"}))

    with pytest.raises(LinkedInAPIError) as caught:
        await refreshed(oauth.read_app(make_settings(LINKEDIN_CLIENT_SECRET="secret_of_letters")))

    assert (caught.value.code, caught.value.why) == ("[hidden]", "LinkedIn answered 403 ([hidden]).")


async def test_an_answer_that_never_ends_is_left(
    app: App, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "_DEADLINE", 0.3)
    server.tokens((200, GRANTED))
    server.drips = True

    with pytest.raises(LinkedInAPIError, match=r"did not answer \(TimeoutError\)"):
        await refreshed(app)


async def test_an_answer_longer_than_any_honest_one_is_left(app: App, server: OAuthServer) -> None:
    server.tokens((200, b'{"access_token":"' + b"x" * 2**21 + b'"}'))

    with pytest.raises(LinkedInAPIError, match="cannot be read"):
        await refreshed(app)


async def test_a_redirect_is_not_followed(app: App, server: OAuthServer) -> None:
    server.tokens((307, {}))

    with pytest.raises(LinkedInAPIError, match="307"):
        await refreshed(app)

    assert [path for path, _ in server.asked] == ["/oauth/v2/accessToken"]


async def test_no_server_there_is_an_error_of_ours_without_the_request(make_settings: Any) -> None:
    app = oauth.read_app(make_settings(LINKEDIN_OAUTH_URL="http://127.0.0.1:1"))

    with pytest.raises(LinkedInAPIError, match=r"127\.0\.0\.1:1 did not answer \(ConnectError\)") as caught:
        await refreshed(app)

    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


async def test_loopback_is_reached_without_the_proxy(
    app: App, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.tokens((200, GRANTED))

    assert (await refreshed(app)).access_token == SecretStr(NEW_ACCESS)


async def test_introspection_is_read(app: App, server: OAuthServer) -> None:
    server.introspection((200, ACTIVE | {"client_id": "client-1", "auth_type": "3L", "surprise": 1}))

    assert await introspected(app) == Introspection(
        active=True,
        status="active",
        scope="r_ads r_ads_reporting",
        client_id="client-1",
        authorized_at=datetime.fromtimestamp(1_790_000_000, UTC),
        auth_type="3L",
    )
    form = {"token": ACCESS, "client_id": "client-1", "client_secret": CLIENT_SECRET}
    assert server.asked == [("/oauth/v2/introspectToken", form)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*CANARIES, 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["access_token", "expires_in", "refresh_token", "refresh_token_expires_in", "scope",
          "error", "error_description", "active", "status", "authorized_at", "expires_at"]  # fmt: skip
SEEN = st.sampled_from([*GRANTED.values(), *DEAD.values(), *ACTIVE.values(), "invalid_grant", "invalid_client"])
BODIES = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), SEEN | JSON).map(lambda body: json.dumps(body).encode()),
    st.builds(lambda part: json.dumps(GRANTED | part).encode(), st.dictionaries(st.sampled_from(FIELDS), JSON)),
    JSON.map(lambda body: json.dumps(body).encode()),
    st.binary(max_size=100),
    st.just(b"[" * 1000),
    st.just(b'{"access_token": "\\ud800", "expires_in": 60}'),
)
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 429, 500])


@pytest.mark.slow
@thoroughly(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(status=STATUSES, body=BODIES)
async def test_whatever_is_answered_becomes_a_token_or_an_error_of_ours_and_leaks_nothing(
    app: App, server: OAuthServer, caplog: pytest.LogCaptureFixture, status: int, body: bytes
) -> None:
    server.tokens((status, b"" if status == 204 else body))
    server.introspection((status, b"" if status == 204 else body))
    caplog.clear()

    for ask in (exchanged, refreshed, introspected):
        try:
            answer = await ask(app)
        except WorkbenchError as error:
            _tells_nothing("".join(traceback.format_exception(error)) + repr(error.as_dict()))
        else:
            assert isinstance(answer, Token | Introspection)
            if isinstance(answer, Token):
                assert Token.model_validate_json(answer.as_json()) == answer
    _tells_nothing("".join(logging.Formatter().format(record) for record in caplog.records))


def _tells_nothing(text: str) -> None:
    assert [canary for canary in CANARIES if canary in text] == []
