"""Write files durably, whole or not at all, and explain refusals of the disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from workbench.errors import StorageError, WorkbenchError
from workbench.private_files import open_private


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
