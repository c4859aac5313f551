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
from workbench.database.reader_session import limit, refuse_writer
from workbench.errors import ConfigurationError, StorageError
from workbench.queries.database_source import Present

ROLE = "workbench_test_somebody"


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection]:
    with database.connect() as connection:
        yield connection


@pytest.fixture
def somebody(owner: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A role of somebody's own making that can read our tables; it is this same connection that becomes it."""
    role = Identifier(ROLE)
    owner.execute(SQL("create role {}").format(role))
    owner.execute(SQL("grant select on all tables in schema public to {}").format(role))
    yield owner
    owner.execute("reset role")
    owner.execute(SQL("drop owned by {}").format(role))
    owner.execute(SQL("drop role {}").format(role))


def test_the_reader_passes(database: Database, database_url: URL) -> None:
    ensure_reader(database)
    with Database(database_url.set(username=embedded.READER)).connect() as connection:
        refuse_writer(connection)


def test_a_role_that_somebody_gave_nothing_but_select_passes(somebody: psycopg.Connection) -> None:
    somebody.execute(f"set role {ROLE}")
    refuse_writer(somebody)


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
def test_whoever_may_change_one_table_is_refused(somebody: psycopg.Connection, database_url: URL, granted: str) -> None:
    somebody.execute(granted)
    somebody.execute(f"set role {ROLE}")
    try:
        with pytest.raises(ConfigurationError, match="can write"):
            refuse_writer(somebody)
    finally:
        somebody.execute("reset role")
        somebody.execute(f"reassign owned by {ROLE} to {database_url.username}")


def test_a_session_is_read_only_and_short_whatever_its_role_was_told(somebody: psycopg.Connection) -> None:
    somebody.execute(f"set role {ROLE}")
    limit(somebody)
    names = ("default_transaction_read_only", "statement_timeout", "lock_timeout")

    assert [somebody.execute(f"show {name}").fetchone()[0] for name in names] == ["on", "30s", "5s"]
    somebody.execute("set default_transaction_read_only = off")  # else the fixture could not clear up


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
