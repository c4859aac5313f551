"""A bench for every test: a small sandbox, an empty database, a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from sync.bench import Bench, benches


@pytest.fixture
def bench(database_url: URL, tmp_path: Path) -> Iterator[Bench]:
    with benches(database_url, tmp_path) as ready:
        yield ready
