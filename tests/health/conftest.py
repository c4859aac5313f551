"""Databases that several tests look at and none changes; benches with a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL
from sync.bench import Bench, benches

from workbench.database import embedded

TEMPLATE = "template_workbench"


@pytest.fixture(scope="module")
def shared_database_url(server: embedded.EmbeddedServer) -> Iterator[URL]:
    """The address of a migrated database for all tests of a module."""
    name = f"test_{uuid4().hex}"
    embedded.create_database(server, name, template=TEMPLATE)
    parameters: dict[str, Any] = embedded.connection_parameters(server, name)
    yield URL.create(
        "postgresql+psycopg",
        parameters["user"],
        database=name,
        port=parameters["port"],
        query={"host": parameters["host"]},
    )
    with psycopg.connect(**embedded.connection_parameters(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def bench(database_url: URL, tmp_path: Path) -> Iterator[Bench]:
    with benches(database_url, tmp_path) as ready:
        yield ready
