"""Reach of windows, and days by serving location: whole, apart from everything else, and left out where nobody asks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.installation import Installation, asked, differences, differences_of_views
from workbench.settings.metric_groups import GROUPS

OWN = {"placement_daily_metrics", "reach_windows"}


@pytest.mark.slow
def test_windows_of_earlier_days_stay_and_new_ones_come(installation: Installation) -> None:
    installation.first_sync()
    before = installation.table("reach_windows")
    installation.sandbox.advance(1)

    installation.sync()

    after = installation.table("reach_windows")
    assert {row["window_end"] for row in after} > {row["window_end"] for row in before}
    kept = [row for row in before if row["window_end"] == installation.today - timedelta(days=4)]
    assert kept
    assert all(row in after for row in kept)
    assert [name for name in differences_of_views(installation)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("match", "resource"),
    [("approximateMemberReach", "reach_windows"), ("SERVING_LOCATION", "placement_daily_metrics")],
)
def test_a_group_that_fails_costs_its_own_rows_only(installation: Installation, match: str, resource: str) -> None:
    installation.sandbox.faults.add(match, "status", status=403, times=None)

    report = installation.sync()

    assert (report.exit_code, report.status) == (10, "partial")
    assert [found.partition(":")[0] for found in differences(installation)] == [resource]
    assert installation.table(resource) == []
    assert installation.query("select 1 from coverage where resource = %s", [resource]) == []
    installation.sandbox.faults.clear()
    assert installation.sync().exit_code == 0
    assert differences(installation) == []


@pytest.mark.slow
def test_averages_that_linkedin_refuses_are_unknown_and_reach_is_not(installation: Installation) -> None:
    installation.sandbox.faults.add("averageDwellTime", "status", status=400, times=None)

    assert installation.sync().exit_code == 0

    rows = installation.table("reach_windows")
    assert rows
    assert all(row["approximate_member_reach"] for row in rows if row["impressions"])
    assert {row["average_dwell_time"] for row in rows} == {row["audience_penetration"] for row in rows} == {None}


@pytest.mark.slow
def test_an_answer_that_is_cut_is_asked_for_in_halves(installation: Installation) -> None:
    installation.sandbox.switches.default_rows = 10
    installation.sync(settings={"METRIC_GROUPS": "reach"})
    whole = installation.sandbox.truth.reach_windows()
    assert [row for row in whole if row["level"] == "CAMPAIGN"]
    levels = {row["level"] for row in whole if row not in installation.table("reach_windows")}
    assert levels == set()


@pytest.mark.slow
def test_core_alone_asks_for_nothing_more_and_the_account_is_fresh(installation: Installation) -> None:
    report = installation.sync(settings={"METRIC_GROUPS": "core"})

    assert report.exit_code == 0
    assert not OWN & {resource for resource, *_ in asked(installation.requests())}
    assert installation.sync(settings={"METRIC_GROUPS": "core"}).sync_id is None
    installation.sync(force=True)
    assert differences(installation) == []


def test_every_group_of_a_resource_is_one_that_the_setting_knows() -> None:
    from workbench.schema.resources import RESOURCES

    assert {resource.group for resource in RESOURCES if resource.group} <= set(GROUPS)
