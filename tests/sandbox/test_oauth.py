"""The whole sign-in over HTTP: consent, codes, tokens, refresh, introspection."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from workbench.sandbox import Sandbox
from workbench.sandbox.oauth.authority import CODE_SECONDS, REFRESH_SECONDS

from .conftest import HEADERS

REDIRECT = "http://localhost:8765/callback"
DAY = 86_400


@pytest.fixture
def web(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url) as web:
        yield web


def consent(
    sandbox: Sandbox, web: httpx.Client, *, scope: str = "r_ads r_ads_reporting", **more: str
) -> httpx.Response:
    asked = {
        "response_type": "code",
        "client_id": sandbox.client_id,
        "redirect_uri": REDIRECT,
        "scope": scope,
        "state": "s t&te",
        **more,
    }
    return web.get("/oauth/v2/authorization", params=asked)


def outcome(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302, answer.text
    location = httpx.URL(answer.headers["location"])
    assert str(location.copy_with(query=None)) == REDIRECT
    return dict(location.params)


def allowed(sandbox: Sandbox, web: httpx.Client, **more: str) -> str:
    return outcome(consent(sandbox, web, sandbox_decision="allow", **more))["code"]


def exchange(sandbox: Sandbox, web: httpx.Client, **form: str) -> httpx.Response:
    known = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    return web.post("/oauth/v2/accessToken", data={name: value for name, value in (known | form).items() if value})


def by_code(sandbox: Sandbox, web: httpx.Client, code: str, **more: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    return exchange(sandbox, web, **(form | more))


def refreshed(sandbox: Sandbox, web: httpx.Client, token: str) -> httpx.Response:
    return exchange(sandbox, web, grant_type="refresh_token", refresh_token=token)


def code_of_401(web: httpx.Client, token: str) -> str | None:
    answer = web.get("/rest/adAccounts?q=search", headers={**HEADERS, "Authorization": f"Bearer {token}"})
    return answer.json()["code"] if answer.status_code == 401 else None


def test_the_consent_page_offers_allow_and_cancel_and_escapes_what_it_was_sent(sandbox, web):
    page = consent(sandbox, web, state='"><script>')
    assert page.status_code == 200
    assert ">Allow</button>" in page.text
    assert ">Cancel</button>" in page.text
    assert "<script>" not in page.text


def test_allow_brings_back_code_and_state(sandbox, web):
    back = outcome(consent(sandbox, web, sandbox_decision="allow"))
    assert back.keys() == {"code", "state"}
    assert back["state"] == "s t&te"


def test_auto_approve_answers_at_once(sandbox, web):
    sandbox.oauth.auto_approve = True
    assert outcome(consent(sandbox, web)).keys() == {"code", "state"}


def test_cancel_says_who_cancelled(sandbox, web):
    assert outcome(consent(sandbox, web, sandbox_decision="cancel"))["error"] == "user_cancelled_authorize"
    assert outcome(consent(sandbox, web, sandbox_decision="cancel_login"))["error"] == "user_cancelled_login"


def test_a_scope_the_app_does_not_have_is_named(sandbox, web):
    assert outcome(consent(sandbox, web, scope="r_ads rw_ads")) == {
        "error": "unauthorized_scope_error",
        "error_description": 'Scope "rw_ads" is not authorized for your application',
        "state": "s t&te",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": "http://localhost:8766/callback"},
        {"redirect_uri": REDIRECT + "/"},
        {"redirect_uri": REDIRECT + "#here"},
        {"redirect_uri": "https://evil.example/callback"},
        {"client_id": "somebody"},
        {"response_type": "token"},
        {"scope": ""},
    ],
)
def test_a_wrong_request_is_a_page_and_never_a_redirect(sandbox, web, wrong):
    answer = web.get(
        "/oauth/v2/authorization",
        params={
            "response_type": "code",
            "client_id": sandbox.client_id,
            "redirect_uri": REDIRECT,
            "scope": "r_ads",
            "sandbox_decision": "allow",
            **wrong,
        },
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")


def test_any_loopback_redirect_is_taken_where_that_is_switched_on(sandbox, web):
    sandbox.oauth.any_loopback_redirect = True
    for uri in ("http://127.0.0.1:1234/x", "http://localhost:5/y", "http://[::1]:6/z"):
        assert consent(sandbox, web, redirect_uri=uri, sandbox_decision="allow").headers["location"].startswith(uri)
    assert consent(sandbox, web, redirect_uri="http://example.com/x").status_code == 401


def test_a_code_gives_tokens_once(sandbox, web):
    code = allowed(sandbox, web)
    first = by_code(sandbox, web, code)
    assert first.status_code == 200
    body = first.json()
    assert {name: body[name] for name in ("expires_in", "refresh_token_expires_in", "scope", "token_type")} == {
        "expires_in": 60 * DAY,
        "refresh_token_expires_in": REFRESH_SECONDS,
        "scope": "r_ads,r_ads_reporting",
        "token_type": "Bearer",
    }
    assert 350 <= len(body["access_token"]) <= 500
    assert code_of_401(web, body["access_token"]) is None
    again = by_code(sandbox, web, code)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_request")
    assert "authorization code not found" in again.json()["error_description"]


def test_a_code_lives_thirty_minutes_and_belongs_to_its_redirect(sandbox, web):
    late, elsewhere = allowed(sandbox, web), allowed(sandbox, web)
    answer = by_code(sandbox, web, elsewhere, redirect_uri="http://localhost:8765/other")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri")
    sandbox.clock.advance(seconds=CODE_SECONDS)
    assert by_code(sandbox, web, late).status_code == 400


@pytest.mark.parametrize("name", ["client_id", "client_secret", "code", "redirect_uri", "grant_type"])
def test_a_missing_parameter_is_named(sandbox, web, name):
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT, name: ""}
    answer = exchange(sandbox, web, **form)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "invalid_request", "error_description": f'A required parameter "{name}" is missing'},
    )


def test_a_wrong_secret_is_refused(sandbox, web):
    answer = by_code(sandbox, web, allowed(sandbox, web), client_secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_secrets_in_the_address_are_refused(sandbox, web):
    answer = web.post(f"/oauth/v2/accessToken?client_secret={sandbox.client_secret}", data={"grant_type": "x"})
    assert answer.status_code == 400


def test_refreshing_never_makes_the_year_longer(sandbox, web):
    tokens = by_code(sandbox, web, allowed(sandbox, web)).json()
    sandbox.clock.advance(days=59)
    renewed = refreshed(sandbox, web, tokens["refresh_token"]).json()
    assert renewed["refresh_token"] == tokens["refresh_token"]
    assert REFRESH_SECONDS - 59 * DAY - 60 <= renewed["refresh_token_expires_in"] <= REFRESH_SECONDS - 59 * DAY
    assert code_of_401(web, tokens["access_token"]) is None  # the earlier one stays valid
    sandbox.clock.advance(days=301)
    last = refreshed(sandbox, web, tokens["refresh_token"]).json()
    assert last["expires_in"] == last["refresh_token_expires_in"] <= 5 * DAY
    sandbox.clock.advance(days=5)
    over = refreshed(sandbox, web, tokens["refresh_token"])
    assert (over.status_code, over.json()["error"]) == (400, "invalid_request")
    assert "invalid, expired or revoked" in over.json()["error_description"]


def test_an_app_without_programmatic_refresh_gets_no_refresh_token(sandbox, web):
    sandbox.oauth.refresh_tokens = False
    assert "refresh_token" not in by_code(sandbox, web, allowed(sandbox, web)).json()


def test_another_scope_set_revokes_the_earlier_tokens(sandbox, web):
    old = by_code(sandbox, web, allowed(sandbox, web)).json()
    same = by_code(sandbox, web, allowed(sandbox, web)).json()
    assert code_of_401(web, old["access_token"]) is None
    allowed(sandbox, web, scope="r_ads r_ads_reporting r_organization_social")
    assert code_of_401(web, old["access_token"]) == "REVOKED_ACCESS_TOKEN"
    assert code_of_401(web, same["access_token"]) == "REVOKED_ACCESS_TOKEN"
    assert refreshed(sandbox, web, same["refresh_token"]).status_code == 400


def test_tokens_expire(sandbox, web):
    token = sandbox.issue_token(expires_in=100)
    sandbox.clock.advance(seconds=100)
    assert code_of_401(web, token) == "EXPIRED_ACCESS_TOKEN"


def test_a_new_token_may_need_a_moment(sandbox, web):
    sandbox.oauth.propagation_seconds = 30
    token = sandbox.issue_token()
    assert code_of_401(web, token) == "REVOKED_ACCESS_TOKEN"
    sandbox.clock.advance(seconds=30)
    assert code_of_401(web, token) is None


def introspected(sandbox: Sandbox, web: httpx.Client, token: str, **more: str) -> httpx.Response:
    known = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret, "token": token}
    return web.post("/oauth/v2/introspectToken", data=known | more)


def test_introspection_tells_the_state_of_a_token(sandbox, web):
    token = sandbox.issue_token(expires_in=100)
    body = introspected(sandbox, web, token).json()
    assert body["expires_at"] - body["created_at"] == 100
    assert {name: body[name] for name in ("active", "status", "scope", "client_id", "auth_type")} == {
        "active": True,
        "status": "active",
        "scope": "r_ads,r_ads_reporting",
        "client_id": sandbox.client_id,
        "auth_type": "3L",
    }
    sandbox.clock.advance(seconds=100)
    assert introspected(sandbox, web, token).json()["status"] == "expired"
    sandbox.oauth.revoke_all()
    assert introspected(sandbox, web, token).json()["status"] == "revoked"
    assert introspected(sandbox, web, "of another app").json() == {"active": False}
    assert introspected(sandbox, web, token, client_secret="wrong").status_code == 401
    assert introspected(sandbox, web, token, client_id="wrong").status_code == 400


def test_nothing_secret_is_in_the_request_log(sandbox, web):
    tokens = by_code(sandbox, web, allowed(sandbox, web)).json()
    code_of_401(web, tokens["access_token"])
    log = web.get("/_sandbox/requests").text
    assert sandbox.requests.count("accessToken") == 1
    for secret in (sandbox.client_secret, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in log
        assert secret not in repr(sandbox.oauth)
