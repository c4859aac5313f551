"""What `query` refuses, and how it says so."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from databases import new_database

from workbench import query
from workbench.errors import StorageError, ValidationError
from workbench.queries.api import data_version
from workbench.queries.sql_files import parse

DAYS = {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 21)}


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("campaing_days", DAYS, "There is no question 'campaing_days'"),
        ("kpis", {}, "It needs first_day, last_day"),
        ("kpis", {**DAYS, "acount": 1}, "It has no parameter acount"),
        ("kpis", {**DAYS, "first_day": "2026-11-01"}, "first_day must be a date, not str"),
        ("kpis", {**DAYS, "first_day": datetime(2026, 11, 1)}, "first_day must be a date, not datetime"),  # noqa: DTZ001
        ("kpis", {**DAYS, "account_ids": 5}, "account_ids must be a bigint"),
        ("kpis", {**DAYS, "account_ids": [True]}, "account_ids must be a bigint"),
        ("kpis", {**DAYS, "campaign_group_id": 2**63}, "campaign_group_id must be a bigint"),
        ("kpis", {**DAYS, "objective_type": "a\0b"}, "objective_type must be a text"),
    ],
)
def test_a_question_asked_wrongly_says_what_is_wrong(name, params, words):
    with pytest.raises(ValidationError, match=words.replace("(", r"\(")):
        query(name, source="sample", **params)


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
