"""An endpoint that stays busy is waited for once, and not by every part anew."""

from __future__ import annotations

from sync.bench import Bench, differences
from sync.outcomes import heal, said


def test_a_lasting_429_costs_one_wait_for_its_endpoint_and_says_how_often(bench: Bench) -> None:
    bench.sandbox.faults.add("adAnalytics", "status", status=429, times=None)

    code, outcome = bench.outcome()

    error = said(outcome)
    assert code == 10
    assert "in a row" in error.why
    assert "minute" in error.why
    asked_for = bench.sandbox.requests.count("adAnalytics")
    assert asked_for <= 6 * 6 + 5  # those under way when the first gave up, and a few that tried once more
    assert bench.value("select count(*) from campaigns") > 0
    heal(bench)


def test_an_endpoint_that_answers_again_is_trusted_again(bench: Bench) -> None:
    bench.sandbox.faults.add("pivot=MEMBER_SENIORITY", "status", status=429, times=None)

    code, outcome = bench.outcome()

    assert code == 10, outcome
    assert "campaign_daily_metrics" in {row["resource"] for row in bench.query("select resource from coverage")}
    bench.sandbox.faults.clear()
    assert bench.outcome()[0] == 0
    assert differences(bench) == []
