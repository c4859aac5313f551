"""Bring the database's schema to what this version of the workbench expects, forward only."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from workbench.errors import StorageError
from workbench.places import shipped


def upgrade(engine: Engine) -> None:
    """Migrate to head, in the first schema of `search_path`, in one transaction; nothing happens at head.

    The caller holds the write lock.

    Raises:
        StorageError: a newer workbench has migrated this database.
    """
    script = _script()
    with engine.connect() as connection:
        version = current_version(connection)
        if version == script.get_current_head():
            return
        _refuse_if_newer(version, script)
        config = Config()
        config.set_main_option("script_location", str(shipped("sql", "migrations")))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def current_version(connection: Connection) -> str | None:
    """The schema's version, or None where nothing was ever synced."""
    if connection.execute(text("select to_regclass('alembic_version')")).scalar() is None:
        return None
    version: str | None = connection.execute(text("select max(version_num) from alembic_version")).scalar()
    return version


def head() -> str:
    """The version this workbench expects."""
    return str(_script().get_current_head())


def _script() -> ScriptDirectory:
    return ScriptDirectory(str(shipped("sql", "migrations")))


def _refuse_if_newer(version: str | None, script: ScriptDirectory) -> None:
    if version is not None and version not in {revision.revision for revision in script.walk_revisions()}:
        raise StorageError(
            "This database belongs to a newer workbench.",
            why=f"Its schema has version {version}; this workbench knows {script.get_current_head()}.",
            next_step="Update the workbench: `pip install -U linkedin-ads-workbench`, or use another database.",
        )
