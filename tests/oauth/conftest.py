"""Settings that see nothing of this machine, and an OAuth server on a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stamina
from oauth_server import CLIENT_SECRET, OAuthServer

from workbench.settings.fields import Settings

MakeSettings = Callable[..., Settings]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[OAuthServer]:
    with OAuthServer() as running:
        yield running


@pytest.fixture
def make_settings(tmp_path: Path, server: OAuthServer) -> MakeSettings:
    def make(**changes: object) -> Settings:
        facts: dict[str, object] = {
            "WORKBENCH_HOME": tmp_path / "home",
            "LINKEDIN_CLIENT_ID": "client-1",
            "LINKEDIN_CLIENT_SECRET": CLIENT_SECRET,
            "LINKEDIN_OAUTH_URL": server.origin,
        }
        return Settings(**(facts | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    return make_settings()
