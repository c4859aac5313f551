"""Audiences of campaign groups and of ad sets: of those that spent most, or that are named; never added up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from marks import slow_except

from sync.installation import Installation, differences, differences_of_views, lines_of
from sync.outcomes import FIRST, SECOND
from workbench.schema.pivots import ASKED


@pytest.mark.parametrize("by", slow_except("campaign_group,campaign", of=["campaign_group", "campaign_group,campaign"]))
def test_the_audiences_of_the_entities_that_spent_most_are_those_of_the_truth(
    installation: Installation, by: str
) -> None:
    installation.changes |= {"DEMOGRAPHICS_BY": by, "METRIC_GROUPS": "audiences"}

    code, outcome = installation.outcome()

    assert code == 0, outcome
    levels = {row["level"] for row in installation.table("entity_demographics")}
    assert levels == {word.upper() for word in by.split(",")}
    assert [one for one in differences(installation) if "demographics" in one.partition(":")[0]] == []
    assert differences_of_views(installation) == []
    _each_is_asked_for_once_to_the_last_complete_day(installation)


def _each_is_asked_for_once_to_the_last_complete_day(installation: Installation) -> None:
    first, last = installation.window[0], installation.today - timedelta(days=1)
    window = f"(start:(year:{first.year},month:{first.month},day:{first.day}),"
    window += f"end:(year:{last.year},month:{last.month},day:{last.day}))"
    queries = [parse_qs(entry.query) for entry in installation.requests() if entry.endpoint == "adAnalytics"]
    asked = Counter(
        (words[facet][0], words["pivot"][0])
        for words in queries
        for facet in ("campaigns", "campaignGroups")
        if facet in words and words["dateRange"] == [window]
    )
    entities = {row["entity_id"] for row in installation.table("entity_demographics")}
    assert {int(named.rpartition(":")[2].rstrip(")")) for named, _ in asked} >= entities
    assert set(asked.values()) == {1}
    assert {pivot for _, pivot in asked} == {*ASKED}


def test_only_what_is_named_is_asked_for(installation: Installation) -> None:
    campaign = max(row["campaign_id"] for row in installation.sandbox.truth.campaigns([FIRST]))
    group = max(row["campaign_group_id"] for row in installation.sandbox.truth.campaigns([SECOND]))
    installation.changes |= {
        "DEMOGRAPHICS_BY": f"urn:li:sponsoredCampaign:{campaign},{group}",
        "METRIC_GROUPS": "audiences",
    }

    code, outcome = installation.outcome()

    assert code == 0, outcome
    named = installation.sandbox.truth.entity_demographics(
        installation.window[0], installation.today - timedelta(days=1), named=[campaign, group]
    )
    assert installation.table("entity_demographics") == named


def test_nothing_is_asked_for_unless_it_is_chosen(installation: Installation) -> None:
    installation.first_sync()

    assert installation.table("entity_demographics") == []
    assert lines_of(installation.snapshots()[0], "entity_demographics") == []


@pytest.mark.slow
def test_one_that_fails_costs_its_own_pivot_only_and_is_asked_again(installation: Installation) -> None:
    installation.changes |= {"DEMOGRAPHICS_BY": "campaign_group", "METRIC_GROUPS": "audiences"}
    installation.sandbox.faults.add("MEMBER_SENIORITY.*campaignGroups", "status", status=400, times=None)

    code, outcome = installation.outcome()

    assert code == 10, outcome
    assert {row["pivot"] for row in installation.table("entity_demographics")} == {*ASKED} - {"MEMBER_SENIORITY"}
    assert {row["pivot"] for row in installation.table("audience_demographics")} == {*ASKED}
    installation.sandbox.faults.clear()
    assert installation.outcome(force=True)[0] == 0
    assert [one for one in differences(installation) if "demographics" in one.partition(":")[0]] == []


@pytest.mark.slow
def test_what_is_no_longer_chosen_keeps_its_window_until_something_else_is(installation: Installation) -> None:
    installation.changes |= {"DEMOGRAPHICS_BY": "campaign_group", "METRIC_GROUPS": "audiences"}
    installation.sync()
    before = installation.table("entity_demographics")
    installation.changes |= {"DEMOGRAPHICS_BY": "account"}
    installation.sync(force=True)

    assert installation.table("entity_demographics") == before

    installation.changes |= {"DEMOGRAPHICS_BY": "campaign"}
    installation.sync(force=True)

    assert {row["level"] for row in installation.table("entity_demographics")} == {"CAMPAIGN"}
    assert differences_of_views(installation) == []


def test_audiences_that_are_chosen_later_are_asked_for_although_accounts_are_fresh(installation: Installation) -> None:
    installation.first_sync()
    installation.changes |= {"DEMOGRAPHICS_BY": "campaign_group", "METRIC_GROUPS": "audiences"}

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert installation.table("entity_demographics")
    assert installation.sync().sync_id is None  # all that is chosen is there, and fresh


@pytest.mark.slow
def test_another_choice_is_asked_for_although_accounts_are_fresh(installation: Installation) -> None:
    installation.changes |= {"DEMOGRAPHICS_BY": "campaign_group", "METRIC_GROUPS": "audiences"}
    installation.sync()
    window = installation.window[0], installation.today - timedelta(days=1)
    shown = installation.sandbox.truth.entity_demographics(*window, levels=["CAMPAIGN"])
    campaign, account = shown[0]["entity_id"], shown[0]["account_id"]
    for by, chosen in {"campaign": ("CAMPAIGN",), str(campaign): (campaign,)}.items():
        installation.changes |= {"DEMOGRAPHICS_BY": by}

        assert installation.sync().sync_id is not None

        rows = installation.table("entity_demographics", where=f"account_id = {account}")
        assert {row["level"] if by == "campaign" else row["entity_id"] for row in rows} == {*chosen}
        assert installation.sync().sync_id is None
    installation.changes |= {"DEMOGRAPHICS_BY": "account"}
    assert installation.sync().sync_id is None  # less than before is no reason to ask
