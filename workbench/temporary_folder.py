"""Provide one private folder for a process's temporary files, under a random name, removed at its end.

It lies in the home, whose disk is meant for data; where there is no private home yet, in the machine's folder for
temporary files. A process that is killed leaves it behind; the next one removes it.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import stat
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from workbench.errors import ConfigurationError, WorkbenchError
from workbench.settings.fields import read_settings
from workbench.settings.home import HomeSettings

PREFIX = "workbench-temporary-"
_AN_HOUR = 3600  # a folder is younger than that before it is locked

# Of the process: one folder for all its temporary files, removed when it ends.
_lock = threading.Lock()
_made: dict[int, Path] = {}  # by process: a fork does not share the folder, nor remove it


def fresh_name() -> str:
    """A path in this process's temporary folder at which nothing is yet; "" where no such folder can be made."""
    try:
        return str(_folder() / uuid4().hex)
    except OSError:
        return ""


def provide_for_libraries() -> None:
    """Let libraries that insist on the machine's folder for temporary files use ours where there is none.

    Raises:
        ConfigurationError: ours cannot be made, either.
    """
    try:
        tempfile.gettempdir()
    except OSError:
        try:
            tempfile.tempdir = str(_folder())
        except OSError as error:
            raise ConfigurationError(
                "There is no folder for temporary files.",
                why="Neither the machine's nor the workbench's home can be written.",
                next_step="Set TMPDIR, or WORKBENCH_HOME, to a folder that this account can write.",
            ) from error


def remove() -> None:
    """Remove this process's folder now, where the end of the process will be a signal's."""
    with _lock:
        folder = _made.pop(os.getpid(), None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    process = os.getpid()
    with _lock:
        if process not in _made or not _made[process].is_dir():
            _made[process] = _make()
        return _made[process]


def _make() -> Path:
    home = _private_home()
    if home is not None:
        with suppress(OSError):
            return _make_in(home)
    return _make_in(Path(tempfile.gettempdir()))


def _make_in(parent: Path) -> Path:
    _remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))  # 0700, and never one that was there
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)  # open, and so locked, until the process ends
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


def _private_home() -> Path | None:
    """The workbench's home, if it exists, is ours, and no other account can put a file into it; else None."""
    try:
        home = read_settings(HomeSettings).home
        facts = home.stat()
    except (OSError, WorkbenchError):
        return None
    ours = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid()
    return home if ours and not facts.st_mode & 0o022 else None


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of this account's processes that were killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                facts = os.fstat(descriptor)
                if facts.st_uid == os.geteuid() and time.time() - facts.st_mtime > _AN_HOUR:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
