"""`workbench config`: every setting with its value and its place, and no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.cli.app import main
from workbench.settings import NAMES

SECRET = "CANARY-secret"
SECRETS = ("DATABASE_URL", "POSTGRES_PASSWORD", "LINKEDIN_CLIENT_SECRET", "LINKEDIN_ACCESS_TOKEN")


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / ".env"
    file.write_text(
        "\n".join([*(f"{name}={SECRET}" for name in SECRETS), "SYNC_DAYS=7", "LOOKBACK_DAYS=8", "LOG_DIR="])
    )
    monkeypatch.setenv("SYNC_DAYS", "9")
    monkeypatch.setenv("LINKEDIN_ACCOUNT_IDS", "5, 6")
    return file


def test_every_setting_is_shown_with_where_it_comes_from(configured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["config", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    assert set(shown) == NAMES
    assert shown["SYNC_DAYS"] == {"value": "9", "source": "environment"}
    assert shown["LOOKBACK_DAYS"] == {"value": "8", "source": str(configured)}
    assert shown["LOG_DIR"] == {"value": "", "source": "default"}
    assert shown["LINKEDIN_ACCOUNT_IDS"] == {"value": "5,6", "source": "environment"}
    assert {shown[name]["value"] for name in SECRETS} == {"(hidden)"}


@pytest.mark.parametrize("arguments", [["config"], ["config", "--json"]])
def test_no_secret_is_shown(configured: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err
    assert "SNAPSHOT_DIR" in shown.out
