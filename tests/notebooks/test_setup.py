"""The page Setup: what the audit finds and what was agreed to, settings in words, and where ads show."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from report_pages import UNTIL, PagesInstallation, run_cells, run_script

from workbench.analytics import audit, setup_findings
from workbench.analytics.ad_set_setups import ad_set_setups, bid, flight, naming, naming_sentence, targeting
from workbench.answers.plan import Plan
from workbench.pages import setup as page
from workbench.pages.components.filters import choices_of
from workbench.queries.api import default
from workbench.schema.resources import CAMPAIGN_DAYS

VALUE = {"account": [], "period": "7d", "as_of": None, "objective": None, "campaign_group": None}


def campaigns_of(*rows: dict[str, Any]) -> pl.DataFrame:
    """Answers of `campaigns`, by default plain."""
    plain: dict[str, Any] = {
        "account_id": 1,
        "currency": "EUR",
        "campaign_id": 7,
        "name": "Spring",
        "status": "ACTIVE",
        "objective_type": "LEAD_GENERATION",
        "period": "current",
        "active_days": 28,
        "impressions": 10_000,
        "clicks": 100,
        "landing_page_clicks": 80,
        "one_click_leads": 20,
        "cost_in_local_currency": Decimal(500),
    }
    return pl.DataFrame([{**plain, **row} for row in rows], schema_overrides={"name": pl.String})


# --- the audit ------------------------------------------------------------------------------------------------------


def test_a_kind_of_finding_counts_an_ad_set_once_and_each_shows_its_field() -> None:
    rows = {
        "account_id": [1, 1, 1],
        "currency": ["EUR", "EUR", "JPY"],
        "campaign_id": [1, 1, 2],
        "campaign_name": ["Spring", "Spring", "Fuji"],
        "creative_id": [None, 5, None],
        "creative_name": [None, None, None],
        "finding": ["no_result", "creative_hold", "no_end_date"],
        "value": ["one_click_leads", "REJECTED", "500.00"],
        "cost_in_local_currency": [Decimal(30), Decimal(10), Decimal(7)],
    }
    findings = audit.audited(pl.DataFrame(rows, schema_overrides={"creative_name": pl.String}), "EUR")
    assert findings["field"].to_list() == ["one_click_leads = 0", "servingHoldReasons = REJECTED"]
    assert findings["creative_name"].to_list() == ["–", "Unnamed"]
    assert [(row["Finding"], row["Found"], row["Spend in 30 days"]) for row in audit.audit_summary(findings)] == [
        ("Spend without result", "1", "€30.00"),
        ("Ad not serving", "1", "€10.00"),
    ]


def test_spend_without_result_says_what_one_costs_at_least_and_whether_chance_may_explain_it() -> None:
    rows = {
        "account_id": [1, 1],
        "currency": ["EUR", "EUR"],
        "campaign_id": [1, 2],
        "campaign_name": ["Dry", "Young"],
        "creative_id": [None, None],
        "creative_name": [None, None],
        "finding": ["no_result", "no_result"],
        "value": ["one_click_leads", "one_click_leads"],
    }
    campaigns = campaigns_of(
        {"campaign_id": 1, "one_click_leads": 0, "cost_in_local_currency": Decimal(900)},
        {"campaign_id": 2, "one_click_leads": 0, "cost_in_local_currency": Decimal(20)},
        *({"campaign_id": n, "one_click_leads": 20} for n in range(3, 9)),
    )
    found = audit.audited(pl.DataFrame(rows, schema_overrides={"creative_name": pl.String}), "EUR", campaigns)
    dry, young = found["field"].to_list()
    assert re.fullmatch(r"one_click_leads = 0; one costs at least €\d+", dry)
    assert re.fullmatch(r"one_click_leads = 0; one costs at least €\d+.*, as others do: chance may explain it", young)


def test_an_audit_that_could_not_see_every_ad_set_does_not_say_that_nothing_was_found() -> None:
    accounts = pl.DataFrame({"account_id": [1, 2, 3], "name": ["Seen", None, "Yen"], "currency": ["EUR", "EUR", "JPY"]})
    covered = pl.DataFrame(
        {
            "account_id": [1, 2, 3],
            "resource": ["campaigns", "creatives", "campaigns"],
            "window_start": pl.Series([None] * 3, dtype=pl.Date),
        }
    )
    nothing = pl.DataFrame()
    assert audit.audit_remark(nothing, accounts, covered, "JPY") == "Nothing found."
    assert audit.audit_remark(pl.DataFrame({"finding": ["no_result"]}), accounts, covered, "JPY") == ""
    assert audit.audit_remark(nothing, accounts, covered, "EUR") == (
        "Nothing found among the ad sets that are listed. Those of Unnamed account (2) were never listed completely."
    )
    assert audit.audit_remark(pl.DataFrame({"finding": ["no_result"]}), accounts, covered, "EUR") == (
        "There may be more ad sets to look at. Those of Unnamed account (2) were never listed completely."
    )


def findings(*rows: tuple[str, int, int | None, int]) -> pl.DataFrame:
    """Findings as rule, ad set, ad and money, of account 1."""
    names = ("finding", "campaign_id", "creative_id", "cost_in_local_currency")
    records = [dict(zip(names, row, strict=True), account_id=1) for row in rows]
    return pl.DataFrame(
        records, schema_overrides={"creative_id": pl.Int64, "cost_in_local_currency": pl.Decimal(38, 2)}
    )


def test_money_that_open_findings_touch_counts_each_ad_set_once_and_no_agreed_one() -> None:
    rows = findings(
        ("audience_network", 1, None, 100),
        ("maximum_delivery", 1, None, 100),
        ("creative_hold", 1, 11, 40),
        ("creative_hold", 2, 21, 30),
        ("creative_hold", 2, 22, 5),
        ("audience_expansion", 3, None, 900),
    )
    plan = Plan.model_validate(
        {"agreed": [{"rule": "audience_expansion", "account": 1, "reason": "A test", "until": "2026-12-31"}]}
    )
    agreed = setup_findings.with_agreements(rows, page._agreements(plan, date(2026, 12, 31)))
    assert agreed["agreed"].to_list() == [*[None] * 5, "Agreed to until 31 Dec: A test"]
    assert setup_findings.touched(agreed) == 135
    assert setup_findings.headline(agreed, Decimal(2000), "EUR") == (
        "€135 of €2,000 spent in 30 days touches an open finding.",
        "1 finding is agreed to",
    )
    late = setup_findings.with_agreements(rows, page._agreements(plan, date(2027, 1, 1)))
    assert setup_findings.touched(late) == 1035
    assert setup_findings.switched_on(late, "EUR") == (
        "The Audience Network is on in 1 active ad set; they spent €100 in all."
    )


def test_without_an_open_finding_the_answer_says_so() -> None:
    rows = findings(("no_end_date", 1, None, 5)).with_columns(pl.lit("Agreed to").alias("agreed"))
    assert setup_findings.headline(rows, Decimal(9), "EUR")[0] == "Nothing in the active ad sets needs a look."


# --- settings in words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criteria", "said"),
    [
        (
            {
                "include": {"and": [{"or": {"urn:li:adTargetingFacet:interfaceLocales": ["a", "b"]}}]},
                "exclude": {"or": {"urn:li:adTargetingFacet:employers": ["c"]}},
            },
            "Interface locales (2), not Employers (1)",
        ),
        ({}, "n/a"),
        ([], "n/a"),
        ({"include": {"and": [None]}}, "n/a"),
        ({"include": 3}, "n/a"),
    ],
)
def test_targeting_is_counted_by_facet_or_not_known(criteria: Any, said: str) -> None:
    assert targeting(json.dumps(criteria)) == said
    assert targeting(None) == "n/a"


@pytest.mark.parametrize(
    ("target", "amount", "said"),
    [
        ("NONE", Decimal(4), "Manual: €4.00 CPM"),
        (None, None, "CPM"),
        ("ENHANCED_CONVERSION", Decimal(4), "Manual: €4.00 CPM, enhanced"),
        ("MAX_LEAD", Decimal(4), "Maximum delivery: lead"),
        ("TARGET_COST_PER_CLICK", Decimal(9), "Target cost €9.00: click"),
        ("CAP_COST_AND_MAXIMIZE_LEADS", Decimal(90), "Cost cap €90.00: leads"),
        ("SOMETHING_NEW", None, "Something new"),
    ],
)
def test_a_bid_is_said_in_words(target: str | None, amount: Decimal | None, said: str) -> None:
    row = {"optimization_target_type": target, "unit_cost": amount, "currency": "EUR", "cost_type": "CPM"}
    assert bid(row) == said


def test_a_flight_may_lack_an_end() -> None:
    start, end = datetime(2026, 9, 25, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    assert [flight(start, end), flight(start, None), flight(None, end), flight(None, None)] == [
        "25 Sep – 1 Dec 2026",
        "from 25 Sep 2026, no end",
        "until 1 Dec 2026",
        "n/a",
    ]


def test_names_that_differ_from_the_pattern_of_most_are_named() -> None:
    usual = [
        "SC | LG | Plant | DACH",
        "SC | LG | Ops | UK&I",
        "SC | WC | Ops | US",
        "VID | VV | Ops directors+ | Nordics",
    ]
    odd = ["Copy of SC | LG | Plant | DACH", "SC | LG | Plant", "SC | LG | Plant | FR "]
    found = naming([*usual, *odd])
    assert found.others == tuple(odd)
    assert naming_sentence(found).startswith("4 of 7 names have the 4 parts that most have. Others: “Copy of")
    assert [naming_sentence(naming(names)) for names in ([], usual[:2], ["one", "two", "three"])] == ["", "", ""]


def test_active_ad_sets_of_a_currency_and_an_objective_are_listed_most_money_first() -> None:
    settings = default.query("campaign_settings", source="sample")
    spend = campaigns_of({"account_id": 508310000, "campaign_id": 186410019})
    rows = ad_set_setups(settings, spend, "EUR")
    assert rows["campaign_id"][0] == 186410019
    assert rows["cost_in_local_currency"].to_list() == [500, *[0] * (rows.height - 1)]
    assert set(rows["currency"]) == {"EUR"}
    leads = ad_set_setups(settings, spend, "EUR", "LEAD_GENERATION")
    assert set(leads["objective_words"]) == {"Lead generation"}
    assert 0 < leads.height < rows.height


# --- where ads show -------------------------------------------------------------------------------------------------


def test_places_are_shown_of_objectives_that_have_more_than_one_and_others_in_a_sentence() -> None:
    every = default.query("accounts", source="sample")["account_id"].to_list()
    choices = choices_of("sample", {**VALUE, "account": every}, CAMPAIGN_DAYS)
    found = choices.answer("placement", **audit.audit_days(choices.until))
    rows = page.placement_rows(found, choices, "USD")
    assert [row["Where"] for row in rows] == ["On LinkedIn", "Off LinkedIn (Audience Network)"]
    assert sum(row["Share of spend"] for row in rows) == pytest.approx(1)
    assert page.placement_rows(found, choices, "EUR") == []
    (said,) = page.placement_sentences(found, choices, "EUR")
    assert said.endswith("nothing was spent off LinkedIn.")


# --- the notebook ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_audit_finds_what_the_settings_say(medium: PagesInstallation, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in medium.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["setup.py", "--currency", "EUR"])
    findings = run_cells("setup", source=SimpleNamespace(value="database"))["findings"]
    euro = {row["account_id"] for row in medium.sandbox.truth.ad_accounts() if row["currency"] == "EUR"}
    active = [row for row in medium.sandbox.truth.campaigns(euro) if row["status"] == "ACTIVE"]

    def found(code: str) -> set[int]:
        return set(findings.filter(finding=code)["campaign_id"])

    assert found("audience_network") == {row["campaign_id"] for row in active if row["offsite_delivery_enabled"]}
    assert found("audience_expansion") == {row["campaign_id"] for row in active if row["audience_expansion_enabled"]}
    truth = medium.sums("campaign_daily_metrics", "campaign_id", UNTIL - timedelta(29), UNTIL)
    for row in findings.filter(pl.col("creative_id").is_null()).iter_rows(named=True):
        assert row["cost_in_local_currency"] == truth.get(row["campaign_id"], {}).get("cost_in_local_currency", 0)
    assert findings["cost_in_local_currency"].is_sorted(descending=True)


@pytest.mark.slow
def test_as_a_script_on_the_sample_it_prints_the_audit_and_the_places(tmp_path: Path) -> None:
    outside = {"WORKBENCH_HOME": str(tmp_path), "SNAPSHOT_DIR": str(tmp_path / "snapshots")}
    ran = run_script("setup", "--source", "sample", environment=outside)
    assert (ran.returncode, ran.stderr) == (0, "")
    for said in ("Audit of active ad sets · EUR", "Audience Network on", "Off LinkedIn: 13 % of spend"):
        assert said in ran.stdout
