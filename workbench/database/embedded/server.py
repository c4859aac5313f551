"""Start one PostgreSQL server per home, share it between processes, and stop it when its last user is gone.

Four file locks in the home. The kernel releases a lock when its last holder dies; `workbench/README.md` has the proof:

    use.lock      shared, by every process that uses the server, until it exits
    start.lock    exclusive, around making, starting and stopping
    alive.lock    exclusive, inherited by the postmaster and all its children: as long as it is held, the server lives
    keeper.lock   exclusive, by the shutdown watcher, which waits for the last user and stops the server
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from workbench.database.embedded import shutdown_watcher
from workbench.database.embedded.cluster import SUPERUSER, data_version
from workbench.database.embedded.file_locks import attempt, held, is_lock_at, open_lock, take
from workbench.database.embedded.layout import PORT, Home, open_home, storage_refusals
from workbench.database.embedded.server_process import bring_up, disown, launch, not_ready
from workbench.errors import StorageError

START_SECONDS = 120.0  # recovery after a crash may take a while

# Of the process: it is one user of a home, however many connections it opens.
_guard = threading.RLock()
_uses: dict[Home, int] = {}


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server: what a client needs to connect.

    Attributes:
        socket_dir: the folder of its Unix socket, which is libpq's `host`.
        port: part of the socket's name; nothing listens on TCP.
        user: its superuser, whom this process may be without a password.
        version: its major version.
    """

    socket_dir: Path
    port: int
    user: str
    version: str


def ensure(home: Path) -> EmbeddedServer:
    """The server of `home`, started if need be; this process counts as its user until it exits.

    Cheap enough for every new connection of a pool: a server that was killed meanwhile is started again.

    Raises:
        ConfigurationError: no server can run here: no account, no programs, a folder of another user.
        StorageError: the disk refuses, the data is of another major version, or the server does not come up.
    """
    with _guard, storage_refusals(home):
        folder = open_home(home)
        try:
            _join(folder)
            _keep(folder)  # before the start: a server must have a watcher even if its starter is killed
            with held(folder.lock("start"), seconds=START_SECONDS) as start_lock:
                bring_up(folder, start_lock, seconds=START_SECONDS)
        except TimeoutError as error:
            raise not_ready(folder, str(error)) from error
        return EmbeddedServer(folder.socket_folder, PORT, SUPERUSER, str(data_version(folder)))


def stop(home: Path, *, seconds: float = 60.0) -> None:
    """Stop the server of `home`, although other processes may use it; this process stops being its user.

    Raises:
        StorageError: it would not stop in time.
    """
    with _guard, storage_refusals(home):
        folder = Home(Path(os.path.realpath(home)))
        if not folder.lock("alive").exists():
            return
        if not _shut_down(folder, seconds=seconds):
            raise StorageError(
                f"The embedded PostgreSQL in {folder.path} would not stop.",
                why=f"It was still running after {seconds:.0f} s.",
                next_step=f"Wait for it, or look into {folder.log}.",
                retry=True,
            )
        _leave(folder)


def _shut_down(folder: Home, *, seconds: float) -> bool:
    try:
        with held(folder.lock("start"), seconds=seconds):
            alive = open_lock(folder.lock("alive"))
            try:
                return shutdown_watcher.stop_postmaster(str(folder.socket), alive, seconds=seconds)
            finally:
                os.close(alive)
    except TimeoutError:
        return False


def _join(folder: Home) -> None:
    """Become a user; waits for a watcher that is just stopping the server."""
    path = folder.lock("use")
    if folder in _uses and not is_lock_at(_uses[folder], path):
        _leave(folder)  # the home was removed, and another has its name
    if folder not in _uses:
        _uses[folder] = take(path, seconds=START_SECONDS, shared=True)


def _leave(folder: Home) -> None:
    if folder in _uses:
        os.close(_uses.pop(folder))


def _keep(folder: Home) -> None:
    """Start a shutdown watcher if none is waiting for the last user."""
    lock = open_lock(folder.lock("keeper"))
    descriptors = [lock]
    try:
        if not attempt(lock):
            return
        descriptors[:0] = [open_lock(folder.lock(name)) for name in ("use", "start", "alive")]
        launch(
            [sys.executable, "-I", "-S", shutdown_watcher.__file__, str(folder.socket), *map(str, descriptors)],
            pass_fds=descriptors,
        )
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _keep_at_exit() -> None:
    """Replace watchers that were killed, so that no server outlives its last user."""
    with _guard:
        for folder in _uses:
            with contextlib.suppress(OSError):
                _keep(folder)
        disown()


def _use_after_fork() -> None:
    """Take own locks in a forked child: the inherited ones end when the parent closes them."""
    for folder, inherited in _uses.items():
        with contextlib.suppress(OSError):
            own = open_lock(folder.lock("use"))
            attempt(own, shared=True)
            os.close(inherited)
            _uses[folder] = own
    _guard.release()


# A fork waits for `ensure` in other threads: a child with half-taken locks would hold them as long as it lives.
os.register_at_fork(before=_guard.acquire, after_in_parent=_guard.release, after_in_child=_use_after_fork)
atexit.register(_keep_at_exit)
