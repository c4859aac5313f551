"""What a process spills to disk: in a private folder of its own, which others can neither foresee nor read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from workbench import temporary_folder
from workbench.linkedin import rate_limits
from workbench.snapshots.views import Views
from workbench.temporary_folder import PREFIX

_SPILL = """
from workbench.snapshots.views import Views
with Views([], memory="40MB", threads=1) as views:
    views.connection.execute("create table t as select range, repeat(range::varchar, 9) from range(3_000_000)")
    print(views.connection.execute("select current_setting('temp_directory')").fetchone()[0])
    print(views.connection.execute("select count(*) from duckdb_temporary_files()").fetchone()[0])
    print(views.connection.execute("select current_setting('enable_progress_bar')").fetchone()[0])
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    monkeypatch.setattr(temporary_folder, "_made", {})
    return folder


def spill_of(views: Views) -> Path:
    row = views.connection.execute("select current_setting('temp_directory')").fetchone()
    assert row
    return Path(row[0])


def test_spilled_data_lies_in_a_private_folder_of_the_home(home: Path) -> None:
    before = os.umask(0)
    try:
        with Views([]) as one, Views([]) as other:
            folders = spill_of(one), spill_of(other)
    finally:
        os.umask(before)
    assert folders[0] != folders[1]
    assert {folder.parent.parent for folder in folders} == {home}
    assert stat.S_IMODE(folders[0].parent.stat().st_mode) == 0o700
    assert str(os.getpid()) not in folders[0].parent.name.removeprefix(PREFIX)


@pytest.mark.slow
def test_a_process_that_has_spilled_leaves_nothing_behind(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _SPILL], capture_output=True, text=True, check=True, timeout=120)
    folder, files, progress_bar = done.stdout.split()
    assert int(files) > 0
    assert progress_bar == "False", "it would stand among the output of whatever takes two seconds"
    assert Path(folder).parent.parent == home
    assert list(home.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_uses_is_not(home: Path) -> None:
    abandoned, young = home / f"{PREFIX}abandoned", home / f"{PREFIX}young"
    for folder in (abandoned, young):
        folder.mkdir()
    used = Path(temporary_folder.fresh_name()).parent
    for folder in (abandoned, used):
        os.utime(folder, (0, 0))
    temporary_folder._made.clear()
    other = Path(temporary_folder.fresh_name()).parent
    assert set(home.iterdir()) == {young, used, other}


def test_what_a_killed_process_left_without_a_home_is_removed_too(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.rmdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    abandoned, others = tmp_path / f"{PREFIX}abandoned", tmp_path / "temporary-of-another-program"
    for folder in (abandoned, others):
        folder.mkdir()
        os.utime(folder, (0, 0))
    temporary_folder.fresh_name()
    assert (abandoned.exists(), others.exists()) == (False, True)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
def test_a_home_that_others_can_write_holds_nothing_spilled(home: Path, mode: int) -> None:
    home.chmod(mode)
    folder = Path(temporary_folder.fresh_name()).parent
    assert folder.parent == Path(tempfile.gettempdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_any_place_nothing_is_spilled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.rmdir()
    monkeypatch.setattr(tempfile, "tempdir", str(home / "missing"))
    assert temporary_folder.fresh_name() == ""
    with Views([]) as views:
        assert views.frame("select 1 as x").height == 1


def test_remembered_quotas_are_written_through_no_name_that_can_be_foreseen(tmp_path: Path) -> None:
    file, target = tmp_path / "quotas.json", tmp_path / "target"
    target.write_text("kept")
    (tmp_path / f"{file.name}.{os.getpid()}.unfinished").symlink_to(target)
    rate_limits._write(file, {"": {}})
    assert target.read_text() == "kept"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
