"""Machines as they are: no home, no temporary folder, no working directory, a file system without fsync, and outputs
that are not UTF-8. What is optional is never fatal, and what can be said never changes what was done."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.installation import Installation, differences
from workbench import console, files
from workbench.cli import setup_values
from workbench.errors import ConfigurationError
from workbench.paths import nearest_env_file, working_folder
from workbench.settings.fields import ReaderSettings, Settings
from workbench.settings.home import HomeSettings

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
NARROW = {"ASCII": ASCII, "ASCII by name": {"PYTHONIOENCODING": "ascii"}, "Latin 1": {"PYTHONIOENCODING": "latin-1"}}

_RUN = "import json, sys; from child_process import main; main(json.loads(sys.argv[1]), sys.argv[2:])"
_NO_FSYNC = """
import errno, os, stat
plain = os.fsync
def fsync(descriptor):
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "Invalid argument")
    plain(descriptor)
os.fsync = fsync
"""
_NO_TEMPORARY_FOLDER = """
import tempfile
def none():
    raise FileNotFoundError(2, "No usable temporary directory found")
tempfile._get_default_tempdir = none
"""
_NO_HOME = """
import pwd
def none(uid):
    raise KeyError(uid)
pwd.getpwuid = none
"""
_NO_WORKING_FOLDER = """
import os, tempfile
gone = tempfile.mkdtemp()
os.chdir(gone)
os.rmdir(gone)
"""
MACHINES = {
    "no fsync for folders": (_NO_FSYNC, ()),
    "no temporary folder": (_NO_TEMPORARY_FOLDER, ()),
    "no home": (_NO_HOME, ("HOME", "WORKBENCH_HOME", "XDG_DATA_HOME")),
    "no working folder": (_NO_WORKING_FOLDER, ()),
}


def run(
    installation: Installation, *arguments: str, before: str = "", without: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **installation.environment(), "PYTHONPATH": str(Path(__file__).parent), **more}
    orders = json.dumps({"shift": (installation.now() - datetime.now(UTC)).total_seconds()})
    for name in without:
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, "-c", before + _RUN, orders, *arguments],
        env=environment,
        cwd=installation.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )


# --- every command --------------------------------------------------------------------------------------------------

COMMANDS = {
    "sync --force": 0,
    "sync --force --json": 0,
    "load --all": 0,
    "status": 0,
    "status -v": 0,
    "status --json": 0,
    "query accounts": 0,
    "query accounts --source snapshots --format csv": 0,
    "questions campaign_weeks": 0,
    "config": 0,
    "db upgrade": 0,
    "auth status": 0,
    "load .": 70,
    "init --yes --no-sync": 0,
}
# What a machine lacks is met by every command that needs it; where a command only reads or only prints, one says it.
TRIED = {
    "no fsync for folders": ("sync --force --json", "load --all", "db upgrade", "init --yes --no-sync"),
    "no temporary folder": ("sync --force --json", "load --all", "query accounts --source snapshots --format csv"),
    "no home": [command for command in COMMANDS if command != "sync --force"],
    "no working folder": ("sync --force --json", "status -v", "load .", "init --yes --no-sync"),
    "ASCII": ("sync --force", "status -v", "query accounts", "questions campaign_weeks"),
    "ASCII by name": ("status -v", "query accounts", "questions campaign_weeks", "load ."),
    "Latin 1": ("sync --force", "status -v", "query accounts"),
}


@pytest.mark.slow
@pytest.mark.parametrize("machine", TRIED)
def test_every_command_does_on_an_odd_machine_what_it_does_elsewhere(installation: Installation, machine: str) -> None:
    installation.first_sync()
    before, without = MACHINES.get(machine, ("", ()))
    for command in TRIED[machine]:
        ran = run(installation, *command.split(), before=before, without=without, **NARROW.get(machine, {}))
        said = (ran.stdout + ran.stderr).decode(errors="replace")
        assert "Traceback" not in said, f"{command}\n{said}"
        assert ran.returncode == COMMANDS[command], f"{command}\n{said}"
        if "--json" in command:
            assert isinstance(json.loads(ran.stdout), dict)
    assert differences(installation) == []


@pytest.mark.slow
def test_without_utf8_a_sync_ends_as_it_would_and_names_are_told_by_their_numbers(installation: Installation) -> None:
    ran = run(installation, "sync", "--days", "1", **NARROW["ASCII by name"])
    assert (ran.returncode, b"Traceback" in ran.stderr) == (0, False)
    assert rb"Kestrel \u6771\u4eac K.K." in ran.stdout

    shown = run(installation, "query", "accounts", "--format", "csv", **NARROW["ASCII by name"])
    assert "Kestrel 東京 K.K." in shown.stdout.decode("utf-8")  # data crosses whole


# --- one thing at a time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("ascii", rb'"M\xfcller" - 1... -> \u65e5'),
        ("latin-1", '"Müller" - 1... -> '.encode("latin-1") + rb"\u65e5"),
        ("utf-8", "“Müller” – 1… → 日".encode()),
    ],
)
def test_what_an_output_cannot_write_is_substituted(
    encoding: str, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    console.accept_any_text()
    console.tell("“Müller” – 1… → 日", err=False)
    assert sys.stdout.buffer.getvalue() == written + b"\n"


def test_half_a_character_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the name of a file whose bytes are no UTF-8."""
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    console.tell("a\udcff")
    assert sys.stderr.buffer.getvalue() == b"a\\udcff\n"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS])
def test_a_file_system_without_fsync_is_written_to(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with files.atomic_write(tmp_path / "file") as file:
        file.write(b"kept")
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_a_disk_that_fails_is_still_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="Input/output"), files.atomic_write(tmp_path / "file"):
        pass


def _homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(uid: int) -> None:
        raise KeyError(uid)

    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", none)


def test_an_account_without_a_home_is_asked_for_one_only_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _homeless(monkeypatch)
    with pytest.raises(ConfigurationError, match="WORKBENCH_HOME"):
        _ = HomeSettings().home
    assert ReaderSettings().log_dir is None
    assert HomeSettings(WORKBENCH_HOME=tmp_path).home == tmp_path
    with pytest.raises(ConfigurationError, match="~/snapshots"):
        _ = Settings(SNAPSHOT_DIR=Path("~/snapshots")).snapshot_dir


def test_a_working_folder_that_is_gone_or_closed_has_no_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    assert nearest_env_file(tmp_path) is None
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert working_folder() is None
    monkeypatch.chdir(tmp_path)


def test_a_setup_in_a_working_folder_that_is_gone_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_values, "CHECKOUT", None)
    monkeypatch.setattr("workbench.paths.CHECKOUT", None)
    with pytest.raises(ConfigurationError, match="working directory is gone"):
        setup_values.find_known(None, {})
