"""adAnalytics: its rules, its limits and its silences."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from .conftest import TODAY
from .questions import CORE, account_list, day_range, days_of, report

FIRST = TODAY - timedelta(days=29)


@pytest.fixture
def facet(account_id: int) -> str:
    return account_list(account_id)


def values(answer) -> list[str]:
    return [element["pivotValues"][0] for element in answer["elements"]]


def test_the_body_has_a_paging_block_that_means_nothing(get, facet):
    assert get(report("CAMPAIGN", FIRST, TODAY, facet))["paging"] == {"start": 0, "count": 10, "links": []}


def test_without_fields_there_are_only_impressions_and_clicks(get, facet):
    url = f"/rest/adAnalytics?q=analytics&pivot=CAMPAIGN&timeGranularity=DAILY&{day_range(FIRST, TODAY)}&{facet}"
    assert {tuple(element) for element in get(url)["elements"]} == {("impressions", "clicks")}


def test_wrapped_enums_are_understood(get, facet):
    plain = report("CAMPAIGN", FIRST, TODAY, facet)
    wrapped = plain.replace("=CAMPAIGN", "=(value:CAMPAIGN)").replace("=DAILY", "=(value:DAILY)")
    assert len(get(wrapped)["elements"]) == len(get(plain)["elements"]) > 0


def test_twenty_fields_are_the_most(client, facet):
    assert client.get(report("CAMPAIGN", FIRST, TODAY, facet, fields=CORE)).status_code == 200
    assert client.get(report("CAMPAIGN", FIRST, TODAY, facet, fields=CORE + ",reactions")).status_code == 400


@pytest.mark.parametrize(
    "fields", ["dateRange%2CpivotValues", "leads", "pivot,pivotValue", "List(clicks)", "", "clicks,"]
)
def test_fields_the_schema_does_not_have_are_refused(client, facet, fields):
    answer = client.get(report("CAMPAIGN", FIRST, TODAY, facet, fields=fields))
    assert answer.status_code == 400
    assert "not present in schema 'com.linkedin.ads.externalapi.reportingapi" in answer.json()["message"]


@pytest.mark.parametrize("pivot", ["MEMBER_COUNTRY", "MEMBER_REGION", "OBJECTIVE_TYPE", "SIZE", "List(CAMPAIGN)"])
def test_pivots_that_analytics_does_not_have_are_refused(client, facet, pivot):
    assert client.get(report(pivot, FIRST, TODAY, facet)).status_code == 400


@pytest.mark.parametrize("field", ["conversionValueInLocalCurrency", "approximateMemberReach", "cardClicks"])
def test_some_fields_do_not_go_with_members(client, facet, field):
    url = report("MEMBER_SENIORITY", FIRST, TODAY, facet, granularity="ALL", fields=f"pivotValues,{field}")
    assert client.get(url).status_code == 400


def test_reach_is_for_up_to_92_days(client, facet):
    fields = "pivotValues,approximateMemberReach"
    for days, status in ((91, 200), (92, 400)):
        first = TODAY - timedelta(days=days)
        url = report("CAMPAIGN", first, TODAY, facet, granularity="ALL", fields=fields)
        assert client.get(url).status_code == status


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dateRange=", "dateRange.start.year=2026&x="),
        ("timeGranularity=DAILY", "timeGranularity=HOURLY"),
        ("&timeGranularity=DAILY", ""),
        ("&pivot=CAMPAIGN", ""),
        ("pivot=CAMPAIGN", "pivots=List(CAMPAIGN)"),
        ("accounts=List(", "accounts[0]=("),
        ("accounts=", "accounts%5B0%5D="),
        ("day:22", "day:32"),
        ("year:2026,", ""),
        ("List(urn%3A", "List(urn:"),
        ("q=analytics", "q=analytic"),
        ("accounts=List(", "campaigns=List("),
    ],
)
def test_malformed_questions_are_refused(client, facet, old, new):
    url = report("CAMPAIGN", FIRST, TODAY, facet)
    assert old in url
    assert client.get(url.replace(old, new, 1)).status_code == 400


def test_a_facet_is_needed_and_pages_are_not_there(client, facet):
    url = report("CAMPAIGN", FIRST, TODAY, facet)
    assert client.get(url.replace(f"&{facet}", "")).status_code == 400
    assert client.get(url + "&start=0&count=10000").status_code == 200
    assert client.get(url + "&start=10&count=10").status_code == 400


def test_the_end_of_the_range_is_inclusive_and_today_when_left_out(get, facet):
    closed = get(report("CAMPAIGN", FIRST, TODAY, facet))["elements"]
    open_url = report("CAMPAIGN", FIRST, TODAY, facet).replace(",end:(year:2026,month:11,day:22)", "")
    assert len(get(open_url)["elements"]) == len(closed)
    assert max(days_of(element) for element in closed) == (TODAY, TODAY)


def test_answers_are_cut_without_a_word(sandbox, get, facet):
    url = report("CREATIVE", FIRST, TODAY, facet)
    whole = get(url)["elements"]
    sandbox.switches.element_cap = 30
    assert get(url)["elements"] == whole[:30]
    sandbox.switches.default_rows = 10
    assert get(url)["elements"] == whole[:10]
    assert len(get(url + "&count=20")["elements"]) == 20


def test_no_role_no_activity_and_no_such_account_look_the_same(sandbox, get):
    hidden = next(account.id for account in sandbox.world.accounts.values() if account.role is None)
    empty = sandbox.world.listed_accounts()[-1].id
    for account in (hidden, empty, 1):
        assert get(report("CAMPAIGN", FIRST, TODAY, account_list(account)))["elements"] == []


def test_rows_of_unlisted_creatives_are_still_reported(sandbox, get, facet):
    gone = next(identifier for resource, identifier in sandbox.world.removed if resource == "creatives")
    assert f"urn:li:sponsoredCreative:{gone}" in values(get(report("CREATIVE", FIRST, TODAY, facet)))
    assert gone not in {row["creative_id"] for row in sandbox.truth.creatives()}


@pytest.mark.parametrize("granularity", ["ALL", "MONTHLY", "YEARLY"])
@pytest.mark.parametrize("pivot", ["ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE", "SHARE", "COMPANY"])
def test_coarser_rows_are_sums_of_finer_ones(get, facet, pivot, granularity):
    first = date(2026, 9, 10)
    coarse = get(report(pivot, first, TODAY, facet, granularity=granularity))["elements"]
    fine = get(report(pivot, first, TODAY, facet))["elements"]
    assert sum(element["impressions"] for element in coarse) == sum(element["impressions"] for element in fine) > 0
    for element in coarse:
        start, end = days_of(element)
        inside = [
            part["clicks"]
            for part in fine
            if part["pivotValues"] == element["pivotValues"] and start <= days_of(part)[0] <= end
        ]
        assert element["clicks"] == sum(inside)


def test_all_widens_bounds_older_than_six_months_to_whole_months(get, facet):
    url = report("ACCOUNT", date(2026, 1, 20), date(2026, 3, 10), facet, granularity="ALL")
    assert {days_of(element) for element in get(url)["elements"]} <= {(date(2026, 1, 1), date(2026, 3, 31))}
    recent = report("ACCOUNT", date(2026, 9, 20), TODAY, facet, granularity="ALL")
    assert {days_of(element) for element in get(recent)["elements"]} == {(date(2026, 9, 20), TODAY)}


def test_messages_alone_have_sends_and_opens(get, facet):
    elements = get(report("CREATIVE", FIRST, TODAY, facet))["elements"]
    messages = [element for element in elements if "sends" in element]
    assert 0 < len(messages) < len(elements)
    assert all(element["sends"] == element["impressions"] for element in messages)


# --- statistics ------------------------------


def statistics(pivots: str, facet: str, fields: str = "pivotValues,impressions,clicks") -> str:
    return (
        f"/rest/adAnalytics?q=statistics&pivots=List({pivots})&timeGranularity=ALL&{day_range(FIRST, TODAY)}&{facet}"
        f"&fields={fields}"
    )


def test_statistics_group_by_up_to_three_pivots(get, client, facet):
    elements = get(statistics("CAMPAIGN,IMPRESSION_DEVICE_TYPE", facet))["elements"]
    assert {element["pivotValues"][1] for element in elements} == {
        "MOBILE_APP",
        "DESKTOP_WEB",
        "MOBILE_WEB",
        "UNDETECTED",
    }
    assert all(element["pivotValues"][0].startswith("urn:li:sponsoredCampaign:") for element in elements)
    assert get(statistics("ACCOUNT,OBJECTIVE_TYPE,SERVING_LOCATION", facet))["elements"]
    assert client.get(statistics("ACCOUNT,CAMPAIGN,CREATIVE,SHARE", facet)).status_code == 400


def test_statistics_know_no_members(client, facet):
    answer = client.get(statistics("CAMPAIGN,MEMBER_SENIORITY", facet))
    assert answer.status_code == 400
    assert answer.json()["errorDetails"]["inputErrors"][0]["code"] == "FIELD_INVALID"


@pytest.mark.parametrize(
    ("pivots", "fields"),
    [
        ("CREATIVE", "pivotValues,audiencePenetration"),
        ("CAMPAIGN,SERVING_LOCATION", "pivotValues,audiencePenetration"),
        ("CAMPAIGN,IMPRESSION_DEVICE_TYPE", "pivotValues,approximateMemberReach"),
    ],
)
def test_reach_and_penetration_do_not_go_with_every_pivot(client, facet, pivots, fields):
    answer = client.get(statistics(pivots, facet, fields))
    assert answer.status_code == 400
    assert answer.json()["errorDetails"]["inputErrors"][0]["code"] == "FIELD_INVALID"


# --- demographics ------------------------------


def demographics(pivot: str, facet: str, first: date = FIRST, last: date = TODAY, granularity: str = "ALL") -> str:
    return report(pivot, first, last, facet, granularity=granularity, fields="pivotValues,impressions")


def test_company_sizes_are_bare_enums_and_the_rest_are_urns(get, facet):
    assert set(values(get(demographics("MEMBER_COMPANY_SIZE", facet)))) <= {
        "SIZE_1",
        "SIZE_2_TO_10",
        "SIZE_11_TO_50",
        "SIZE_51_TO_200",
        "SIZE_201_TO_500",
        "SIZE_501_TO_1000",
        "SIZE_1001_TO_5000",
        "SIZE_5001_TO_10000",
        "SIZE_10001_OR_MORE",
    }
    for pivot, kind in (("MEMBER_COMPANY", "organization"), ("MEMBER_JOB_TITLE", "title"), ("MEMBER_REGION_V2", "geo")):
        found = values(get(demographics(pivot, facet)))
        assert found
        assert all(value.startswith(f"urn:li:{kind}:") for value in found)


def test_values_with_fewer_than_three_events_are_dropped(get, facet):
    day = TODAY - timedelta(days=3)
    rows = get(demographics("MEMBER_COMPANY", facet, day, day))["elements"]
    assert min(row["impressions"] for row in rows) >= 3


def test_a_campaign_shows_at_most_a_hundred_employers(sandbox, get, account_id):
    for row in sandbox.truth.campaigns([account_id]):
        facet = f"campaigns=List(urn%3Ali%3AsponsoredCampaign%3A{row['campaign_id']})"
        assert len(get(demographics("MEMBER_COMPANY", facet))["elements"]) <= 100


def test_demographics_are_a_day_late_and_end_after_two_years(get, facet):
    yesterday = TODAY - timedelta(days=1)
    assert get(demographics("MEMBER_SENIORITY", facet, yesterday, TODAY))["elements"] == []
    assert get(demographics("MEMBER_SENIORITY", facet, TODAY - timedelta(days=2), TODAY))["elements"]
    assert get(demographics("MEMBER_SENIORITY", facet, date(2020, 1, 1), date(2024, 6, 1)))["elements"] == []


def test_parts_do_not_add_up_to_the_whole(get, facet):
    parts = get(demographics("MEMBER_COMPANY", facet))["elements"]
    whole = get(demographics("ACCOUNT", facet))["elements"]
    assert 0 < sum(part["impressions"] for part in parts) < whole[0]["impressions"]


# --- time and restatement ------------------------------


def test_a_new_day_brings_rows_and_completes_the_last_one(sandbox, account_id):
    def impressions(day: date) -> int:
        return sum(row["impressions"] for row in sandbox.truth.campaign_daily_metrics(day, day, [account_id]))

    half = impressions(TODAY)
    assert impressions(TODAY + timedelta(days=1)) == 0
    sandbox.advance(1)
    assert impressions(TODAY) > half > 0
    assert impressions(TODAY + timedelta(days=1)) > 0


def test_conversions_keep_arriving_for_thirty_days(sandbox):
    def conversions() -> int:
        rows = sandbox.truth.campaign_daily_metrics(TODAY - timedelta(days=20), TODAY - timedelta(days=1))
        return sum(row["external_website_conversions"] for row in rows)

    early = conversions()
    sandbox.advance(31)
    assert conversions() > early


def test_restated_days_change_and_vanished_days_are_gone(sandbox, get, account_id, facet):
    day = TODAY - timedelta(days=5)
    campaign = sandbox.truth.campaign_daily_metrics(day, day, [account_id])[0]
    sandbox.world.restate(day, day, percent=50, campaign_id=campaign["campaign_id"])
    restated = sandbox.truth.campaign_daily_metrics(day, day, [account_id])[0]
    assert 0 < restated["impressions"] < campaign["impressions"]
    sandbox.world.vanish(day, day, campaign_id=campaign["campaign_id"])
    left = get(report("CAMPAIGN", FIRST, TODAY, facet))["elements"]
    assert all(
        days_of(element)[0] != day
        for element in left
        if element["pivotValues"][0].endswith(str(campaign["campaign_id"]))
    )
