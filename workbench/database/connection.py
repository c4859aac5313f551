"""Connections to PostgreSQL: one tuned engine per process, plain psycopg connections for locks; no SQL of ours.

Whatever fails here becomes a StorageError that names host and database, never user or password.
SQLAlchemy is imported with the first pool: `status` and `doctor` look without one.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from workbench.database import embedded
from workbench.errors import StorageError, WorkbenchError
from workbench.settings import ReaderSettings

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

APP_NAME = "linkedin-ads-workbench"
_KEEPALIVES: dict[str, Any] = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class Database:
    """Where the present is kept: the configured database, or the embedded one.

    Attributes:
        label: `host/database` as people may see it.
    """

    def __init__(self, where: str | URL | None, *, home: Path | None = None, role: str | None = None) -> None:
        """Connect to nothing yet.

        Args:
            where: the configured database, as libpq's connection string or SQLAlchemy's URL; None means the embedded
                server of `home`.
            home: the folder of the embedded server.
            role: the embedded server's role to use, its superuser when left out.
        """
        self._conninfo = where if where is None or isinstance(where, str) else _uri(where)
        self._home = home
        self._role = role
        self.label = _label(self._conninfo) if self._conninfo else f"embedded/{embedded.DATABASE}"

    @classmethod
    def of(cls, settings: ReaderSettings, *, role: str | None = None) -> Database:
        """The database that the settings name."""
        conninfo = settings.conninfo
        return cls(conninfo) if conninfo else cls(None, home=embedded.default_home(settings.home), role=role)

    @property
    def is_embedded(self) -> bool:
        return self._conninfo is None

    def connect(self, application_name: str = APP_NAME, **options: Any) -> psycopg.Connection:
        """A connection of one's own, in autocommit, with time in UTC and dead peers noticed.

        Raises:
            StorageError: the database cannot be reached.
        """
        with explained(self.label):
            connection = psycopg.connect(
                **{**self._parameters(), **options},
                **_KEEPALIVES,
                application_name=application_name,
                connect_timeout=5,
                autocommit=True,
            )
            try:
                connection.execute("set timezone = 'UTC'")
            except psycopg.Error:
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


@contextmanager
def borrowed(engine: Engine, label: str) -> Iterator[psycopg.Connection]:
    """A pooled connection as psycopg's own, in one transaction that ends with the block."""
    with explained(label), engine.connect() as pooled:
        connection: psycopg.Connection = pooled.connection.driver_connection  # type: ignore[assignment]
        with connection.transaction():
            yield connection


def who(doing: str) -> str:
    """`workbench sync by anna@laptop pid 4711`: what others are told who find the lock taken. At most 63 bytes."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    host = socket.gethostname().partition(".")[0]
    text = f"workbench {doing} by {user}@{host} pid {os.getpid()}"
    return re.sub(r"[^ -~]", "?", text)[:63]


@contextmanager
def explained(label: str) -> Iterator[None]:
    """Turn what the database says into what a person can do."""
    try:
        yield
    except WorkbenchError:
        raise
    except Exception as error:
        if not isinstance(error, psycopg.Error | OSError) and not _is_of_the_pool(error):
            raise
        raise storage_error(error, label) from error


def storage_error(error: BaseException, label: str) -> StorageError:
    """A StorageError for whatever the driver raised."""
    cause = getattr(error, "orig", None) or error  # SQLAlchemy keeps the driver's word there
    if _is_of_the_pool(error, "TimeoutError") or isinstance(cause, psycopg.errors.TooManyConnections):
        why, step = "It has no connection left.", "Try again in a moment, or raise max_connections."
    elif isinstance(cause, psycopg.OperationalError) and not getattr(cause, "sqlstate", None):
        why = _first_line(cause) or "It cannot be reached."
        step = "Start it or correct DATABASE_URL (leave it empty to use the embedded database), then try again."
    elif isinstance(cause, psycopg.errors.InvalidPassword | psycopg.errors.InvalidAuthorizationSpecification):
        why, step = "It refuses this user or password.", "Correct DATABASE_URL or POSTGRES_USER and POSTGRES_PASSWORD."
    elif isinstance(cause, psycopg.errors.InvalidCatalogName):
        why, step = "There is no such database.", "Create it, or correct DATABASE_URL."
    elif isinstance(cause, psycopg.errors.ReadOnlySqlTransaction):
        why, step = "It only lets us read: a standby, or a read-only role.", "Point DATABASE_URL at the primary."
    elif isinstance(cause, psycopg.errors.DiskFull):
        why, step = "Its disk is full.", "Free some space there, then try again; nothing fetched is lost."
    elif isinstance(cause, psycopg.errors.InsufficientPrivilege):
        why, step = _first_line(cause), "Grant the role what it lacks, or use another role."
    else:
        why, step = _first_line(cause), "Try again; nothing fetched is lost."
    return StorageError(f"The database {label} cannot be used.", why=why, next_step=step)


def _first_line(error: BaseException) -> str:
    """The driver's first line, without the connection's user (libpq names it in some)."""
    line = str(error).strip().partition("\n")[0]
    return re.sub(r'\buser "[^"]*"', "user", line)


def _is_of_the_pool(error: BaseException, name: str = "SQLAlchemyError") -> bool:
    """Whether it is an error of SQLAlchemy's, which need not be imported to say no."""
    exceptions = sys.modules.get("sqlalchemy.exc")
    return exceptions is not None and isinstance(error, getattr(exceptions, name))


def _uri(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False).replace(" ", "%20")


def _label(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    return f"{parts.get('host') or 'localhost'}/{parts.get('dbname') or ''}"
