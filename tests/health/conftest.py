"""Databases that several tests look at and none changes; installations with a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import temporary_database
from sqlalchemy import URL
from sync.installation import Installation, new_installation

from workbench.database import embedded


@pytest.fixture(scope="module")
def shared_database_url(server: embedded.EmbeddedServer) -> Iterator[URL]:
    """The address of a migrated database for all tests of a module."""
    with temporary_database(server) as url:
        yield url


@pytest.fixture
def installation(database_url: URL, tmp_path: Path) -> Iterator[Installation]:
    with new_installation(database_url, tmp_path) as ready:
        yield ready
