"""Headers, versions, sizes, tunnelling and quotas."""

from __future__ import annotations

import gzip
from datetime import date

import httpx
import pytest

from workbench.sandbox.switches import Quota

from .conftest import HEADERS
from .questions import account_list, report

USERS = "/rest/adAccountUsers?q=authenticatedUser"


def error(answer: httpx.Response) -> tuple[int, object]:
    return answer.status_code, answer.json()


def without(client: httpx.Client, name: str) -> dict[str, str]:
    return {key: value for key, value in client.headers.items() if key.lower() != name.lower()}


def bare(sandbox, headers) -> httpx.Response:
    return httpx.get(sandbox.url + USERS, headers=headers)


def test_the_token_is_checked_before_the_version(sandbox):
    assert bare(sandbox, {}).json()["code"] == "EMPTY_ACCESS_TOKEN"
    assert error(bare(sandbox, {"Authorization": "Bearer nonsense"})) == (
        401,
        {
            "status": 401,
            "serviceErrorCode": 65600,
            "code": "INVALID_ACCESS_TOKEN",
            "message": "Invalid access token",
        },
    )


def test_a_missing_version_is_named(sandbox, client):
    answer = bare(sandbox, without(client, "LinkedIn-Version"))
    message = "A version must be present. Please specify a version by adding the LinkedIn-Version header."
    assert error(answer) == (400, {"status": 400, "code": "VERSION_MISSING", "message": message})
    assert "X-Restli-Gateway-Error" in answer.headers


def test_versions_end_on_their_sunset_day(sandbox, client):
    old = {"LinkedIn-Version": "202601"}
    assert client.get(USERS, headers=old).status_code == 200
    sandbox.clock.move_to(date(2027, 1, 14))
    assert client.get(USERS, headers=old).status_code == 200
    sandbox.advance(1)
    body = {"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20260101 is not active"}
    assert error(client.get(USERS, headers=old)) == (426, body)


@pytest.mark.parametrize("version", ["202512", "202511", "209901", "latest"])
def test_versions_that_never_were_or_are_over_are_refused(client, version):
    assert client.get(USERS, headers={"LinkedIn-Version": version}).status_code == 426


def test_without_the_protocol_header_lists_are_not_understood(sandbox, client, account_id):
    url = report("CAMPAIGN", date(2026, 11, 1), date(2026, 11, 2), account_list(account_id))
    assert client.get(url).status_code == 200
    assert httpx.get(sandbox.url + url, headers=without(client, "X-Restli-Protocol-Version")).status_code == 400


def test_a_token_without_the_scope_names_resource_finder_and_version(sandbox, client, account_id):
    client.headers["Authorization"] = f"Bearer {sandbox.issue_token(scopes=['r_ads'])}"
    url = report("CAMPAIGN", date(2026, 11, 1), date(2026, 11, 2), account_list(account_id))
    message = "Not enough permissions to access: adAnalytics.FINDER-analytics.20260701"
    body = {"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": message}
    assert error(client.get(url)) == (403, body)


def test_long_queries_need_a_tunnel(client, account_id):
    urns = ",".join(f"urn%3Ali%3AsponsoredCampaign%3A{187_000_000 + number}" for number in range(120))
    url = report(
        "CAMPAIGN",
        date(2026, 11, 1),
        date(2026, 11, 20),
        f"campaigns=List({urns},urn%3Ali%3AsponsoredCampaign%3A187010000)",
    )
    assert client.get(url).status_code == 414
    path, _, query = url.partition("?")
    headers = {"X-HTTP-Method-Override": "GET", "Content-Type": "application/x-www-form-urlencoded"}
    tunnelled = client.post(path, content=query, headers=headers)
    assert tunnelled.status_code == 200
    assert tunnelled.json()["elements"]


def test_a_tunnel_needs_the_override_a_length_and_a_form(client):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    override = {"X-HTTP-Method-Override": "GET"}
    path = "/rest/adAccountUsers"
    assert client.post(path, content="q=authenticatedUser", headers=form).status_code == 405
    assert client.post(path, content="q=authenticatedUser", headers=override).status_code == 400
    assert client.post(path, content=iter([b"q=authenticatedUser"]), headers=form | override).status_code == 411
    assert client.post(path, content="q=authenticatedUser", headers=form | override).status_code == 200


def test_answers_carry_linkedins_headers(client):
    answer = client.get(USERS)
    for name in ("X-RestLi-Protocol-Version", "X-LI-UUID", "X-Li-Fabric", "X-Li-Pop", "X-LI-Proto"):
        assert answer.headers[name]
    assert client.get(USERS).headers["X-LI-UUID"] != answer.headers["X-LI-UUID"]


def test_gzip_is_used_where_it_is_accepted(client, account_id):
    url = f"/rest/adAccounts/{account_id}/adCampaigns?q=search"
    whole = client.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in whole.headers
    with client.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        squeezed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(squeezed) == whole.content


def test_a_day_has_its_quota_and_midnight_brings_the_next(sandbox, client):
    sandbox.switches.quotas["adAccountUsers"] = Quota(application=3, member=2)
    assert [client.get(USERS).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get(USERS)
    message = "Resource level throttle MEMBER DAY limit for calls to this resource is reached."
    assert error(answer) == (429, {"message": message, "serviceErrorCode": 101, "status": 429})
    assert "retry-after" not in answer.headers
    assert client.get("/rest/adAccounts?q=search").status_code == 200
    sandbox.advance(1)
    assert client.get(USERS).status_code == 200


def test_metric_values_have_a_budget(sandbox, client, account_id):
    sandbox.switches.values_per_five_minutes = 500
    url = report(
        "CAMPAIGN",
        date(2026, 11, 1),
        date(2026, 11, 8),
        account_list(account_id),
        fields="dateRange,pivotValues,clicks,impressions",
    )
    statuses = [client.get(url).status_code for _ in range(60)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    assert "45 million metric values" in client.get(url).json()["message"]


def test_unknown_resources_are_not_found(client):
    assert client.get("/rest/adThings?q=search").status_code == 404
    assert client.get("/v2/adAccounts?q=search").status_code == 404


def test_retired_creative_paths_answer_as_linkedin_does(client):
    body = {"message": "This API has been modified to include advertiser account id in the url path", "status": 400}
    assert error(client.get("/rest/creatives?q=criteria")) == (400, body)
    assert client.get("/rest/adCreatives?q=search").status_code == 403


def test_the_headers_under_test_are_those_linkedin_asks_for():
    assert HEADERS == {"LinkedIn-Version": "202607", "X-Restli-Protocol-Version": "2.0.0"}
