"""Folders that every account may enter, in memory where there is room: root's server runs as another account."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 * 2**30


def open_folder(prefix: str) -> Path:
    """A new folder, unlike pytest's own open to all; to make a database in memory costs a tenth of that on a disk."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if _has_room(_MEMORY) else "/tmp")).resolve()
    folder.chmod(0o755)
    return folder


def _has_room(place: Path) -> bool:
    """Whether programs can be run from it (a server may be copied there), and several servers find room."""
    if not place.is_dir():
        return False
    facts = os.statvfs(place)
    return not facts.f_flag & getattr(os, "ST_NOEXEC", 0) and facts.f_bavail * facts.f_frsize > _ROOM
