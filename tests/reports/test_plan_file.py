"""The plan of an installation: what it says is read, and what is wrong in it is named with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from workbench.answers.plan import Agreed, Plan, read_plan, read_plan_file
from workbench.answers.plan_writing import add_agreement
from workbench.errors import ConfigurationError
from workbench.settings.fields import ReaderSettings

WHOLE = """
[check]
smallest_money = 25

[[agreed]]
rule = "serving_hold"
account = 512010000
campaign = 7
reason = "The flight is over"
until = 2026-12-31

[[month]]
account = 512010000
month = "2026-11"
budget = 45000.50
objective = "LEAD_GENERATION"
results = 120
"""


def plan_of(tmp_path: Path, text: str, name: str = "plan.toml") -> Plan:
    (tmp_path / name).write_text(text, "utf-8")
    return read_plan_file(tmp_path / name)


def test_a_whole_plan_is_read(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WHOLE)

    assert plan.check.smallest_money == 25
    assert plan.agreed[0].until == date(2026, 12, 31)
    assert plan.of_month([512010000], "2026-11")[0].budget == Decimal("45000.5")
    assert plan.of_month([512010000], "2026-12") == ()


def test_an_agreement_counts_for_its_rule_account_and_ad_set_until_its_day(tmp_path: Path) -> None:
    kept = plan_of(tmp_path, WHOLE).agreed[0]

    assert kept.covers("serving_hold", 512010000, 7, date(2026, 12, 31))
    assert not kept.covers("serving_hold", 512010000, 7, date(2027, 1, 1))
    assert not kept.covers("serving_hold", 512010000, 8, date(2026, 12, 1))
    assert not kept.covers("spend_drop", 512010000, 7, date(2026, 12, 1))
    whole_account = kept.model_copy(update={"campaign": None})
    assert whole_account.covers("serving_hold", 512010000, 8, date(2026, 12, 1))
    assert not whole_account.covers("serving_hold", 1, 8, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE.replace("2026-12-31", '"soon"'), "agreed 1, until"),
        (WHOLE.replace("serving_hold", "holiday"), "agreed 1, rule"),
        (WHOLE.replace('reason = "The flight is over"', ""), "agreed 1, reason"),
        (WHOLE.replace('"2026-11"', '"2026-13"'), "month 1, month"),
        (WHOLE.replace("smallest_money = 25", "smallest_money = -1"), "check, smallest_money"),
        (WHOLE.replace("smallest_money", "smalest_money"), "check, smalest_money"),
        (WHOLE.replace('objective = "LEAD_GENERATION"', ""), "need an objective"),
        (WHOLE + WHOLE[WHOLE.index("[[month]]") :], "has 2026-11 twice"),
        ("[check", "is not TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        plan_of(tmp_path, text)

    assert said in refused.value.why
    assert "plan.toml" in refused.value.what


def test_months_may_stand_in_a_csv(tmp_path: Path) -> None:
    lines = (
        "account,month,budget,objective,results,cost_per_result\n5,2026-11,1000.10,,,\n5,2026-11,,WEBSITE_VISITS,30,\n"
    )
    plan = plan_of(tmp_path, lines, "plan.csv")

    assert [(one.budget, one.objective, one.results) for one in plan.month] == [
        (Decimal("1000.10"), None, None),
        (None, "WEBSITE_VISIT", 30),
    ]
    with pytest.raises(ConfigurationError, match=r"plan\.csv"):
        plan_of(tmp_path, "account,month,budget,extra\n5,2026-11,1,2\n", "plan.csv")


def test_a_file_that_is_named_has_to_be_there_and_the_usual_one_need_not(tmp_path: Path) -> None:
    assert read_plan(ReaderSettings(WORKBENCH_HOME=tmp_path)) == Plan()
    with pytest.raises(ConfigurationError, match=r"none\.toml"):
        read_plan(ReaderSettings(WORKBENCH_HOME=tmp_path, WORKBENCH_PLAN=tmp_path / "none.toml"))
    (tmp_path / "plan.toml").write_text(WHOLE)
    assert read_plan(ReaderSettings(WORKBENCH_HOME=tmp_path)).agreed


@pytest.mark.parametrize("reason", ["The flight is over", 'a "quote" \\ and a \n line', "日本語 \x7f \u2028 [[month]]"])
def test_an_agreement_is_added_and_the_rest_of_the_file_stays(tmp_path: Path, reason: str) -> None:
    file = tmp_path / "new" / "plan.toml"
    first = Agreed(rule="no_result", account=1, reason=reason, until=date(2026, 12, 31))
    second = Agreed(rule="serving_hold", account=2, campaign=7, reason="so", until=date(2027, 1, 1), by="Ada")
    add_agreement(file, first)
    file.write_text(f"# of the team\n{WHOLE}\n{file.read_text('utf-8')}", "utf-8")
    add_agreement(file, second)
    assert read_plan_file(file).agreed[-2:] == (first, second)
    assert file.read_text("utf-8").startswith(f"# of the team\n{WHOLE}")


@pytest.mark.parametrize(
    ("name", "text"), [("plan.csv", "account,month,budget\n"), ("plan.toml", "[[agreed]]\nrule = 1\n")]
)
def test_a_plan_that_cannot_hold_an_agreement_stays_as_it_is(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="cannot"):
        add_agreement(file, Agreed(rule="stale", account=1, reason="so", until=date(2026, 12, 31)))
    assert file.read_text() == text
