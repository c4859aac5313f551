"""What LinkedIn refuses, limits or gets wrong costs what it touches and no more, is said, and the next run heals it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from marks import slow_except

from sync.bench import Bench, asked, differences, differences_of_views, on_disk, wrong_claims
from sync.outcomes import FIRST, IDLE, SECOND, covered, heal, said, statuses
from workbench.pipeline.report import SyncReport
from workbench.sandbox.control.faults import BAD_ELEMENTS
from workbench.sandbox.control.switches import Quota

# --- for ever, on one resource or account: it costs that alone --------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "lost"),
    [
        ("adCampaigns", "campaigns"),
        pytest.param("creatives", "creatives", marks=pytest.mark.sweep),
        pytest.param("adCampaignGroups", "campaign_groups", marks=pytest.mark.sweep),
    ],
)
def test_a_listing_that_fails_unlists_nobody_and_stops_no_other(bench: Bench, endpoint: str, lost: str) -> None:
    bench.first_sync()
    rows = bench.table(lost)
    bench.sandbox.faults.add(f"{FIRST}/{endpoint}", "status", status=500, times=None)

    code, outcome = bench.outcome(force=True)

    said(outcome)
    assert code == 10
    assert statuses(outcome)[FIRST] == "partial"
    assert bench.table(lost, where="listed") == rows
    assert differences(bench) == []
    heal(bench)


@pytest.mark.slow
def test_an_account_that_is_refused_altogether_fails_alone_and_is_never_fresh(bench: Bench) -> None:
    bench.sandbox.faults.add(str(FIRST), "forbid", times=None)

    code, outcome = bench.outcome()

    error = said(outcome)
    assert code == 10
    assert statuses(outcome) == {0: "done", FIRST: "failed", SECOND: "done", IDLE: "done"}
    assert "403" in error.why
    assert "role" in error.next_step
    assert covered(bench, FIRST) == set()
    assert differences_of_views(bench) == []
    bench.sandbox.requests.clear()
    bench.outcome()
    touched = {account for _, account, _ in asked(bench.requests())}
    assert touched - {0} == {FIRST}
    heal(bench)


def test_names_that_are_refused_leave_segments_unnamed_and_are_asked_again(bench: Bench) -> None:
    bench.sandbox.faults.add("adTargetingEntities", "forbid", times=None)

    code, outcome = bench.outcome()

    said(outcome)
    assert code == 10
    assert bench.value("select count(*) from audience_demographics") > 0
    assert bench.value("select count(*) from audience_demographics where segment_name like 'urn:%%'") == 0
    heal(bench)


def test_one_refused_pivot_leaves_demographics_uncovered_and_the_rest_whole(bench: Bench) -> None:
    bench.sandbox.faults.add(f"MEMBER_SENIORITY.*{FIRST}", "forbid", times=None)

    code, outcome = bench.outcome()

    said(outcome)
    assert code == 10
    assert statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
    assert "audience_demographics" not in covered(bench, FIRST)
    assert bench.table("audience_demographics", where=f"account_id = {FIRST}") == []
    heal(bench)


# --- quotas ---------------------------------------------------------------------------------------------------------


def test_a_spent_daily_quota_stops_its_endpoint_alone_names_the_hour_and_is_remembered(bench: Bench) -> None:
    bench.sandbox.switches.quotas["creatives"] = Quota(1, 1)
    midnight = datetime.combine(bench.today + timedelta(days=1), time(), UTC)

    code, outcome = bench.outcome()

    error = said(outcome)
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


@pytest.mark.parametrize("calls", slow_except(7, of=[1, 7, 20]))
def test_a_quota_of_figures_that_is_spent_in_mid_run_costs_what_was_not_read_yet(bench: Bench, calls: int) -> None:
    bench.sandbox.switches.quotas["adAnalytics"] = Quota(calls, calls)

    code, outcome = bench.outcome()

    said(outcome)
    assert code == 10
    assert isinstance(outcome, SyncReport)
    assert outcome.retry_at == datetime.combine(bench.today + timedelta(days=1), time(), UTC)
    asked_for = bench.sandbox.requests.of("adAnalytics")
    assert [entry.status for entry in asked_for].count(200) == calls
    assert len(asked_for) - calls <= 4  # those under way when the first was refused
    assert wrong_claims(bench) == []
    assert differences_of_views(bench) == []
    for name in ("campaign_groups", "campaigns", "creatives"):
        assert bench.table(name) == getattr(bench.sandbox.truth, name)()
    bench.sandbox.requests.clear()
    assert bench.run("sync", "--force").code == 10
    assert bench.sandbox.requests.count("adAnalytics") == 0
    assert wrong_claims(bench) == []
    bench.sandbox.switches.quotas.clear()
    bench.sandbox.advance(1)
    bench.changes["SYNC_DAYS"] = 91  # as far back as the day before
    assert bench.outcome()[0] == 0
    assert differences(bench) == []
    assert differences_of_views(bench) == []


@pytest.mark.parametrize("nth", slow_except(12, of=[1, 12]))
def test_a_version_that_ends_in_mid_run_is_named_and_what_was_read_is_kept(bench: Bench, nth: int) -> None:
    bench.sandbox.faults.add("adAnalytics", "status", status=426, nth=nth, times=None)

    code, outcome = bench.outcome()

    error = said(outcome)
    assert code == 78
    assert "LINKEDIN_VERSION" in error.next_step
    assert [row["status"] for row in bench.query("select status from sync_log")] == ["failed"]
    assert wrong_claims(bench) == []
    (folder,) = bench.unfinished()
    assert len(on_disk(folder)) > nth - 1
    heal(bench)


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
    monkeypatch.setattr("workbench.linkedin.client.ANALYTICS_PAUSE", 0.3)
    body = '{"status":429,"message":"Too many metric values requested in 5-minute window: 45 million"}'
    bench.sandbox.faults.add("adAnalytics", "status", status=429, nth=5, body=body)

    code, outcome = bench.outcome()

    assert code == 0, outcome
    assert differences(bench) == []


# --- the sign-in ----------------------------------------------------------------------------------------------------


def test_a_token_revoked_in_mid_run_exits_77_keeps_the_parts_and_names_the_variable(bench: Bench) -> None:
    bench.sandbox.faults.add("adAnalytics", "unauthorized", nth=6, times=None)

    code, outcome = bench.outcome()

    error = said(outcome)
    assert code == 77
    assert "LINKEDIN_ACCESS_TOKEN" in str(error)
    assert [row["status"] for row in bench.query("select status from sync_log")] == ["failed"]
    (folder,) = bench.unfinished()
    assert on_disk(folder)
    heal(bench)


def test_a_retired_version_exits_78_and_says_what_to_set(bench: Bench) -> None:
    code, outcome = bench.outcome(settings={"LINKEDIN_VERSION": "202508"})

    assert code == 78
    assert "LINKEDIN_VERSION" in said(outcome).next_step


# --- meaning --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", ["endless_cursor", pytest.param("repeated_cursor", marks=pytest.mark.sweep)])
def test_a_cursor_without_an_end_is_left_and_its_listing_covers_nothing(
    bench: Bench, cursor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.linkedin.endpoints._PAGES", 20)
    bench.sandbox.faults.add(f"{FIRST}/creatives", cursor, times=None)

    code, outcome = bench.outcome()

    error = said(outcome)
    assert code == 10
    assert "cursor" in error.why
    assert "creatives" not in covered(bench, FIRST)
    assert bench.table("creatives", where=f"account_id = {FIRST} and listed") == bench.sandbox.truth.creatives([FIRST])
    heal(bench)


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
            if name in covered(bench, account_id):
                assert shown == expected, f"{name} of {account_id} is covered, and not whole"
            else:
                assert code == 10
    bench.sandbox.switches.element_cap = 15_000
    heal(bench)


def test_bad_elements_of_every_kind_at_once_are_set_aside_and_take_no_neighbour_along(bench: Bench) -> None:
    for match in (f"{FIRST}/creatives", f"pivot=CAMPAIGN.*{FIRST}"):
        bench.sandbox.faults.add(match, "bad_element", kinds=list(BAD_ELEMENTS), times=None)

    code, outcome = bench.outcome()

    assert code == 10
    error = said(outcome)
    assert "rejects.ndjson" in error.next_step
    assert statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
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
        said(outcome)
        assert statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
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
    assert statuses(outcome)[FIRST] == "failed"
    assert covered(bench, FIRST) == set()
    assert bench.table("campaigns", where=f"account_id = {SECOND}") == bench.sandbox.truth.campaigns([SECOND])


def test_what_is_renamed_or_deleted_between_pages_is_true_after_the_next_sync_and_never_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.first_sync()
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


@pytest.mark.parametrize(
    ("kind", "path", "page_limit"),
    [("campaign_groups", "adCampaignGroups", 1), ("campaigns", "adCampaigns", 2), ("creatives", "creatives", 2)],
)
def test_what_a_deletion_between_pages_hides_from_a_first_sync_is_found_because_others_speak_of_it(
    bench: Bench, kind: str, path: str, page_limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.sandbox.switches.page_limit = page_limit
    there = [row[f"{kind[:-1]}_id"] for row in getattr(bench.sandbox.truth, kind)([FIRST])]
    _before_page(bench, 2, f"{FIRST}/{path}", monkeypatch, lambda: bench.sandbox.world.remove(kind, there[0]))

    code, outcome = bench.outcome(account_ids=[FIRST])

    assert code == 0, outcome
    assert [row[f"{kind[:-1]}_id"] for row in bench.table(kind, where="listed")] == there
    counts = next(account for account in outcome.accounts if account.account_id == FIRST).resources[kind]
    assert counts["fetched"] == len(there)
    asked = [entry for entry in bench.sandbox.requests.entries if f"{FIRST}/{path}" in entry.path]
    assert sum("pageToken" not in entry.query for entry in asked) == 2
    assert bench.outcome(account_ids=[FIRST], force=True)[0] == 0
    assert [row[f"{kind[:-1]}_id"] for row in bench.table(kind, where="listed")] == there[1:]


@pytest.mark.slow
def test_a_second_look_that_fails_is_said_and_keeps_what_the_first_one_saw(bench: Bench) -> None:
    bench.sandbox.switches.page_limit = 2
    there = [row["creative_id"] for row in bench.sandbox.truth.creatives()]
    bench.sandbox.world.remove("creatives", there[0])
    pages = math.ceil(len(bench.sandbox.truth.creatives([FIRST])) / 2)
    bench.sandbox.faults.add(f"{FIRST}/creatives", "status", status=500, times=None, nth=pages + 1)

    code, outcome = bench.outcome()

    assert code == 10
    assert str(FIRST) in str(said(outcome))
    assert statuses(outcome)[FIRST] == "partial"
    assert [row["creative_id"] for row in bench.table("creatives", where="listed")] == there[1:]
    assert wrong_claims(bench) == []
    heal(bench)


@pytest.mark.slow
def test_an_odd_element_in_a_second_look_is_said_and_loses_nothing_of_the_first(bench: Bench) -> None:
    bench.sandbox.switches.page_limit = 2
    there = [row["creative_id"] for row in bench.sandbox.truth.creatives()]
    bench.sandbox.world.remove("creatives", there[0])
    pages = math.ceil(len(bench.sandbox.truth.creatives([FIRST])) / 2)
    bench.sandbox.faults.add(f"{FIRST}/creatives", "bad_element", nth=pages + 1)

    code, outcome = bench.outcome()

    assert code == 10
    said(outcome)
    assert statuses(outcome)[FIRST] == "partial"
    assert bench.sandbox.faults.orders[0].hit == 1
    assert bench.table("creatives", where="listed") == bench.sandbox.truth.creatives()
    assert (bench.snapshots()[-1].folder / "rejects.ndjson").read_text().count("\n") == 1
    heal(bench)


@pytest.mark.slow
def test_a_listing_of_one_page_or_of_a_later_sync_is_not_read_twice(bench: Bench) -> None:
    bench.sandbox.world.remove("creatives", bench.sandbox.truth.creatives()[0]["creative_id"])
    plain = f"{FIRST}/creatives"
    readings = []
    for page_limit in (100, 2):
        bench.sandbox.switches.page_limit = page_limit
        bench.sandbox.requests.clear()
        assert bench.outcome(force=True)[0] == 0
        asked_for = [entry for entry in bench.sandbox.requests.entries if plain in entry.path]
        readings.append(sum("pageToken" not in entry.query for entry in asked_for))

    assert readings == [1, 1]
    assert differences(bench) == []


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


@pytest.mark.parametrize("roles", slow_except("none", of=["none", "unknown"]))
def test_a_listing_without_anything_is_not_believed_where_there_was_something_and_no_role_is_shown(
    bench: Bench, roles: str
) -> None:
    bench.first_sync()
    listed = "select count(*) from {} where listed"
    tables = ("campaign_groups", "campaigns", "creatives")
    before = [bench.value(listed.format(name)) for name in tables]
    nothing = {"fault": "html", "status": 200, "body": '{"elements":[],"metadata":{}}', "times": None}
    bench.sandbox.faults.add(f"{FIRST}/(adCampaigns|creatives|adCampaignGroups)", **nothing)
    if roles == "none":
        bench.sandbox.faults.add("adAccountUsers", **nothing)
    else:
        bench.sandbox.faults.add("adAccountUsers", "status", status=400, times=None)

    code, outcome = bench.outcome(force=True)

    assert code == 10, outcome
    assert "listed nothing where there were" in str(outcome.error)
    assert [bench.value(listed.format(name)) for name in tables] == before
    bench.sandbox.faults.clear()
    assert bench.sync(force=True).exit_code == 0
    assert differences(bench) == []
