"""What LinkedIn and the wire do wrong costs what it touches and no more, is said, and the next run heals it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from sync.bench import Bench, asked, differences, differences_of_views, on_disk
from workbench.errors import WorkbenchError
from workbench.report import SyncReport
from workbench.sandbox.faults import BAD_ELEMENTS
from workbench.sandbox.settings import Quota

FIRST = 512010000  # the sandbox's accounts
SECOND = 512010037
IDLE = 512010074


def _said(outcome: SyncReport | WorkbenchError) -> WorkbenchError:
    """The error of an outcome, which says what, why and what next."""
    error = outcome if isinstance(outcome, WorkbenchError) else outcome.error
    assert error is not None
    assert error.what
    assert error.why
    assert error.next_step
    return error


def _statuses(outcome: SyncReport | WorkbenchError) -> dict[int, str]:
    assert isinstance(outcome, SyncReport), outcome
    return {account.account_id: account.status for account in outcome.accounts}


def _heal(bench: Bench) -> None:
    """Once the cause is gone one more run ends at the truth, and asks for nothing that is on disk."""
    kept = {part for folder in bench.unfinished() for part in on_disk(folder)}
    bench.sandbox.switches.quotas.clear()
    bench.sandbox.faults.clear()
    bench.sandbox.requests.clear()
    code, outcome = bench.outcome()
    assert code == 0, outcome
    assert not asked(bench.requests()) & kept
    assert differences(bench) == []
    assert differences_of_views(bench) == []


def _covered(bench: Bench, account_id: int) -> set[str]:
    rows = bench.query("select resource from coverage where account_id = %s", [account_id])
    return {row["resource"] for row in rows}


def _some(cases: Iterable[str], *always: str) -> list[Any]:
    """Every case, those but `always` with the sweep."""
    return [case if case in always else pytest.param(case, marks=pytest.mark.sweep) for case in cases]


# --- the wire: once, and it is retried ------------------------------------------------------------------------------

PASSING: dict[str, dict[str, Any]] = {
    "429 without a wait": {"fault": "status", "status": 429},
    "429 with seconds": {"fault": "status", "status": 429, "retry_after": "1"},
    "429 with zero": {"fault": "status", "status": 429, "retry_after": "0"},
    "429 with a date": {"fault": "status", "status": 429, "retry_after": "Sun, 22 Nov 2026 12:00:03 GMT"},
    "429 with nonsense": {"fault": "status", "status": 429, "retry_after": "99999999999999999999"},
    "500": {"fault": "status", "status": 500},
    "502 in HTML": {"fault": "html", "status": 502},
    "503": {"fault": "status", "status": 503},
    "504": {"fault": "status", "status": 504},
    "an HTML page with 200": {"fault": "html", "status": 200},
    "an empty body": {"fault": "empty"},
    "truncated JSON": {"fault": "truncated_json"},
    "broken gzip": {"fault": "bad_gzip"},
    "reset before the answer": {"fault": "drop"},
    "reset in mid-body": {"fault": "cut"},
}


def test_everything_that_passes_by_itself_is_retried_until_the_truth_is_there(bench: Bench) -> None:
    for number, fault in enumerate(PASSING.values()):
        for endpoint in ("adAccounts", "adCampaigns", "adCampaignGroups", "creatives", "adAnalytics"):
            bench.sandbox.faults.add(endpoint, nth=1 + (number // 5 if endpoint != "adAnalytics" else number), **fault)

    code, outcome = bench.outcome()

    assert code == 0, outcome
    assert sum(order.hit for order in bench.sandbox.faults.orders) >= len(PASSING)
    assert differences(bench) == []


# --- for ever, on one account's metrics: it costs that alone --------------------------------------------------------

LASTING: dict[str, dict[str, Any]] = {
    "500": {"fault": "status", "status": 500},
    "502": {"fault": "status", "status": 502},
    "503": {"fault": "status", "status": 503},
    "504": {"fault": "status", "status": 504},
    "429": {"fault": "status", "status": 429},
    "400": {"fault": "status", "status": 400, "body": '{"status":400,"message":"Bad"}'},
    "414": {"fault": "status", "status": 414},
    "an HTML page": {"fault": "html", "status": 200},
    "truncated JSON": {"fault": "truncated_json"},
    "an empty body": {"fault": "empty"},
    "broken gzip": {"fault": "bad_gzip"},
    "a reset": {"fault": "cut"},
    "a redirect": {"fault": "redirect"},
    "a refusal": {"fault": "forbid"},
    "a bomb": {"fault": "bomb", "n": 200},
    "a JSON of another kind": {"fault": "html", "status": 200, "body": '{"elements":{"a":1}}'},
    "a drip": {"fault": "drip", "seconds": 30},
    "silence": {"fault": "slow", "seconds": 30},
}


@pytest.mark.parametrize("kind", _some(LASTING, "truncated JSON", "a redirect", "a drip"))
def test_a_lasting_fault_of_one_accounts_metrics_costs_those_alone(
    bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind in ("a drip", "silence"):
        monkeypatch.setattr("workbench.client.DEADLINE", 1.0)
    match = f"pivot=CREATIVE.*{FIRST}"
    bench.sandbox.faults.add(match, times=None, **LASTING[kind])

    code, outcome = bench.outcome()

    error = _said(outcome)
    assert code == 10
    assert str(FIRST) in str(error)
    assert _statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
    assert "creative_daily_metrics" not in _covered(bench, FIRST)
    assert "campaign_daily_metrics" in _covered(bench, FIRST)
    assert bench.table("creative_daily_metrics", where=f"account_id = {FIRST}") == []
    assert [row["status"] for row in bench.query("select status from sync_log")] == ["partial"]
    _heal(bench)


@pytest.mark.parametrize(
    ("endpoint", "lost"),
    [
        ("adCampaigns", "campaigns"),
        pytest.param("creatives", "creatives", marks=pytest.mark.sweep),
        pytest.param("adCampaignGroups", "campaign_groups", marks=pytest.mark.sweep),
    ],
)
def test_a_listing_that_fails_unlists_nobody_and_stops_no_other(bench: Bench, endpoint: str, lost: str) -> None:
    bench.sync()
    rows = bench.table(lost)
    bench.sandbox.faults.add(f"{FIRST}/{endpoint}", "status", status=500, times=None)

    code, outcome = bench.outcome(force=True)

    _said(outcome)
    assert code == 10
    assert _statuses(outcome)[FIRST] == "partial"
    assert bench.table(lost, where="listed") == rows
    assert differences(bench) == []
    _heal(bench)


def test_an_account_that_is_refused_altogether_fails_alone_and_is_never_fresh(bench: Bench) -> None:
    bench.sandbox.faults.add(str(FIRST), "forbid", times=None)

    code, outcome = bench.outcome()

    error = _said(outcome)
    assert code == 10
    assert _statuses(outcome) == {0: "done", FIRST: "failed", SECOND: "done", IDLE: "done"}
    assert "403" in error.why
    assert "role" in error.next_step
    assert _covered(bench, FIRST) == set()
    assert differences_of_views(bench) == []
    bench.sandbox.requests.clear()
    bench.outcome()
    touched = {account for _, account, _ in asked(bench.requests())}
    assert touched - {0} == {FIRST}
    _heal(bench)


def test_names_that_are_refused_leave_segments_unnamed_and_are_asked_again(bench: Bench) -> None:
    bench.sandbox.faults.add("adTargetingEntities", "forbid", times=None)

    code, outcome = bench.outcome()

    _said(outcome)
    assert code == 10
    assert bench.value("select count(*) from audience_demographics") > 0
    assert bench.value("select count(*) from audience_demographics where segment_name like 'urn:%%'") == 0
    _heal(bench)


def test_one_refused_pivot_leaves_demographics_uncovered_and_the_rest_whole(bench: Bench) -> None:
    bench.sandbox.faults.add(f"MEMBER_SENIORITY.*{FIRST}", "forbid", times=None)

    code, outcome = bench.outcome()

    _said(outcome)
    assert code == 10
    assert _statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
    assert "audience_demographics" not in _covered(bench, FIRST)
    assert bench.table("audience_demographics", where=f"account_id = {FIRST}") == []
    _heal(bench)


# --- nobody can be asked --------------------------------------------------------------------------------------------


@contextmanager
def _nobody_listens(bench: Bench) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextmanager
def _tls_fails(bench: Bench) -> Iterator[str]:
    yield bench.sandbox.url.replace("http://", "https://")


@contextmanager
def _no_name_resolves(bench: Bench) -> Iterator[str]:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with patch.object(socket, "getaddrinfo", unknown):
        yield bench.sandbox.url.replace("127.0.0.1", "localhost")


@contextmanager
def _no_network(bench: Bench) -> Iterator[str]:
    def unreachable(*_: Any) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    with patch.object(socket.socket, "connect", unreachable):
        yield bench.sandbox.url


@contextmanager
def _nobody_lets_us_in(bench: Bench) -> Iterator[str]:
    """A queue of connections that is full: whoever comes is not even refused."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as stack:
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        with patch("workbench.client.DEADLINE", 0.3):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


NO_WAY: dict[str, tuple[Callable[[Bench], AbstractContextManager[str]], str]] = {
    "nobody listens": (_nobody_listens, "cannot be reached"),
    "TLS fails": (_tls_fails, ""),
    "no name resolves": (_no_name_resolves, "cannot be reached"),
    "there is no network": (_no_network, "cannot be reached"),
    "nobody lets us in": (_nobody_lets_us_in, "in time"),
}


@pytest.mark.parametrize("kind", _some(NO_WAY, *(kind for kind in NO_WAY if kind != "nobody lets us in")))
def test_without_a_way_to_linkedin_it_says_so_and_exits_70(bench: Bench, kind: str) -> None:
    way, why = NO_WAY[kind]
    with way(bench) as url:
        code, outcome = bench.outcome(settings={"LINKEDIN_API_URL": url})

    error = _said(outcome)
    assert code == 70
    assert why in error.why
    assert bench.value("select count(*) from ad_accounts") == 0
    _heal(bench)


@pytest.mark.parametrize("after", [2, 20, 40])
def test_a_network_that_goes_away_in_mid_run_costs_what_was_not_read_yet(bench: Bench, after: int) -> None:
    bench.sandbox.faults.add(".", "drop", nth=after, times=None)

    code, outcome = bench.outcome()

    assert code in (10, 70)
    _said(outcome)
    assert differences_of_views(bench) == []
    _heal(bench)


def test_the_list_of_accounts_that_fails_for_ever_exits_70_and_writes_no_row(bench: Bench) -> None:
    bench.sandbox.faults.add("adAccounts", "status", status=503, times=None)

    code, outcome = bench.outcome()

    assert code == 70
    assert "accounts" in _said(outcome).what
    assert bench.value("select count(*) from ad_accounts") == 0
    _heal(bench)


# --- quotas ---------------------------------------------------------------------------------------------------------


def test_a_spent_daily_quota_stops_its_endpoint_alone_names_the_hour_and_is_remembered(bench: Bench) -> None:
    bench.sandbox.switches.quotas["creatives"] = Quota(1, 1)
    midnight = datetime.combine(bench.today + timedelta(days=1), time(), UTC)

    code, outcome = bench.outcome()

    error = _said(outcome)
    assert code == 10
    assert isinstance(outcome, SyncReport)
    assert outcome.retry_at == midnight
    assert outcome.as_dict()["retry_at"] == "2026-11-23T00:00:00+00:00"
    assert "00:00" in str(error)
    refused = [entry for entry in bench.requests() if entry.endpoint == "creatives" and entry.status == 429]
    assert 1 <= len(refused) <= 4  # those under way when the first was refused
    assert bench.table("campaign_daily_metrics")
    bench.sandbox.requests.clear()
    ran = bench.run("sync", "--json")
    assert (ran.code, ran.json["retry_at"]) == (10, "2026-11-23T00:00:00+00:00")
    assert "creatives" not in bench.sandbox.requests.counts
    bench.sandbox.switches.quotas.clear()
    bench.sandbox.advance(1)
    first_day = bench.window[0] - timedelta(days=1)
    code, outcome = bench.outcome()
    assert code == 0, outcome
    assert differences(bench, window=(first_day, bench.today)) == []


def test_a_quota_that_leaves_nothing_to_load_exits_75_with_the_hour(bench: Bench) -> None:
    bench.sandbox.switches.quotas["adAccounts"] = Quota(0, 0)

    ran = bench.run("sync", "--json")

    assert ran.code == 75
    assert ran.json["retry_at"].startswith("2026-11-23T00:00:00")
    assert "00:00" in ran.json["error"]["what"] + ran.json["error"]["why"] + ran.json["error"]["next"]
    bench.sandbox.requests.clear()
    assert bench.run("sync", "--json").code == 75
    assert bench.sandbox.requests.counts == {}


def test_the_throttle_of_metric_values_pauses_and_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.client.ANALYTICS_PAUSE", 0.3)
    body = '{"status":429,"message":"Too many metric values requested in 5-minute window: 45 million"}'
    bench.sandbox.faults.add("adAnalytics", "status", status=429, nth=5, body=body)

    code, outcome = bench.outcome()

    assert code == 0, outcome
    assert differences(bench) == []


# --- the sign-in ----------------------------------------------------------------------------------------------------


def test_a_token_revoked_in_mid_run_exits_77_keeps_the_parts_and_names_the_variable(bench: Bench) -> None:
    bench.sandbox.faults.add("adAnalytics", "unauthorized", nth=6, times=None)

    code, outcome = bench.outcome()

    error = _said(outcome)
    assert code == 77
    assert "LINKEDIN_ACCESS_TOKEN" in str(error)
    assert [row["status"] for row in bench.query("select status from sync_log")] == ["failed"]
    (folder,) = bench.unfinished()
    assert on_disk(folder)
    _heal(bench)


def test_a_retired_version_exits_78_and_says_what_to_set(bench: Bench) -> None:
    code, outcome = bench.outcome(settings={"LINKEDIN_VERSION": "202508"})

    assert code == 78
    assert "LINKEDIN_VERSION" in _said(outcome).next_step


# --- meaning --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", ["endless_cursor", pytest.param("repeated_cursor", marks=pytest.mark.sweep)])
def test_a_cursor_without_an_end_is_left_and_its_listing_covers_nothing(
    bench: Bench, cursor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.endpoints._PAGES", 20)
    bench.sandbox.faults.add(f"{FIRST}/creatives", cursor, times=None)

    code, outcome = bench.outcome()

    error = _said(outcome)
    assert code == 10
    assert "cursor" in error.why
    assert "creatives" not in _covered(bench, FIRST)
    assert bench.table("creatives", where=f"account_id = {FIRST} and listed") == bench.sandbox.truth.creatives([FIRST])
    _heal(bench)


@pytest.mark.parametrize("cap", [10, *(pytest.param(cap, marks=pytest.mark.sweep) for cap in (100, 1_000)), 500])
def test_a_server_that_cuts_is_found_out_and_nothing_partial_is_shown_as_complete(bench: Bench, cap: int) -> None:
    bench.sandbox.switches.element_cap = cap

    code, _ = bench.outcome()

    told = {
        "campaign_daily_metrics": bench.sandbox.truth.campaign_daily_metrics(*bench.window),
        "creative_daily_metrics": bench.sandbox.truth.creative_daily_metrics(*bench.window),
        "audience_demographics": bench.sandbox.truth.audience_demographics(*bench.window),
    }
    for name, rows in told.items():
        for account_id in (FIRST, SECOND, IDLE):
            expected = [row for row in rows if row["account_id"] == account_id]
            shown = bench.table(name, where=f"account_id = {account_id}")
            if name in _covered(bench, account_id):
                assert shown == expected, f"{name} of {account_id} is covered, and not whole"
            else:
                assert code == 10
    bench.sandbox.switches.element_cap = 15_000
    _heal(bench)


def test_bad_elements_of_every_kind_at_once_are_set_aside_and_take_no_neighbour_along(bench: Bench) -> None:
    for match in (f"{FIRST}/creatives", f"pivot=CAMPAIGN.*{FIRST}"):
        bench.sandbox.faults.add(match, "bad_element", kinds=list(BAD_ELEMENTS), times=None)

    code, outcome = bench.outcome()

    assert code == 10
    error = _said(outcome)
    assert "rejects.ndjson" in error.next_step
    assert _statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
    truthful = bench.sandbox.truth.creatives([FIRST])
    shown = bench.table("creatives", where=f"account_id = {FIRST}")
    assert [row for row in truthful if row in shown] == [row for row in shown if row in truthful]
    assert len([row for row in truthful if row in shown]) >= len(truthful) - len(BAD_ELEMENTS)
    assert bench.table("campaign_daily_metrics", where=f"account_id = {FIRST}") == []
    assert differences_of_views(bench) == []
    bench.sandbox.faults.clear()
    code, outcome = bench.outcome(force=True)
    assert code == 0, outcome
    left = bench.query("select creative_id from creatives where not listed")
    assert all(row["creative_id"] not in {entry["creative_id"] for entry in truthful} for row in left)
    assert differences(bench) == []


@pytest.mark.sweep
@pytest.mark.parametrize("kind", BAD_ELEMENTS)
def test_a_bad_element_is_set_aside_alone_and_its_days_are_asked_again(bench: Bench, kind: str) -> None:
    for match in (
        f"{FIRST}/adCampaigns",
        f"{FIRST}/creatives",
        f"pivot=CAMPAIGN.*{FIRST}",
        f"MEMBER_INDUSTRY.*{FIRST}",
    ):
        bench.sandbox.faults.add(match, "bad_element", kinds=[kind], times=None)

    code, outcome = bench.outcome()

    assert code in (0, 10), outcome
    assert bench.table("campaigns", where=f"account_id = {SECOND}") == bench.sandbox.truth.campaigns([SECOND])
    if code == 10:
        _said(outcome)
        assert _statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
        rejected = (bench.snapshots()[0].folder / "rejects.ndjson").read_text()
        assert len(rejected.splitlines()) == sum(
            counts["rejected"] for account in outcome.accounts for counts in account.resources.values()
        )
        assert rejected
    truthful = {row["campaign_id"]: row for row in bench.sandbox.truth.campaigns([FIRST])}
    shown = bench.table("campaigns", where=f"account_id = {FIRST}")
    assert len(shown) >= len(truthful) - 1
    assert differences_of_views(bench) == []
    bench.sandbox.faults.clear()
    code, outcome = bench.outcome(force=True)
    assert code == 0, outcome
    assert differences(bench) == []


def test_an_empty_answer_is_not_believed_where_no_role_proves_access(bench: Bench) -> None:
    bench.sandbox.world.revoke_role(FIRST)
    bench.sandbox.faults.add(f"{FIRST}/(adCampaigns|creatives|adCampaignGroups)", "status", status=404, times=None)

    code, outcome = bench.outcome(account_ids=[FIRST, SECOND])

    assert code == 10, outcome
    assert _statuses(outcome)[FIRST] == "failed"
    assert _covered(bench, FIRST) == set()
    assert bench.table("campaigns", where=f"account_id = {SECOND}") == bench.sandbox.truth.campaigns([SECOND])


def test_what_is_renamed_or_deleted_between_pages_is_true_after_the_next_sync_and_never_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.sync()
    bench.sandbox.switches.page_limit = 3
    creatives = [row["creative_id"] for row in bench.table("creatives", where=f"account_id = {FIRST}")]
    figures = bench.table("creative_daily_metrics")
    _before_page(bench, 3, f"{FIRST}/creatives", monkeypatch, lambda: _stir(bench, creatives))

    code, outcome = bench.outcome(force=True)

    assert code in (0, 10), outcome
    assert {row["creative_id"] for row in bench.table("creatives", where=f"account_id = {FIRST}")} == set(creatives)
    assert bench.table("creative_daily_metrics") == figures
    listed = {row["creative_id"] for row in bench.table("creatives", where="listed")}
    assert {row["creative_id"] for row in bench.sandbox.truth.creatives()} <= listed
    bench.sandbox.requests.clear()
    assert bench.outcome(force=True)[0] == 0
    assert differences(bench) == []
    assert differences_of_views(bench) == []


def _stir(bench: Bench, creatives: list[int]) -> None:
    """One is deleted and one renamed that were read already, and one of each that were not."""
    for gone, renamed in ((creatives[0], creatives[1]), (creatives[-1], creatives[-2])):
        bench.sandbox.world.remove("creatives", gone)
        bench.sandbox.world.rename("creatives", renamed, "Renamed")


def _before_page(
    bench: Bench, number: int, path: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]
) -> None:
    """Do something in LinkedIn's world when this page of a listing is asked for."""
    plain, pages = bench.sandbox.requests.open, 0

    def opened(endpoint: str, method: str, asked_path: str, *rest: Any) -> Any:
        nonlocal pages
        pages += path in asked_path
        if pages == number and path in asked_path:
            act()
        return plain(endpoint, method, asked_path, *rest)

    monkeypatch.setattr(bench.sandbox.requests, "open", opened)
