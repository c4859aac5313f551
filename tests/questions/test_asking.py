"""What `query` refuses, and how it says so."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime

import pytest
from databases import new_database

from workbench import query
from workbench.errors import StorageError, ValidationError
from workbench.paths import shipped
from workbench.queries.api import data_version
from workbench.queries.sql_files import parse

DAYS = {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 21)}


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("campaing_days", DAYS, "There is no question 'campaing_days'"),
        ("kpis", {}, "It needs first_day, last_day"),
        ("kpis", {**DAYS, "acount": 1}, "It has no parameter acount"),
        ("kpis", {**DAYS, "first_day": "1.11.2026"}, "first_day must be a day as YYYY-MM-DD, not '1.11.2026'"),
        ("kpis", {**DAYS, "first_day": datetime(2026, 11, 1)}, "first_day must be a day as YYYY-MM-DD"),  # noqa: DTZ001
        ("kpis", {**DAYS, "account_ids": 5}, "account_ids must be a list of whole numbers (bigint[]), not int 5"),
        ("kpis", {**DAYS, "account_ids": [True]}, "account_ids must be a list of whole numbers"),
        ("kpis", {**DAYS, "campaign_group_id": 2**63}, "campaign_group_id must be a whole number"),
        ("demographics", {"pivot": "SENIORITY"}, "pivot must be one of MEMBER_JOB_FUNCTION, MEMBER_SENIORITY, "),
        ("covered_days", {"resource": "ads"}, "resource must be one of ad_accounts, campaign_groups, "),
        ("kpis", {**DAYS, "objective_type": "a\0b"}, "objective_type must be a text"),
    ],
)
def test_a_question_asked_wrongly_says_what_is_wrong(name, params, words):
    with pytest.raises(ValidationError, match=re.escape(words)):
        query(name, source="sample", **params)


def test_days_may_be_texts():
    texts = {"first_day": "2026-11-01", "last_day": " 2026-11-21 "}

    assert query("kpis", source="sample", **texts).equals(query("kpis", source="sample", **DAYS))
    assert query("pacing", source="sample", last_day="2026-11-20").equals(
        query("pacing", source="sample", last_day=date(2026, 11, 20))
    )


def test_as_of_may_be_a_text(monkeypatch, tmp_path):
    monkeypatch.setenv("SNAPSHOT_DIR", str(tmp_path))
    shutil.copytree(shipped("snapshots", "sample"), tmp_path, dirs_exist_ok=True)
    for text, moment in (
        ("2026-11-30", date(2026, 11, 30)),
        ("2026-11-30T06:00:00Z", datetime(2026, 11, 30, 6, tzinfo=UTC)),
    ):
        asked = [query("accounts", source="snapshots", as_of=as_of) for as_of in (text, moment)]
        assert asked[0].equals(asked[1])
    with pytest.raises(ValidationError, match="'yesterday' is no day"):
        query("accounts", source="snapshots", as_of="yesterday")


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("snapshots", {"source": "database"}, "Only snapshots remember"),
        ("syncs", {"source": "snapshots"}, "Only the database keeps a log"),
        ("accounts", {"source": "database", "as_of": date(2026, 1, 1)}, "as_of is a matter of snapshots"),
        ("accounts", {"source": "elsewhere"}, "is not a source"),
        ("new_days", {"source": "snapshots", "before": "20260101T000000Z"}, "It needs after"),
    ],
)
def test_a_source_that_cannot_answer_is_named(name, options, words):
    with pytest.raises(ValidationError, match=words):
        query(name, **options)


def test_an_empty_folder_says_that_nothing_was_synced(monkeypatch, tmp_path):
    monkeypatch.setenv("SNAPSHOT_DIR", str(tmp_path / "none"))
    with pytest.raises(StorageError, match="Nothing has been synced") as caught:
        query("accounts", source="snapshots")
    assert caught.value.nothing_synced
    with pytest.raises(StorageError, match="Nothing has been synced") as caught:
        data_version("snapshots")
    assert caught.value.nothing_synced


@pytest.mark.parametrize("template", ["template1", "template_workbench"])
def test_a_database_without_tables_or_rows_says_that_nothing_was_synced(server, monkeypatch, template):
    address = new_database(server, template=template).render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(StorageError, match="Nothing has been synced") as caught:
        query("accounts")
    assert caught.value.nothing_synced


def test_reading_does_not_create_the_embedded_database(monkeypatch, tmp_path):
    from workbench.database import embedded

    monkeypatch.setattr(embedded, "default_home", lambda home: tmp_path / "postgres")
    with pytest.raises(StorageError) as caught:
        query("accounts")
    assert caught.value.nothing_synced
    assert not (tmp_path / "postgres").exists()


def test_a_database_out_of_reach_is_no_reason_to_answer_from_elsewhere(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:9/none")
    with pytest.raises(StorageError) as caught:
        query("accounts")
    assert not caught.value.nothing_synced
    assert "secret" not in str(caught.value)


def test_the_sample_answers_without_database_or_snapshots(monkeypatch, tmp_path):
    monkeypatch.setenv("SNAPSHOT_DIR", str(tmp_path / "none"))
    accounts = query("accounts", source="sample")
    assert accounts.height > 0
    last = accounts["last_complete_day"].max()
    assert query("daily_series", source="sample", first_day=last, last_day=last).height > 0


def test_comments_do_not_reach_an_engine():
    question = parse(
        "q", "questions", "-- What?\n--\n-- Params:  $a (text, null: any)\n-- Columns: a (text)\nselect $a"
    )
    assert (question.title, question.sql, question.params["a"].optional) == ("What?", "select $a", True)
