"""An endpoint that stays busy is waited for once, and not by every part anew."""

from __future__ import annotations

import pytest

from sync.installation import Installation, differences
from sync.outcomes import heal, said


@pytest.mark.slow
def test_a_lasting_429_costs_one_wait_for_its_endpoint_and_says_how_often(installation: Installation) -> None:
    installation.sandbox.faults.add("adAnalytics", "status", status=429, times=None)

    code, outcome = installation.outcome()

    error = said(outcome)
    assert code == 75
    assert "in a row" in error.why
    assert "minute" in error.why
    asked_for = installation.sandbox.requests.count("adAnalytics")
    assert asked_for <= 6 * 6 + 5  # those under way when the first gave up, and a few that tried once more
    assert installation.value("select count(*) from campaigns") > 0
    heal(installation)


@pytest.mark.slow
def test_an_endpoint_that_answers_again_is_trusted_again(installation: Installation) -> None:
    installation.sandbox.faults.add("pivot=MEMBER_SENIORITY", "status", status=429, times=None)

    code, outcome = installation.outcome()

    assert code == 10, outcome
    assert "campaign_daily_metrics" in {row["resource"] for row in installation.query("select resource from coverage")}
    installation.sandbox.faults.clear()
    assert installation.outcome()[0] == 0
    assert differences(installation) == []
