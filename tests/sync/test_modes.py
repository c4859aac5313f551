"""What a sync leaves on disk is for its own account alone, whatever the umask."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sync.installation import Installation
from workbench import logs
from workbench.files import make_private_folder, open_private
from workbench.linkedin.rate_limits import Quotas
from workbench.snapshots import parquet_cache
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.parquet_cache import Cache


@pytest.fixture
def wide_open() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> dict[str, str]:
    """What any other account may do anything with."""
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in (folder, *folder.rglob("*"))}
    return {str(path.relative_to(folder)): f"{mode:o}" for path, mode in modes.items() if mode & 0o077}


@pytest.mark.usefixtures("wide_open")
def test_everything_a_sync_writes_is_private(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_cache, "_WORTH", 0)
    make_private_folder(installation.folder / "all")
    apart = replace(installation, folder=installation.folder / "all/further/down")
    settings = apart.settings()
    logs.configure(settings.log_dir, console=False)
    try:
        apart.sync()
        Quotas(settings.home / "quotas.json").spend("posts", apart.now())
        Cache(settings.home / "cache").open(list_snapshots(settings.snapshot_dir).finished).close()
    finally:
        logs.configure(None, console=False)

    written = {path.suffix for path in (installation.folder / "all").rglob("*")}
    assert written >= {".log", ".json", ".gz", ".parquet"}
    assert open_to_others(installation.folder / "all") == {}


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_a_folder_is_private_at_every_level_that_was_missing(tmp_path: Path, umask: int) -> None:
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    before = os.umask(umask)
    try:
        make_private_folder(there / "a/b/c")
        open_private(there / "a/b/c/file").close()
    finally:
        os.umask(before)
    assert open_to_others(there / "a") == {}
    assert stat.S_IMODE(there.stat().st_mode) == 0o755


def test_a_log_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "app.log").touch()
    (tmp_path / "app.log").chmod(0o666)
    logs.configure(tmp_path, console=False)
    logs.configure(None, console=False)
    assert stat.S_IMODE((tmp_path / "app.log").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link to another account")
@pytest.mark.parametrize("kind", ["a link", "a pipe"])
def test_no_log_is_written_through_what_another_account_has_laid(tmp_path: Path, kind: str) -> None:
    """As in a LOG_DIR where others may write; writing into a pipe would wait until its owner reads."""
    victim, laid = tmp_path / "victim", tmp_path / "logs" / "app.log"
    victim.write_text("kept")
    victim.chmod(0o644)
    laid.parent.mkdir()
    if kind == "a link":
        laid.symlink_to(victim)
    else:
        os.mkfifo(laid)
    os.chown(laid, 54_321, 54_321, follow_symlinks=False)
    logs.configure(laid.parent, console=False)
    logging.getLogger(logs.ROOT).warning("a line")
    logs.configure(None, console=False)
    assert (victim.read_text(), stat.S_IMODE(victim.stat().st_mode)) == ("kept", 0o644)


def test_a_link_of_ones_own_leads_a_log_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "app.log").symlink_to(tmp_path / "elsewhere")
    logs.configure(tmp_path, console=False)
    logging.getLogger(logs.ROOT).warning("a line")
    logs.configure(None, console=False)
    assert "a line" in (tmp_path / "elsewhere").read_text()
