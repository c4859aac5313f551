"""Where LinkedIn refuses too much at once, less is asked for; what it answers for is remembered, the rest is named."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest
from marks import sweep_except

from sync.installation import Installation, claimed, differences, differences_of_views, wrong_claims
from sync.outcomes import FIRST, IDLE, SECOND, heal, said, statuses
from workbench.settings.metric_groups import GROUPS

METRICS = ("campaign_daily_metrics", "creative_daily_metrics")
WINDOWS = ("audience_demographics", "reach_windows")


def _tables(installation: Installation) -> list[str]:
    """What differs from the truth, besides figures of windows, which are shorter or not there."""
    return [found for found in differences(installation) if not found.startswith(WINDOWS)]


def _asked_days(installation: Installation) -> set[int]:
    """Lengths of the windows that adAnalytics was asked for."""
    days = set()
    for entry in installation.requests():
        if entry.endpoint == "adAnalytics":
            text = parse_qs(entry.query)["dateRange"][0]
            first, last = [date(*map(int, day)) for day in re.findall(r"year:(\d+),month:(\d+),day:(\d+)", text)]
            days.add((last - first).days + 1)
    return days


@pytest.mark.slow
@pytest.mark.parametrize("status", sweep_except(413, of=[400, 413, 500, 504]))
def test_a_window_that_is_too_large_is_halved_and_that_is_remembered(installation: Installation, status: int) -> None:
    without_reach = ",".join(set(GROUPS) - {"reach"})  # reach of 92 days is had whole or not at all
    installation.changes["METRIC_GROUPS"] = without_reach
    installation.sandbox.switches.longest_window = 30
    installation.sandbox.switches.too_long = status

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert _tables(installation) == []
    ends = {(row["window_start"], row["window_end"]) for row in installation.table("audience_demographics")}
    ((first, last),) = ends
    assert (last, (last - first).days < 30) == (installation.today, True)
    truth = installation.sandbox.truth.audience_demographics(first, last)
    assert installation.table("audience_demographics") == truth
    assert differences_of_views(installation) == []

    installation.sandbox.requests.clear()
    assert installation.sync(force=True).exit_code == 0
    assert max(_asked_days(installation)) <= 30
    assert _tables(installation) == []
    assert differences_of_views(installation) == []

    installation.sandbox.switches.longest_window = None
    installation.sandbox.advance(8)
    assert installation.sync().exit_code == 0
    assert max(_asked_days(installation)) > 30  # a week later it is tried again


@pytest.mark.slow
def test_a_day_that_linkedin_never_answers_for_leaves_only_itself_out(installation: Installation) -> None:
    first, last = installation.window
    bad = first + timedelta(days=37)
    installation.sandbox.switches.broken_day = bad

    code, outcome = installation.outcome()

    assert code == 10, outcome
    assert str(bad) in said(outcome).why
    every = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    for name in METRICS:
        assert {day for account, day in claimed(installation, name) if account == FIRST} == every - {bad}
    assert wrong_claims(installation) == []
    installation.sandbox.switches.broken_day = None
    assert installation.outcome()[0] == 0
    assert _tables(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("status", sweep_except(503, of=[500, 503]))
def test_an_outage_is_asked_some_forty_times_and_nothing_is_remembered_of_it(
    installation: Installation, status: int
) -> None:
    installation.sandbox.faults.add("adAnalytics", "status", status=status, times=None)

    code, outcome = installation.outcome()

    assert code == 10
    assert re.search(r"\d+ requests in a row failed, over \d+ minute", said(outcome).why)
    assert installation.sandbox.requests.count("adAnalytics") <= 45
    installation.sandbox.requests.clear()
    heal(installation)
    assert 91 in _asked_days(installation)


@pytest.mark.slow
def test_an_outage_of_one_account_leaves_the_others_alone(installation: Installation) -> None:
    installation.sandbox.faults.add(f"adAnalytics.*{FIRST}", "status", status=504, times=None)

    code, outcome = installation.outcome()

    assert code == 10
    assert statuses(outcome)[SECOND] == statuses(outcome)[IDLE] == "done"
    assert sum(str(FIRST) in entry.query for entry in installation.requests() if entry.endpoint == "adAnalytics") <= 45
    heal(installation)
