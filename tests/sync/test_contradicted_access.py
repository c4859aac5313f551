"""An empty answer beside a refusal of the same account is no activity to nobody: its days are asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.bench import Bench, differences, differences_of_views
from sync.outcomes import FIRST, IDLE, SECOND, covered, heal, said, statuses

NOTHING = {"fault": "html", "status": 200, "body": '{"elements":[]}', "times": None}


def _contradict(bench: Bench, *, refused: str = f"{FIRST}/(adCampaigns|adCampaignGroups|creatives)") -> None:
    """Listings are refused, figures are empty, and the member's role is still listed."""
    bench.sandbox.faults.add(refused, "forbid", times=None)
    bench.sandbox.faults.add(f"adAnalytics.*{FIRST}", **NOTHING)


@pytest.mark.parametrize(
    "refused",
    [
        f"{FIRST}/(adCampaigns|adCampaignGroups|creatives)",
        f"{FIRST}/adCampaignGroups",
        f"pivot=CREATIVE.*{FIRST}",
        f"MEMBER_SENIORITY.*{FIRST}",
    ],
)
def test_empty_figures_of_an_account_that_is_refused_elsewhere_cover_nothing_whatever_its_role(
    bench: Bench, refused: str
) -> None:
    _contradict(bench, refused=refused)

    code, outcome = bench.outcome()

    assert code == 10
    said(outcome)
    assert statuses(outcome)[SECOND] == statuses(outcome)[IDLE] == "done"
    assert covered(bench, FIRST) <= {"campaigns", "creatives", "campaign_groups"}
    assert differences_of_views(bench) == []
    heal(bench)


def test_figures_that_are_there_are_kept_when_access_is_contradicted_later(bench: Bench) -> None:
    bench.sync()
    _contradict(bench)

    code, outcome = bench.outcome(force=True)

    assert code == 10, outcome
    assert "refused something else" in str(said(outcome)) or "403" in str(said(outcome))
    assert differences(bench) == []
    heal(bench)


def test_days_that_an_earlier_sync_covered_on_such_evidence_are_asked_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_day = bench.window[0]
    _contradict(bench)
    with monkeypatch.context() as before:  # as it was when a role outweighed everything
        before.setattr("workbench.pipeline.fetch.access._REFUSALS", ())
        for module in ("coverage", "views"):
            before.setattr(f"workbench.snapshots.{module}.refused_accounts", lambda manifest: frozenset())
        assert bench.outcome()[0] == 10
    assert {"campaign_daily_metrics", "creative_daily_metrics"} <= covered(bench, FIRST)
    bench.sandbox.faults.clear()
    bench.sandbox.advance(100)
    bench.token = bench.sandbox.issue_token()

    code, outcome = bench.outcome()

    assert code == 0, outcome
    assert bench.window[0] - first_day == timedelta(days=100)
    assert differences(bench, window=(first_day, bench.today)) == []


def test_a_short_page_of_roles_is_not_the_last(bench: Bench) -> None:
    """The member's role stands on the second page, and the first one is shorter than asked for."""
    bench.sandbox.faults.add(f"{IDLE}/(adCampaigns|creatives|adCampaignGroups)", **NOTHING)
    element = '{"account":"urn:li:sponsoredAccount:1","user":"urn:li:person:a","role":"VIEWER"}'
    page = f'{{"elements":[{element}],"paging":{{"start":0,"count":1,"links":[]}}}}'
    mine = page.replace("sponsoredAccount:1", f"sponsoredAccount:{IDLE}")
    for start, body in ((0, page), (1, mine), (2, '{"elements":[]}')):
        bench.sandbox.faults.add(f"adAccountUsers.*start={start}&", "html", status=200, body=body, times=None)

    code, outcome = bench.outcome()

    assert code == 0, outcome
    assert [order.hit for order in bench.sandbox.faults.orders[1:]] == [1, 1, 1]
    assert "campaign_daily_metrics" in covered(bench, IDLE)
