"""A tiny app behind the guard, and real notebooks served by a process of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from editors import EDIT, Editor, editing
from guarded_servers import GuardedApp, PagesServer, write_notebooks

from workbench.web.security import TokenLogin


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def guarded() -> Iterator[GuardedApp]:
    with GuardedApp(TokenLogin) as app:
        yield app


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_notebooks(tmp_path_factory.mktemp("notebooks"))


@pytest.fixture(scope="session")
def pages(notebooks: Path) -> Iterator[PagesServer]:
    with PagesServer(notebooks) as server:
        yield server


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    folder = write_notebooks(tmp_path_factory.mktemp("edited"))
    with editing("-c", EDIT, str(folder)) as process:
        yield Editor(process)
