"""The role that only reads: what it cannot do, whatever it tries, and what it can."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL

from workbench.database import embedded, migrations
from workbench.database.advisory_keys import READER_GRANT
from workbench.database.connection import Database
from workbench.database.reader_role import ensure_reader
from workbench.database.write_lock import WriteLock
from workbench.errors import StorageError
from workbench.queries.engines import ask_postgresql
from workbench.queries.sql_files import catalogue
from workbench.schema.tables import metadata

FORBIDDEN = {
    # rows
    "insert": "insert into ad_accounts (account_id, listed, snapshot, synced_at) values (1, true, 'x', now())",
    "update": "update campaigns set name = 'x'",
    "delete": "delete from campaigns",
    "merge": "merge into campaigns c using campaigns d on c.campaign_id = d.campaign_id when matched then delete",
    "truncate": "truncate campaign_daily_metrics",
    "forget what is covered": "delete from coverage",
    "rewrite the log of syncs": "update sync_log set status = 'done'",
    "pretend another version": "update alembic_version set version_num = '9999'",
    "lock rows": "select 1 from sync_log for update",
    "lock a table": "begin; lock table sync_log in access exclusive mode",
    "copy in": "copy campaigns from stdin",
    "write inside a query": "with gone as (delete from campaigns returning 1) select count(*) from gone",
    # objects
    "create table": "create table mine (x int)",
    "create table as": "create table mine as select 1 as x",
    "select into": "select 1 as x into mine",
    "temporary table": "create temporary table mine (x int)",
    "unlogged table": "create unlogged table mine (x int)",
    "view": "create view mine as select 1 as x",
    "temporary view": "create temporary view mine as select 1 as x",
    "materialized view": "create materialized view mine as select 1 as x",
    "sequence": "create sequence mine",
    "type": "create type mine as enum ('x')",
    "domain": "create domain mine as int",
    "index": "create index mine on campaigns (name)",
    "schema": "create schema mine",
    "function": "create function mine() returns int language sql as 'select 1'",
    "operator": "create operator === (leftarg = int, rightarg = int, function = int4eq)",
    "trigger": "create trigger mine after insert on campaigns execute function suppress_redundant_updates_trigger()",
    "rule": "create rule mine as on insert to campaigns do instead nothing",
    "policy": "create policy mine on campaigns using (true)",
    "alter table": "alter table campaigns add column x int",
    "drop table": "drop table campaigns",
    "drop schema": "drop schema linkedin_ads cascade",
    "drop schema public": "drop schema public cascade",
    "comment": "comment on table campaigns is 'x'",
    "statistics": "create statistics mine on name, status from campaigns",
    "code block": "do 'begin perform 1; end'",
    "reindex": "reindex table campaigns",
    "extension": "drop extension plpgsql cascade",
    "publication": "create publication mine for all tables",
    "large object": "select lo_create(0)",
    "large object from bytes": "select lo_from_bytea(0, 'x')",
    # files and programs
    "copy to a program": "copy (select 1) to program 'id'",
    "copy from a program": "copy campaigns from program 'id'",
    "copy to a file": "copy campaigns to '/tmp/workbench-campaigns'",
    "copy from a file": "copy campaigns from '/etc/passwd'",
    "read a file": "select pg_read_file('/etc/passwd')",
    "read a binary file": "select pg_read_binary_file('PG_VERSION')",
    "list a folder": "select pg_ls_dir('.')",
    "look at a file": "select pg_stat_file('PG_VERSION')",
    "import a file": "select lo_import('/etc/passwd')",
    "load a library": "load 'pgcrypto'",
    # roles and rights
    "become the superuser": "set role workbench",
    "become another session": "set session authorization workbench",
    "make a role": "create role mine superuser",
    "rise": "alter role workbench_reader superuser",
    "change the owner's password": "alter role workbench password 'x'",
    "join the owner": "grant workbench to workbench_reader",
    "take what the owner has": "reassign owned by workbench to workbench_reader",
    "read passwords": "select rolpassword from pg_authid",
    "default privileges of the owner": "alter default privileges for role workbench grant insert on tables to public",
    # the server
    "alter system": "alter system set log_statement = 'all'",
    "reload": "select pg_reload_conf()",
    "checkpoint": "checkpoint",
    "skip triggers": "set session_replication_role = replica",
    "silence the log": "set log_min_messages = panic",
    "spill without limit": "set temp_file_limit = -1",
    "fill the write-ahead log": "select pg_logical_emit_message(false, 'x', 'x')",
    "replication slot": "select pg_create_physical_replication_slot('mine')",
    "create database": "create database mine",
    "drop database": "drop database postgres",
    "tablespace": "create tablespace mine location '/tmp'",
    "alter the database": "alter database postgres set timezone = 'UTC'",
    "hold up a sync": "select pg_advisory_lock(20030505, 1)",
    "hold up a sync without waiting": "select pg_try_advisory_lock(20030505, 1)",
    "hold up a sync for a transaction": "select pg_advisory_xact_lock(20030505, 1)",
    "share the lock of a sync": "select pg_try_advisory_lock_shared(20030505, 1)",
}


@pytest.fixture(scope="module")
def shared(shared_database_url: URL) -> Database:
    database = Database(shared_database_url)
    ensure_reader(database)
    return database


@pytest.fixture
def shared_reader_url(shared: Database, shared_database_url: URL) -> URL:
    return shared_database_url.set(username=embedded.READER)


@pytest.fixture
def as_shared_reader(shared_reader_url: URL) -> Iterator[psycopg.Connection]:
    with Database(shared_reader_url).connect() as connection:
        yield connection


@pytest.fixture
def reader_url(database: Database, database_url: URL) -> URL:
    ensure_reader(database)
    return database_url.set(username=embedded.READER)


@pytest.fixture
def as_reader(reader_url: URL) -> Iterator[psycopg.Connection]:
    with Database(reader_url).connect() as connection:
        yield connection


def everything(connection: psycopg.Connection) -> list[object]:
    """Names of everything in the database, who owns it, and who may what."""
    statements = (
        "select relname, relkind, relacl::text from pg_class"
        " where relnamespace = any(array['linkedin_ads', 'public']::regnamespace[]) order by 1",
        "select nspname, nspacl::text from pg_namespace where nspname !~ '^pg_toast|^pg_temp' order by 1",
        "select rolname, rolsuper, rolconfig from pg_roles order by 1",
        "select count(*) from pg_proc union all select count(*) from pg_largeobject_metadata",
        "select datname from pg_database where datname !~ '^test_' order by 1",
    )
    return [connection.execute(statement).fetchall() for statement in statements]


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_whatever_changes_anything_is_denied_by_privileges_alone(
    as_shared_reader: psycopg.Connection, shared: Database, statement: str
) -> None:
    with shared.connect() as owner:
        before = everything(owner)
        as_shared_reader.execute("set default_transaction_read_only = off; set statement_timeout = 0")

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_shared_reader.execute(statement)

        assert everything(owner) == before


def test_a_right_it_does_not_have_cannot_be_passed_on(as_reader: psycopg.Connection, database: Database) -> None:
    with database.connect() as owner:
        before = everything(owner)
        as_reader.execute("set default_transaction_read_only = off")

        as_reader.execute("grant insert on campaigns to public")  # PostgreSQL merely warns

        assert everything(owner) == before


def test_it_cannot_end_the_connection_of_a_sync(as_reader: psycopg.Connection, database: Database) -> None:
    with database.connect() as writing:
        for function in ("pg_cancel_backend", "pg_terminate_backend"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                as_reader.execute(f"select {function}({writing.info.backend_pid})")

        assert writing.execute("select 1").fetchone() == (1,)


def test_every_transaction_is_read_only_and_limited_from_the_start(as_reader: psycopg.Connection) -> None:
    names = ("default_transaction_read_only", "statement_timeout", "idle_in_transaction_session_timeout", "search_path")

    assert [as_reader.execute(f"show {name}").fetchone()[0] for name in names] == ["on", "30s", "1min", "linkedin_ads"]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        as_reader.execute("alter role workbench_reader in database postgres set statement_timeout = 0")


def test_limits_that_it_lifted_for_itself_are_back_after_a_refresh(
    as_reader: psycopg.Connection, database: Database, reader_url: URL
) -> None:
    as_reader.execute("set default_transaction_read_only = off")
    as_reader.execute("alter role workbench_reader set statement_timeout = 0")
    as_reader.execute(f"alter role workbench_reader in database {reader_url.database} set statement_timeout = 0")

    ensure_reader(database)

    with Database(reader_url).connect() as connection:
        assert connection.execute("show statement_timeout").fetchone() == ("30s",)


@pytest.mark.parametrize("other", ["postgres", "template1"])
def test_it_enters_no_other_database(reader_url: URL, other: str) -> None:
    with pytest.raises(StorageError, match="this user may not connect to that database"):
        Database(reader_url.set(database=other)).connect()


VALUES = {
    "account_id": 1,
    "account_ids": [1],
    "campaign_id": 1,
    "first_day": date(2026, 1, 1),
    "last_day": date(2026, 2, 1),
    "youngest": datetime(2026, 1, 1, tzinfo=UTC),
    "sync_id": "20260101T000000Z",
}


@pytest.mark.parametrize("name", [name for name, one in catalogue().items() if one.folder != "history"])
def test_every_question_can_be_asked(shared_reader_url: URL, name: str) -> None:
    question = catalogue()[name]
    needed = {param: value_for(param, item.type) for param, item in question.params.items() if not item.optional}

    with Database(shared_reader_url).connect() as connection, connection.transaction():
        answer = ask_postgresql(connection, question, question.bind(needed))

    assert answer.schema == question.schema


def value_for(param: str, kind: str) -> Any:
    by_type = {"bigint": 1, "bigint[]": [1], "text": "x", "text[]": ["x"], "date": date(2026, 1, 1)}
    return VALUES.get(param, by_type.get(kind))


def test_it_reads_every_table_of_ours_and_no_other(database: Database, database_url: URL) -> None:
    with database.connect() as owner:
        owner.execute("create table someone_elses (x int)")
    ensure_reader(database)

    with Database(database_url.set(username=embedded.READER)).connect() as connection:
        readable = connection.execute(
            "select relname from pg_class where relnamespace = 'linkedin_ads'::regnamespace and relkind = 'r'"
            " and has_table_privilege(oid, 'select') order by relname collate \"C\""
        ).fetchall()
    assert [name for (name,) in readable] == sorted([*metadata.tables, "alembic_version"])


def test_tables_that_come_later_are_readable_too(empty_database_url: URL) -> None:
    database = Database(empty_database_url)
    ensure_reader(database)
    engine = database.engine()
    migrations.upgrade(engine)
    engine.dispose()

    with Database(empty_database_url.set(username=embedded.READER)).connect() as connection:
        assert connection.execute("select count(*) from campaigns").fetchone() == (0,)


def test_those_who_write_keep_what_they_need(database: Database, reader_url: URL) -> None:
    with WriteLock(database, "test"), database.connect() as owner:
        owner.execute("create temporary table mine (x int)")
        owner.execute("do 'begin perform 1; end'")


def test_a_reader_is_granted_while_a_sync_writes(database: Database) -> None:
    with (
        ThreadPoolExecutor(1) as pool,
        WriteLock(database, "test") as lock,
        database.connect() as writer,
        writer.transaction(),
    ):
        lock.check(writer)
        pool.submit(ensure_reader, database).result(timeout=120)


def test_a_sync_starts_while_a_reader_is_granted(database: Database) -> None:
    with database.connect() as granting, granting.transaction():
        granting.execute("select pg_advisory_xact_lock(%s, %s)", READER_GRANT)
        with WriteLock(database, "test"):
            pass


def test_sixteen_servers_may_start_at_once(database: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ensure_reader, [database] * 16)) == [None] * 16
