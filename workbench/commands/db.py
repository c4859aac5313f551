"""`workbench db`: the schema and the read-only role."""

from __future__ import annotations

import typer

from workbench import migrations
from workbench.cli import PLAIN
from workbench.lock import WriteLock
from workbench.postgres import Database, explained
from workbench.settings import ReaderSettings, read_settings

app = typer.Typer(help="Migrate the database, create the read-only role.", no_args_is_help=True, **PLAIN)


@app.command()
def upgrade() -> None:
    """Migrate the database to this version of the workbench; does nothing if it is there already.

    Example: workbench db upgrade
    """
    database = Database.of(read_settings(ReaderSettings))
    engine = database.engine()
    try:
        with WriteLock(database, "db upgrade"), explained(database.label):
            migrations.upgrade(engine)
    finally:
        engine.dispose()
    typer.echo(f"{database.label} is at version {migrations.head()}.")
