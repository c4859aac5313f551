"""Synced installations that the questions are asked of: a sandbox, synced, and again a day later."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL

from workbench.database import embedded
from workbench.pipeline.api import sync
from workbench.sandbox import Sandbox
from workbench.settings import Settings

FIRST_SYNC = date(2026, 11, 22)


@dataclass(frozen=True)
class Installation:
    """What was synced, and what the sandbox holds for true."""

    sandbox: Sandbox
    environment: dict[str, str]
    last_day: date = FIRST_SYNC

    def use(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)


def new_database(server: embedded.EmbeddedServer, name: str, template: str = "template_workbench") -> str:
    embedded.create_database(server, name, template=template)
    facts = embedded.connection_parameters(server, name)
    url = URL.create(
        "postgresql+psycopg", facts["user"], database=name, port=facts["port"], query={"host": facts["host"]}
    )
    return url.render_as_string(hide_password=False)


def synced(server: embedded.EmbeddedServer, folder: Path, size: str) -> Iterator[Installation]:
    with Sandbox(size=size, today=FIRST_SYNC) as sandbox:
        environment = {
            "DATABASE_URL": new_database(server, f"questions_{size}"),
            "SNAPSHOT_DIR": str(folder / "snapshots"),
            "WORKBENCH_HOME": str(folder / "home"),
        }
        linkedin = {"LINKEDIN_API_URL": sandbox.url, "LINKEDIN_OAUTH_URL": sandbox.url}
        token = {"LINKEDIN_ACCESS_TOKEN": sandbox.issue_token(), "LINKEDIN_REQUESTS_PER_SECOND": "1000"}
        settings = Settings.model_validate(environment | linkedin | token)
        for day in range(2):
            sandbox.advance(day)
            noon = datetime.combine(sandbox.clock.today, time(12), UTC)
            report = asyncio.run(sync(settings=settings, force=True, clock=lambda noon=noon: noon))
            assert report.status == "done", report
        yield Installation(sandbox, environment, FIRST_SYNC + timedelta(1))


@pytest.fixture(scope="session")
def small(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    yield from synced(server, tmp_path_factory.mktemp("small"), "small")


@pytest.fixture(scope="session")
def medium(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    yield from synced(server, tmp_path_factory.mktemp("medium"), "medium")


@pytest.fixture(params=["small", "medium"])
def installation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Installation:
    chosen: Installation = request.getfixturevalue(request.param)
    chosen.use(monkeypatch)
    return chosen
