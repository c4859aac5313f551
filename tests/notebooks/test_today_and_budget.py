"""Today and Budget: what they say of the sample and of made figures, and what they leave out where figures are old."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from workbench import app_context
from workbench.answers import seen
from workbench.answers.check import Finding, check
from workbench.answers.inputs import Asker
from workbench.answers.plan import Plan, read_plan_file
from workbench.app_context import Context
from workbench.errors import ValidationError
from workbench.pages import agreements, budget_rows, today, today_rows
from workbench.pages import seen as marks
from workbench.pages.components.filters import choices_of
from workbench.pages.components.selection import Choices
from workbench.queries.api import default
from workbench.schema.resources import CAMPAIGN_DAYS
from workbench.web.landing import landing

EMEA = 508310000
SAMPLE_DAY = date(2026, 11, 22)
VALUE = {"account": [], "period": "7d", "as_of": None, "objective": None, "campaign_group": None}


@pytest.fixture(scope="module")
def sample() -> Choices:
    every = default.query("accounts", source="sample")["account_id"].to_list()
    return choices_of("sample", {**VALUE, "account": every}, CAMPAIGN_DAYS)


def level(**facts: Any) -> dict[str, Any]:
    usual = {
        "level": "account",
        "period_first": date(2026, 11, 1),
        "period_last": date(2026, 11, 30),
        "budget": Decimal(1000),
        "forecast": Decimal(1000),
        "forecast_low": Decimal(990),
        "forecast_high": Decimal(1009),
        "used_up_on": None,
        "unknown_days": 0,
        "state": "forecast",
    }
    return {**usual, **facts}


@pytest.mark.parametrize(
    ("facts", "day", "expected"),
    [
        ({}, 20, "on"),
        ({"forecast_low": Decimal(1011), "forecast_high": Decimal(1100)}, 20, "over"),
        ({"forecast_low": Decimal(800), "forecast_high": Decimal(989)}, 20, "under"),
        ({"forecast_low": Decimal(800), "forecast_high": Decimal(991)}, 20, "on"),
        ({"forecast_low": None, "forecast_high": None, "forecast": Decimal(300), "state": "stopped"}, 20, "stopped"),
        ({"used_up_on": date(2026, 11, 25)}, 20, "early"),
        ({"used_up_on": date(2026, 11, 30)}, 20, "on"),
        ({"state": "over"}, 20, "over"),
        ({"state": "over", "level": "campaign_group"}, 20, "spent"),
        ({"state": "over", "level": "campaign_group"}, 30, "over"),
        ({"state": "not_running", "forecast_high": Decimal(1)}, 20, "paused"),
        ({"forecast_low": Decimal(1), "forecast_high": Decimal(2)}, 1, "too_early"),
        ({"state": "too_little", "forecast": None}, 20, "too_early"),
        ({"budget": None}, 20, "no_budget"),
        ({"unknown_days": 2, "forecast_low": Decimal(1), "forecast_high": Decimal(2)}, 20, "unknown"),
        ({"unknown_days": 2, "state": "over"}, 20, "over"),
    ],
)
def test_a_budget_is_judged_where_its_range_leaves_it_out(facts: dict[str, Any], day: int, expected: str) -> None:
    found = budget_rows._verdict(level(**facts), date(2026, 11, day))
    assert found == expected
    assert (found in budget_rows.ALARMING) == (expected in ("over", "under", "early", "spent", "stopped"))


def test_a_month_of_the_plan_is_an_accounts_budget_and_others_keep_linkedins(sample: Choices) -> None:
    plan = Plan.model_validate({"month": [{"account": EMEA, "month": f"{sample.until:%Y-%m}", "budget": 36000}]})
    rows = {row.key: row for row in budget_rows.paced(sample, plan)}
    without = {row.key: row for row in budget_rows.paced(sample, Plan())}

    assert rows.keys() == without.keys()
    account = rows[f"account-{EMEA}"]
    assert (account.budget, account.plan_from, without[account.key].budget) == (36000, "own plan", None)
    groups = [row for row in rows.values() if row.level == "campaign_group"]
    assert groups == [row for row in without.values() if row.level == "campaign_group"]
    assert {row.plan_from for row in groups} == {"LinkedIn"}


def test_old_figures_have_neither_forecast_nor_verdict(sample: Choices) -> None:
    rows = budget_rows.unjudged(budget_rows.paced(sample, Plan()))
    assert {(row.verdict, row.forecast, row.low, row.needed, row.text) for row in rows} == {
        ("old", None, None, None, "")
    }
    assert budget_rows.headline(rows) == "The figures are too old to say where budgets land."


def test_without_any_budget_the_page_says_so(sample: Choices) -> None:
    rows = [row for row in budget_rows.paced(sample, Plan()) if row.budget is None]
    assert rows
    assert budget_rows.headline(rows).startswith("No budget is set in LinkedIn")


def test_today_and_the_command_say_the_same(sample: Choices) -> None:
    checked = check(Asker(default, "sample"), Plan(), today=today_rows.today_of(sample, date(2030, 1, 1)))
    assert today_rows.sentence(checked) == checked.sentence
    assert checked.findings


def test_figures_that_end_too_early_are_named() -> None:
    late = check(Asker(default, "sample"), Plan(), today=date(2026, 11, 25))
    assert today_rows.sentence(late) == "It cannot be told: the check needs figures to 24 Nov."


def finding(rule: str, money: float | None, campaign: int | None = 1, currency: str = "EUR") -> Finding:
    return Finding(rule, EMEA, "EMEA", "said", campaign_id=campaign, money=money, currency=currency)


def test_money_at_stake_counts_each_ad_set_once_and_only_money_of_one_day() -> None:
    many = [finding("serving_hold", 80.0), finding("over_day", 20.0), finding("no_result", 5000.0, 2)]
    assert today_rows.at_stake(many) == "€80 a day at stake"
    assert today_rows.at_stake([*many, finding("spend_drop", 9.0, 3, "USD")]) == "€80 and $9.00 a day at stake"
    assert today_rows.at_stake([finding("no_result", 5000.0), finding("serving_hold", None)]) == ""


def test_spend_is_compared_with_its_weekday() -> None:
    day = date(2026, 11, 29)
    rows = [(day - timedelta(days=ago), 100.0 if ago % 7 else 40.0) for ago in range(1, 29)] + [(day, 50.0)]
    days = pl.DataFrame(
        {
            "currency": ["EUR"] * 29,
            "date": [when for when, _ in rows],
            "cost_in_local_currency": [cost for _, cost in rows],
        }
    )
    (row,) = today_rows.spend_rows(days, day)
    assert (row["Spend"], row["Usual"], row["Difference"]) == ("€50", "€40", "+25.0 %")


@pytest.mark.parametrize(("count", "said"), [(0, "at least €100"), (5, "€30–131"), (100_000, ""), (None, "")])
def test_a_cost_has_a_range_and_without_a_result_a_least_value(count: int | None, said: str) -> None:
    assert today_rows._range(count, 300.0, 1, "EUR") == said


def test_the_owner_agrees_to_a_finding_with_a_reason_and_readers_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_PLAN", str(tmp_path / "plan.toml"))
    checked = check(Asker(default, "sample"), Plan(), today=SAMPLE_DAY)
    form = agreements.form(checked, {})
    assert form is not None
    one = checked.findings[0]
    with pytest.raises(ValidationError, match="Nothing was agreed to"):
        agreements.keep({"finding": one, "reason": " ", "until": date(2026, 12, 31)})
    agreements.keep({"finding": one, "reason": "The flight is over", "until": date(2026, 12, 31)})
    plan = read_plan_file(tmp_path / "plan.toml")
    again = check(Asker(default, "sample"), plan, today=SAMPLE_DAY)
    assert ([each for each, _ in again.agreed], len(again.findings)) == ([one], len(checked.findings) - 1)

    monkeypatch.setattr(app_context, "_current", Context(readers=True))
    assert agreements.form(checked, {}) is None
    with pytest.raises(ValidationError):
        agreements.keep({"finding": one, "reason": "A reader", "until": date(2026, 12, 31)})
    assert read_plan_file(tmp_path / "plan.toml") == plan


def test_a_finding_that_was_seen_is_new_again_when_it_grows_and_after_a_week(tmp_path: Path) -> None:
    file, day = tmp_path / "home" / "seen.json", date(2026, 11, 22)
    assert seen.read_marks(file) == {}
    first, other = finding("no_result", 100.0), finding("no_result", 100.0, campaign=2)
    seen.mark_seen(file, [first], day)
    seen.mark_seen(file, [first, other], day + timedelta(days=3))
    marks = seen.read_marks(file)

    found = [seen.seen_on(one, marks, day + timedelta(days=6)) for one in (first, other)]
    assert found == [day, day + timedelta(days=3)]
    assert seen.seen_on(finding("no_result", 150.0), marks, day) == day
    assert seen.seen_on(finding("no_result", 151.0), marks, day) is None
    assert seen.seen_on(finding("over_day", 100.0), marks, day) is None
    assert seen.seen_on(first, marks, day + timedelta(days=7)) is None
    assert file.stat().st_mode & 0o777 == 0o600

    unknown = replace(finding("serving_hold", 0.0), money=None)
    overspent = replace(finding("over_day", 40.0), since=day - timedelta(days=1))
    seen.mark_seen(tmp_path / "home" / "others.json", [unknown, overspent], day)
    marks = seen.read_marks(tmp_path / "home" / "others.json")
    assert [seen.seen_on(one, marks, day) for one in (unknown, overspent)] == [day, day]
    assert seen.seen_on(replace(unknown, money=300.0), marks, day) is None, "its money was not known"
    assert seen.seen_on(replace(overspent, since=day), marks, day) is None, "another day's"

    seen.mark_seen(file, [], day + timedelta(days=7))
    assert seen.read_marks(file).keys() == {other.key}
    file.write_text("{torn")
    assert seen.read_marks(file) == {}


def test_the_owner_marks_all_as_seen_and_readers_have_nothing_to_click(
    sample: Choices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setattr("workbench.pages.seen.is_script", lambda: False)
    checked = check(Asker(default, "sample"), Plan(), today=SAMPLE_DAY)
    drawn: list[bool] = []

    def state(choices: Choices) -> tuple[dict[str, date], Any]:
        days = marks.seen_days(checked, marks.marks(choices))
        return days, marks.button(choices, checked, days, drawn.append)

    days, button = state(sample)
    assert (days, marks.summary(checked, days)) == ({}, "")
    button._on_change(None)
    days, button = state(sample)
    assert (days.keys(), button, drawn) == ({one.key for one in checked.findings}, None, [False])
    assert marks.summary(checked, days) == "all marked as seen"
    assert "seen on" in today.found(checked, {}, {}, days).text

    one_more = replace(checked, findings=(*checked.findings, finding("over_day", 20.0)))
    assert marks.summary(one_more, days).startswith("1 not marked as seen, ")
    first = today.found(one_more, {}, {}, days).text.partition("</li>")[0]
    assert "Over a day&#39;s budget" in first
    assert "seen on" not in first

    assert state(replace(sample, as_of=SAMPLE_DAY)) == ({}, None)
    monkeypatch.setattr(app_context, "_current", Context(readers=True))
    assert state(sample) == ({}, None)
    assert "marimo-button" not in today.verdict(checked, {}, None).text


def test_a_setting_is_agreed_to_for_one_ad_set_or_for_all_of_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_PLAN", str(tmp_path / "plan.toml"))
    rows = [("no_end_date", 7, None), ("no_end_date", 8, None), ("audience_network", 7, None), ("no_result", 8, "yes")]
    findings = pl.DataFrame(
        [
            {
                "finding": rule,
                "finding_words": rule.capitalize(),
                "account_id": EMEA,
                "account_name": "EMEA",
                "campaign_id": campaign,
                "campaign_name": "Spring",
                "agreed": agreed,
            }
            for rule, campaign, agreed in rows
        ],
        schema_overrides={"agreed": pl.String},
    )
    form: Any = agreements.form_of_settings(findings)
    offered: dict[str, Any] = form["finding"].options
    assert list(offered) == [
        "No_end_date · every ad set of EMEA (508310000)",
        "No_end_date · Spring · 7",
        "No_end_date · Spring · 8",
        "Audience_network · Spring · 7",
    ]
    for name in ("No_end_date · every ad set of EMEA (508310000)", "Audience_network · Spring · 7"):
        agreements.keep({"finding": offered[name], "reason": "As agreed", "until": date(2099, 12, 31)})
    kept = read_plan_file(tmp_path / "plan.toml").agreed
    assert [(one.rule, one.campaign) for one in kept] == [("no_end_date", None), ("audience_network", 7)]
    assert agreements.form_of_settings(findings.clear()) is None


@pytest.mark.parametrize(
    ("held", "names", "expected"),
    [
        ((), ("today", "start"), "/start/"),
        (("snapshots",), ("today", "start"), "/today/"),
        ((), ("today", "status"), "/today/"),
        ((), ("overview", "today", "start"), "/overview/"),
    ],
)
def test_the_app_leads_to_today_and_to_start_while_nothing_was_synced(
    held: tuple[str, ...], names: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.web.landing._holds", lambda source: source in held)
    request: Any = SimpleNamespace(url=SimpleNamespace(query=""))
    assert landing("/ads", names)(request).headers["location"] == f"/ads{expected}"


def test_results_of_yesterday_name_their_currency_where_there_are_several(sample: Choices) -> None:
    before = {"previous_first_day": None, "previous_last_day": None}
    kinds = sample.ask("kpis_by_objective", first_day=sample.until, last_day=sample.until, **before)
    every = today_rows.result_rows(kinds)
    assert [row["Currency"] for row in every] == sorted(row["Currency"] for row in every)
    assert all("Currency" not in row for row in today_rows.result_rows(kinds.filter(pl.col("currency") == "EUR")))
