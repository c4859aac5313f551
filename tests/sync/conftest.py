"""An installation for every test: a small sandbox, an empty database, a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.installation import Installation, new_installation


@pytest.fixture
def installation(database_url: URL, tmp_path: Path) -> Iterator[Installation]:
    with new_installation(database_url, tmp_path) as ready:
        yield ready
