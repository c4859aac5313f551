"""A medium world, synced once in a process for the pages of several files: nothing in it changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from installations import settings_of, synced
from report_pages import PagesInstallation

from workbench.database import embedded


@pytest.fixture(scope="session")
def medium(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesInstallation]:
    with synced(server, tmp_path_factory.mktemp("medium"), size="medium") as installation:
        yield PagesInstallation(installation.sandbox, settings_of(installation))
