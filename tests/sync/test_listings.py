"""Listings whose pages or lists LinkedIn refuses, and accounts that it has removed: the rest comes, and is loaded."""

from __future__ import annotations

import pytest
from marks import sweep_except

from sync.installation import Installation, differences, differences_of_views
from sync.outcomes import FIRST, IDLE, SECOND, covered, heal, said, statuses

LISTS = ("campaign_groups", "campaigns", "creatives")


@pytest.mark.slow
@pytest.mark.parametrize("largest", [7])
def test_a_page_size_that_is_refused_is_made_smaller(installation: Installation, largest: int) -> None:
    installation.sandbox.switches.largest_page = largest

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert differences(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 400},
        {"status": 413},
    ],
)
def test_a_page_that_fails_for_good_is_named_and_costs_its_listing_only(
    installation: Installation, fault: dict[str, int]
) -> None:
    installation.sandbox.switches.page_limit = 2
    order = installation.sandbox.faults.add(f"{FIRST}/creatives.*pageToken", "status", times=None, **fault)

    code, outcome = installation.outcome()

    assert (code, order.hit > 0) == (10, True)
    assert "Page 2 failed, also with 1 a page" in said(outcome).why
    assert {"campaigns", "campaign_groups", "campaign_daily_metrics"} <= covered(installation, FIRST)
    assert "creatives" not in covered(installation, FIRST)
    assert installation.value("select count(*) from creatives where account_id = %s", [FIRST]) >= 2
    heal(installation)


@pytest.mark.slow
def test_pages_that_are_shorter_than_asked_are_not_the_last(installation: Installation) -> None:
    """The account without campaigns is proven by a role that only a later page of roles has."""
    installation.sandbox.switches.page_limit = 1

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert "campaign_daily_metrics" in covered(installation, IDLE)
    assert differences(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("status", sweep_except(403, of=[403, 426]))
def test_a_list_of_accounts_that_is_refused_does_not_stop_the_accounts_that_are_known(
    installation: Installation, status: int
) -> None:
    installation.first_sync()
    installation.sandbox.faults.add(r"GET /rest/adAccounts\?", "status", status=status, times=None)

    code, outcome = installation.outcome(force=True)

    assert code == 10
    assert statuses(outcome) == {0: "partial", FIRST: "done", SECOND: "done", IDLE: "done"}
    assert ("LINKEDIN_VERSION" if status == 426 else "Viewer") in said(outcome).next_step
    assert differences(installation) == []
    heal(installation)


def test_a_list_of_accounts_that_is_refused_ends_a_sync_that_knows_no_account(installation: Installation) -> None:
    installation.sandbox.faults.add("adAccounts", "status", status=426, times=None)

    assert installation.outcome()[0] == 78


@pytest.mark.slow
def test_a_removed_account_whose_things_are_gone_does_not_keep_a_sync_from_being_done(
    installation: Installation,
) -> None:
    assert installation.first_sync().exit_code == 0
    before = installation.table("campaign_daily_metrics", where=f"account_id = {FIRST}")
    faults = installation.sandbox.faults
    faults.add(r"GET /rest/adAccounts\?", "rewrite", find='"status": ?"ACTIVE"', put='"status":"REMOVED"', times=None)
    faults.add(rf"{FIRST}/|conversions.*{FIRST}", "status", status=404, times=None)
    faults.add(f"adAnalytics.*{FIRST}", "cap", n=0, times=None)

    code, outcome = installation.outcome(force=True)

    assert code == 0, outcome
    assert installation.value("select status from ad_accounts where account_id = %s", [FIRST]) == "REMOVED"
    assert installation.table("campaign_daily_metrics", where=f"account_id = {FIRST}") == before
    newest = installation.snapshots()[-1].name
    rows = installation.query("select * from coverage where account_id = %s and snapshot = %s", [FIRST, newest])
    assert rows == []  # what is gone is not taken for no activity
    assert differences_of_views(installation) == []
    faults.clear()
    assert installation.outcome(force=True)[0] == 0
    assert differences(installation) == []
