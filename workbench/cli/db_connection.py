"""The values with which other programs connect to the database; the embedded one is reachable while a command runs."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import typer
from pydantic import SecretStr

from workbench.database import embedded
from workbench.database.connection import Database, explained
from workbench.database.embedded import loopback
from workbench.database.own_schema import reporting_name
from workbench.database.reader_role import grant_reader, made_up_password
from workbench.errors import ConfigurationError
from workbench.settings.fields import ReaderSettings

PORT = 15432


@dataclass(frozen=True)
class Connection:
    """The values that another program's connection form asks for.

    Attributes:
        more: other parameters of libpq, such as `sslmode`.
        password: to be shown now; None where the user has it, or there is none.
    """

    host: str
    port: str
    database: str
    user: str
    schemas: tuple[str, ...]
    more: dict[str, str] = field(default_factory=dict)
    password: SecretStr | None = None


def configured(settings: ReaderSettings) -> Connection:
    """The configured database, as `DATABASE_URL` or `POSTGRES_…` name it, without its password."""
    from psycopg.conninfo import conninfo_to_dict

    parts = {name: str(value) for name, value in conninfo_to_dict(settings.conninfo or "").items()}
    return Connection(
        host=parts.get("host") or parts.get("hostaddr") or "localhost",
        port=parts.get("port") or "5432",
        database=parts.get("dbname") or parts.get("user") or "",
        user=parts.get("user") or "",
        schemas=_schemas(settings),
        more={name: value for name, value in parts.items() if name in ("sslmode", "sslrootcert", "service")},
    )


def described(one: Connection) -> Iterator[str]:
    """The connection as lines of text; a password only where it is new."""
    facts = {
        "host": one.host,
        "port": one.port,
        "database": one.database,
        "user": one.user,
        "password": one.password.get_secret_value() if one.password else "",
        **one.more,
        "schemas": ", ".join(one.schemas),
    }
    for name, value in facts.items():
        if value:
            shown = f"{value}  (shown this once)" if name == "password" else value
            yield f"{name:<12}{shown}"
    line = {"host": one.host, "port": one.port, "dbname": one.database, "user": one.user, **one.more}
    yield f"{'psql':<12}psql {shlex.quote(' '.join(f'{key}={value}' for key, value in line.items() if value))}"


def serve(database: Database, settings: ReaderSettings, *, port: int, new_password: bool) -> None:
    """Make the embedded database reachable on loopback until Ctrl-C.

    Raises:
        ConfigurationError: the port is taken.
        StorageError: the database cannot be used.
    """
    server = embedded.ensure(embedded.default_home(settings.home))
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(database, settings, server, port=port, new_password=new_password))


async def _serve(
    database: Database, settings: ReaderSettings, server: embedded.EmbeddedServer, *, port: int, new_password: bool
) -> None:
    try:
        listener = await loopback.listen(server, port=port, role=embedded.BI, database=embedded.DATABASE)
    except OSError as error:
        raise ConfigurationError(
            f"Nothing can listen on port {port} of this machine.",
            why=f"{error.strerror or error}.",
            next_step="Name another one with --port, and in the program that connects.",
        ) from None
    async with listener:
        with explained(database.label):
            password = await asyncio.to_thread(_role, database, new_password)
        host = listener.sockets[0].getsockname()[0]
        one = Connection(
            host, str(port), embedded.DATABASE, embedded.BI, _schemas(settings), {"sslmode": "disable"}, password
        )
        for line in described(one):
            typer.echo(line)
        if password is None:
            typer.echo("The password is the one that was shown first; --new-password makes another one.")
        typer.echo("Reachable from this machine until Ctrl-C.")
        await listener.serve_forever()


def _role(database: Database, new_password: bool) -> SecretStr | None:
    """Make or refresh the role; its password where it is new."""
    wanted = made_up_password() if new_password else None
    return grant_reader(database, role=embedded.BI, password=wanted).password or wanted


def _schemas(settings: ReaderSettings) -> tuple[str, ...]:
    return reporting_name(settings.DATABASE_SCHEMA), settings.DATABASE_SCHEMA
