"""Connect to PostgreSQL: an SQLAlchemy pool for work, single psycopg connections for locks.

Every failure becomes a StorageError that names host and database, never user or password.
SQLAlchemy is imported with the first pool: `status` and `doctor` look without one.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from workbench.database import embedded
from workbench.database.connection_errors import is_of_the_pool, storage_error
from workbench.database.libpq_environment import without_libpq_environment
from workbench.database.session import prepare
from workbench.errors import WorkbenchError
from workbench.settings.fields import ReaderSettings
from workbench.settings.schema_name import DEFAULT_SCHEMA

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

APP_NAME = "linkedin-ads-workbench"
_PATIENCE: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
_FIXED: dict[str, Any] = {"client_encoding": "UTF8", "autocommit": True}


class Database:
    """The database of the present: the configured one, or the embedded one.

    Attributes:
        label: `host/database` as people may see it.
        schema: the schema of our tables.
    """

    def __init__(
        self,
        where: str | URL | None,
        *,
        home: Path | None = None,
        role: str | None = None,
        schema: str = DEFAULT_SCHEMA,
        setting: str = "DATABASE_URL",
    ) -> None:
        """Connect to nothing yet.

        Args:
            where: the configured database, as libpq's connection string or SQLAlchemy's URL; None means the embedded
                server of `home`.
            home: the folder of the embedded server.
            role: the embedded server's role to use, its superuser when left out.
            schema: the schema of our tables, the only one in which sessions look up names.
            setting: the settings that name the database, and where they stand, for messages.
        """
        self._conninfo = where if where is None or isinstance(where, str) else _uri(where)
        self._home = home
        self._role = role
        self.schema = schema
        self.setting = setting
        self.label = _label(self._conninfo) if self._conninfo else f"embedded/{embedded.DATABASE}"

    @classmethod
    def of(cls, settings: ReaderSettings, *, role: str | None = None) -> Database:
        """The database that the settings name."""
        conninfo = settings.conninfo
        home = None if conninfo else embedded.default_home(settings.home)
        return cls(conninfo, home=home, role=role, schema=settings.DATABASE_SCHEMA, setting=settings.database_setting)

    @property
    def is_embedded(self) -> bool:
        return self._conninfo is None

    def connect(self, application_name: str | None = None, **options: Any) -> psycopg.Connection:
        """A connection of one's own, in autocommit, with the settings of `session` and dead peers noticed.

        Args:
            application_name: what others see of it; when left out, what the settings say, else `APP_NAME`.
            options: of libpq or psycopg, which win over the settings'.

        Raises:
            StorageError: the database cannot be reached.
            ConfigurationError: its encoding is not UTF-8.
        """
        own = {"application_name": application_name} if application_name else {}
        role = conninfo_to_dict(self._conninfo).get("user") if self._conninfo else None
        with explained(self.label, self.setting, None if role is None else str(role)):
            parameters = {**self._parameters(), **options, **own}
            with without_libpq_environment():
                connection = psycopg.connect(**{**_defaults(parameters), **parameters, **_FIXED})
            try:
                prepare(connection, self.label, self.schema)
            except BaseException:
                connection.close()
                raise
            return connection

    def engine(self, *, pool_size: int = 2, max_overflow: int = 3, pool_timeout: float = 30, **options: Any) -> Engine:
        """A pool for this process: small for one person, `5 + 5` with a short wait for served pages."""
        from sqlalchemy import create_engine

        return create_engine(
            "postgresql+psycopg://",
            creator=lambda: self._pooled(**options),
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=pool_timeout,
            pool_pre_ping=True,
            pool_recycle=1800,
        )

    def _pooled(self, **options: Any) -> psycopg.Connection:
        connection = self.connect(**options)
        connection.autocommit = False
        return connection

    def _parameters(self) -> dict[str, Any]:
        if self._conninfo is not None:
            return dict(conninfo_to_dict(self._conninfo))
        assert self._home is not None  # noqa: S101  (else it is the embedded one, which has a home)
        server = embedded.ensure(self._home)
        embedded.create_database(server)
        return embedded.connection_parameters(server, role=self._role)


def _defaults(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults for parameters that are not set. Beside a service file, which sets its own, only a fallback name."""
    if parameters.get("service"):
        return {"fallback_application_name": APP_NAME}
    return {"application_name": APP_NAME, **_PATIENCE}


@contextmanager
def borrowed(engine: Engine, label: str) -> Iterator[psycopg.Connection]:
    """A pooled connection as psycopg's own, in one transaction that ends with the block."""
    with explained(label), engine.connect() as pooled:
        connection: psycopg.Connection = pooled.connection.driver_connection  # type: ignore[assignment]
        with connection.transaction():
            yield connection


def who(doing: str) -> str:
    """Name of a connection, shown to others that find the lock taken: `workbench sync by anna@laptop pid 4711`.

    At most 63 bytes, PostgreSQL's limit.
    """
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    host = socket.gethostname().partition(".")[0]
    text = f"workbench {doing} by {user}@{host} pid {os.getpid()}"
    return re.sub(r"[^ -~]", "?", text)[:63]


@contextmanager
def explained(label: str, setting: str = "DATABASE_URL", role: str | None = None) -> Iterator[None]:
    """Turn the driver's errors of the block into a StorageError with a next step; arguments as of `storage_error`."""
    try:
        yield
    except WorkbenchError:
        raise
    except Exception as error:
        if not isinstance(error, psycopg.Error | OSError) and not is_of_the_pool(error):
            raise
        raise storage_error(error, label, setting, role) from error


def _uri(url: URL) -> str:
    before, mark, query = url.set(drivername="postgresql").render_as_string(hide_password=False).partition("?")
    return (
        before.replace(" ", "%20") + mark + query.replace("+", "%20")
    )  # SQLAlchemy's blank, which libpq does not know


def _label(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    where = parts.get("host") or parts.get("hostaddr")
    if not where and parts.get("service"):
        return f"service {parts['service']}"
    return f"{where or 'localhost'}/{parts.get('dbname') or ''}"
