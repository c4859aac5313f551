"""Who may not read for others, because they could write, and what a session of those who may is limited to."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import URL

from workbench.database import embedded
from workbench.database.connection import Database
from workbench.database.reader_role import ensure_reader
from workbench.database.reader_session import limit, refuse_writer, warn_of_excess
from workbench.errors import ConfigurationError, StorageError
from workbench.queries.database_source import Present

ROLE = "workbench_test_somebody"
STRONG = "workbench_test_strong"
BY_OWNER = (
    "create function by_owner() returns trigger language plpgsql security definer "
    "as 'begin delete from linkedin_ads.campaigns; return null; end'; revoke execute on function by_owner from public"
)


@pytest.fixture
def owner(shared_database_url: URL) -> Iterator[psycopg.Connection]:
    """A transaction that is rolled back: roles and what they are granted go with it."""
    with Database(shared_database_url).connect() as connection, connection.transaction(force_rollback=True):
        yield connection


@pytest.fixture
def somebody(owner: psycopg.Connection) -> psycopg.Connection:
    """A role made by an administrator that can read our tables; it is this same connection that becomes it."""
    role = Identifier(ROLE)
    owner.execute(SQL("create role {}").format(role))
    owner.execute(SQL("grant usage on schema linkedin_ads to {}").format(role))
    owner.execute(SQL("grant select on all tables in schema linkedin_ads to {}").format(role))
    return owner


def test_the_reader_passes(database: Database, database_url: URL) -> None:
    ensure_reader(database)
    with Database(database_url.set(username=embedded.READER)).connect() as connection:
        refuse_writer(connection)


def test_a_role_with_nothing_but_select_passes(somebody: psycopg.Connection) -> None:
    somebody.execute(f"set session authorization {ROLE}")
    refuse_writer(somebody)


def test_what_a_role_may_do_beyond_reading_is_said(
    database: Database, database_url: URL, caplog: pytest.LogCaptureFixture
) -> None:
    """By itself PostgreSQL lets every role write into its write-ahead log; our own reader may not."""
    ensure_reader(database)
    reader = Database(database_url.set(username=embedded.READER))
    with database.connect() as owner, reader.connect() as connection:
        warn_of_excess(connection)
        assert caplog.messages == []
        query = "select oid::regprocedure::text from pg_proc where proname = 'pg_logical_emit_message'"
        functions = ", ".join(name for (name,) in owner.execute(query).fetchall())
        owner.execute(SQL("grant execute on function {} to public").format(SQL(functions)))
        warn_of_excess(connection)
        owner.execute(SQL("revoke execute on function {} from public").format(SQL(functions)))

    assert [message.partition("It may ")[2].partition(",")[0] for message in caplog.messages] == [
        "fill the write-ahead log"
    ]


def test_functions_that_run_with_their_owners_rights_are_named(
    somebody: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    body = "as 'delete from campaigns'"
    somebody.execute(f"create function wipe() returns void language sql security definer {body}")
    somebody.execute(f"create function harmless() returns void language sql {body}")
    somebody.execute(f"set session authorization {ROLE}")
    warn_of_excess(somebody)
    somebody.execute("reset session authorization; drop function wipe, harmless")
    assert "functions that run with their owner's rights: wipe." in caplog.messages[-1]


def test_a_view_of_its_own_makes_no_role_a_writer(somebody: psycopg.Connection) -> None:
    somebody.execute("create view window_on as select * from campaigns")
    somebody.execute(f"alter view window_on owner to {ROLE}; set session authorization {ROLE}")
    refuse_writer(somebody)
    somebody.execute("reset session authorization; drop view window_on")


def test_a_superuser_is_refused(owner: psycopg.Connection) -> None:
    with pytest.raises(ConfigurationError, match="can write"):
        refuse_writer(owner)


@pytest.mark.parametrize(
    "granted",
    [
        f"grant insert on campaigns to {ROLE}",
        f"grant update on sync_log to {ROLE}",
        f"grant delete on coverage to {ROLE}",
        f"grant truncate on alembic_version to {ROLE}",
        f"alter table creatives owner to {ROLE}",
    ],
)
def test_a_role_that_may_change_one_table_is_refused(somebody: psycopg.Connection, granted: str) -> None:
    somebody.execute(granted)
    somebody.execute(f"set session authorization {ROLE}")
    with pytest.raises(ConfigurationError, match="can write"):
        refuse_writer(somebody)


@pytest.mark.parametrize(
    "granted",
    [
        f"grant update (name) on campaigns to {ROLE}",
        f"grant insert (account_id) on ad_accounts to {ROLE}",
        f"grant trigger on campaigns to {ROLE}",
        f"grant maintain on campaigns to {ROLE}",
        f"create view window_on as select * from campaigns; grant update (name) on window_on to {ROLE}",
        f"create view window_on as select * from campaigns; create view further as select * from window_on;"
        f"grant delete on further to {ROLE}",
        f"create table campaigns_2 () inherits (campaigns); grant update on campaigns_2 to {ROLE}",
        f"create table followed (id bigint primary key); alter table campaigns add followed bigint references followed "
        f"on delete cascade; grant delete on followed to {ROLE}",
        f"create table inbox (line text); {BY_OWNER}; create trigger by_owner after insert on inbox "
        f"execute function by_owner(); grant insert (line) on inbox to {ROLE}",
        f"create view inbox as select 1 as line; {BY_OWNER}; create trigger by_owner instead of delete on inbox "
        f"for each row execute function by_owner(); grant delete on inbox to {ROLE}",
        f"create view reporting.mine as select * from campaigns; grant create on schema reporting to {ROLE}",
        f"create view reporting.mine as select * from campaigns; alter schema reporting owner to {ROLE}",
        f"grant execute on function lo_export(oid, text) to {ROLE}",
        f"grant execute on function pg_read_file(text) to {ROLE}",
        f"grant execute on function pg_promote(boolean, integer) to {ROLE}",
        f"grant set on parameter session_replication_role to {ROLE}",
        f"grant set on parameter session_preload_libraries to {ROLE}",
        f"grant alter system on parameter work_mem to {ROLE}",
        f"grant create on schema public to {ROLE}",
        f"do $$begin execute format('grant create on database %I to {ROLE}', current_database()); end$$",
        f"alter role {ROLE} createrole",
        f"alter role {ROLE} createdb",
        f"alter role {ROLE} replication",
        f"grant pg_execute_server_program to {ROLE}",
        f"grant pg_write_server_files to {ROLE}",
        f"grant pg_read_server_files to {ROLE}",
        f"grant pg_write_all_data to {ROLE}",
        f"grant pg_signal_backend to {ROLE}",
        f"grant pg_maintain to {ROLE}",
    ],
)
@pytest.mark.parametrize("how", ["itself", "as a member", "as a member that does not inherit", "as a member's member"])
def test_a_role_that_could_do_more_than_read_is_refused(somebody: psycopg.Connection, granted: str, how: str) -> None:
    if how == "itself":
        somebody.execute(granted)
    else:
        somebody.execute(f"create role {STRONG}; {granted.replace(ROLE, STRONG)}")
        between = f"{STRONG}_too"
        somebody.execute(f"create role {between}")
        if how == "as a member's member":
            somebody.execute(f"grant {STRONG} to {between}; grant {between} to {ROLE}")
        else:
            inherit = "false" if how.endswith("inherit") else "true"
            somebody.execute(f"grant {STRONG} to {ROLE} with inherit {inherit}")
    somebody.execute(f"set session authorization {ROLE}")
    with pytest.raises(ConfigurationError, match="can write"):
        refuse_writer(somebody)


def test_a_role_that_only_set_role_made_weak_is_refused(somebody: psycopg.Connection) -> None:
    somebody.execute(f"set role {ROLE}")
    with pytest.raises(ConfigurationError, match="can write"):
        refuse_writer(somebody)


@pytest.mark.parametrize(
    "granted",
    [
        f"grant pg_read_all_data to {ROLE}",
        f"grant pg_monitor to {ROLE}",
        f"grant execute on function pg_ls_dir(text) to {ROLE}",
        f"grant set on parameter work_mem to {ROLE}",
        f"create table inbox (line text); grant insert on inbox to {ROLE}",
        f"create schema another; grant create on schema another to {ROLE}",
    ],
)
def test_a_role_that_only_reads_more_or_works_elsewhere_passes(somebody: psycopg.Connection, granted: str) -> None:
    somebody.execute(granted)
    somebody.execute(f"set session authorization {ROLE}")
    refuse_writer(somebody)


def test_where_every_role_may_create_objects_it_is_said_how_to_end_that(somebody: psycopg.Connection) -> None:
    somebody.execute("grant create on schema public to public")
    somebody.execute(f"set session authorization {ROLE}")
    with pytest.raises(ConfigurationError) as refused:
        refuse_writer(somebody)
    assert "perhaps as every role may" in refused.value.why
    assert "revoke create on schema public from public" in refused.value.next_step


def test_a_session_is_read_only_and_short_whatever_its_role_was_given(somebody: psycopg.Connection) -> None:
    somebody.execute(f"set session authorization {ROLE}")
    limit(somebody)
    names = ("default_transaction_read_only", "statement_timeout", "lock_timeout")

    assert [somebody.execute(f"show {name}").fetchone()[0] for name in names] == ["on", "30s", "5s"]


@pytest.mark.parametrize("why", ["it runs too long", "a table is locked"])
def test_what_runs_into_a_limit_says_so_and_what_to_do(database: Database, database_url: URL, why: str) -> None:
    """Through a pool such as readers have, with the role and the limits of theirs."""
    ensure_reader(database)
    present = Present(Database(database_url.set(username=embedded.READER)))
    with database.connect() as other, other.transaction():
        if why == "a table is locked":
            other.execute("lock table campaigns in access exclusive mode")
        with pytest.raises(StorageError) as raised:
            _ask(present, "select pg_sleep(30)" if why == "it runs too long" else "select from campaigns")
    present.engine.dispose()

    assert raised.value.what.endswith("took too long to answer.")
    assert raised.value.next_step == "Choose a shorter period or fewer accounts, then try again."


def _ask(present: Present, statement: str) -> None:
    with present.reading() as connection:
        limit(connection)
        connection.execute("set statement_timeout = 300; set lock_timeout = 200")
        connection.execute(statement)
