"""What LinkedIn refuses, limits or gets wrong costs what it touches and no more, is said, and the next run heals it."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from marks import sweep_except

from sync.installation import Installation, asked, differences, differences_of_views, on_disk, wrong_claims
from sync.outcomes import FIRST, IDLE, SECOND, covered, heal, said, statuses
from workbench.pipeline.report import SyncReport
from workbench.sandbox.control.faults import BAD_ELEMENTS
from workbench.sandbox.switches import Quota
from workbench.schema.metrics import STORED
from workbench.schema.pivots import ASKED

# --- for ever, on one resource or account: it costs that alone --------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("endpoint", "lost"),
    [
        ("adCampaigns", "campaigns"),
        pytest.param("creatives", "creatives", marks=pytest.mark.sweep),
        pytest.param("adCampaignGroups", "campaign_groups", marks=pytest.mark.sweep),
    ],
)
def test_a_listing_that_fails_unlists_nothing_and_stops_no_other(
    installation: Installation, endpoint: str, lost: str
) -> None:
    installation.first_sync()
    rows = installation.table(lost)
    installation.sandbox.faults.add(f"{FIRST}/{endpoint}", "status", status=500, times=None)

    code, outcome = installation.outcome(force=True)

    said(outcome)
    assert code == 10
    assert statuses(outcome)[FIRST] == "partial"
    assert installation.table(lost, where="listed") == rows
    assert differences(installation) == []
    heal(installation)


@pytest.mark.slow
def test_an_account_that_is_refused_altogether_fails_alone_and_is_never_fresh(installation: Installation) -> None:
    installation.sandbox.faults.add(str(FIRST), "forbid", times=None)

    code, outcome = installation.outcome()

    error = said(outcome)
    assert code == 10
    assert statuses(outcome) == {0: "done", FIRST: "failed", SECOND: "done", IDLE: "done"}
    assert "403" in error.why
    assert "role" in error.next_step
    assert covered(installation, FIRST) == set()
    assert differences_of_views(installation) == []
    installation.sandbox.requests.clear()
    installation.outcome()
    touched = {account for _, account, _ in asked(installation.requests())}
    assert touched - {0} == {FIRST}
    heal(installation)


@pytest.mark.slow
def test_names_that_are_refused_leave_segments_unnamed_and_are_asked_again(installation: Installation) -> None:
    installation.sandbox.faults.add("adTargetingEntities", "forbid", times=None)

    code, outcome = installation.outcome()

    said(outcome)
    assert code == 10
    assert installation.value("select count(*) from audience_demographics") > 0
    assert installation.value("select count(*) from audience_demographics where segment_name like 'urn:%%'") == 0
    heal(installation)


@pytest.mark.slow
def test_one_refused_pivot_leaves_itself_uncovered_and_the_rest_whole(installation: Installation) -> None:
    installation.sandbox.faults.add(f"MEMBER_SENIORITY.*{FIRST}", "forbid", times=None)

    code, outcome = installation.outcome()

    said(outcome)
    assert code == 10
    assert statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
    assert None not in _pivots_covered(installation, FIRST)
    assert len(_pivots_covered(installation, FIRST)) == len(ASKED) - 1
    shown = {row["pivot"] for row in installation.table("audience_demographics", where=f"account_id = {FIRST}")}
    assert shown == {*ASKED} - {"MEMBER_SENIORITY"}
    heal(installation)


# --- quotas ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_spent_daily_quota_stops_its_endpoint_alone_names_the_hour_and_is_remembered(
    installation: Installation,
) -> None:
    installation.sandbox.switches.quotas["creatives"] = Quota(1, 1)
    midnight = datetime.combine(installation.today + timedelta(days=1), time(), UTC)

    code, outcome = installation.outcome()

    error = said(outcome)
    assert code == 10
    assert isinstance(outcome, SyncReport)
    assert outcome.retry_at == midnight
    assert outcome.as_dict()["retry_at"] == "2026-11-23T00:00:00+00:00"
    assert "00:00" in str(error)
    refused = [entry for entry in installation.requests() if entry.endpoint == "creatives" and entry.status == 429]
    assert 1 <= len(refused) <= 4  # those under way when the first was refused
    assert installation.table("campaign_daily_metrics")
    installation.sandbox.requests.clear()
    ran = installation.run("sync", "--json")
    assert (ran.code, ran.json["retry_at"]) == (10, "2026-11-23T00:00:00+00:00")
    assert "creatives" not in installation.sandbox.requests.counts
    installation.sandbox.switches.quotas.clear()
    installation.sandbox.advance(1)
    first_day = installation.window[0] - timedelta(days=1)
    code, outcome = installation.outcome()
    assert code == 0, outcome
    assert differences(installation, window=(first_day, installation.today)) == []


@pytest.mark.slow
@pytest.mark.parametrize("calls", sweep_except(7, of=[1, 7, 20]))
def test_a_quota_of_figures_that_is_spent_in_mid_run_costs_what_was_not_read_yet(
    installation: Installation, calls: int
) -> None:
    installation.sandbox.switches.quotas["adAnalytics"] = Quota(calls, calls)

    code, outcome = installation.outcome()

    said(outcome)
    assert code == (10 if installation.snapshots()[-1].manifest.has_figures else 75)
    assert isinstance(outcome, SyncReport)
    assert outcome.retry_at == datetime.combine(installation.today + timedelta(days=1), time(), UTC)
    asked_for = installation.sandbox.requests.of("adAnalytics")
    assert [entry.status for entry in asked_for].count(200) == calls
    assert len(asked_for) - calls <= 4  # those under way when the first was refused
    assert wrong_claims(installation) == []
    assert differences_of_views(installation) == []
    for name in ("campaign_groups", "campaigns", "creatives"):
        assert installation.table(name) == getattr(installation.sandbox.truth, name)()
    installation.sandbox.requests.clear()
    assert installation.run("sync", "--force").code == 75  # no figures came
    assert installation.sandbox.requests.count("adAnalytics") == 0
    assert wrong_claims(installation) == []
    installation.sandbox.switches.quotas.clear()
    installation.sandbox.advance(1)
    installation.changes["SYNC_DAYS"] = 91  # as far back as the day before
    assert installation.outcome()[0] == 0
    assert differences(installation) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("nth", sweep_except(12, of=[1, 12]))
def test_a_version_that_one_resource_has_left_is_named_and_everything_else_is_loaded(
    installation: Installation, nth: int
) -> None:
    installation.sandbox.faults.add("adAnalytics", "status", status=426, nth=nth, times=None)

    code, outcome = installation.outcome()

    error = said(outcome)
    assert code == 10
    assert "LINKEDIN_VERSION" in error.next_step
    assert [row["status"] for row in installation.query("select status from sync_log")] == ["partial"]
    assert wrong_claims(installation) == []
    assert {"campaigns", "campaign_groups", "creatives"} <= covered(installation, FIRST)
    refused = [entry for entry in installation.requests() if entry.status == 426]
    assert len(refused) <= 12  # those under way when the first was answered
    heal(installation)


@pytest.mark.slow
def test_a_quota_that_leaves_nothing_to_load_exits_75_with_the_hour(installation: Installation) -> None:
    installation.sandbox.switches.quotas["adAccounts"] = Quota(0, 0)

    ran = installation.run("sync", "--json")

    assert ran.code == 75
    assert ran.json["retry_at"].startswith("2026-11-23T00:00:00")
    assert "00:00" in ran.json["error"]["what"] + ran.json["error"]["why"] + ran.json["error"]["next"]
    installation.sandbox.requests.clear()
    assert installation.run("sync", "--json").code == 75
    assert installation.sandbox.requests.counts == {}


@pytest.mark.slow
def test_the_throttle_of_metric_values_pauses_and_goes_on(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.linkedin.client.ANALYTICS_PAUSE", 0.3)
    body = '{"status":429,"message":"Too many metric values requested in 5-minute window: 45 million"}'
    installation.sandbox.faults.add("adAnalytics", "status", status=429, nth=5, body=body)

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert differences(installation) == []


# --- the sign-in ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_token_revoked_in_mid_run_exits_77_keeps_the_parts_and_names_the_variable(installation: Installation) -> None:
    installation.sandbox.faults.add("adAnalytics", "unauthorized", nth=6, times=None)

    code, outcome = installation.outcome()

    error = said(outcome)
    assert code == 77
    assert "LINKEDIN_ACCESS_TOKEN" in str(error)
    assert [row["status"] for row in installation.query("select status from sync_log")] == ["failed"]
    (folder,) = installation.unfinished()
    assert on_disk(folder)
    heal(installation)


def test_a_retired_version_exits_78_and_says_what_to_set(installation: Installation) -> None:
    code, outcome = installation.outcome(settings={"LINKEDIN_VERSION": "202508"})

    assert code == 78
    assert "LINKEDIN_VERSION" in said(outcome).next_step


# --- meaning --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("cursor", ["endless_cursor", pytest.param("repeated_cursor", marks=pytest.mark.sweep)])
def test_a_cursor_without_an_end_is_left_and_its_listing_covers_nothing(
    installation: Installation, cursor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.linkedin.cursor_paging._PAGES", 20)
    installation.sandbox.faults.add(f"{FIRST}/creatives", cursor, times=None)

    code, outcome = installation.outcome()

    error = said(outcome)
    assert code == 10
    assert "cursor" in error.why
    assert "creatives" not in covered(installation, FIRST)
    assert installation.table(
        "creatives", where=f"account_id = {FIRST} and listed"
    ) == installation.sandbox.truth.creatives([FIRST])
    heal(installation)


@pytest.mark.parametrize(
    "cap",
    [
        pytest.param(500, marks=pytest.mark.slow),
        *(pytest.param(cap, marks=pytest.mark.sweep) for cap in (10, 100, 1_000)),
    ],
)
def test_a_server_that_cuts_is_found_out_and_nothing_partial_is_shown_as_complete(
    installation: Installation, cap: int
) -> None:
    installation.sandbox.switches.element_cap = cap

    code, _ = installation.outcome()

    tables_of_truth = {
        "campaign_daily_metrics": installation.sandbox.truth.campaign_daily_metrics(*installation.window),
        "creative_daily_metrics": installation.sandbox.truth.creative_daily_metrics(*installation.window),
        "audience_demographics": installation.sandbox.truth.audience_demographics(*installation.window),
    }
    for name, rows in tables_of_truth.items():
        for account_id in (FIRST, SECOND, IDLE):
            expected = [row for row in rows if row["account_id"] == account_id]
            shown = installation.table(name, where=f"account_id = {account_id}")
            pivots = _pivots_covered(installation, account_id) if name == "audience_demographics" else {None}
            if name not in covered(installation, account_id) or None not in pivots:
                assert code == 10
            if name in covered(installation, account_id):
                rows_due = [row for row in expected if None in pivots or row["pivot"] in pivots]
                assert _core(shown) == _core(rows_due), f"{name} of {account_id} is covered, and not whole"
    installation.sandbox.switches.element_cap = 15_000
    heal(installation)


def _core(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the metrics of further groups: a group that fails costs its own columns only."""
    further = {metric.name for metric in STORED if not metric.original}
    return [{name: value for name, value in row.items() if name not in further} for row in rows]


def _pivots_covered(installation: Installation, account_id: int) -> set[str | None]:
    """The pivots whose audience is covered; None stands for all of them."""
    sql = "select pivot from coverage where resource = 'audience_demographics' and account_id = %s"
    return {row["pivot"] for row in installation.query(sql, [account_id])}


@pytest.mark.slow
def test_bad_elements_of_every_kind_at_once_are_set_aside_and_take_no_neighbour_along(
    installation: Installation,
) -> None:
    for match in (f"{FIRST}/creatives", f"pivot=CAMPAIGN&.*DAILY.*{FIRST}"):
        installation.sandbox.faults.add(match, "bad_element", kinds=list(BAD_ELEMENTS), times=None)

    code, outcome = installation.outcome()

    assert code == 10
    error = said(outcome)
    assert "rejects.ndjson" in error.next_step
    assert statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
    truthful = installation.sandbox.truth.creatives([FIRST])
    shown = installation.table("creatives", where=f"account_id = {FIRST}")
    assert [row for row in truthful if row in shown] == [row for row in shown if row in truthful]
    assert len([row for row in truthful if row in shown]) >= len(truthful) - len(BAD_ELEMENTS)
    assert installation.table("campaign_daily_metrics", where=f"account_id = {FIRST}") == []
    assert differences_of_views(installation) == []
    installation.sandbox.faults.clear()
    code, outcome = installation.outcome(force=True)
    assert code == 0, outcome
    left = installation.query("select creative_id from creatives where not listed")
    assert all(row["creative_id"] not in {entry["creative_id"] for entry in truthful} for row in left)
    assert differences(installation) == []


@pytest.mark.sweep
@pytest.mark.parametrize("kind", BAD_ELEMENTS)
def test_a_bad_element_is_set_aside_alone_and_its_days_are_asked_again(installation: Installation, kind: str) -> None:
    for match in (
        f"{FIRST}/adCampaigns",
        f"{FIRST}/creatives",
        f"pivot=CAMPAIGN&.*DAILY.*{FIRST}",
        f"MEMBER_INDUSTRY.*{FIRST}",
    ):
        installation.sandbox.faults.add(match, "bad_element", kinds=[kind], times=None)

    code, outcome = installation.outcome()

    assert code in (0, 10), outcome
    assert installation.table("campaigns", where=f"account_id = {SECOND}") == installation.sandbox.truth.campaigns(
        [SECOND]
    )
    if code == 10:
        said(outcome)
        assert statuses(outcome) == {0: "done", FIRST: "partial", SECOND: "done", IDLE: "done"}
        rejected = (installation.snapshots()[0].folder / "rejects.ndjson").read_text()
        assert len(rejected.splitlines()) == sum(
            counts["rejected"] for account in outcome.accounts for counts in account.resources.values()
        )
        assert rejected
    truthful = {row["campaign_id"]: row for row in installation.sandbox.truth.campaigns([FIRST])}
    shown = installation.table("campaigns", where=f"account_id = {FIRST}")
    assert len(shown) >= len(truthful) - 1
    assert differences_of_views(installation) == []
    installation.sandbox.faults.clear()
    code, outcome = installation.outcome(force=True)
    assert code == 0, outcome
    assert differences(installation) == []


def test_an_empty_answer_is_not_believed_where_no_role_proves_access(installation: Installation) -> None:
    installation.sandbox.world.revoke_role(FIRST)
    installation.sandbox.faults.add(
        f"{FIRST}/(adCampaigns|creatives|adCampaignGroups)", "status", status=404, times=None
    )

    code, outcome = installation.outcome(account_ids=[FIRST, SECOND])

    assert code == 10, outcome
    assert statuses(outcome)[FIRST] == "failed"
    assert covered(installation, FIRST) == set()
    assert installation.table("campaigns", where=f"account_id = {SECOND}") == installation.sandbox.truth.campaigns(
        [SECOND]
    )


@pytest.mark.slow
def test_what_is_renamed_or_deleted_between_pages_is_true_after_the_next_sync_and_never_lost(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.first_sync()
    installation.sandbox.switches.page_limit = 3
    creatives = [row["creative_id"] for row in installation.table("creatives", where=f"account_id = {FIRST}")]
    figures = installation.table("creative_daily_metrics")
    _before_page(installation, 3, f"{FIRST}/creatives", monkeypatch, lambda: _stir(installation, creatives))

    code, outcome = installation.outcome(force=True)

    assert code in (0, 10), outcome
    assert {row["creative_id"] for row in installation.table("creatives", where=f"account_id = {FIRST}")} == set(
        creatives
    )
    assert installation.table("creative_daily_metrics") == figures
    listed = {row["creative_id"] for row in installation.table("creatives", where="listed")}
    assert {row["creative_id"] for row in installation.sandbox.truth.creatives()} <= listed
    installation.sandbox.requests.clear()
    assert installation.outcome(force=True)[0] == 0
    assert differences(installation) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "path", "page_limit"),
    sweep_except(
        ("campaigns", "adCampaigns", 2),
        of=[("campaign_groups", "adCampaignGroups", 1), ("campaigns", "adCampaigns", 2), ("creatives", "creatives", 2)],
        several=True,
    ),
)
def test_what_a_deletion_between_pages_hides_from_a_first_sync_is_found_because_others_speak_of_it(
    installation: Installation, kind: str, path: str, page_limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.sandbox.switches.page_limit = page_limit
    there = [row[f"{kind[:-1]}_id"] for row in getattr(installation.sandbox.truth, kind)([FIRST])]
    _before_page(
        installation, 2, f"{FIRST}/{path}", monkeypatch, lambda: installation.sandbox.world.remove(kind, there[0])
    )

    code, outcome = installation.outcome(account_ids=[FIRST])

    assert code == 0, outcome
    assert [row[f"{kind[:-1]}_id"] for row in installation.table(kind, where="listed")] == there
    counts = next(account for account in outcome.accounts if account.account_id == FIRST).resources[kind]
    assert counts["fetched"] == len(there)
    asked = [entry for entry in installation.sandbox.requests.entries if f"{FIRST}/{path}" in entry.path]
    assert sum("pageToken" not in entry.query for entry in asked) == 2
    assert installation.outcome(account_ids=[FIRST], force=True)[0] == 0
    assert [row[f"{kind[:-1]}_id"] for row in installation.table(kind, where="listed")] == there[1:]


@pytest.mark.slow
def test_a_second_look_that_fails_is_said_and_keeps_what_the_first_one_saw(installation: Installation) -> None:
    installation.sandbox.switches.page_limit = 2
    there = [row["creative_id"] for row in installation.sandbox.truth.creatives()]
    installation.sandbox.world.remove("creatives", there[0])
    pages = math.ceil(len(installation.sandbox.truth.creatives([FIRST])) / 2)
    installation.sandbox.faults.add(f"{FIRST}/creatives", "status", status=500, times=None, nth=pages + 1)

    code, outcome = installation.outcome()

    assert code == 10
    assert str(FIRST) in str(said(outcome))
    assert statuses(outcome)[FIRST] == "partial"
    assert [row["creative_id"] for row in installation.table("creatives", where="listed")] == there[1:]
    assert wrong_claims(installation) == []
    heal(installation)


@pytest.mark.slow
def test_an_odd_element_in_a_second_look_is_said_and_loses_nothing_of_the_first(installation: Installation) -> None:
    installation.sandbox.switches.page_limit = 2
    there = [row["creative_id"] for row in installation.sandbox.truth.creatives()]
    installation.sandbox.world.remove("creatives", there[0])
    pages = math.ceil(len(installation.sandbox.truth.creatives([FIRST])) / 2)
    installation.sandbox.faults.add(f"{FIRST}/creatives", "bad_element", nth=pages + 1)

    code, outcome = installation.outcome()

    assert code == 10
    said(outcome)
    assert statuses(outcome)[FIRST] == "partial"
    assert installation.sandbox.faults.orders[0].hit == 1
    assert installation.table("creatives", where="listed") == installation.sandbox.truth.creatives()
    assert (installation.snapshots()[-1].folder / "rejects.ndjson").read_text().count("\n") == 1
    heal(installation)


@pytest.mark.slow
def test_a_listing_of_one_page_or_of_a_later_sync_is_not_read_twice(installation: Installation) -> None:
    installation.sandbox.world.remove("creatives", installation.sandbox.truth.creatives()[0]["creative_id"])
    plain = f"{FIRST}/creatives"
    readings = []
    for page_limit in (100, 2):
        installation.sandbox.switches.page_limit = page_limit
        installation.sandbox.requests.clear()
        assert installation.outcome(force=True)[0] == 0
        asked_for = [entry for entry in installation.sandbox.requests.entries if plain in entry.path]
        readings.append(sum("pageToken" not in entry.query for entry in asked_for))

    assert readings == [1, 1]
    assert differences(installation) == []


def _stir(installation: Installation, creatives: list[int]) -> None:
    """One is deleted and one renamed that were read already, and one of each that were not."""
    for gone, renamed in ((creatives[0], creatives[1]), (creatives[-1], creatives[-2])):
        installation.sandbox.world.remove("creatives", gone)
        installation.sandbox.world.rename("creatives", renamed, "Renamed")


def _before_page(
    installation: Installation, number: int, path: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]
) -> None:
    """Do something in LinkedIn's world when this page of a listing is asked for."""
    plain, pages = installation.sandbox.requests.open, 0

    def opened(endpoint: str, method: str, asked_path: str, *rest: Any) -> Any:
        nonlocal pages
        pages += path in asked_path
        if pages == number and path in asked_path:
            act()
        return plain(endpoint, method, asked_path, *rest)

    monkeypatch.setattr(installation.sandbox.requests, "open", opened)


@pytest.mark.slow
@pytest.mark.parametrize("roles", sweep_except("none", of=["none", "unknown"]))
def test_a_listing_without_anything_is_not_believed_where_there_was_something_and_no_role_is_shown(
    installation: Installation, roles: str
) -> None:
    installation.first_sync()
    listed = "select count(*) from {} where listed"
    tables = ("campaign_groups", "campaigns", "creatives")
    before = [installation.value(listed.format(name)) for name in tables]
    nothing = {"fault": "html", "status": 200, "body": '{"elements":[],"metadata":{}}', "times": None}
    installation.sandbox.faults.add(f"{FIRST}/(adCampaigns|creatives|adCampaignGroups)", **nothing)
    if roles == "none":
        installation.sandbox.faults.add("adAccountUsers", **nothing)
    else:
        installation.sandbox.faults.add("adAccountUsers", "status", status=400, times=None)

    code, outcome = installation.outcome(force=True)

    assert code == 10, outcome
    assert "listed nothing where there were" in str(outcome.error)
    assert [installation.value(listed.format(name)) for name in tables] == before
    installation.sandbox.faults.clear()
    assert installation.sync(force=True).exit_code == 0
    assert differences(installation) == []
