"""What planning, loading and looking for changes read of `coverage` stays small, however many years it holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import starmap
from random import Random
from runpy import run_path
from typing import Any

import duckdb
import psycopg
import pytest

from workbench.database import coverage
from workbench.database.bookkeeping import KEPT_DAYS, compact_coverage, prune_steps
from workbench.database.connection import Database
from workbench.database.coverage import add_coverage, coverage_beside, settled_coverage
from workbench.database.statements import psycopg_sql
from workbench.diagnostics.status.coverage import covered
from workbench.diagnostics.status.database import _NEVER_ADDED, _SUMMARY, _WINDOWS
from workbench.diagnostics.status.database import _coverage as status_coverage
from workbench.paths import shipped
from workbench.pipeline.sync_windows import SyncWindows
from workbench.schema.resources import CORE_DAYS, DAILY, LISTINGS, CoverageRow
from workbench.schema.snapshot_names import moment_of
from workbench.snapshots.views import view_sql

TODAY = date(2026, 11, 22)
SYNC_DAYS, LOOKBACK = 90, 30
FLOOR = TODAY - timedelta(days=SYNC_DAYS)
_INSERT = f"insert into coverage ({', '.join(CoverageRow._fields)}) values (%s, %s, %s, %s, %s, %s)"


def name_of(day: date) -> str:
    return f"{day:%Y%m%d}T060000Z"


def row_of(random: Random) -> CoverageRow:
    snapshot = TODAY - timedelta(days=random.randrange(400))
    last = snapshot - timedelta(days=random.choice([0, 0, 1, 40, 200]))
    first = last - timedelta(days=random.randrange(120))
    groups = random.choice([None, "video", "video,viral"])
    return CoverageRow(random.randrange(1, 5), random.choice(DAILY), first, last, name_of(snapshot), groups)


@pytest.mark.parametrize("seed", range(25))
def test_merged_coverage_plans_what_all_of_it_would_plan(database: Database, seed: int) -> None:
    random = Random(seed)
    rows = list(dict.fromkeys(row_of(random) for _ in range(random.randrange(14))))
    unfinished = {row.snapshot for row in rows[:2]} if seed % 3 == 0 else set()
    doubted = [row for row in rows[2:4] if row.snapshot not in unfinished] if seed % 2 else []
    lookback = random.choice([0, 1, LOOKBACK])
    groups = random.choice([(), ("video",), ("viral", "video")])
    with database.connect() as connection:
        connection.cursor().executemany(_INSERT, rows)
        floor = min([FLOOR, *(row.window_start for row in doubted if row.window_start)])
        found = settled_coverage(
            connection, floor=floor, lookback_days=lookback, groups=groups, unfinished=unfinished, doubted=doubted
        )
    all_of_it = [row for row in rows if row.snapshot not in unfinished and row not in doubted]
    expected = SyncWindows(TODAY, SYNC_DAYS, lookback, coverage=all_of_it, doubted=doubted, groups=groups)
    planned = SyncWindows(TODAY, SYNC_DAYS, lookback, coverage=found, doubted=doubted, groups=groups)
    for account_id in range(1, 6):
        assert planned.windows(account_id) == expected.windows(account_id)


def fill(
    connection: psycopg.Connection, *, accounts: int, days: int, resources: Sequence[str] = (*LISTINGS, *CORE_DAYS)
) -> int:
    """Coverage of daily syncs, summed up: for each account and day the listings, and windows of the last month."""
    connection.execute(
        """
        insert into coverage (account_id, resource, window_start, window_end, snapshot)
        select a, r, case when r like '%%daily%%' then d::date - 30 end, case when r like '%%daily%%' then d::date end,
               to_char(d, 'YYYYMMDD"T060000Z"')
        from generate_series(1, %s) as a
        cross join generate_series(%s::date, %s::date, '1 day') as d
        cross join unnest(%s::text[]) as r
        """,
        (accounts, TODAY - timedelta(days=days - 1), TODAY, list(resources)),
    )
    connection.execute(summing_up())
    connection.execute("analyze coverage, coverage_summary")
    (count,) = connection.execute("select count(*) from coverage").fetchone() or (0,)
    return int(count)


def summing_up() -> str:
    """The statement with which a migration sums up the coverage that is there."""
    return run_path(str(shipped("sql", "migrations", "versions", "0010_sum_up_coverage.py")))["STATEMENTS"][1]


class Ours:
    """A write lock that is always held."""

    def check(self, connection: psycopg.Connection) -> None:
        """Allow every transaction."""


OURS: Any = Ours()


def rows_read(connection: psycopg.Connection, statement: str, values: Any = None) -> int:
    """How many rows the scans of a statement visited, those that a filter left out included."""
    answer = connection.execute(f"explain (analyze, format json) {statement}", values).fetchone()
    assert answer
    plan = answer[0] if isinstance(answer[0], list) else json.loads(answer[0])
    return _visited(plan[0]["Plan"])


def _visited(node: dict[str, Any]) -> int:
    own = 0
    if "Scan" in node["Node Type"] and "Relation Name" in node:
        each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        own = round(each * node["Actual Loops"])
    return own + sum(_visited(child) for child in node.get("Plans", ()))


class Explained:
    """A connection that answers with the number of rows that its statement read."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.read = 0

    def execute(self, statement: str, values: Any = None) -> list[Any]:
        self.read += rows_read(self.connection, statement, values)
        return []


def question(name: str) -> str:
    return psycopg_sql(shipped("sql", "database", f"{name}.sql").read_text("utf-8"))


@pytest.mark.slow
def test_years_of_coverage_are_not_read(database: Database) -> None:
    """Of 1,500 days of daily syncs planning reads a quarter, a load what is newer, a look for changes nothing."""
    with database.connect() as connection:
        total = fill(connection, accounts=20, days=1500)
        assert total == 20 * 1500 * (len(LISTINGS) + len(CORE_DAYS))

        planning: Any = Explained(connection)
        settled_coverage(planning, floor=FLOOR, lookback_days=LOOKBACK)
        assert planning.read < total / 10, planning.read

        loading: Any = Explained(connection)
        own = [CoverageRow(1, CORE_DAYS[0], TODAY - timedelta(days=30), TODAY, name_of(TODAY))]
        coverage_beside(loading, name_of(TODAY), own, range(21))
        assert loading.read < total / 1000, loading.read

        of_status = [rows_read(connection, one, {"resources": list(_NEVER_ADDED)}) for one in (_WINDOWS, _SUMMARY)]
        assert sum(of_status) < total / 100, of_status

        assert rows_read(connection, question("data_version")) < 10
        newest: Any = Explained(connection)
        with pytest.raises(AttributeError):  # `Explained` answers nothing
            coverage.newest_snapshot(newest)
        assert newest.read < 10

        merged = settled_coverage(connection, floor=FLOOR, lookback_days=LOOKBACK)
        assert len(merged) == 20 * len(CORE_DAYS)


@pytest.mark.slow
def test_the_newest_syncs_are_read_without_the_steps_of_the_others(database: Database) -> None:
    with database.connect() as connection:
        connection.execute(
            """
            with syncs as (
                insert into sync_log (sync_id, trigger, status, started_at)
                select to_char(d, 'YYYYMMDD"T060000Z"'), 'cli', 'done', d
                from generate_series('2024-01-01'::timestamptz, '2026-11-22', '1 day') as d
                returning sync_id
            )
            insert into sync_steps (sync_id, account_id, resource, status)
            select sync_id, a, 'campaigns', 'done' from syncs cross join generate_series(1, 100) as a
            """
        )
        connection.execute("analyze sync_log, sync_steps")
        assert rows_read(connection, question("syncs"), {"limit": 20}) < 5000
        answer = connection.execute(question("syncs"), {"limit": 20}).fetchall()
        assert [row[0] for row in answer[:2]] == ["20261122T060000Z", "20261121T060000Z"]
        assert {row[10] for row in answer} == {100}


@pytest.mark.parametrize("seed", range(25))
def test_a_status_says_of_merged_coverage_what_it_would_say_of_all(database: Database, seed: int) -> None:
    random = Random(seed)
    rows = [row_of(random) for _ in range(random.randrange(20))]
    for resource, pivots in (
        ("audience_demographics", [None, "MEMBER_SENIORITY"]),
        ("reach_windows", ["ACCOUNT", "X"]),
    ):
        rows += [row_of(random)._replace(resource=resource, pivot=random.choice(pivots)) for _ in range(8)]
    rows += [row_of(random)._replace(resource="campaigns", window_start=None, window_end=None, pivot=None)]
    rows = list(dict.fromkeys(rows))
    with database.connect() as connection:
        for row in [*rows, *rows[:3]]:  # one load after the other, some of them again
            add_coverage(connection.cursor(), [row])
        found, summed_up = status_coverage(connection, None, is_current=True)
    assert covered(found, {1: "One"}, summed_up) == covered(rows, {1: "One"})


@pytest.mark.parametrize("seed", range(5))
def test_the_migration_sums_up_what_loads_would_have_summed_up(database: Database, seed: int) -> None:
    random = Random(seed)
    rows = [row_of(random) for _ in range(12)]
    rows += [row_of(random)._replace(resource=name) for name in ("audience_demographics", "reach_windows")]
    rows += [CoverageRow(1, "campaigns", None, None, name_of(TODAY))]
    with database.connect() as connection:
        for row in rows:
            add_coverage(connection.cursor(), [row])
        summary = "select * from coverage_summary order by account_id, resource"
        loaded = connection.execute(summary).fetchall()
        connection.execute("delete from coverage_summary")
        connection.execute(summing_up())
        assert connection.execute(summary).fetchall() == loaded


def replaced_long_ago(row: CoverageRow, rows: Sequence[CoverageRow]) -> bool:
    """Whether a newer listing or window of audiences took the place of a row, and its kind went on for 100 days."""
    alike = [one for one in rows if one[:2] == row[:2]]
    newer = [
        one
        for one in alike
        if one.snapshot > row.snapshot
        and one.pivot == row.pivot
        and (row.window_end is None or (one.window_end is not None and one.window_end >= row.window_end))
    ]
    newest = max(moment_of(one.snapshot).date() for one in alike)
    return bool(row.account_id and newer) and (newest - moment_of(row.snapshot).date()).days > KEPT_DAYS


@pytest.mark.parametrize("seed", range(15))
def test_what_decides_nothing_any_more_is_dropped_in_any_order_as_the_view_leaves_it_out(
    database: Database, seed: int
) -> None:
    random = Random(seed)
    rows = [row_of(random) for _ in range(8)]
    for _ in range(25):
        row = row_of(random)._replace(pivot=None, account_id=random.randrange(3))
        if random.random() < 0.5:
            rows.append(row._replace(resource=random.choice(LISTINGS[:2]), window_start=None, window_end=None))
        else:
            rows.append(row._replace(resource="audience_demographics", pivot=random.choice([None, "MEMBER_SENIORITY"])))
    rows = list(dict.fromkeys(rows))
    expected = {row for row in rows if row.resource in DAILY or not replaced_long_ago(row, rows)}
    assert len(expected) < len(rows)

    with database.connect() as connection:
        for row in random.sample(rows, len(rows)):
            add_coverage(connection.cursor(), [row])
            if random.random() < 0.3:
                compact_coverage(connection, OURS, {row.account_id})
        compact_coverage(connection, OURS, range(5))
        kept = set(starmap(CoverageRow, connection.execute("select * from coverage")))
    with duckdb.connect() as engine:
        engine.execute(
            "create table covered (account_id bigint, resource varchar, window_start date, window_end date,"
            ' snapshot varchar, "pivot" varchar)'
        )
        engine.executemany("insert into covered values (?, ?, ?, ?, ?, ?)", rows)
        shown = set(starmap(CoverageRow, engine.execute(view_sql("coverage")).fetchall()))
    assert kept == shown == expected


def test_the_steps_of_old_syncs_are_summed_up_and_what_failed_stays(database: Database) -> None:
    days = [TODAY - timedelta(days=number) for number in range(160)]
    with database.connect() as connection:
        connection.cursor().executemany(
            "insert into sync_log (sync_id, trigger, status, started_at) values (%s, 'cli', %s, %s)",
            [(name_of(day), "failed" if number == 150 else "done", day) for number, day in enumerate(days)],
        )
        connection.execute(
            "insert into sync_steps (sync_id, account_id, resource, status, fetched, inserted)"
            " select sync_id, a, r, case when a = 2 and r = 'creatives' then 'partial' else 'done' end, 2, a"
            " from sync_log cross join generate_series(0, 3) as a cross join unnest(%s::text[]) as r",
            [["campaigns", "creatives"]],
        )
        before = connection.execute(question("syncs"), {"limit": None}).fetchall()
        for _ in range(3):
            prune_steps(connection, OURS)
        assert connection.execute(question("syncs"), {"limit": None}).fetchall() == before
        kept = dict(connection.execute("select sync_id, count(*) from sync_steps group by sync_id").fetchall())
    assert {name_of(day): kept[name_of(day)] for day in days if kept[name_of(day)] > 1} == {
        name_of(day): 8 for number, day in enumerate(days) if number <= KEPT_DAYS or number == 150
    }
    assert len(kept) == 160
