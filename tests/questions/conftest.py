"""Synced installations that the questions are asked of: a sandbox, synced, and again a day later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from databases import new_database
from sync.installation import TODAY, Installation

from workbench.database import embedded
from workbench.sandbox import Sandbox


@dataclass(frozen=True)
class PagesInstallation:
    """What was synced, and what the sandbox holds for true."""

    sandbox: Sandbox
    environment: dict[str, str]
    last_day: date = TODAY

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)


def synced(server: embedded.EmbeddedServer, folder: Path, size: str) -> Iterator[PagesInstallation]:
    with Sandbox(size=size, today=TODAY) as sandbox:
        installation = Installation(sandbox, new_database(server), folder)
        first_sync = installation.first_sync if size == "small" else installation.sync
        assert first_sync().status == "done"
        sandbox.advance(1)
        installation.changes["DEMOGRAPHICS_BY"] = "campaign_group"
        assert installation.sync(force=True).status == "done"
        reading = {
            name: value for name, value in installation.environment().items() if not name.startswith("LINKEDIN_")
        }
        yield PagesInstallation(sandbox, reading, installation.today)


@pytest.fixture(scope="session")
def small(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesInstallation]:
    yield from synced(server, tmp_path_factory.mktemp("small"), "small")


@pytest.fixture(scope="session")
def medium(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesInstallation]:
    yield from synced(server, tmp_path_factory.mktemp("medium"), "medium")


@pytest.fixture(params=["small", pytest.param("medium", marks=pytest.mark.sweep)])
def installation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PagesInstallation:
    chosen: PagesInstallation = request.getfixturevalue(request.param)
    chosen.use(monkeypatch)
    return chosen
