"""Bring the database's schema to what this version of the workbench expects, forward only.

Alembic is imported only where there is something to migrate: almost every sync finds nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from workbench import logs
from workbench.database import comments_and_views, first_version, own_schema, reporting
from workbench.database.advisory_keys import MIGRATION, key_in
from workbench.database.own_schema import Standing
from workbench.database.schema_version import head, newer_database, versions
from workbench.paths import shipped

if TYPE_CHECKING:
    import psycopg


def upgrade(engine: Engine, label: str = "the database") -> Standing:
    """Migrate to head, in the session's schema, in one transaction; nothing happens at head.

    The caller holds the write lock; shards, which hold it together, do this one after the other. A missing schema is
    made, and the first version's tables are moved into it.

    Args:
        engine: its sessions look up names in our schema alone.
        label: the database's name for messages.

    Returns: what stood in the database before.

    Raises:
        StorageError: a newer workbench has migrated this database.
        ConfigurationError: tables of another application have our names, or this role may not make the schema.
    """
    with engine.connect() as connection:
        driver = _driver(connection)
        driver.execute("select pg_advisory_xact_lock(%s, %s)", key_in(_schema(driver), MIGRATION))
        found = own_schema.standing(driver, _schema(driver))
        if found.foreign:
            raise own_schema.foreign_tables(label, found)
        version = current_version(connection) if found.ours else None
        if version != head():
            if version is not None and version not in versions():
                raise newer_database(version)
            with logs.event("migration", from_version=version, to_version=head(), schema=found.schema):
                _make_room(driver, found, label)
                _migrate(connection)
        comments_and_views.write(driver, found.schema)
        connection.commit()
    return found


def current_version(connection: Connection) -> str | None:
    """The schema's version, or None in a database to which nothing was synced."""
    if connection.execute(text("select to_regclass('alembic_version')")).scalar() is None:
        return None
    version: str | None = connection.execute(text("select max(version_num) from alembic_version")).scalar()
    return version


def _driver(connection: Connection) -> psycopg.Connection:
    """The driver's connection, in the same transaction."""
    connection.execute(text("select 1"))  # begins it
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


def _schema(connection: psycopg.Connection) -> str:
    """The schema that the session was given; whether it exists or not."""
    row = connection.execute("select current_setting('search_path')").fetchone()
    return str(row[0]) if row else ""


def _make_room(connection: psycopg.Connection, found: Standing, label: str) -> None:
    if found.ours:
        reporting.drop(connection, found.schema)
    else:
        own_schema.make(connection, found.schema, label)
    if found.first_version:
        with logs.event("move", from_schema=own_schema.FIRST_VERSION, to_schema=found.schema):
            first_version.move(connection, found.schema, label)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(shipped("sql", "migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
