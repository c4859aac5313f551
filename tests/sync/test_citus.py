"""Citus: statements that a coordinator accepts, a worker refused, `workbench db distribute`; a real one at CITUS_URL.

Where Citus cannot be installed, what it was seen to refuse is looked for in every statement that a sync sends.
"""

from __future__ import annotations

import os
import re
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from sync.installation import Installation, differences
from workbench.database import citus
from workbench.database.connection import Database
from workbench.database.write_lock import WriteLock
from workbench.errors import ConfigurationError
from workbench.paths import shipped
from workbench.schema.tables import LOADED

_CORRELATED = re.compile(r"not exists \(select from stage_")
_VOLATILE = re.compile(r"\b(now|random|clock_timestamp|nextval|current_timestamp)\b")


def refused(statement: str) -> str | None:
    """Why Citus refuses a statement on a distributed or reference table; None: it was not seen to refuse it."""
    if _CORRELATED.search(statement):
        return "a correlated subquery on a temporary table of the coordinator"
    _, _, update = statement.partition(" do update")
    if _VOLATILE.search(update.partition("returning")[0]):
        return "a function that is not immutable in `on conflict do update`"
    return None


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every statement that psycopg sends during the test, spaces made one."""
    statements: set[str] = set()

    def kept(original: Any) -> Any:
        def run(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
            if isinstance(query, str):
                statements.add(" ".join(query.split()))
            return original(self, query, *arguments, **options)

        return run

    for name in ("execute", "executemany"):
        monkeypatch.setattr(psycopg.Cursor, name, kept(getattr(psycopg.Cursor, name)))
    return statements


@pytest.mark.slow
def test_no_statement_of_a_sync_is_one_that_citus_refuses(installation: Installation, sent: set[str]) -> None:
    installation.first_sync()
    installation.sync(force=True)
    assert [statement for statement in sent if statement.startswith("delete from") and "offset 0" in statement]
    assert [statement for statement in sent if "on conflict" in statement and "sync_log" in statement]
    assert {statement: refused(statement) for statement in sent if refused(statement)} == {}


def test_the_emulated_rules_refuse_what_citus_was_seen_to_refuse() -> None:
    assert refused("delete from t where not exists (select from stage_t as s where t.a = s.a)")
    assert refused("insert into t values (1) on conflict (a) do update set b = now()")
    assert not refused("insert into t values (1, now()) on conflict (a) do update set b = excluded.b returning now()")


def test_the_audit_joins_names_on_the_account_of_the_campaign() -> None:
    """Citus pushes the joins down only where all of them meet on one distributed table's account."""
    question = shipped("sql", "questions", "audit.sql").read_text("utf-8")
    names = question.rpartition("from findings as f")[2]
    assert re.findall(r"left join \w+ as (\w) on \1\.account_id = (\w)\.account_id", names) == [("r", "c"), ("a", "c")]


def test_a_worker_is_refused_before_anything_is_written(database: Database) -> None:
    """The catalog that Citus has on every node, emulated: a coordinator's group is 0."""
    with database.connect() as connection:
        connection.execute("create table pg_dist_local_group (groupid integer)")
        connection.execute("insert into pg_dist_local_group values (0)")
        citus.refuse_worker(connection, database.label)
        connection.execute("update pg_dist_local_group set groupid = 3")
    lock = WriteLock(database, "test")
    with pytest.raises(ConfigurationError, match="worker of a Citus cluster") as found:
        lock.acquire()
    assert found.value.exit_code == 78
    assert "coordinator" in (found.value.next_step or "")


def test_without_the_extension_nothing_is_distributed(database: Database) -> None:
    with (
        database.connect() as connection,
        connection.transaction(),
        pytest.raises(ConfigurationError, match="cannot be distributed") as found,
    ):
        citus.distribute(connection, database.label)
    assert "lacks the extension citus" in (found.value.why or "")


def test_all_tables_that_a_snapshot_fills_are_distributed_and_bookkeeping_is_not() -> None:
    assert {"reach_windows", "placement_daily_metrics", "ad_accounts"} <= set(citus.DISTRIBUTED)
    assert set(citus.DISTRIBUTED) == {table.name for table in LOADED}
    assert not {"coverage", "sync_log", "sync_steps", "data_origin"} & set(citus.DISTRIBUTED)


@pytest.mark.skipif("CITUS_URL" not in os.environ, reason="CITUS_URL names no Citus coordinator")
@pytest.mark.slow
def test_loads_on_a_real_coordinator_are_equal_to_the_truth(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(make_url(os.environ["CITUS_URL"]))
    with database.connect() as connection:
        connection.execute(f"drop schema if exists {database.schema} cascade")
    installation.database_url = database.url
    installation.sync()
    with database.connect() as connection, connection.transaction():
        assert set(citus.distribute(connection, database.label)) == set(citus.DISTRIBUTED)
        assert citus.distribute(connection, database.label) == []
    for _ in range(2):
        installation.sync(force=True)
        assert differences(installation) == []
