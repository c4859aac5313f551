"""One odd thing in an answer costs that thing: its day, its attribute or nothing; it is named, and the rest counts."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from marks import slow_except

from sync.installation import Installation, claimed, differences, differences_of_views, wrong_claims
from sync.outcomes import FIRST, covered, heal, said, statuses

FIGURES = f"pivot=CAMPAIGN&.*DAILY.*{FIRST}"


def _rejects(installation: Installation) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in (installation.snapshots()[-1].folder / "rejects.ndjson").read_text().splitlines()
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("find", "put"),
    [
        (r'"impressions":(\d+)', r'"impressions":\1.000e0'),
        pytest.param(r'"clicks":(\d+)', r'"clicks":"\1"', marks=pytest.mark.sweep),
        pytest.param(r'"costInLocalCurrency":"(\d+\.\d{5})"', r'"costInLocalCurrency":\1', marks=pytest.mark.sweep),
        pytest.param(r'"costInUsd":"(\d+)\.(\d{5})"', r'"costInUsd":"+\1\2e-5"', marks=pytest.mark.sweep),
        (r'"elements":\[(\{.*?\]\D*?\})(?=,\{)', r'"elements":[\1,\1'),
    ],
)
def test_other_spellings_of_numbers_and_identical_repetitions_are_read_exactly(
    installation: Installation, find: str, put: str
) -> None:
    installation.sandbox.switches.residue = False
    installation.sandbox.faults.add(FIGURES, "rewrite", find=find, put=put, times=None)

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert installation.sandbox.faults.orders[0].hit
    assert differences(installation) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("put", ["1E+2", "0.10000000149011612"])
def test_a_power_of_ten_and_a_json_number_are_money_to_the_last_place(installation: Installation, put: str) -> None:
    text = f'"{put}"' if "E" in put else put
    installation.sandbox.faults.add(
        FIGURES, "rewrite", find='"costInLocalCurrency":"[^"]+"', put=f'"costInLocalCurrency":{text}'
    )
    assert installation.outcome()[0] == 0
    cost = installation.value(
        "select count(*) from campaign_daily_metrics where account_id = %s and cost_in_local_currency = %s",
        [FIRST, Decimal(put).quantize(Decimal("1e-9"))],
    )
    assert cost == 1
    assert differences_of_views(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("find", "put"),
    [
        (r'"clicks":\d+', '"clicks":2.5'),
        (r'"clicks":\d+', '"clicks":null'),
        pytest.param(r'"costInUsd":"[^"]+"', '"costInUsd":"much"', marks=pytest.mark.sweep),
        (r'"elements":\[(\{.*?"impressions":)(\d+)(.*?\})(?=,\{)', r'"elements":[\1\2\3,\g<1>9\2\3'),
    ],
)
def test_an_odd_row_costs_its_own_day_and_is_named(installation: Installation, find: str, put: str) -> None:
    installation.sandbox.faults.add(FIGURES, "rewrite", find=find, put=put, times=None)

    code, outcome = installation.outcome()

    assert code == 10
    assert "rejects.ndjson" in said(outcome).next_step
    assert statuses(outcome)[FIRST] == "partial"
    starts = [json.loads(reject["element"])["dateRange"]["start"] for reject in _rejects(installation)]
    odd = {date(start["year"], start["month"], start["day"]) for start in starts}
    first, last = installation.window
    days = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    assert 1 <= len(odd) <= 2
    assert {day for account, day in claimed(installation, "campaign_daily_metrics") if account == FIRST} == days - odd
    assert wrong_claims(installation) == []
    assert differences_of_views(installation) == []
    heal(installation)


@pytest.mark.slow
def test_a_row_of_two_days_costs_these_two_days(installation: Installation) -> None:
    one = r'("dateRange":\{"start":\{"year":2026,"month":11,"day":10\},"end":\{[^}]*"day":)10\}'
    order = installation.sandbox.faults.add(FIGURES, "rewrite", find=one, put=r"\g<1>11}", times=None)

    assert installation.outcome()[0] == 10

    assert order.hit
    first, last = installation.window
    days = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    left = {day for account, day in claimed(installation, "campaign_daily_metrics") if account == FIRST}
    assert days - left == {date(2026, 11, 10), date(2026, 11, 11)}
    assert wrong_claims(installation) == []
    heal(installation)


@pytest.mark.slow
def test_an_odd_attribute_becomes_null_and_is_named_and_the_entity_stays(installation: Installation) -> None:
    odd = {
        "adCampaigns": (r'"test": ?(true|false)', '"test":"yes"', "campaigns"),
        "creatives": (r'"isServing": ?(true|false)', '"isServing":"maybe"', "creatives"),
    }
    for path, (find, put, _) in odd.items():
        installation.sandbox.faults.add(f"{FIRST}/{path}", "rewrite", find=find, put=put, times=None)

    code, outcome = installation.outcome()

    assert code == 0, outcome
    assert {"campaigns", "creatives"} <= covered(installation, FIRST)
    assert installation.value("select count(*) from campaigns where test is null") == 1
    assert installation.value("select count(*) from creatives where is_serving is null") == 1
    assert installation.value("select count(*) from campaigns where listed") == len(
        installation.sandbox.truth.campaigns()
    )
    assert {reject["resource"] for reject in _rejects(installation)} == {"campaigns", "creatives"}
    assert all("null" in reject["reason"] for reject in _rejects(installation))
    assert differences_of_views(installation) == []
    installation.sandbox.faults.clear()
    assert installation.outcome(force=True)[0] == 0
    assert differences(installation) == []


@pytest.mark.slow
def test_a_budget_of_another_spelling_is_read(installation: Installation) -> None:
    installation.sandbox.faults.add(
        f"{FIRST}/adCampaigns", "rewrite", find=r'("dailyBudget": ?\{[^}]*"amount": ?)"[^"]+"', put=r'\1"1E+3"'
    )

    assert installation.outcome()[0] == 0
    assert (
        installation.value("select count(*) from campaigns where daily_budget = 1000 and account_id = %s", [FIRST]) >= 1
    )
    assert _rejects(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize("same", slow_except(False, of=[True, False]), ids=["identical", "different"])
def test_an_entity_that_comes_twice_is_a_repetition_if_it_is_identical_else_a_contradiction(
    installation: Installation, same: bool
) -> None:
    find = r'("elements": ?\[)(\{[^\0]*?"name": ?")([^\0]*\})(\]\}?)$'
    put = rf"\1\2\3,\2{'' if same else 'Else '}\3\4"
    installation.sandbox.faults.add(f"{FIRST}/adCampaignGroups", "rewrite", find=find, put=put, times=None)

    code, outcome = installation.outcome()

    assert installation.sandbox.faults.orders[0].hit
    assert ("campaign_groups" in covered(installation, FIRST)) is same
    assert code == (0 if same else 10), outcome
    assert differences(installation) == []
