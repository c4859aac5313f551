"""A session is what we set, whatever the server, the database, the role, libpq's environment or the URL say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import psycopg
import pytest
from databases import TEMPLATE, url_of
from psycopg import sql
from sqlalchemy import URL

from workbench.database import embedded, session
from workbench.database.connection import Database
from workbench.database.session import LIMITS, SETTINGS
from workbench.errors import ConfigurationError, StorageError

TEXT = "Zoë’s 日本語 😀"
WILD = {
    "client_encoding": "LATIN1",
    "DateStyle": "German",
    "IntervalStyle": "iso_8601",
    "TimeZone": "Asia/Kathmandu",
    "standard_conforming_strings": "off",
    "array_nulls": "off",
    "default_transaction_isolation": "serializable",
    "lock_timeout": "1ms",
    "statement_timeout": "900ms",
    "idle_in_transaction_session_timeout": "1ms",
}
ENVIRONMENT = {
    "PGHOST": "nowhere.invalid",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGUSER": "nobody_of_ours",
    "PGDATABASE": "nothing",
    "PGPASSWORD": "wrong",
    "PGSERVICE": "none",
    "PGREQUIREAUTH": "scram-sha-256",
    "PGREQUIREPEER": "somebody",
    "PGSSLMODE": "verify-full",
    "PGCHANNELBINDING": "require",
    "PGOPTIONS": "-c statement_timeout=1",
    "PGCLIENTENCODING": "LATIN1",
    "PGDATESTYLE": "nonsense",
    "PGTZ": "nonsense",
    "PGGEQO": "nonsense",
    "PGAPPNAME": "another",
    "PGCONNECT_TIMEOUT": "nonsense",
    "PGTARGETSESSIONATTRS": "standby",
    "PGMINPROTOCOLVERSION": "nonsense",
}


def settings_of(connection: psycopg.Connection) -> dict[str, str]:
    rows = connection.execute("select name, setting from pg_settings where name = any(%s)", [[*SETTINGS, *LIMITS]])
    return dict(rows.fetchall())


def round_trip(connection: psycopg.Connection, text: str) -> tuple[Any, ...] | None:
    return connection.execute("select %s::text, octet_length(%s::text)", (text, text)).fetchone()


@pytest.fixture
def plain(database: Database) -> dict[str, str]:
    with database.connect() as connection:
        return settings_of(connection)


def test_what_a_database_sets_for_others_does_not_reach_us(
    database: Database, database_url: URL, plain: dict[str, str]
) -> None:
    with database.connect() as connection:
        for name, value in WILD.items():
            where = sql.Identifier(str(database_url.database))
            connection.execute(
                sql.SQL("alter database {} set {} = {}").format(where, sql.Identifier(name.lower()), sql.Literal(value))
            )
    with database.connect() as connection:
        assert settings_of(connection) == plain
        assert plain.items() >= {"DateStyle": "ISO, YMD", "TimeZone": "UTC", "statement_timeout": "0"}.items()
        assert round_trip(connection, TEXT) == (TEXT, len(TEXT.encode()))
        connection.execute("create table written (at timestamptz default now())")
        assert connection.execute("select interval '1 day 2 hours'").fetchone()


class Recorded:
    """A connection that keeps what it was asked to execute."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection, self.info = connection, connection.info
        self.said = list[str]()

    def execute(self, statement: str, values: Any = None) -> psycopg.Cursor:
        self.said.append(statement.strip())
        return self.connection.execute(statement, values)


def test_limits_are_lifted_by_statements_that_need_no_plan_before_any_select_is_compiled(database: Database) -> None:
    with database.connect() as connection:
        recorded = Recorded(connection)
        session.prepare(cast("psycopg.Connection", recorded), "a database")

        selects = [at for at, statement in enumerate(recorded.said) if not statement.startswith("set ")]
        before = "; ".join(recorded.said[: selects[0]])
        limits = {"statement_timeout", "transaction_timeout"} & settings_of(connection).keys()
        assert "statement_timeout" in limits
        assert [name for name in limits if f"set {name} = 0" not in before] == []


@pytest.mark.parametrize("asked", [{"options": "-c datestyle=German -c timezone=Asia/Tokyo -c work_mem=7MB"}])
def test_options_of_the_url_are_kept_but_for_our_own(
    database_url: URL, plain: dict[str, str], asked: dict[str, str]
) -> None:
    with Database(database_url.update_query_dict(asked)).connect() as connection:
        assert settings_of(connection) == plain
        assert connection.execute("show work_mem").fetchone() == ("7MB",)


def test_libpqs_environment_reaches_neither_our_database_nor_the_embedded_server(
    server: embedded.EmbeddedServer, database: Database, plain: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with database.connect() as connection:
            assert settings_of(connection) == plain
            assert connection.execute("show application_name").fetchone() == ("linkedin-ads-workbench",)
        embedded.create_database(server, TEMPLATE)
        assert {name: os.environ[name] for name in ENVIRONMENT} == ENVIRONMENT


def test_a_service_is_found_where_the_url_asks_for_one(
    server: embedded.EmbeddedServer, database_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = embedded.connection_parameters(server, str(database_url.database))
    lines = [f"{key}={facts[key]}" for key in ("host", "port", "user", "dbname")]
    (tmp_path / "services").write_text("\n".join(["[ads]", *lines, "application_name=from the file", ""]))
    with monkeypatch.context() as patch:
        patch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
        patch.setenv("PGSERVICE", "none")
        database = Database("postgresql://?service=ads")
        assert database.label == "service ads"
        with database.connect() as connection:
            assert connection.execute("show application_name").fetchone() == ("from the file",)
            assert connection.execute("select current_database()").fetchone() == (database_url.database,)


def test_what_the_url_says_of_a_connection_wins_over_our_defaults(database_url: URL) -> None:
    asked = {"application_name": "reports", "connect_timeout": "9", "keepalives": "1", "keepalives_idle": "77"}
    database = Database(database_url.update_query_dict(asked))
    with database.connect() as connection, database.connect("workbench sync by x") as lock:
        found = connection.info.get_parameters()
        assert {name: found[name] for name in asked} == asked
        assert found["keepalives_interval"] == "5"
        assert lock.execute("show application_name").fetchone() == ("workbench sync by x",)


@pytest.mark.parametrize("odd", ["connect_timeout=abc", "sslmode=bogus", "options=-c nosuch=1", "service=nope"])
def test_what_the_url_says_wrongly_is_an_error_of_the_settings(database_url: URL, odd: str) -> None:
    name, _, value = odd.partition("=")
    with pytest.raises(StorageError) as refused:
        Database(database_url.update_query_dict({name: value})).connect()
    assert (refused.value.exit_code, refused.value.next_step) == (78, "Correct DATABASE_URL.")


def test_the_first_host_that_fits_is_taken(server: embedded.EmbeddedServer, database_url: URL) -> None:
    facts = embedded.connection_parameters(server, str(database_url.database))
    where = f"host=/nonexistent,{facts['host']} port={facts['port']},{facts['port']} target_session_attrs=read-write"
    with Database(f"{where} user={facts['user']} dbname={facts['dbname']}").connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.fixture(params=["LATIN1", "WIN1252", "SQL_ASCII"])
def odd_database(request: pytest.FixtureRequest, server: embedded.EmbeddedServer) -> Iterator[tuple[str, URL]]:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(**embedded.connection_parameters(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} encoding '{request.param}' locale 'C' template template0")
        yield request.param, url_of(server, name)
        connection.execute(f"drop database {name} with (force)")


def test_a_database_that_cannot_hold_every_text_is_refused_with_the_way_out(odd_database: tuple[str, URL]) -> None:
    encoding, url = odd_database
    with pytest.raises(ConfigurationError, match="cannot be used") as refused:
        Database(url).connect()
    assert refused.value.exit_code == 78
    assert encoding in refused.value.why
    assert "encoding 'UTF8'" in refused.value.next_step
    assert "workbench load --all" in refused.value.next_step
