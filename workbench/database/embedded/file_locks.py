"""Take file locks that the kernel releases when their last holder dies, so that no process id is ever stored.

`flock` belongs to the open file description: a child that inherits the descriptor holds the lock as well.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """A descriptor of the lock file, which is made when it is missing; nothing is locked yet."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def attempt(descriptor: int, *, shared: bool = False) -> bool:
    """Whether the lock could be taken, without waiting."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_lock_at(descriptor: int, path: Path) -> bool:
    """Whether the descriptor is of the very file that others would lock now."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def take(path: Path, *, seconds: float, shared: bool = False) -> int:
    """The descriptor that holds the lock; closing it lets go.

    Raises:
        TimeoutError: another process held the lock all the time.
    """
    descriptor = open_lock(path)
    try:
        _wait(descriptor, seconds=seconds, shared=shared)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def held(path: Path, *, seconds: float) -> Iterator[int]:
    """Hold the lock exclusively for the block; yields its descriptor."""
    descriptor = take(path, seconds=seconds)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, *, seconds: float, shared: bool) -> None:
    deadline = time.monotonic() + seconds
    while not attempt(descriptor, shared=shared):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Another process kept the lock for {seconds:.0f} s.")
        time.sleep(POLL_SECONDS)
