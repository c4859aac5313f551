"""Ordered faults, in this process and over the control endpoints."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import httpx
import pytest

from workbench.sandbox.control.faults import BAD_ELEMENTS

from .conftest import TODAY
from .questions import account_list, report

USERS = "/rest/adAccountUsers?q=authenticatedUser"


@pytest.fixture
def campaigns(account_id: int) -> str:
    return f"/rest/adAccounts/{account_id}/adCampaigns?q=search"


def test_a_fault_hits_the_nth_request_and_then_every_other(sandbox, client):
    sandbox.faults.add("adAccountUsers", "status", status=503, nth=2, every=2, times=2, retry_after="7")
    answers = [client.get(USERS) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200, 503, 200, 503, 200, 200, 200]
    assert answers[1].headers["retry-after"] == "7"
    assert client.get("/rest/adAccounts?q=search").status_code == 200


def test_a_fault_matches_by_pattern(sandbox, client, account_id):
    sandbox.faults.add(rf"adAccounts/{account_id}/creatives\?", "status", status=500, times=None)
    assert client.get(f"/rest/adAccounts/{account_id}/creatives?q=criteria").status_code == 500
    assert client.get(f"/rest/adAccounts/{account_id}/adCampaigns?q=search").status_code == 200


@pytest.mark.parametrize("fault", ["drop", "cut"])
def test_connections_break(sandbox, client, campaigns, fault):
    sandbox.faults.add("adCampaigns", fault)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(campaigns)
    assert client.get(campaigns).status_code == 200


def test_bodies_break(sandbox, client, campaigns):
    sandbox.faults.add("adCampaigns", "truncated_json")
    with pytest.raises(json.JSONDecodeError):
        client.get(campaigns).json()
    sandbox.faults.add("adCampaigns", "bad_gzip")
    with pytest.raises(httpx.DecodingError):
        client.get(campaigns)
    sandbox.faults.add("adCampaigns", "html", status=502)
    answer = client.get(campaigns)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    sandbox.faults.add("adCampaigns", "empty")
    assert client.get(campaigns).content == b""


def test_a_bomb_is_small_on_the_wire(sandbox, client, campaigns):
    sandbox.faults.add("adCampaigns", "bomb", n=20)
    with client.stream("GET", campaigns) as answer:
        wire = sum(map(len, answer.iter_raw()))
    sandbox.faults.add("adCampaigns", "bomb", n=20)
    assert wire < 100_000 < len(client.get(campaigns).content) == 20 * 2**20


def test_slow_and_dripping_answers_arrive_whole(sandbox, client, campaigns):
    expected = client.get(campaigns).json()
    for fault in ("slow", "drip"):
        sandbox.faults.add("adCampaigns", fault, seconds=0.3)
        started = time.monotonic()
        assert client.get(campaigns).json() == expected
        assert time.monotonic() - started >= 0.25


def test_a_slow_answer_does_not_hold_up_others(sandbox, client, campaigns):
    sandbox.faults.add("adCampaigns", "slow", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        client.get(campaigns, timeout=httpx.Timeout(60, read=0.2))
    started = time.monotonic()
    assert client.get(USERS).status_code == 200
    assert time.monotonic() - started < 60


def test_redirects_refusals_and_rejected_tokens(sandbox, client, campaigns):
    sandbox.faults.add("adCampaigns", "redirect", url="http://127.0.0.1:9/x")
    answer = client.get(campaigns)
    assert (answer.status_code, answer.headers["location"]) == (302, "http://127.0.0.1:9/x")
    sandbox.faults.add("adCampaigns", "forbid")
    assert client.get(campaigns).json()["code"] == "ACCESS_DENIED"
    sandbox.faults.add("adCampaigns", "unauthorized", code="EXPIRED_ACCESS_TOKEN")
    assert client.get(campaigns).json()["serviceErrorCode"] == 65602


def test_cursors_go_wrong(sandbox, get, campaigns):
    sandbox.faults.add("adCampaigns", "endless_cursor", times=2)
    first = get(campaigns)
    second = get(f"{campaigns}&pageToken={first['metadata']['nextPageToken']}")
    assert second["elements"] == first["elements"]
    assert second["metadata"]["nextPageToken"] != first["metadata"]["nextPageToken"]
    sandbox.faults.clear()
    sandbox.faults.add("adCampaigns", "repeated_cursor", times=2)
    tokens = {get(campaigns)["metadata"]["nextPageToken"] for _ in range(2)}
    assert len(tokens) == 1


def test_a_capped_answer_looks_whole(sandbox, get, account_id):
    url = report("CAMPAIGN", TODAY - timedelta(days=20), TODAY, account_list(account_id))
    whole = get(url)["elements"]
    sandbox.faults.add("adAnalytics", "cap", n=4)
    assert get(url)["elements"] == whole[:4]


@pytest.mark.parametrize("kind", BAD_ELEMENTS)
@pytest.mark.parametrize("resource", ["entities", "metrics"])
def test_bad_elements_replace_the_first_and_leave_the_rest(sandbox, client, account_id, campaigns, kind, resource):
    metrics = report("CAMPAIGN", TODAY - timedelta(days=20), TODAY, account_list(account_id))
    url = campaigns if resource == "entities" else metrics
    whole = client.get(url)
    sandbox.faults.add("adCampaigns|adAnalytics", "bad_element", kinds=[kind])
    spoiled = client.get(url)
    assert spoiled.status_code == 200
    assert spoiled.content != whole.content
    if kind == "duplicate_row":
        elements = spoiled.json()["elements"]
        assert elements[-1] == elements[-2]
    elif kind == "deep_nesting":
        assert b"[" * 5_000 in spoiled.content
    else:
        assert spoiled.json()["elements"][1:] == whole.json()["elements"][1:]


def test_unknown_faults_are_refused(sandbox):
    with pytest.raises(ValueError, match="no such fault"):
        sandbox.faults.add("adAnalytics", "earthquake")
    with pytest.raises(ValueError, match="no such bad element"):
        sandbox.faults.add("adAnalytics", "bad_element", kinds=["rotten"])


# --- over HTTP ------------------------------


@pytest.fixture
def control(sandbox):
    with httpx.Client(base_url=f"{sandbox.url}/_sandbox") as control:

        def post(path: str, body: object) -> httpx.Response:
            return control.post(path, json=body)

        yield post


def test_another_process_orders_faults_and_reads_the_log(sandbox, client, control):
    order = {"match": "adAccountUsers", "fault": "status", "status": 504}
    assert control("faults/add", order).json()[0]["status"] == 504
    assert client.get(USERS).status_code == 504
    log = httpx.get(f"{sandbox.url}/_sandbox/requests").json()
    assert log["counts"] == {"adAccountUsers": 1}
    assert [(entry["path"], entry["status"], entry["fault"]) for entry in log["requests"]] == [
        ("/rest/adAccountUsers", 504, "status")
    ]
    control("faults/clear", {})
    control("requests/clear", {})
    assert (sandbox.faults.orders, sandbox.requests.count()) == ([], 0)


def test_another_process_moves_the_clock_and_changes_the_world(sandbox, control, account_id):
    assert control("clock", {"days": 2}).json() == {"today": (TODAY + timedelta(days=2)).isoformat()}
    assert control("clock", {"today": "2026-12-24"}).json() == {"today": "2026-12-24"}
    campaign = sandbox.truth.campaigns([account_id])[0]["campaign_id"]
    rename = {"action": "rename", "resource": "campaigns", "identifier": campaign, "name": "New"}
    assert control("world", rename).status_code == 200
    assert sandbox.truth.campaigns([account_id])[0]["name"] == "New"
    vanish = {"action": "vanish", "first": "2026-11-01", "last": "2026-11-02"}
    assert control("world", vanish).status_code == 200
    assert control("world", {"action": "explode"}).status_code == 400


def test_another_process_sets_switches_and_takes_a_token(sandbox, client, control):
    assert control("switches", {"element_cap": 7, "quotas": {"adAccountUsers": [1, 1]}}).json()["element_cap"] == 7
    assert control("oauth", {"auto_approve": True, "enabled_scopes": ["r_ads"]}).json()["auto_approve"] is True
    assert sandbox.oauth.enabled_scopes == {"r_ads"}
    assert control("switches", {"colour": "red"}).status_code == 400
    token = control("token", {"scopes": ["r_ads"]}).json()["access_token"]
    answers = [client.get(USERS, headers={"Authorization": f"Bearer {token}"}).status_code for _ in range(2)]
    assert answers == [200, 429]


def test_the_log_knows_how_many_requests_ran_at_once(sandbox, client, campaigns):
    client.get(USERS)
    assert sandbox.requests.most_at_once == 1
    entry = sandbox.requests.of("adAccountUsers")[0]
    assert (entry.method, entry.path, entry.query, entry.status) == (
        "GET",
        "/rest/adAccountUsers",
        "q=authenticatedUser",
        200,
    )
    assert "authorization" not in entry.headers
