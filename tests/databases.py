"""Databases in the tests' own server: their addresses, new ones, and those that last as long as a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import URL

from workbench.database import embedded

TEMPLATE = "template_workbench"


def url_of(server: embedded.EmbeddedServer, name: str) -> URL:
    parameters: dict[str, Any] = embedded.connection_parameters(server, name)
    return URL.create(
        "postgresql+psycopg",
        parameters["user"],
        database=name,
        port=parameters["port"],
        query={"host": parameters["host"]},
    )


def new_database(server: embedded.EmbeddedServer, *, template: str = TEMPLATE) -> URL:
    """The address of a fresh database, migrated unless it has another template; it goes with the server."""
    url = url_of(server, f"test_{uuid4().hex}")
    with _maintenance(url) as connection:
        _copy(connection, template, str(url.database))
    return url


@contextmanager
def temporary_database(server: embedded.EmbeddedServer, *, template: str = TEMPLATE) -> Iterator[URL]:
    """The same, dropped afterwards."""
    url = new_database(server, template=template)
    yield url
    with _maintenance(url) as connection:
        connection.execute(f"drop database {url.database} with (force)")


def replace_database(url: URL, *, template: str) -> None:
    """Put a copy of a template in a database's place."""
    with _maintenance(url) as connection:
        connection.execute(f"drop database if exists {url.database} with (force)")
        _copy(connection, template, str(url.database))


def _copy(connection: psycopg.Connection, template: str, name: str) -> None:
    """Copy files instead of logging every page: less than half the work where nothing is synced to the disk."""
    connection.execute(f"create database {name} template {template} strategy file_copy")


def _maintenance(url: URL) -> psycopg.Connection:
    """A connection to the server of a database, but not to that database."""
    host = str(url.query["host"])
    return psycopg.connect(host=host, port=url.port, user=url.username, dbname="postgres", autocommit=True)
