"""Every question, whichever engine answers, gives one frame: the one its header promises."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from workbench import query
from workbench.queries.api import data_version
from workbench.queries.sql_files import catalogue

from .conftest import PagesInstallation

SHARED = sorted(name for name, question in catalogue().items() if question.folder == "questions")
HISTORY = sorted(name for name, question in catalogue().items() if question.folder == "history")
DATABASE = sorted(name for name, question in catalogue().items() if question.folder == "database")


def asked(name: str, installation: PagesInstallation, **choices: Any) -> dict[str, Any]:
    """Something for every parameter of a question: four weeks, the busiest campaign, unless chosen otherwise."""
    last = installation.last_day - timedelta(1)
    weeks = {"first_day": last - timedelta(27), "last_day": last}
    before = {"previous_first_day": last - timedelta(55), "previous_last_day": last - timedelta(28)}
    busiest = query("campaigns", **weeks).sort("impressions").tail(1).row(0, named=True)
    values = {**weeks, **before, "account_id": busiest["account_id"], "campaign_id": busiest["campaign_id"], **choices}
    return {key: value for key, value in values.items() if key in catalogue()[name].params}


@pytest.mark.parametrize("name", SHARED)
def test_both_engines_give_the_frame_that_the_header_promises(name, installation):
    values = asked(name, installation)
    present, past = query(name, **values), query(name, source="snapshots", **values)
    assert_frame_equal(present, past)
    assert present.schema == catalogue()[name].schema
    assert not present.is_empty()


@pytest.mark.parametrize("name", SHARED)
def test_filters_mean_the_same_to_both_engines(name, small, monkeypatch):
    small.use(monkeypatch)
    group = query("filter_choices").row(0, named=True)
    narrow = {
        "account_ids": [group["account_id"]],
        "campaign_group_id": group["campaign_group_id"],
        "objective_type": group["objective_type"],
        "pivot": "MEMBER_SENIORITY",
    }
    values = asked(name, small, **narrow)
    assert_frame_equal(query(name, **values), query(name, source="snapshots", **values))


@pytest.mark.parametrize("name", [name for name in SHARED if "account_ids" in catalogue()[name].params])
def test_no_accounts_is_an_empty_frame_of_the_same_columns(name, small, monkeypatch):
    small.use(monkeypatch)
    values = asked(name, small, account_ids=[])
    present = query(name, **values)
    assert_frame_equal(present, query(name, source="snapshots", **values))
    assert present.schema == catalogue()[name].schema
    assert present.is_empty()


@pytest.mark.parametrize("name", [name for name in DATABASE if name != "fresh_accounts"])
def test_questions_about_syncs_keep_their_promise(name, small, monkeypatch):
    small.use(monkeypatch)
    values = {"sync_id": query("syncs")["sync_id"][0]} if name == "sync_steps" else {}
    answer = query(name, **values)
    assert answer.schema == catalogue()[name].schema
    assert not answer.is_empty()


@pytest.mark.parametrize("name", HISTORY)
def test_questions_about_history_keep_their_promise(name, small, monkeypatch):
    small.use(monkeypatch)
    newest, oldest = query("snapshots", source="snapshots")["snapshot"]
    states = asked(name, small) | ({"before": oldest, "after": newest} if catalogue()[name].compares else {})
    answer = query(name, source="snapshots", **states)
    assert answer.schema == catalogue()[name].schema
    assert not answer.is_empty() or name == "changed_settings"


def test_the_frames_of_two_periods_are_the_sandboxs_truth(installation):
    last = installation.last_day - timedelta(1)
    first = last - timedelta(27)
    truth = installation.sandbox.truth.campaign_daily_metrics(first, last)
    currency = {row["account_id"]: row["currency"] for row in installation.sandbox.truth.ad_accounts()}
    expected: dict[str, list[Any]] = {}
    for row in truth:
        sums = expected.setdefault(currency[row["account_id"]], [0, 0, 0])
        for n, name in enumerate(("impressions", "clicks", "cost_in_local_currency")):
            sums[n] += row[name]
    answer = query("kpis", first_day=first, last_day=last)
    found = {
        row["currency"]: [row[n] for n in ("impressions", "clicks", "cost_in_local_currency")]
        for row in answer.to_dicts()
    }
    assert found == expected


def test_a_day_ago_is_still_known(small, monkeypatch):
    small.use(monkeypatch)
    newest, oldest = query("snapshots", source="snapshots")["snapshot"]
    then = query("accounts", source="snapshots", as_of=small.last_day - timedelta(1))
    now = query("accounts", source="snapshots")
    assert (now["last_complete_day"] - then["last_complete_day"]).unique().to_list() == [timedelta(1)]
    new = query("new_days", source="snapshots", before=oldest, after=newest)
    assert new["date"].unique().to_list() == [small.last_day]


def test_answers_are_remembered_until_the_data_changes(small, monkeypatch):
    small.use(monkeypatch)
    assert data_version() == data_version()
    assert data_version("snapshots") != data_version("snapshots", as_of=small.last_day - timedelta(1))
    answer = query("accounts")
    answer.insert_column(0, pl.lit(1).alias("mine"))
    assert "mine" not in query("accounts").columns
