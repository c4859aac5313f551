"""Databases that several tests look at and none changes; benches with a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import temporary_database
from sqlalchemy import URL
from sync.bench import Bench, benches

from workbench.database import embedded


@pytest.fixture(scope="module")
def shared_database_url(server: embedded.EmbeddedServer) -> Iterator[URL]:
    """The address of a migrated database for all tests of a module."""
    with temporary_database(server) as url:
        yield url


@pytest.fixture
def bench(database_url: URL, tmp_path: Path) -> Iterator[Bench]:
    with benches(database_url, tmp_path) as ready:
        yield ready
