"""Every answer: the frame that its registry promises, the same from PostgreSQL and from snapshots, whole days only."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from marks import slow_except
from polars.testing import assert_frame_equal

from workbench import WorkbenchError, answer, query
from workbench.analytics.metrics import key_result, objective
from workbench.analytics.restatements import ONE_SNAPSHOT
from workbench.answers.catalogue import ANSWERS, FRAMES
from workbench.answers.inputs import Asker
from workbench.queries.sql_files import catalogue

SHARED = sorted(ANSWERS)
MAY_FIND_NOTHING = {"morning", "reallocation"}


def test_no_name_is_both_a_questions_and_an_answers():
    assert not set(FRAMES) & set(catalogue())


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_answer_names_questions_that_exist_and_itself_first(name):
    assert set(ANSWERS[name].inputs) <= set(catalogue())
    assert next(iter(ANSWERS[name].outputs)) == name
    for output in ANSWERS[name].outputs.values():
        assert set(output.units) <= set(output.columns)


@pytest.mark.parametrize("name", slow_except(*(name for name in SHARED if name != "demographic_index"), of=SHARED))
def test_both_engines_give_the_frames_that_the_registry_promises(name, small, monkeypatch):
    small.use(monkeypatch)
    present, past = answer(name), answer(name, source="snapshots")
    assert present.sentences == past.sentences
    assert present.sentences
    assert list(present.frames) == list(ANSWERS[name].outputs)
    for output, frame in present.frames.items():
        assert dict(frame.schema) == dict(ANSWERS[name].outputs[output].columns)
        assert_frame_equal(frame, past.frames[output])
    assert not present.frame.is_empty() or name in MAY_FIND_NOTHING


@pytest.mark.parametrize("name", SHARED)
def test_without_any_account_there_are_empty_frames(name, small, monkeypatch):
    small.use(monkeypatch)
    found = answer(name, account_ids=[])
    assert {output: dict(frame.schema) for output, frame in found.frames.items()} == {
        output: dict(promised.columns) for output, promised in ANSWERS[name].outputs.items()
    }
    assert found.frame.is_empty()


@pytest.mark.parametrize(
    "name", [name for name in SHARED if "last_day" in ANSWERS[name].params and name != "certificate"]
)
def test_a_day_under_way_never_enters(name, small, monkeypatch):
    small.use(monkeypatch)
    complete = query("accounts")["last_complete_day"].min()
    assert complete == small.last_day - timedelta(1)
    plain, asked = answer(name), answer(name, last_day=small.last_day + timedelta(1))
    assert plain.sentences == asked.sentences
    for output, frame in plain.frames.items():
        assert_frame_equal(frame, asked.frames[output])


def test_a_day_whose_result_was_not_asked_for_is_no_day_without_results():
    days = {"first_day": "2026-11-01", "last_day": "2026-11-21", "account_ids": [508310000]}
    known = query("campaign_day_figures", source="sample", **days)["video_views"].null_count()
    said = [
        one.text for one in answer("drivers", source="sample", **days).sentences if one.objective_type == "VIDEO_VIEW"
    ]
    assert known > 0
    assert said == ["1 day of these periods is not known, so cost per video view is not compared."]


def test_a_name_that_is_neither_is_refused_with_all_there_are():
    with pytest.raises(WorkbenchError, match="no question") as caught:
        query("pacign")
    assert "pacing" in caught.value.next_step
    with pytest.raises(WorkbenchError, match="cannot be asked like that"):
        query("pacing", day=1)


def test_spend_of_the_account_is_the_sum_of_the_days_of_the_month(small, monkeypatch):
    small.use(monkeypatch)
    found = query("pacing")
    accounts = found.filter(level="account")
    last = small.last_day - timedelta(1)
    for row in accounts.iter_rows(named=True):
        figures = query(
            "campaign_day_figures", account_ids=[row["account_id"]], first_day=last.replace(day=1), last_day=last
        )
        assert float(row["spent"]) == pytest.approx(float(figures["cost_in_local_currency"].sum()), abs=1e-5)
        assert row["unknown_days"] == 0
        assert row["days_left"] == 30 - last.day


def test_restatements_are_the_figures_that_differ_between_two_snapshots(small, monkeypatch):
    small.use(monkeypatch)
    found = answer("restatements", source="snapshots")
    changes = found.frame
    assert dict(changes.schema) == dict(ANSWERS["restatements"].outputs["restatements"].columns)
    assert changes["kind"].unique().to_list() != []
    first_sync = small.last_day - timedelta(1)
    assert changes.filter(kind="new")["date"].unique().to_list() == [small.last_day]
    assert changes.filter(kind="finished")["date"].min() >= first_sync
    newest, oldest = query("snapshots", source="snapshots")["snapshot"]
    restated = query("restated_days", source="snapshots", before=oldest, after=newest)
    mine = changes.filter(changes["kind"].is_in(["finished", "restated", "appeared", "taken_back"]))
    key = ["account_id", "campaign_id", "date", "metric"]
    missing = restated.join(mine, on=key, how="anti")
    assert (missing["after_value"].fill_null(0) - missing["before_value"].fill_null(0)).abs().max() in (None, 0)


def test_of_one_snapshot_it_is_said_that_the_next_shows_what_changed(small, monkeypatch):
    small.use(monkeypatch)
    ask = Asker.__call__
    newest = lambda self, name, **params: ask(self, name, **params).head(1 if name == "snapshots" else None)  # noqa: E731
    monkeypatch.setattr(Asker, "__call__", newest)
    found = answer("restatements", source="snapshots")
    assert [said.text for said in found.sentences] == [ONE_SNAPSHOT]
    assert all(frame.is_empty() for frame in found.frames.values())


def test_every_objective_that_has_results_in_both_periods_is_explained(small, monkeypatch):
    small.use(monkeypatch)
    totals = query("driver_totals")
    settings = query("campaign_budgets").select("account_id", "campaign_id", "objective_type")
    figures = query("campaign_day_figures").join(settings, on=["account_id", "campaign_id"])
    explained = set()
    for row in totals.iter_rows(named=True):
        mine = figures.filter(pl.col("objective_type").map_elements(objective) == row["objective_type"])
        own, metric = mine.filter(account_id=row["account_id"]), key_result(row["objective_type"]).metric
        results, spend = (
            [
                own.filter(pl.col("date").is_between(row[f"{when}first_day"], row[f"{when}last_day"]))[name].sum()
                for when in ("previous_", "")
            ]
            for name in (metric, "cost_in_local_currency")
        )
        if all(results) and all(spend):
            explained.add(metric)
            assert [row["results_before"], row["results_after"]] == results
    assert explained >= {"video_views", "one_click_leads"}


def test_a_gap_that_unlisted_ads_make_up_is_explained_and_not_held_against_the_figures(small, monkeypatch):
    small.use(monkeypatch)
    found = answer("certificate")
    gaps = found.frames["reconciliation"]
    assert not gaps.is_empty()
    assert gaps["explained"].all()
    assert found.frames["orphans"]["entity_id"].n_unique() == 1
    assert any("Ads that no listing has" in said.text for said in found.sentences)
    assert not any(said.text.startswith("Not complete") for said in found.sentences)


def test_a_day_under_way_is_red_and_told(small, monkeypatch):
    small.use(monkeypatch)
    found = answer("certificate", last_day=small.last_day)
    states = found.frame.filter(date=small.last_day)["state"].unique().to_list()
    assert states == ["under_way"]
    assert all("under way" in said.text for said in found.sentences if said.text.startswith("Not complete"))
    whole = answer("certificate").frame
    assert whole["date"].max() == small.last_day - timedelta(1)
    assert set(whole["state"]) <= {"provisional", "provisional_results", "complete"}


def test_versions_of_a_day_are_what_each_snapshot_said(small, monkeypatch):
    small.use(monkeypatch)
    versions = query("result_versions", source="snapshots")
    newest, oldest = query("snapshots", source="snapshots")["snapshot"]
    assert sorted(versions["snapshot"].unique()) == [oldest, newest]
    for snapshot, as_of in ((oldest, small.last_day - timedelta(1)), (newest, None)):
        figures = query("campaign_day_figures", source="snapshots", as_of=as_of)
        mine = versions.filter(snapshot=snapshot)
        listed = query("campaign_budgets", source="snapshots").drop_nulls("objective_type")
        expected = figures.join(listed, on=["account_id", "campaign_id"], how="semi")
        same = expected.join(mine, on=["account_id", "date"], how="semi")
        assert mine["date"].n_unique() > 20
        for name in ("cost_in_local_currency", "one_click_leads", "external_website_conversions"):
            assert mine[name].sum() == same[name].sum()


def test_maturity_of_two_snapshots_is_not_enough_and_says_so(small, monkeypatch):
    small.use(monkeypatch)
    found = answer("maturity", source="snapshots")
    for output, frame in found.frames.items():
        assert dict(frame.schema) == dict(ANSWERS["maturity"].outputs[output].columns)
    assert not found.frame["enough"].any()
    assert found.sentences
    assert all(said.text.startswith("Too few late") for said in found.sentences)


@pytest.mark.parametrize("name", ["drivers", "creative_fatigue", "creative_comparison", "reallocation"])
def test_answers_of_one_account_are_those_of_all_accounts_for_it(name, small, monkeypatch):
    small.use(monkeypatch)
    everything = answer(name)
    account_id = query("accounts")["account_id"][0]
    mine = answer(name, account_ids=[account_id])
    for output, frame in mine.frames.items():
        assert_frame_equal(frame, everything.frames[output].filter(account_id=account_id))
    assert mine.sentences == tuple(said for said in everything.sentences if said.account_id == account_id)


def test_the_parts_of_a_move_add_up_to_it(small, monkeypatch):
    small.use(monkeypatch)
    found = answer("drivers")
    totals = found.frames["driver_totals"].drop_nulls("change")
    assert not totals.is_empty()
    for row in totals.iter_rows(named=True):
        key = {name: row[name] for name in ("account_id", "objective_type")}
        assert found.frame.filter(**key)["amount"].sum() == pytest.approx(row["change"], abs=1e-9)


def test_an_unknown_day_is_told_and_no_cost_is_explained(small, monkeypatch):
    small.use(monkeypatch)
    covered = query("covered_days", resource="campaign_daily_metrics")
    first = covered["date"].min()
    found = answer("drivers", first_day=first, previous_first_day=first - timedelta(3))
    assert found.frame.is_empty()
    assert set(found.frames["driver_totals"]["unknown_days"]) == {3}
    assert all("3 days of these periods are not known" in said.text for said in found.sentences)


def test_changes_since_a_snapshot_explain_alarms_and_need_snapshots(small, monkeypatch):
    small.use(monkeypatch)
    oldest = query("snapshots", source="snapshots")["snapshot"].min()
    found = answer("morning", source="snapshots", changed_since=oldest)
    plain = answer("morning", source="snapshots")
    key = ["campaign_id", "rule", "money"]
    assert_frame_equal(found.frame.select(key), plain.frame.select(key), check_row_order=False)
    with pytest.raises(WorkbenchError, match="cannot be asked of"):
        answer("morning", changed_since=oldest)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARED)
def test_the_order_of_rows_changes_nothing(name, small, monkeypatch):
    small.use(monkeypatch)
    plain = answer(name, source="snapshots")
    ask = Asker.__call__
    shuffled = lambda self, name, **params: ask(self, name, **params).sample(fraction=1, shuffle=True, seed=5)  # noqa: E731
    monkeypatch.setattr(Asker, "__call__", shuffled)
    found = answer(name, source="snapshots")
    assert found.sentences == plain.sentences
    for output, frame in plain.frames.items():
        assert_frame_equal(found.frames[output], frame, check_exact=False, rel_tol=1e-9)


UNKNOWN = {
    "pacing": "pacing",
    "creative_fatigue": "creative_fatigue",
    "creative_comparison": "compared_ad_sets",
    "drivers": "driver_totals",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHARED)
def test_one_unknown_day_is_left_out_and_counted(name, small, monkeypatch):
    small.use(monkeypatch)
    gone = small.last_day - timedelta(4)
    ask = Asker.__call__

    def without_a_day(self, question, **params):
        frame = ask(self, question, **params)
        return frame.filter(pl.col("date") != gone) if question == "covered_days" else frame

    plain = answer(name, source="snapshots")
    monkeypatch.setattr(Asker, "__call__", without_a_day)
    found = answer(name, source="snapshots")
    assert {output: frame.schema for output, frame in found.frames.items()} == {
        output: frame.schema for output, frame in plain.frames.items()
    }
    if name in UNKNOWN:
        before, after = (one.frames[UNKNOWN[name]]["unknown_days"] for one in (plain, found))
        assert after.sum() > before.sum()
