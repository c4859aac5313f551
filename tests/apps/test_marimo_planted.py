"""What marimo finds by itself, and where it logs: nothing that another account wrote, nothing that others may read."""

from __future__ import annotations

import logging
import stat
from pathlib import Path
from typing import Any

import pytest

from workbench import logs
from workbench.web import editor, marimo_patches


@pytest.fixture
def marimo_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Any:
    """marimo, whose replaced functions are put back at the end."""
    from marimo._config import manager, utils
    from marimo._server.api.endpoints import assets

    for module, name in (
        (utils, "_check_directory_for_file"),
        (manager, "find_nearest_pyproject_toml"),
        (assets, "find_nearest_pyproject_toml"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))
    utils.get_user_config_path.cache_clear()
    editor._is_ours.cache_clear()
    yield manager
    utils.get_user_config_path.cache_clear()


@pytest.mark.parametrize("name", [".marimo.toml", "pyproject.toml"])
@pytest.mark.parametrize("shared", [True, False])
def test_settings_that_another_account_could_have_written_are_not_obeyed(
    marimo_as_it_was: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    shared: bool,
) -> None:
    """As in a folder of one's own below `/tmp`: `pythonpath` names a folder whose modules the editor's kernels load."""
    head = "[tool.marimo.runtime]" if name == "pyproject.toml" else "[runtime]"
    mine = tmp_path / "shared" / "mine"
    mine.mkdir(parents=True)
    (mine.parent / name).write_text(f'{head}\npythonpath = ["/planted"]\n')
    mine.parent.chmod(0o1777 if shared else 0o755)
    monkeypatch.chdir(mine)
    marimo_patches.read_settings_only_of(editor._is_ours)

    config = marimo_as_it_was.get_default_config_manager(current_path=str(mine)).get_config()

    assert config["runtime"].get("pythonpath", []) == ([] if shared else ["/planted"])
    assert (f"The settings in {mine.parent / name} are not obeyed." in capsys.readouterr().err) == shared


def test_marimo_logs_into_web_log_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A visitor's request stands in its records: it forges no line, and reaches no console and no file of others."""
    from marimo import _loggers

    logger = _loggers.marimo_logger()
    before, readable = logger.handlers[:], tmp_path / "marimo.log"
    logger.handlers[:] = [logging.FileHandler(readable), logging.StreamHandler()]
    readable.chmod(0o644)
    logs.configure(tmp_path / "logs", console=True)
    try:
        marimo_patches.log_beside_ours()
        logger.warning("asked for %s", "\n2026-11-22T00:00:00Z ERROR   [-] forged\x1b[31m")
    finally:
        logger.handlers[:] = before
        logs.configure(None, console=False)

    assert (readable.read_text(), stat.S_IMODE(readable.stat().st_mode)) == ("", 0o600)
    assert capsys.readouterr() == ("", "")
    first, second = (tmp_path / "logs" / "web.log").read_text().splitlines()
    assert first.endswith("marimo: asked for ")
    assert second == "  | 2026-11-22T00:00:00Z ERROR   [-] forged\\x1b[31m"
