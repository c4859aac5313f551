"""`workbench check`: what needs a person, what cannot be told, what was agreed to; as text, Markdown and JSON."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from workbench.answers.api import found_by_name
from workbench.answers.check import Checked, check
from workbench.answers.inputs import Asker
from workbench.answers.plan import Plan
from workbench.cli.app import main
from workbench.queries.api import Queries
from workbench.queries.api import default as queries
from workbench.reports.check_texts import markdown

TODAY = date(2026, 11, 22)
"""The day of the sample's newest snapshot."""


def checked(plan: Plan | None = None, today: date = TODAY, **asked: Any) -> Checked:
    return check(Asker(queries, "sample", TODAY), plan or Plan(), today=today, **asked)


@pytest.fixture(scope="module")
def found() -> Checked:
    """Of the whole sample, which has something to find."""
    return checked()


@pytest.fixture(scope="module")
def quiet(found: Checked) -> int:
    """An account of the sample that needs no one."""
    noisy = {one.account_id for one in (*found.findings, *found.cannot_tell)}
    return next(one.account_id for one in found.certified if one.account_id not in noisy)


def agreed(found: Checked, until: date = TODAY) -> Plan:
    """A plan that agrees to every finding."""
    reason = {"reason": "The flight is over", "until": until}
    return Plan.model_validate(
        {"agreed": [{"rule": one.rule, "account": one.account_id, **reason} for one in found.findings]}
    )


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = 0
    try:
        main(["check", *words])
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_finding_needs_you_and_every_account_has_its_certificate(found: Checked) -> None:
    alarms = found_by_name(queries, "morning", "sample", TODAY, {}).frame

    assert found.exit_code == 1
    assert {(one.rule, one.campaign_id, one.money) for one in (*found.findings, *found.explained)} == set(
        alarms.select("rule", "campaign_id", "money").iter_rows()
    )
    assert {one.account_id for one in found.certified} == set(
        queries.query("accounts", source="sample", as_of=TODAY)["account_id"]
    )
    assert {one.colour for one in found.certified} == {"amber"}


def test_without_findings_nothing_needs_you(quiet: int) -> None:
    found = checked(account_ids=[quiet])

    assert (found.exit_code, found.sentence) == (0, "Nothing needs you: 1 account, figures to 21 Nov.")


def test_what_was_agreed_to_is_quiet_and_listed_until_its_day_has_passed(found: Checked) -> None:
    kept = checked(agreed(found))
    assert (kept.exit_code, len(kept.agreed)) == (0, len(found.findings))
    assert checked(agreed(found, TODAY - timedelta(1))).exit_code == 1


def test_what_is_about_less_money_than_the_plan_says_is_small(found: Checked) -> None:
    amounts = sorted(one.money or 0.0 for one in found.findings)
    first, last = amounts[0], amounts[-1]
    enough, too_much = (
        Plan.model_validate({"check": {"smallest_money": limit}}) for limit in (max(0.0, first - 1), last + 1)
    )
    assert (checked(enough).exit_code, checked(enough).small) == (1, ())
    assert (checked(too_much).exit_code, len(checked(too_much).small)) == (0, len(found.findings))


def test_old_figures_are_not_judged() -> None:
    found = checked(today=TODAY + timedelta(1))

    assert (found.exit_code, found.findings, found.certified) == (2, (), ())
    assert {one.rule for one in found.cannot_tell} == {"stale"}


class Holed(Queries):
    """The sample, as if one day had not been fetched."""

    def query(self, name: str, **asked: Any) -> pl.DataFrame:  # type: ignore[override]
        frame = super().query(name, **asked)
        if name != "covered_windows":
            return frame
        hole = date(2026, 11, 10)
        around = pl.col("window_start").le(hole) & pl.col("window_end").ge(hole)
        days = frame.filter(around)
        before = days.with_columns(pl.lit(hole - timedelta(1)).alias("window_end"))
        after = days.with_columns(pl.lit(hole + timedelta(1)).alias("window_start"))
        return pl.concat([frame.filter(~around.fill_null(False)), before, after])


@pytest.mark.slow
def test_a_day_that_was_not_fetched_cannot_be_told_unless_it_was_agreed_to(quiet: int) -> None:
    ask = Asker(Holed(), "sample", TODAY)
    found = check(ask, Plan(), today=TODAY, account_ids=[quiet])

    assert found.exit_code == 2
    assert [(one.rule, one.since) for one in found.cannot_tell] == [("incomplete", date(2026, 11, 10))]
    assert "10 Nov" in found.cannot_tell[0].text
    assert found.certified[0].colour == "red"
    known = {"rule": "incomplete", "account": quiet, "reason": "LinkedIn never answers", "until": "2027-01-01"}
    assert check(ask, Plan.model_validate({"agreed": [known]}), today=TODAY, account_ids=[quiet]).exit_code == 0


def test_the_command_says_the_same_in_three_formats(capsys: pytest.CaptureFixture[str], found: Checked) -> None:
    words = ("--source", "sample", "--as-of", "2026-11-22", "--format")
    code, said, _ = run(capsys, *words, "json")
    facts = json.loads(said)

    assert (code, facts["exit_code"], facts["verdict"]) == (1, 1, "findings")
    assert [(one["rule"], one["account_id"], one["currency"]) for one in facts["findings"]] == [
        (one.rule, one.account_id, one.currency) for one in found.findings
    ]
    for form, written in (("text", str), ("markdown", markdown)):
        code, said, _ = run(capsys, *words, form)
        assert code == 1
        assert written(facts["sentence"]) in said
        assert written(facts["findings"][0]["sentence"]) in said


def test_the_command_reads_agreements_from_the_plan_of_the_installation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, found: Checked
) -> None:
    plan = tmp_path / "agreed.toml"
    monkeypatch.setenv("WORKBENCH_PLAN", str(plan))
    words = ("--source", "sample", "--as-of", "2026-11-22")
    plan.write_text(
        "".join(
            f'[[agreed]]\nrule = "{one.rule}"\naccount = {one.account_id}\nreason = "Known"\nuntil = 2026-12-31\n'
            for one in found.findings
        )
    )
    code, said, _ = run(capsys, *words)
    assert (code, "Agreed to until 31 Dec: Known" in said) == (0, True)
    plan.write_text("[[agreed]]\n")
    code, _, said = run(capsys, *words)
    assert (code, "agreed 1, rule" in said) == (78, True)


def test_where_nothing_was_synced_or_an_account_is_not_there_it_cannot_be_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SNAPSHOT_DIR", str(tmp_path / "none"))
    code, said, _ = run(capsys, "--source", "snapshots", "--format", "json")
    assert (code, json.loads(said)["verdict"], json.loads(said)["error"]["next"][:3]) == (2, "cannot tell", "Run")
    code, _, said = run(capsys, "--source", "sample", "--account", "1")
    assert (code, "Account 1 cannot be checked" in said) == (2, True)


def test_names_are_no_markup_in_markdown() -> None:
    assert markdown("[a](http://x) <b> *c* `d` & \x1b[1m") == (
        r"\[a\](http&#58;//x) &lt;b> \*c\* \`d\` &amp; " + "\N{REPLACEMENT CHARACTER}" + r"\[1m"
    )
