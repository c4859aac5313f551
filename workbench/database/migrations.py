"""Bring the database's schema to what this version of the workbench expects, forward only.

Alembic is imported only where there is something to migrate: almost every sync finds nothing to do.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from workbench import logs
from workbench.errors import StorageError
from workbench.paths import shipped


def upgrade(engine: Engine) -> None:
    """Migrate to head, in the first schema of `search_path`, in one transaction; nothing happens at head.

    The caller holds the write lock.

    Raises:
        StorageError: a newer workbench has migrated this database.
    """
    with engine.connect() as connection:
        version = current_version(connection)
        if version == head():
            return
        _refuse_if_newer(version)
        with logs.event("migration", from_version=version, to_version=head()):
            _migrate(connection)
            connection.commit()


def current_version(connection: Connection) -> str | None:
    """The schema's version, or None in a database to which nothing was synced."""
    if connection.execute(text("select to_regclass('alembic_version')")).scalar() is None:
        return None
    version: str | None = connection.execute(text("select max(version_num) from alembic_version")).scalar()
    return version


def head() -> str:
    """The version this workbench expects."""
    return max(_versions())


def _versions() -> set[str]:
    """Every version there is, by its file: `0001_create_tables.py`."""
    return {file.name.partition("_")[0] for file in shipped("sql", "migrations", "versions").glob("[0-9]*.py")}


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(shipped("sql", "migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_if_newer(version: str | None) -> None:
    if version is not None and version not in _versions():
        raise StorageError(
            "This database belongs to a newer workbench.",
            why=f"Its schema has version {version}; this workbench knows {head()}.",
            next_step="Run `git pull` and `pip install -U .` in the workbench's checkout, or use another database.",
        )
