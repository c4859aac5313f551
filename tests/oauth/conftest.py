"""Settings that see nothing of this machine, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stamina
from pydantic import SecretStr

from workbench.settings import Settings
from workbench.tokens import Token, TokenFile

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
CLIENT_SECRET = "canary-client-secret-0001"
ACCESS = "canary-access-token-0001"
REFRESH = "canary-refresh-token-0001"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_waiting() -> object:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(**changes: object) -> Settings:
        facts: dict[str, object] = {
            "WORKBENCH_HOME": tmp_path / "home",
            "LINKEDIN_CLIENT_ID": "client-1",
            "LINKEDIN_CLIENT_SECRET": CLIENT_SECRET,
        }
        return Settings(**(facts | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


def token(**changes: object) -> Token:
    facts: dict[str, object] = {
        "access_token": SecretStr(ACCESS),
        "expires_at": NOW + timedelta(days=60),
        "refresh_token": SecretStr(REFRESH),
        "refresh_token_expires_at": NOW + timedelta(days=365),
        "scopes": ("r_ads", "r_ads_reporting"),
        "issued_at": NOW - timedelta(hours=1),
        "consented_at": NOW - timedelta(hours=1),
        "client_id": "client-1",
    }
    return Token.model_validate(facts | changes)


async def store(settings: Settings, value: Token) -> TokenFile:
    file = TokenFile(settings.token_file)
    async with file.locked():
        file.write(value)
    return file
