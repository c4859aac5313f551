"""Describe an embedded server without starting it or changing its folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from workbench.database.embedded.cluster import data_version
from workbench.database.embedded.layout import Home
from workbench.database.embedded.server_process import is_ready


@dataclass(frozen=True)
class EmbeddedStatus:
    """An embedded server from outside.

    Attributes:
        home: its folder.
        running: whether it answers.
        version: the major version of its data, or None where there is none yet.
        data_bytes: the size of its data folder.
    """

    home: Path
    running: bool
    version: str | None
    data_bytes: int


def status(home: Path) -> EmbeddedStatus:
    """Look at the server of `home`.

    Raises:
        StorageError: its data folder cannot be read.
    """
    folder = Home(Path(os.path.realpath(home)))
    version = data_version(folder)
    return EmbeddedStatus(
        home=folder.path,
        running=is_ready(folder),
        version=None if version is None else str(version),
        data_bytes=_bytes_in(folder.data),
    )


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except FileNotFoundError:  # PostgreSQL removes files while we look
                continue
    return total
