"""The believable world has levels, shapes, budgets and names that a marketer knows from real accounts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import date, timedelta

import httpx
import pytest

from workbench.sandbox import Sandbox
from workbench.sandbox.clock import Clock
from workbench.sandbox.expected.truth import Truth
from workbench.sandbox.world.believable import conversions
from workbench.sandbox.world.believable.fatigue import freshness
from workbench.sandbox.world.model import MetricsRow
from workbench.sandbox.world.vocabulary import MEMBER_PIVOTS
from workbench.sandbox.world.world import World

from .believable import AMERICAS, EMEA, JAPAN, TODAY, known_world
from .questions import account_list, report
from .test_truth import core_of, days_of, metrics_of

DAYS = [date(2026, 11, 22), date(2026, 3, 15)]
REGIONS = {EMEA: "EMEA", AMERICAS: "AMER", JAPAN: "APAC"}

# In US dollars and percent, from the table of benchmarks; CPL for the Americas, others follow by the region.
LEVELS = {
    # (format, objective): CTR, CPC, CPM
    ("STANDARD_UPDATE", "LEAD_GENERATION"): ((0.30, 0.60), (9, 18), (45, 85)),
    ("STANDARD_UPDATE", "WEBSITE_CONVERSIONS"): ((0.30, 0.60), (9, 18), (45, 85)),
    ("SPONSORED_UPDATE_NATIVE_DOCUMENT", "LEAD_GENERATION"): ((0.30, 0.55), (9, 15), (52, 80)),
    ("SINGLE_VIDEO", "VIDEO_VIEWS"): ((0.15, 0.35), (12, 20), (30, 49)),
    ("CAROUSEL", "WEBSITE_CONVERSIONS"): ((0.22, 0.45), (11, 20), (38, 50)),
    ("STANDARD_UPDATE", "ENGAGEMENT"): ((1.5, 3.5), (1.6, 4), (38, 60)),
}
SHARES = {
    # of spend, in percent
    ("STANDARD_UPDATE", "LEAD_GENERATION"): (32, 46),
    ("SPONSORED_UPDATE_NATIVE_DOCUMENT", "LEAD_GENERATION"): (11, 17),
    ("SINGLE_VIDEO", "VIDEO_VIEWS"): (8, 15),
    ("STANDARD_UPDATE", "WEBSITE_CONVERSIONS"): (8, 15),
    ("CAROUSEL", "WEBSITE_CONVERSIONS"): (1, 5),
    ("SPONSORED_MESSAGE", "LEAD_GENERATION"): (4, 10),
    ("STANDARD_UPDATE", "ENGAGEMENT"): (4, 9),
    ("STANDARD_UPDATE", "BRAND_AWARENESS"): (4, 9),
}
CPL = {"STANDARD_UPDATE": (371, 0.65, 1.5), "SPONSORED_UPDATE_NATIVE_DOCUMENT": (290, 0.5, 1.9)}
"""Median in the Americas, and how far a month with few leads may be from it."""
OF_AMERICAS = {"AMER": 1.0, "EMEA": 0.55, "APAC": 0.21}


def by_kind(day: date, *, days: int = 30):
    world = known_world(today=day, stories=False)

    def kind(row):
        ad_set = world.ad_sets[row["campaign_id"]]
        return world.accounts[row["account_id"]]["name"], ad_set["format"], ad_set["objective_type"]

    return world.sums(days, 1, kind)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("stories", [True, False])
def test_the_ctr_of_every_account_is_that_of_real_ones(day, stories):
    accounts = known_world(today=day, stories=stories).by_account(30, 1)
    assert accounts.keys() == REGIONS.keys()
    for sums in accounts.values():
        assert 0.40 <= 100 * sums["clicks"] / sums["impressions"] <= 0.67


@pytest.mark.parametrize("day", DAYS)
def test_formats_cost_and_are_clicked_as_benchmarks_say(day):
    compared = 0
    for (_, form, objective), sums in by_kind(day).items():
        if (form, objective) in LEVELS and sums["clicks"] > 60:
            ctr, cpc, cpm = LEVELS[form, objective]
            assert ctr[0] <= 100 * sums["clicks"] / sums["impressions"] <= ctr[1], (form, objective)
            assert cpc[0] <= sums["usd"] / sums["clicks"] <= cpc[1], (form, objective)
            assert cpm[0] <= 1000 * sums["usd"] / sums["impressions"] <= cpm[1], (form, objective)
            compared += 1
    assert compared >= 8


@pytest.mark.parametrize("day", DAYS)
def test_leads_cost_what_they_cost_in_their_region(day):
    for (name, form, objective), sums in by_kind(day, days=85).items():
        if objective == "LEAD_GENERATION" and form in CPL:
            median, low, high = CPL[form]
            expected = median * OF_AMERICAS[REGIONS[name]]
            assert low * expected < sums["usd"] / sums["one_click_leads"] < high * expected, (name, form)


def test_messages_report_sends_and_opens_and_no_impressions():
    sums = next(sums for (_, form, _), sums in by_kind(TODAY).items() if form == "SPONSORED_MESSAGE")
    assert sums["impressions"] == 0
    assert 0.40 < sums["opens"] / sums["sends"] < 0.55
    assert 0.03 < sums["clicks"] / sums["opens"] < 0.07
    assert 0.40 < sums["usd"] / sums["sends"] < 0.90


@pytest.mark.parametrize("day", DAYS)
def test_formats_share_the_spend_as_in_real_accounts(day):
    world, spend = known_world(today=day), Counter()
    for row in world.rows(30, 1):
        ad_set = world.ad_sets[row["campaign_id"]]
        spend[ad_set["format"], ad_set["objective_type"]] += float(row["cost_in_usd"])
    shares = {kind: 100 * cost / sum(spend.values()) for kind, cost in spend.items()}
    assert shares.keys() == SHARES.keys()
    for kind, (low, high) in SHARES.items():
        assert low <= shares[kind] <= high, (kind, shares[kind])


def test_weekdays_have_the_shape_of_business():
    spend = Counter()
    for row in known_world(stories=False).rows(84, 1):
        spend[row["date"].weekday()] += float(row["cost_in_usd"])
    mean = sum(spend.values()) / 7
    shape = [spend[weekday] / mean for weekday in range(7)]
    assert max(shape) in shape[1:3]
    assert all(0.45 < weekend < 0.7 for weekend in shape[5:])
    assert 0.8 < shape[4] < shape[3]


def test_prices_move_from_day_to_day_and_thanksgiving_is_dear():
    thanksgiving = known_world("small", date(2026, 12, 2), stories=False)
    week, before = (thanksgiving.by_account(*days)[AMERICAS] for days in ((9, 3), (23, 17)))
    dearer = (week["usd"] / week["impressions"]) / (before["usd"] / before["impressions"])
    assert 1.2 < dearer < 1.8
    costs = {
        round(float(row["cost_in_usd"]) / row["impressions"], 5)
        for row in thanksgiving.rows(40, 20)
        if row["impressions"]
    }
    assert len(costs) > 100


@pytest.mark.parametrize("size", ["small", "medium"])
@pytest.mark.parametrize("stories", [True, False])
def test_budgets_cap_days_and_weeks(size, stories):
    world, weeks = known_world(size, stories=stories), Counter()
    for row in world.rows(85, 0):
        assert row["cost_in_local_currency"] <= world.ad_sets[row["campaign_id"]]["daily_budget"] * 3 / 2
        weeks[row["campaign_id"], row["date"].isocalendar()[:2]] += row["cost_in_local_currency"]
    for (campaign_id, _), cost in weeks.items():
        assert cost <= 7 * world.ad_sets[campaign_id]["daily_budget"]


def test_what_does_not_run_does_not_spend():
    world = known_world()
    spending = {row["campaign_id"] for row in world.rows(7, 1)}
    for campaign_id in spending:
        ad_set = world.ad_sets[campaign_id]
        assert ad_set["status"] == "ACTIVE"
        assert set(ad_set["serving_statuses"]) <= {"RUNNABLE", "CAMPAIGN_GROUP_TOTAL_BUDGET_HOLD"}


def test_a_third_of_the_ad_sets_starts_or_ends_inside_the_window():
    world = known_world()
    delivering = [world.ad_sets[key] for key in {row["campaign_id"] for row in world.rows(90, 1)}]
    first = TODAY - timedelta(days=90)

    def inside(ad_set):
        moments = (ad_set["run_schedule_start"], ad_set["run_schedule_end"])
        return any(moment and first <= moment.date() < TODAY for moment in moments)

    assert 0.2 <= sum(map(inside, delivering)) / len(delivering) <= 0.4


def test_accounts_are_few_and_one_is_empty():
    world = known_world("small")
    assert [row["name"] for row in world.accounts.values()] == [EMEA, AMERICAS, JAPAN, "Northwind · Sandbox (test)"]
    empty = world.ids["Northwind · Sandbox (test)"]
    assert world.accounts[empty]["test"]
    assert not [row for row in world.ad_sets.values() if row["account_id"] == empty]
    for account in (EMEA, AMERICAS, JAPAN):
        objectives = {
            r["objective_type"] for r in known_world().ad_sets.values() if r["account_id"] == known_world().ids[account]
        }
        assert 2 <= len(objectives) <= 5


CONVENTION = re.compile(
    r"(SC-IMG|SC-DOC|SC-VID|SC-CAR|MSG|TLA|JOB|SPT) \| (LG|VV|WC|ENG|BA|JA|WV) \| [\w+ ]+ \| [\w& ]*\w"
)


@pytest.mark.parametrize("size", ["medium", "large"])
def test_nineteen_of_twenty_names_keep_the_convention(size):
    names = [row["name"] for row in known_world(size).ad_sets.values()]
    kept = sum(bool(CONVENTION.fullmatch(name)) for name in names)
    assert 0.93 < kept / len(names) < 0.98
    assert any(name.startswith("Copy of ") for name in names)
    assert any(name.endswith(" ") for name in names)


def test_few_employers_see_most():
    rows = known_world().truth.audience_demographics(TODAY - timedelta(days=30), TODAY, pivots=["MEMBER_COMPANY"])
    for account in (EMEA, AMERICAS):
        seen = sorted(
            (row["impressions"] for row in rows if row["account_id"] == known_world().ids[account]),
            reverse=True,
        )
        assert 0.65 < sum(seen[: len(seen) // 10]) / sum(seen) < 0.88


def test_the_newest_days_have_fewer_conversions_and_not_none():
    world = known_world(stories=False)
    newest, older = (world.by_account(*days)[EMEA]["external_website_conversions"] for days in ((8, 1), (60, 53)))
    assert 0.2 * older < newest < 0.85 * older


@pytest.mark.parametrize(("age", "share"), [(0, 0.12), (1, 0.35), (4, 0.53), (7, 0.71), (14, 0.90), (30, 1.0)])
def test_each_conversion_has_a_delay_of_its_own(age, share):
    many = MetricsRow(**{name: 900 for name in MetricsRow._fields})._replace(external_website_conversions=1_800)
    one = many._replace(
        external_website_conversions=1,
        external_website_post_click_conversions=1,
        external_website_post_view_conversions=0,
    )
    seen = conversions.visible(many, 5, 7, age, conversions.USUAL, False)
    assert abs(seen.external_website_conversions / 1_800 - share) < 0.04
    singles = [conversions.visible(one, seed, 7, age, conversions.USUAL, False) for seed in range(300)]
    assert abs(sum(row.external_website_conversions for row in singles) / 300 - share) < 0.09


def test_what_was_visible_stays_visible():
    row = MetricsRow(**{name: 40 for name in MetricsRow._fields})._replace(external_website_conversions=80)
    seen = [conversions.visible(row, 3, 9, age, conversions.SLOW, False) for age in range(31)]
    arrived = [row.external_website_conversions for row in seen]
    assert arrived == sorted(arrived)
    assert arrived[-1] == 80
    removed = [row.one_click_leads for row in seen[1:]]
    assert removed == sorted(removed, reverse=True)


def test_ads_hold_and_then_tire():
    broad, small = ([freshness(day, pressure) for day in range(200)] for pressure in (0.03, 0.2))
    assert set(broad[:60]) == {1.0}
    assert small[7] == 1.0 > small[21]
    assert broad == sorted(broad, reverse=True)
    assert 0.72 <= small[-1] < 0.73


def test_texts_and_names_are_ones_a_client_may_read():
    world = known_world("large")
    texts = {row["name"] for table in (world.accounts, world.ad_sets, world.ads) for row in table.values()}
    texts |= {row["name"] for row in world.truth.campaign_groups()}
    texts |= {row["name"] for row in (*world.truth.conversions(), *world.truth.lead_forms())}
    words = world.world.vocabulary
    for pivot in MEMBER_PIVOTS:
        texts |= {words.name(segment) or "" for segment in words.segments(pivot)}
    for creative in world.world.creatives.values():
        post = world.world.post(creative.element["content"].get("reference", ""))
        texts |= {post["commentary"]} if post else set()
        texts |= {
            value
            for shown in creative.element["content"].values()
            if isinstance(shown, dict)
            for value in shown.values()
            if isinstance(value, str) and not value.startswith("https://")
        }
    assert len(texts) > 500
    for text in texts:
        assert len(text) < 120
        assert not re.match(r"[=+@\-\t|]", text), text
        assert not re.search(r"[<>{}*_`\[\]\\]|;--|javascript", text.replace("_", "", 3)), text
        for letter in text:
            assert unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "So", "Zl", "Zp"), text
            assert unicodedata.bidirectional(letter) not in ("R", "AL", "RLE", "RLO"), text


def test_the_same_seed_gives_the_same_world_and_another_seed_another():
    one, same, other = (World(world="believable", seed=seed, clock=Clock(TODAY)) for seed in (1, 1, 2))
    assert [c.element for c in one.creatives.values()] == [c.element for c in same.creatives.values()]
    assert set(one.campaigns) != set(other.campaigns)


_DIGEST = """
import hashlib, datetime as d
from workbench.sandbox.clock import Clock
from workbench.sandbox.expected.truth import Truth
from workbench.sandbox.world.world import World
day = d.date(2026, 11, 22)
truth = Truth(World(world="believable", clock=Clock(day)))
first = day - d.timedelta(days=20)
rows = [truth.campaigns(), truth.creative_daily_metrics(first, day), truth.audience_demographics(first, day)]
print(hashlib.sha256(repr(rows).encode()).hexdigest())
"""


@pytest.mark.slow
def test_every_process_invents_the_same_world():
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_it_is_served_as_it_is_told():
    with Sandbox(world="believable", today=TODAY) as sandbox:
        headers = {
            "LinkedIn-Version": "202607",
            "X-Restli-Protocol-Version": "2.0.0",
            "Authorization": f"Bearer {sandbox.issue_token()}",
        }
        first = TODAY - timedelta(days=9)
        with httpx.Client(base_url=sandbox.url, headers=headers) as client:
            for account in sandbox.world.listed_accounts():
                answer = client.get(report("CREATIVE", first, TODAY, account_list(account.id))).json()["elements"]
                rows = [
                    {
                        "account_id": account.id,
                        "creative_id": int(element["pivotValues"][0].rpartition(":")[2]),
                        "date": days_of(element)[0],
                        **metrics_of(element),
                    }
                    for element in answer
                ]
                expected = sandbox.truth.creative_daily_metrics(first, TODAY, [account.id])
                assert sorted(rows, key=lambda row: (row["creative_id"], row["date"])) == core_of(expected)


def test_controls_work_on_it_too():
    world = World(world="believable", clock=Clock(TODAY))
    truth, day = Truth(world), TODAY - timedelta(days=6)
    before = truth.campaign_daily_metrics(day, day)[0]
    world.restate(day, day, percent=50, campaign_id=before["campaign_id"])
    halved = truth.campaign_daily_metrics(day, day)[0]
    assert 0 <= before["impressions"] / 2 - halved["impressions"] < 5
    world.rename("campaigns", before["campaign_id"], "Renamed")
    assert any(row["name"] == "Renamed" for row in truth.campaigns())
    tomorrow = TODAY + timedelta(days=1)
    assert not truth.campaign_daily_metrics(tomorrow, tomorrow)
    world.advance(1)
    assert truth.campaign_daily_metrics(tomorrow, tomorrow)
