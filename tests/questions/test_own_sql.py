"""A statement of one's own: read-only, one at a time, with limits on rows and time, on both engines."""

from __future__ import annotations

import datetime
from decimal import Decimal

import polars as pl
import pytest

from workbench.cli.app import main
from workbench.errors import StorageError, ValidationError
from workbench.queries import own_sql
from workbench.queries.api import Queries, query
from workbench.queries.own_sql import run_sql
from workbench.queries.sources import Access

SOURCES = ("database", "snapshots")
DAYS = (
    "select account_id, date, cost_in_local_currency from campaign_daily_metrics order by account_id, date, campaign_id"
)


@pytest.fixture
def queries(small, monkeypatch):
    small.use(monkeypatch)
    made = Queries()
    yield made
    made.close()


def test_both_engines_answer_alike(queries):
    of_database, of_snapshots = (run_sql(queries, source, DAYS, rows=50) for source in SOURCES)

    assert of_database.cut
    assert of_snapshots.cut
    assert of_database.frame.rows() == of_snapshots.frame.rows()
    assert of_database.frame.height == 50


NO_SINGLE_SELECT = (
    "select 1; select 2",
    "delete from campaigns",
    "delete from campaigns returning campaign_id",
    "drop table campaigns",
    "create table mine as select 1 as one",
    "select 1 as one; drop table campaigns",
    "commit",
    "copy campaigns to '/tmp/out'",
    "select nothing from campaigns",
    "",
)


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_no_single_select_is_refused_and_changes_nothing(queries, source):
    before = query("table_counts", source=source)

    for statement in NO_SINGLE_SELECT:
        with pytest.raises(ValidationError, match="cannot be run"):
            run_sql(queries, source, statement)
    assert run_sql(queries, source, "select count(*) as n from campaigns").frame.item() > 0
    assert query("table_counts", source=source).equals(before)


def test_a_select_that_also_writes_is_refused(queries):
    with pytest.raises(ValidationError, match="cannot be run"):
        run_sql(queries, "database", "with gone as (delete from campaigns returning 1) select * from gone")


@pytest.mark.parametrize(
    ("source", "statement"),
    [
        ("database", "select pg_sleep(60)"),
        ("snapshots", "select sum(hash(a.range + b.range)) from range(10000000) as a, range(1000000) as b"),
    ],
)
def test_what_takes_too_long_is_stopped(queries, source, statement):
    with pytest.raises(StorageError, match="took too long"):
        run_sql(queries, source, statement, seconds=0.5)
    assert run_sql(queries, source, "select 1 as one").frame.item() == 1


def test_what_a_statement_sets_or_locks_ends_with_it(queries):
    for statement in ("select set_config('search_path', 'pg_temp', false)", "select pg_advisory_lock(4711)"):
        run_sql(queries, "database", statement)
    assert queries.query("table_counts", source="database").height > 0
    locks = "select count(*) from pg_locks where locktype = 'advisory' and objid = 4711"
    assert run_sql(queries, "database", locks).frame.item() == 0


def test_more_than_fits_into_memory_is_not_read(queries, monkeypatch):
    monkeypatch.setattr(own_sql, "MOST_BYTES", 10_000)
    found = run_sql(queries, "database", "select repeat('x', 3000) from generate_series(1, 1000)")
    assert (found.frame.height, found.cut) == (3, True)


def test_a_plan_is_shown_of_a_select_alone(queries):
    assert run_sql(queries, "snapshots", "explain select 1").frame.height == 1
    for words in ("explain analyze create table mine as select 1", "explain analyze select 1"):
        with pytest.raises(ValidationError, match="cannot be run"):
            run_sql(queries, "snapshots", words)


def test_a_statement_that_would_answer_for_ever_ends_at_its_rows(queries):
    found = run_sql(queries, "database", "select generate_series(1, 1000000000)", rows=5)

    assert (found.frame["generate_series"].to_list(), found.cut) == ([1, 2, 3, 4, 5], True)


def test_files_of_the_machine_cannot_be_read(queries):
    with pytest.raises(ValidationError):
        run_sql(queries, "snapshots", "select * from read_csv('/etc/passwd')")


def test_values_keep_their_types_and_columns_get_names_of_their_own(queries):
    found = run_sql(
        queries,
        "database",
        "select 1 as a, 2 as a, date '2026-11-01' as d, 1.50 as m, array['x', null] as t, '{\"k\": 1}'::jsonb as j,"
        " 10::numeric ^ 30 as big, null as n, interval '1 day' as i",
    ).frame

    assert found.columns == ["a", "a_2", "d", "m", "t", "j", "big", "n", "i"]
    assert found.row(0)[:5] == (1, 2, datetime.date(2026, 11, 1), Decimal("1.50"), ["x", None])
    empty = run_sql(queries, "database", "select account_id, date from campaign_daily_metrics where false")
    assert empty.frame.columns == ["account_id", "date"]


def test_a_viewer_of_some_accounts_runs_no_statement(small, monkeypatch):
    small.use(monkeypatch)
    limited = Queries(access=Access(accounts=lambda: frozenset({1})))
    for source in SOURCES:
        with pytest.raises(ValidationError, match="cannot be run here"):
            run_sql(limited, source, "select 1")
    limited.close()


def test_the_command_prints_rows_and_says_that_there_are_more(small, monkeypatch, capsys, tmp_path):
    small.use(monkeypatch)
    main_ends(["query", "--sql", "select 7 as seven", "--format", "csv"])
    assert capsys.readouterr().out == "seven\n7\n"
    target = tmp_path / "rows.parquet"
    main_ends(["query", "--sql", DAYS, "--source", "snapshots", "--rows", "3", "--output", str(target)])
    assert "more than 3 rows" in capsys.readouterr().err
    assert pl.read_parquet(target).height == 3
    for words in (["query"], ["query", "accounts", "--sql", "select 1"], ["query", "--sql", "select 1", "--day", "1"]):
        assert main_ends(words) == 2


def main_ends(words: list[str]) -> int:
    try:
        main(words)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0
