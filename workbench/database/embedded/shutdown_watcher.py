"""A small process that waits until the last user of a server is gone, and then stops the server.

It outlives the process that started it, so that a killed user leaves no server behind. It is started by path with
`-I -S` and imports the standard library alone; every lock arrives as a descriptor, so it opens no file.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import struct
import sys
import time

_PATIENCE_SECONDS = 600.0  # the checkpoint of a shutdown may take minutes on a slow disk
_POLL_SECONDS = 0.02
_MACOS_SOL_LOCAL, _MACOS_LOCAL_PEERPID = 0, 2  # <sys/un.h>; Python has no names for them


def listening_process(address: str) -> int | None:
    """Process id of the listener on a socket, from the kernel; None if there is none or it is in another namespace."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        try:
            connection.connect(address)
            if sys.platform == "linux":
                answer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            else:
                answer = connection.getsockopt(_MACOS_SOL_LOCAL, _MACOS_LOCAL_PEERPID, struct.calcsize("i"))
        except OSError:
            return None
    pid: int = struct.unpack_from("i", answer)[0]
    return pid if pid > 1 else None  # 0: a process of another pid namespace


def stop_postmaster(address: str, alive: int, *, seconds: float) -> bool:
    """Shut the server down (SIGINT: clients are disconnected, data is flushed) and wait until all of it is gone.

    The caller holds `start.lock`. Returns with `alive` locked, or False when the server would not go.
    """
    deadline = time.monotonic() + seconds
    asked: int | None = None
    while not _attempt(alive):
        if time.monotonic() > deadline:
            return False
        if asked is None and (asked := listening_process(address)) is not None:
            os.kill(asked, signal.SIGINT)
        time.sleep(_POLL_SECONDS)
    return True


def _attempt(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main(address: str, use: int, start: int, alive: int, keeper: int) -> None:
    """Wait for the last user, stop the server, leave."""
    fcntl.flock(use, fcntl.LOCK_EX)
    fcntl.flock(start, fcntl.LOCK_EX)
    stop_postmaster(address, alive, seconds=_PATIENCE_SECONDS)
    # Before `use` is released: the next user must find this lock free and start its own watcher.
    os.close(keeper)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:6]))
