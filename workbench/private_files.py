"""Folders and files that are for this account alone, whatever the umask."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


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
