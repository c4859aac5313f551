"""The migrations make the very tables that `tables.py` describes, once, and refuse what a newer workbench made."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, text

from workbench.database import migrations, schema_version
from workbench.database.connection import Database
from workbench.errors import StorageError
from workbench.paths import shipped
from workbench.schema.tables import metadata


def test_an_empty_database_gets_exactly_the_tables_that_the_code_describes(empty_database_url: URL) -> None:
    engine = Database(empty_database_url).engine()

    migrations.upgrade(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert migrations.current_version(connection) == schema_version.head()
    engine.dispose()


def test_the_files_names_tell_the_versions() -> None:
    script = ScriptDirectory(str(shipped("sql", "migrations")))

    assert {revision.revision for revision in script.walk_revisions()} == schema_version.versions()
    assert schema_version.head() == script.get_current_head()


def test_columns_stand_in_the_order_of_the_code(empty_database_url: URL) -> None:
    engine = Database(empty_database_url).engine()
    migrations.upgrade(engine)

    with engine.connect() as connection:
        for table in metadata.tables.values():
            rows = connection.execute(
                text(
                    "select column_name from information_schema.columns where table_name = :name"
                    " order by ordinal_position"
                ),
                {"name": table.name},
            )
            assert [name for (name,) in rows] == [column.name for column in table.columns]
    engine.dispose()


def test_migrating_again_changes_nothing(database: Database) -> None:
    engine = database.engine()
    with engine.connect() as connection:
        before = connection.execute(text("select oid, relname from pg_class order by 1")).fetchall()

    migrations.upgrade(engine)

    with engine.connect() as connection:
        assert connection.execute(text("select oid, relname from pg_class order by 1")).fetchall() == before
    engine.dispose()


def test_a_database_of_a_newer_workbench_is_refused_and_left_alone(database: Database) -> None:
    engine = database.engine()
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(StorageError, match="newer workbench") as refusal:
        migrations.upgrade(engine)

    assert refusal.value.exit_code == 70
    with engine.connect() as connection:
        assert migrations.current_version(connection) == "9999"
    engine.dispose()


def test_a_migration_that_is_interrupted_leaves_nothing_behind(
    empty_database_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Database(empty_database_url).engine()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sqlalchemy.engine.Connection.commit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            migrations.upgrade(engine)

    with engine.connect() as connection:
        assert migrations.current_version(connection) is None
    migrations.upgrade(engine)
    engine.dispose()
