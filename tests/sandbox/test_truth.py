"""The server's answers, summed up by hand here, are the rows that `truth` expects."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from .conftest import TODAY
from .questions import COLUMNS, account_list, days_of, report

FIRST = TODAY - timedelta(days=44)
NINE = Decimal("0.000000001")
DEMOGRAPHIC = {
    "impressions",
    "clicks",
    "landingPageClicks",
    "costInLocalCurrency",
    "oneClickLeads",
    "externalWebsiteConversions",
}


def metrics_of(element, columns=COLUMNS):
    def value(field):
        sent = element.get(field, 0)
        return Decimal(sent).quantize(NINE) if isinstance(sent, str) else sent

    money = {"costInLocalCurrency", "costInUsd", "conversionValueInLocalCurrency"}
    return {
        columns[field]: value(field) if field in element or field not in money else Decimal("0E-9") for field in columns
    }


def core_of(rows):
    """The rows without the metrics of further groups, which these requests do not ask for."""
    kept = {"account_id", "campaign_id", "creative_id", "date", *COLUMNS.values()}
    return [{name: value for name, value in row.items() if name in kept} for row in rows]


@pytest.mark.parametrize(
    ("pivot", "table", "key"),
    [
        ("CAMPAIGN", "campaign_daily_metrics", "campaign_id"),
        ("CREATIVE", "creative_daily_metrics", "creative_id"),
    ],
)
def test_daily_rows_are_the_truth(sandbox, get, pivot, table, key):
    for account in sandbox.world.listed_accounts():
        elements = get(report(pivot, FIRST, TODAY, account_list(account.id)))["elements"]
        rows = [
            {
                "account_id": account.id,
                key: int(element["pivotValues"][0].rpartition(":")[2]),
                "date": days_of(element)[0],
                **metrics_of(element),
            }
            for element in elements
        ]
        expected = getattr(sandbox.truth, table)(FIRST, TODAY, [account.id])
        assert sorted(rows, key=lambda row: (row[key], row["date"])) == core_of(expected)


def test_days_by_serving_location_are_the_truth(sandbox, get):
    for account in sandbox.world.listed_accounts():
        url = report("X", FIRST, TODAY, account_list(account.id))
        url = url.replace("q=analytics&pivot=X", "q=statistics&pivots=List(CAMPAIGN,SERVING_LOCATION)")
        rows = [
            {
                "account_id": account.id,
                "campaign_id": int(element["pivotValues"][0].rpartition(":")[2]),
                "serving_location": element["pivotValues"][1],
                "date": days_of(element)[0],
                **metrics_of(element),
            }
            for element in get(url)["elements"]
        ]
        assert sorted(rows, key=lambda row: tuple(row.values())[:4]) == sandbox.truth.placement_daily_metrics(
            FIRST, TODAY, [account.id]
        )


def test_months_are_the_truth_and_days_end_where_they_are_kept(sandbox, get):
    first, last, told = date(2025, 11, 1), date(2026, 5, 31), 0
    for account in sandbox.world.listed_accounts():
        url = report("CAMPAIGN", first, last, account_list(account.id)).replace("DAILY", "MONTHLY")
        rows = [
            {
                "account_id": account.id,
                "campaign_id": int(element["pivotValues"][0].rpartition(":")[2]),
                "month_start": days_of(element)[0],
                **metrics_of(element),
            }
            for element in get(url)["elements"]
        ]
        truth = sandbox.truth.campaign_monthly_metrics(first, TODAY, [account.id])
        assert sorted(rows, key=lambda row: tuple(row.values())[:3]) == truth
        told = told or (account.id if truth else 0)
    assert told
    sandbox.switches.days_kept = 183
    try:
        found = get(report("CAMPAIGN", first, TODAY, account_list(told)))["elements"]
    finally:
        sandbox.switches.days_kept = None
    assert min(days_of(element)[0] for element in found) >= TODAY - timedelta(days=183)


@pytest.mark.parametrize("level", ["ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN"])
def test_reach_is_the_truth_and_does_not_add_up(sandbox, get, account_id, level):
    last = TODAY - timedelta(days=3)
    first = last - timedelta(days=27)
    fields = "pivotValues,impressions,approximateMemberReach,audiencePenetration,averageDwellTime,costPerQualifiedLead"
    url = report(level, first, last, account_list(account_id), fields=fields, granularity="ALL")
    rows = {int(each["pivotValues"][0].rpartition(":")[2]): each for each in get(url)["elements"]}
    told = [row for row in sandbox.truth.reach_windows([account_id]) if row["level"] == level]
    told = [row for row in told if (row["window_start"], row["window_end"]) == (first, last)]
    assert rows.keys() == {row["entity_id"] for row in told}
    for row in told:
        shown = rows[row["entity_id"]]
        assert shown["approximateMemberReach"] == row["approximate_member_reach"]
        assert Decimal(str(shown["audiencePenetration"])) == row["audience_penetration"]
        assert shown["averageDwellTime"] == row["average_dwell_time"]
        assert Decimal(shown["costPerQualifiedLead"]).quantize(NINE) == row["cost_per_qualified_lead"]
    parts = [row for row in sandbox.truth.reach_windows([account_id]) if row["level"] == "CAMPAIGN"]
    parts = sum(row["approximate_member_reach"] for row in parts if row["window_start"] == first)
    if level == "ACCOUNT":
        assert parts > told[0]["approximate_member_reach"] > 0


def test_a_campaigns_days_are_the_sums_of_its_creatives_days(sandbox):
    sums = defaultdict(int)
    for row in sandbox.truth.creative_daily_metrics(FIRST, TODAY):
        sums[sandbox.world.creatives[row["creative_id"]].campaign_id, row["date"]] += row["impressions"]
    campaigns = {
        (row["campaign_id"], row["date"]): row["impressions"]
        for row in sandbox.truth.campaign_daily_metrics(FIRST, TODAY)
    }
    assert campaigns == sums


@pytest.mark.parametrize("first", [FIRST, date(2026, 1, 20), date(2024, 6, 1)])
def test_demographics_are_the_truth(sandbox, get, account_id, first):
    fields = ",".join(["pivotValues", *sorted(DEMOGRAPHIC)])
    columns = {field: column for field, column in COLUMNS.items() if field in DEMOGRAPHIC}
    answered = []
    for pivot in ("MEMBER_COMPANY_SIZE", "MEMBER_COMPANY", "MEMBER_JOB_TITLE", "MEMBER_COUNTRY_V2"):
        url = report(pivot, first, TODAY, account_list(account_id), fields=fields, granularity="ALL")
        for element in get(url)["elements"]:
            answered.append((pivot, element["pivotValues"][0], metrics_of(element, columns)))
    expected = [
        (row["pivot"], row["segment_urn"], {column: row[column] for column in columns.values()})
        for row in sandbox.truth.audience_demographics(first, TODAY, [account_id])
        if row["pivot"] in {pivot for pivot, _, _ in answered}
    ]
    assert sorted(answered, key=lambda row: row[:2]) == expected


def test_money_carries_dust_that_rounding_removes(get, account_id):
    facet = account_list(account_id)
    wide = get(report("CAMPAIGN", FIRST, TODAY, facet))["elements"]
    narrow = get(report("CAMPAIGN", TODAY - timedelta(days=9), TODAY, facet))["elements"]
    keyed = {(e["pivotValues"][0], days_of(e)): e["costInLocalCurrency"] for e in wide}
    pairs = [(keyed[e["pivotValues"][0], days_of(e)], e["costInLocalCurrency"]) for e in narrow]
    assert any(a != b for a, b in pairs)
    assert all(abs(Decimal(a) - Decimal(b)) < Decimal("1e-12") for a, b in pairs)


def test_rows_whose_every_metric_is_zero_are_left_out(get, account_id):
    facet = account_list(account_id)
    everything = get(report("CREATIVE", FIRST, TODAY, facet))["elements"]
    leads = get(report("CREATIVE", FIRST, TODAY, facet, fields="dateRange,pivotValues,oneClickLeads"))["elements"]
    assert 0 < len(leads) < len(everything)
    assert all(element["oneClickLeads"] > 0 for element in leads)
