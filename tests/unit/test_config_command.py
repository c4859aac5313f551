"""`workbench config`: every setting with its value and its place, and no secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from workbench.cli.app import main
from workbench.paths import PACKAGE
from workbench.settings.fields import NAMES, Settings, read_settings

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


def test_the_example_has_every_setting_with_its_default(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["config", "--example"])
    shown = capsys.readouterr().out
    lines = re.findall(r"^([A-Z_]+)=(.*)$", shown, re.MULTILINE)

    assert (sorted(name for name, _ in lines), dict(lines)["SYNC_DAYS"]) == (sorted(NAMES), "90")
    (tmp_path / ".env").write_text(shown)
    written, unset = read_settings(Settings), Settings(_env_file=None)  # type: ignore[call-arg]
    assert {name: getattr(written, name) for name in NAMES} == {name: getattr(unset, name) for name in NAMES}


def test_the_example_in_the_checkout_is_the_one_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`poe example` writes it."""
    with pytest.raises(SystemExit):
        main(["config", "--example"])
    assert (PACKAGE.parent / ".env.example").read_text("utf-8") == capsys.readouterr().out
