"""`workbench db`: the schema, its distribution, the read-only role, and how other programs connect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from workbench import logs
from workbench.cli import db_connection
from workbench.cli.app import PLAIN
from workbench.database import citus, migrations, schema_version
from workbench.database.connection import Database, explained
from workbench.database.embedded import READER
from workbench.database.locked_database import LockedDatabase
from workbench.database.own_schema import said_of_a_migration
from workbench.database.reader_role import Grant, ensure_reader, grant_reader
from workbench.database.write_lock import WriteLock
from workbench.errors import ConfigurationError
from workbench.settings.fields import ReaderSettings, read_settings

app = typer.Typer(no_args_is_help=True, **PLAIN)


@app.callback()
def db() -> None:
    """Migrate the database, create the read-only role, connect other programs.

    Example: workbench db connection
    """


@app.command()
def upgrade() -> None:
    """Migrate the database to this version of the workbench; does nothing if it is there already.

    Example: workbench db upgrade
    """
    settings = read_settings(ReaderSettings)
    logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
    database = Database.of(settings)
    engine = database.engine()
    try:
        with WriteLock(database, "db upgrade"), explained(database.label):
            said = said_of_a_migration(migrations.upgrade(engine, database.label))
    finally:
        engine.dispose()
    if said:
        typer.echo(said)
    typer.echo(f"{database.label}, schema {database.schema}, is at version {schema_version.head()}.")


@app.command()
def distribute() -> None:
    """Distribute the tables of data by account on a Citus coordinator; those that are distributed already stay.

    Needs the extension `citus`, its workers added, and DATABASE_URL pointing at the coordinator. Migrates first.

    Example: workbench db distribute
    """
    settings = read_settings(ReaderSettings)
    logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
    database = LockedDatabase.of(Database.of(settings), "db distribute")
    database.open()
    try:
        with database.connection() as connection:
            names = citus.distribute(connection, database.label)
    finally:
        database.close()
    typer.echo(f"{database.label}: distributed {', '.join(names) or 'nothing more; all tables of data were already'}.")


@app.command("grant-reader")
def grant(
    *,
    role: Annotated[str, typer.Option(help="The role's name.")] = READER,
    password_file: Annotated[
        Path | None, typer.Option(help="Its password, one line; left out, a new role gets a random one, shown once.")
    ] = None,
    shared: Annotated[
        bool,
        typer.Option(
            "--shared", help="Others use this database for other things: leave what every role may do in it as it is."
        ),
    ] = False,
) -> None:
    """Create or refresh a role that can only read, for pages served to others.

    Use the database as a sync does (the same DATABASE_URL). In a database of our own, temporary tables, code blocks,
    advisory locks and large objects are taken from `public` and left to the roles that write.

    Example: workbench db grant-reader --role ads_reader --password-file reader-password
    """
    database = Database.of(read_settings(ReaderSettings))
    if database.is_embedded:
        _refuse_another_name(role)
        ensure_reader(database)
        typer.echo(f"{database.label}: {READER} can read. `workbench serve` uses it by itself.")
        return
    password = _password(password_file) if password_file else None
    for line in _told(database.label, grant_reader(database, role=role, password=password, shared=shared)):
        typer.echo(line)


@app.command("connection")
def connection(
    *,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Of the embedded database, on loopback.")
    ] = db_connection.PORT,
    new_password: Annotated[
        bool, typer.Option("--new-password", help="Make a new password for the embedded database's role.")
    ] = False,
) -> None:
    """Print how Metabase, Grafana, Power BI or psql connect: host, port, database, user, and a line for psql.

    The embedded database is reachable on loopback while this command runs, until Ctrl-C, for a role that can only read;
    its password is shown once. A configured database is reached as it is; its password is not shown.

    Example: workbench db connection
    """
    settings = read_settings(ReaderSettings)
    database = Database.of(settings)
    if not database.is_embedded:
        for line in db_connection.described(db_connection.configured(settings)):
            typer.echo(line)
        return
    db_connection.serve(database, settings, port=port, new_password=new_password)


def _refuse_another_name(role: str) -> None:
    if role != READER:
        raise ConfigurationError(
            "The embedded database has one role that only reads.",
            why=f"It lets in {READER} alone, whom the system vouches for without a password.",
            next_step="Leave out --role.",
        )


def _told(label: str, grant: Grant) -> list[str]:
    lines = [f"{label}: {grant.role} {'was created and ' if grant.created else ''}can read."]
    if grant.password is not None:
        lines.append(f"Password (shown this once): {grant.password.get_secret_value()}")
    if grant.created:
        lines.append(f"Serve with a DATABASE_URL that names {grant.role}.")
    return lines + [f"Note: {sentence}" for sentence in grant.left]


def _password(file: Path) -> SecretStr:
    try:
        text = file.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "The password cannot be read.", why=f"{file}: {error}.", next_step="Name a readable text file."
        ) from None
    if not text or "\n" in text:
        raise ConfigurationError(
            f"{file} holds no password.", why="One line is expected.", next_step="Write the password into it, alone."
        )
    return SecretStr(text)
