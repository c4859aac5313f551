"""Write files durably, whole or not at all, and explain refusals of the disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from workbench.errors import StorageError, WorkbenchError


def make_private_folder(folder: Path, *, exist_ok: bool = True) -> None:
    """Make a folder, and what is missing above it, that no other account can enter, whatever the umask.

    What was there before keeps its mode.

    Raises:
        FileExistsError: it is there, and `exist_ok` is false, or it is no folder.
    """
    if not folder.parent.exists():
        make_private_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not exist_ok or not folder.is_dir():
            raise
        return
    folder.chmod(0o700)


def open_private(path: Path) -> BinaryIO:
    """An empty file to write, which no other account can read, whatever the umask."""
    return os.fdopen(private_descriptor(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb")


def private_descriptor(path: str | Path, flags: int) -> int:
    """An open file that is 0600 if it is ours; another account's keeps the mode it has."""
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    with suppress(PermissionError):
        os.fchmod(descriptor, 0o600)
    return descriptor


@contextmanager
def durable(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to fill. It gets its final name, durably, only if the block succeeds."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    with open_private(unfinished) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    sync_file(folder)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into a StorageError with a next step."""
    try:
        yield
    except WorkbenchError:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise StorageError(
            f"Snapshot {folder.name} cannot be written.",
            why="The disk is full." if full else f"The disk answered: {error.strerror or error}.",
            next_step=f"{'Free some space' if full else f'Make {folder.parent} writable, or set SNAPSHOT_DIR'}; "
            "then sync again: what was read is kept.",
        ) from error
