"""Start a sync as its own process from a page, and stop it from any page.

The process outlives the page, the tab and the server; what it does is read from the database, not from here.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.errors import StorageError
from workbench.files import make_private_folder, open_private
from workbench.settings.fields import ReaderSettings, read_settings

_HOLDER = re.compile(r"workbench (?P<doing>\w+)( \d+/\d+)? by (?P<user>.*)@(?P<host>[^@]*) pid (?P<pid>\d+)")
_LONGEST_NAME = 63  # PostgreSQL cuts `application_name` here, and a cut pid is another process's


@dataclass(frozen=True)
class Started:
    """A sync that this process started."""

    process: subprocess.Popen[bytes] = field(repr=False)
    said: Path
    at: datetime

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    @property
    def outcome(self) -> dict[str, Any] | None:
        """The object that `sync --json` printed at its end; None while it runs, or if it printed nothing."""
        if self.running:
            return None
        try:
            outcome: dict[str, Any] = json.loads(self.said.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return outcome


class _Latest:
    """The newest sync that this process started; it starts one at a time, for all visitors together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: Started | None = None

    def get(self) -> Started | None:
        return self._started

    def start(self, arguments: Sequence[str], folder: Path) -> bool:
        with self._lock:
            if self._started is not None and self._started.running:
                return False
            try:
                make_private_folder(folder)
                self._started = _spawn(arguments, folder)
            except OSError as error:
                raise StorageError(
                    "The sync could not be started.",
                    why=f"{folder} cannot be used ({error.strerror}).",
                    next_step="Make room there, or set LOG_DIR to a folder that can be written.",
                ) from error
            return True


_latest = _Latest()
"""Of the process: the child process that it started last, which all its pages show and may cancel."""


def started() -> Started | None:
    """The newest sync that this process started, running or not."""
    return _latest.get()


def start_sync(*, days: int | None = None, account_ids: Sequence[int] = (), force: bool = False) -> bool:
    """Start `workbench sync` detached from this process; False if one that was started here still runs.

    Raises:
        ConfigurationError: the settings cannot be used.
        StorageError: the file for its output cannot be written.
    """
    arguments = ["--days", str(days)] if days is not None else []
    arguments += [word for account_id in account_ids for word in ("--account", str(account_id))]
    settings = read_settings(ReaderSettings)
    folder = settings.log_dir or settings.home / "logs"
    return _latest.start([*arguments, *(["--force"] if force else [])], folder)


def cancel_sync(holder: str | None) -> None:
    """Ask a running sync to stop (SIGTERM): the one that was started here, else the one that holds the lock.

    Args:
        holder: the holder of the database's lock, from the question `newest_sync`.

    Raises:
        StorageError: it cannot be stopped from here: it runs on another machine or as another user.
    """
    mine = started()
    if mine is not None and mine.running:
        mine.process.terminate()
        return
    pid = _pid_of(holder)
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return  # it has just ended
    except PermissionError as error:
        raise _cannot("It belongs to another user of this machine.") from error


def _spawn(arguments: Sequence[str], folder: Path) -> Started:
    said = folder / "sync-from-notebook.json"
    # -P: another account may write to the working directory, and modules in it are not to be loaded.
    command = [sys.executable, "-P", "-m", "workbench", "sync", "--trigger", "notebook", "--json", *arguments]
    with open_private(said) as out, open_private(folder / "sync-from-notebook.log") as err:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True, close_fds=True
        )
    return Started(process, said, datetime.now(UTC))


def _pid_of(holder: str | None) -> int:
    """The process behind a lock, if it can be named for certain.

    Raises:
        StorageError: it cannot.
    """
    found = _HOLDER.fullmatch(holder or "")
    if found is None or found["doing"] != "sync" or len(holder or "") >= _LONGEST_NAME:
        raise _cannot("The process that runs it cannot be named.")
    if found["host"] != socket.gethostname().partition(".")[0]:
        raise _cannot(f"It runs on another machine, {found['host']}.")
    pid = int(found["pid"])
    if not _is_sync(pid):
        raise _cannot(f"Process {pid} of this machine is not a sync.")
    return pid


def _is_sync(pid: int) -> bool:
    """Whether a process is a sync of this user. Checked, because any client can choose its name in the database."""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return "sync" in shown.stdout and ("workbench" in shown.stdout or "python" in shown.stdout)


def _cannot(why: str) -> StorageError:
    return StorageError(
        "This sync cannot be cancelled from here.",
        why=why,
        next_step="Stop it where it was started (Ctrl-C), or wait; `workbench status` shows how far it is.",
    )
