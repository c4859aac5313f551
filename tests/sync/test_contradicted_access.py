"""An empty answer beside a refusal of the same account is never taken for no activity: its days are asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sync.installation import Installation, differences, differences_of_views
from sync.outcomes import FIRST, IDLE, SECOND, covered, heal, said, statuses

NOTHING = {"fault": "html", "status": 200, "body": '{"elements":[]}', "times": None}


CONTRADICTED = [("adCampaigns", None), ("adCampaignGroups", NOTHING), ("adCampaignGroups", None), ("creatives", None)]


def _contradict(
    installation: Installation, *, refused: str = f"{FIRST}/(adCampaigns|adCampaignGroups|creatives)"
) -> None:
    """Listings are refused, figures are empty, and the member's role is still listed."""
    installation.sandbox.faults.add(refused, "forbid", times=None)
    installation.sandbox.faults.add(f"adAnalytics.*{FIRST}", **NOTHING)


@pytest.mark.slow
@pytest.mark.parametrize(
    "refused",
    [
        f"{FIRST}/(adCampaigns|adCampaignGroups|creatives)",
        pytest.param(f"{FIRST}/adCampaignGroups", marks=pytest.mark.sweep),
        pytest.param(f"pivot=CREATIVE.*{FIRST}", marks=pytest.mark.sweep),
        f"MEMBER_SENIORITY.*{FIRST}",
    ],
)
def test_empty_figures_of_an_account_that_is_refused_elsewhere_cover_nothing_whatever_its_role(
    installation: Installation, refused: str
) -> None:
    _contradict(installation, refused=refused)

    code, outcome = installation.outcome()

    assert code == 10
    said(outcome)
    assert statuses(outcome)[SECOND] == statuses(outcome)[IDLE] == "done"
    assert covered(installation, FIRST) <= {"campaigns", "creatives", "campaign_groups", "conversions"}
    assert differences_of_views(installation) == []
    heal(installation)


@pytest.mark.slow
def test_figures_that_are_there_are_kept_when_access_is_contradicted_later(installation: Installation) -> None:
    installation.first_sync()
    _contradict(installation)

    code, outcome = installation.outcome(force=True)

    assert code == 10, outcome
    assert "refused something else" in str(said(outcome)) or "403" in str(said(outcome))
    assert differences(installation) == []
    heal(installation)


@pytest.mark.slow
def test_an_account_that_answers_everything_with_nothing_keeps_its_ads_and_figures(installation: Installation) -> None:
    """A role is no proof where an earlier snapshot has figures of the days that are empty now."""
    installation.first_sync()
    for endpoint in (f"{FIRST}/(adCampaigns|adCampaignGroups|creatives)", f"adAnalytics.*{FIRST}"):
        installation.sandbox.faults.add(endpoint, **NOTHING)

    code, outcome = installation.outcome(force=True)

    assert code == 10, outcome
    assert "had figures of the same days before" in str(said(outcome).why)
    assert statuses(outcome)[SECOND] == statuses(outcome)[IDLE] == "done"
    assert differences(installation) == []
    assert differences_of_views(installation) == []
    heal(installation)


@pytest.mark.slow
@pytest.mark.parametrize("empty", ["CAMPAIGN", "CREATIVE"])
def test_nothing_by_ad_set_beside_figures_by_ad_covers_no_day_nor_the_other_way_round(
    installation: Installation, empty: str
) -> None:
    installation.sandbox.faults.add(f"pivot={empty}&.*{FIRST}", **NOTHING)

    code, outcome = installation.outcome()

    assert code == 10
    assert "has figures of the same days" in str(said(outcome).why)
    assert f"{empty.lower()}_daily_metrics" not in covered(installation, FIRST)
    assert statuses(outcome)[SECOND] == statuses(outcome)[IDLE] == "done"
    assert differences_of_views(installation) == []
    heal(installation)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("empty", "figures"),
    [("adCampaigns", NOTHING), *CONTRADICTED],
)
def test_an_empty_listing_of_what_other_answers_name_is_not_complete_and_nothing_empty_beside_it_counts(
    installation: Installation, empty: str, figures: dict[str, Any] | None
) -> None:
    installation.sandbox.faults.add(f"{FIRST}/{empty}", **NOTHING)
    if figures:
        installation.sandbox.faults.add(f"adAnalytics.*{FIRST}", **figures)
    listing = {"adCampaigns": "campaigns", "adCampaignGroups": "campaign_groups"}.get(empty, empty)

    code, outcome = installation.outcome()

    assert code == 10
    assert f"listed no {listing} where other answers name" in str(said(outcome).why)
    found = covered(installation, FIRST)
    assert listing not in found
    if figures:
        assert found <= {"campaigns", "creatives", "campaign_groups", "conversions"}
    assert statuses(outcome)[SECOND] == statuses(outcome)[IDLE] == "done"
    heal(installation)


@pytest.mark.slow
def test_days_that_an_earlier_sync_covered_on_such_evidence_are_asked_again(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_day = installation.window[0]
    _contradict(installation)
    with monkeypatch.context() as before:  # as it was when a role outweighed everything
        before.setattr("workbench.pipeline.fetch.access._REFUSALS", ())
        for module in ("coverage", "views"):
            before.setattr(f"workbench.snapshots.{module}.refused_accounts", lambda manifest: frozenset())
        assert installation.outcome()[0] == 10
    assert {"campaign_daily_metrics", "creative_daily_metrics"} <= covered(installation, FIRST)
    installation.sandbox.faults.clear()
    installation.sandbox.advance(100)
    installation.token = installation.sandbox.issue_token()

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert installation.window[0] - first_day == timedelta(days=100)
    months = installation.sandbox.truth.campaign_monthly_metrics
    # Only the doubted account reaches back so far that LinkedIn gives months there.
    expected = {"campaign_monthly_metrics": months(first_day, installation.today, [FIRST])}
    assert expected["campaign_monthly_metrics"]
    assert differences(installation, window=(first_day, installation.today), but=expected) == []


@pytest.mark.slow
def test_a_short_page_of_roles_is_not_the_last(installation: Installation) -> None:
    """The member's role stands on the second page, and the first one is shorter than asked for."""
    installation.sandbox.faults.add(f"{IDLE}/(adCampaigns|creatives|adCampaignGroups)", **NOTHING)
    element = '{"account":"urn:li:sponsoredAccount:1","user":"urn:li:person:a","role":"VIEWER"}'
    page = f'{{"elements":[{element}],"paging":{{"start":0,"count":1,"links":[]}}}}'
    mine = page.replace("sponsoredAccount:1", f"sponsoredAccount:{IDLE}")
    for start, body in ((0, page), (1, mine), (2, '{"elements":[]}')):
        installation.sandbox.faults.add(f"adAccountUsers.*start={start}&", "html", status=200, body=body, times=None)

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert [order.hit for order in installation.sandbox.faults.orders[1:]] == [1, 1, 1]
    assert "campaign_daily_metrics" in covered(installation, IDLE)
