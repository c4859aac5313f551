"""Read the versions of the database's schema from the names of the migrations. It migrates nothing."""

from __future__ import annotations

from workbench.errors import StorageError
from workbench.paths import shipped


def head() -> str:
    """The version this workbench expects."""
    return max(versions())


def versions() -> set[str]:
    """Every version there is, by its file: `0001_create_tables.py`."""
    return {file.name.partition("_")[0] for file in shipped("sql", "migrations", "versions").glob("[0-9]*.py")}


def newer_database(version: str) -> StorageError:
    """The error of a database that a newer version of the workbench has migrated."""
    return StorageError(
        "This database belongs to a newer workbench.",
        why=f"Its schema has version {version}; this workbench knows {head()}.",
        next_step="Run `git pull` and `pip install -U .` in the workbench's checkout, or use another database.",
    )
