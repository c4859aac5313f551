"""A database that others use too: our tables stand in a schema of their own, and what stands elsewhere is said."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL

from workbench.database import migrations, own_schema
from workbench.database.connection import Database
from workbench.database.locked_database import LockedDatabase
from workbench.database.own_schema import Standing
from workbench.database.write_lock import WriteLock
from workbench.diagnostics.doctor.attention import attention
from workbench.diagnostics.status import gather
from workbench.errors import ConfigurationError, StorageError
from workbench.paths import shipped
from workbench.queries.api import Queries
from workbench.settings.fields import Settings
from workbench.settings.schema_name import DEFAULT_SCHEMA

ROLE = "workbench_test_of_no_rights"
OTHERS = """
    create table public.alembic_version (version_num varchar(32) primary key);
    insert into public.alembic_version values ('0001');
    create table public.campaigns (id int primary key, name text);
    insert into public.campaigns values (1, 'a campaign of another application');
"""


def upgraded(database: Database, role: str = "workbench") -> Standing:
    """The database after its migrations, made as a role."""
    engine = database.engine(options=f"-c role={role}")
    try:
        return migrations.upgrade(engine, database.label)
    finally:
        engine.dispose()


def settings_of(url: URL, folder: Path, **more: str) -> Settings:
    text = url.render_as_string(hide_password=False)
    return Settings.model_validate(
        {"DATABASE_URL": text, "WORKBENCH_HOME": folder / "home", "SNAPSHOT_DIR": folder / "snapshots", **more}
    )


def places(connection: psycopg.Connection, table: str) -> list[str]:
    found = connection.execute("select schemaname from pg_tables where tablename = %s order by 1", [table])
    return [place for (place,) in found]


def first_version(url: URL) -> None:
    """The tables as the first version made them, with a row, a reader and a view of another application."""
    engine = Database(url, schema="public").engine()
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(shipped("sql", "migrations")))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    engine.dispose()
    with Database(url, schema="public").connect() as connection:
        connection.execute(
            "insert into ad_accounts (account_id, name, listed, snapshot, synced_at)"
            " values (7, 'Ours', true, 'x', now())"
        )
        connection.execute("create view public.theirs as select name from public.ad_accounts")
        connection.execute(f"create role {ROLE} login")
        connection.execute(f"grant select on public.ad_accounts to {ROLE}")


@pytest.fixture
def role(empty_database_url: URL) -> str:
    yield ROLE
    with Database(empty_database_url).connect() as connection:
        if connection.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone():
            connection.execute(f"drop owned by {ROLE}")
            connection.execute(f"drop role {ROLE}")


# --- beside another application ------------------------------------------------------------------------------------


def test_tables_and_versions_of_another_application_are_left_alone(empty_database_url: URL) -> None:
    database = Database(empty_database_url)
    with database.connect() as connection:
        connection.execute(OTHERS)

        assert upgraded(database) == Standing(DEFAULT_SCHEMA, ours=False, foreign=(), others=())

        assert places(connection, "campaigns") == places(connection, "alembic_version") == ["linkedin_ads", "public"]
        assert connection.execute("select id, name from public.campaigns").fetchall() == [
            (1, "a campaign of another application")
        ]
        assert connection.execute("select count(*) from campaigns").fetchone() == (0,)


@pytest.mark.parametrize("taken", ["campaigns", "alembic_version", "coverage"])
def test_a_foreign_table_in_our_schema_is_named_and_kept(empty_database_url: URL, tmp_path: Path, taken: str) -> None:
    database = Database(empty_database_url, schema="public")
    with database.connect() as connection:
        connection.execute(f"create table public.{taken} (version_num text)")
        connection.execute(f"insert into public.{taken} values ('0001')")

    with pytest.raises(ConfigurationError, match=r"schema public of .* cannot be used") as refused:
        upgraded(database)
    health = gather(settings=settings_of(empty_database_url, tmp_path, DATABASE_SCHEMA="public"))

    assert taken in refused.value.why
    assert "DATABASE_SCHEMA" in refused.value.next_step
    assert health.database is not None
    assert (health.database.state, health.database.trouble.why) == ("foreign", refused.value.why)
    assert (refused.value.exit_code, refused.value.why in [finding.why for finding in attention(health)]) == (78, True)
    with database.connect() as connection:
        assert connection.execute(f"select * from public.{taken}").fetchall() == [("0001",)]
        assert places(connection, "sync_log") == []


def test_every_session_looks_up_names_in_our_schema_alone(database: Database, database_url: URL) -> None:
    name = database_url.database
    with database.connect() as connection:
        connection.execute(f"alter database {name} set search_path = public")
    for asked in (database.connect(), database.connect(options="-c search_path=public")):
        with asked as connection:
            assert connection.execute("show search_path").fetchone() == ("linkedin_ads",)
    engine = database.engine()
    with engine.connect() as pooled:
        assert pooled.exec_driver_sql("show search_path").scalar() == "linkedin_ads"
    engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["Ads", "public;drop", "pg_ads", "information_schema", "1ads", "a" * 49, "ads-x", '"a"']
)
def test_a_schema_that_needs_quotes_is_refused(name: str, tmp_path: Path, database_url: URL) -> None:
    with pytest.raises(ValueError, match="DATABASE_SCHEMA"):
        settings_of(database_url, tmp_path, DATABASE_SCHEMA=name)


# --- the first version's tables ------------------------------------------------------------------------------------


def test_tables_of_the_first_version_are_moved_with_rows_rights_and_views(
    empty_database_url: URL, tmp_path: Path, role: str
) -> None:
    first_version(empty_database_url)
    database = Database(empty_database_url)
    before = gather(settings=settings_of(empty_database_url, tmp_path)).database

    found = upgraded(database)

    assert before is not None
    assert (before.state, "public" in (before.elsewhere or "")) == ("behind", True)
    assert found.first_version
    assert "public to linkedin_ads" in (own_schema.said_of_a_migration(found) or "")
    with database.connect() as connection:
        assert {place for name in own_schema.NAMES for place in places(connection, name)} == {"linkedin_ads"}
        assert connection.execute("select account_id, name from ad_accounts").fetchall() == [(7, "Ours")]
        assert connection.execute("select name from public.theirs").fetchall() == [("Ours",)]
    with database.connect(options=f"-c role={role}") as reading:
        assert reading.execute("select name from ad_accounts").fetchall() == [("Ours",)]
    assert upgraded(database) == Standing(DEFAULT_SCHEMA, ours=True, foreign=(), others=())


def test_tables_of_the_first_version_may_stay_where_they_are(empty_database_url: URL, role: str) -> None:
    first_version(empty_database_url)

    upgraded(Database(empty_database_url, schema="public"))

    with Database(empty_database_url).connect() as connection:
        assert places(connection, "campaigns") == ["public"]


def test_an_installation_that_chose_public_keeps_its_tables(empty_database_url: URL, role: str) -> None:
    upgraded(Database(empty_database_url, schema="public"))

    found = upgraded(Database(empty_database_url))

    assert (found.first_version, found.others) == (False, ("public",))
    with Database(empty_database_url).connect() as connection:
        assert places(connection, "campaigns") == ["linkedin_ads", "public"]


def test_tables_of_the_first_version_are_not_taken_into_a_schema_of_another_name(
    empty_database_url: URL, role: str
) -> None:
    first_version(empty_database_url)

    found = upgraded(Database(empty_database_url, schema="client_a"))

    assert "also stand in the schema public" in (own_schema.said_of_a_migration(found) or "")
    with Database(empty_database_url).connect() as connection:
        assert places(connection, "campaigns") == ["client_a", "public"]


# --- rights --------------------------------------------------------------------------------------------------------


def test_a_role_that_may_not_make_schemas_gets_the_sql_for_an_administrator(empty_database_url: URL, role: str) -> None:
    with Database(empty_database_url).connect() as owner:
        owner.execute(f"create role {role} login")
        database = Database(empty_database_url)

        with pytest.raises(ConfigurationError, match="schema linkedin_ads cannot be made") as refused:
            upgraded(database, role)
        for statement in refused.value.next_step.partition("database: ")[2].partition(" Or name")[0].split("; "):
            owner.execute(statement.strip().removesuffix(";"))

        upgraded(database, role)
        assert places(owner, "campaigns") == ["linkedin_ads"]


# --- two installations in one database -----------------------------------------------------------------------------


def test_two_installations_in_one_database_do_not_see_each_other(empty_database_url: URL, tmp_path: Path) -> None:
    ours, theirs = (Database(empty_database_url, schema=name) for name in (DEFAULT_SCHEMA, "client_a"))
    mine = LockedDatabase.of(ours, "sync")
    mine.open()
    try:
        with WriteLock(theirs, "load") as lock:
            upgraded(theirs)
            with theirs.connect() as connection, connection.transaction():
                lock.check(connection)
            held = Queries(lambda: settings_of(empty_database_url, tmp_path, DATABASE_SCHEMA="client_a"))
            assert held.query("newest_sync").row(0, named=True)["holder"].startswith("workbench load")
            held.close()
        with pytest.raises(StorageError, match="Another sync or load is running"):
            WriteLock(Database(empty_database_url), "load").acquire()
    finally:
        mine.close()
    health = gather(settings=settings_of(empty_database_url, tmp_path))
    assert health.database is not None
    assert "client_a" in (health.database.elsewhere or "")
