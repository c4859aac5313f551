"""Check a file against its recorded size and SHA-256, and that it is a plain file. Its content is not judged."""

from __future__ import annotations

import hashlib
import stat
from functools import cache
from pathlib import Path


def damage(path: Path, size: int, sha256: str) -> str | None:
    """What is wrong with a file, as the rest of a sentence that begins with its name; None if it is whole."""
    if path.is_symlink() or path.parent.is_symlink():
        return "is a link, and links are not followed"
    try:
        found = path.stat()
    except OSError:
        return "is missing"
    if not stat.S_ISREG(found.st_mode):
        return "is not a plain file"
    if found.st_size != size:
        return f"has {found.st_size:,} bytes where the manifest says {size:,}"
    try:
        if _sha256(path, found.st_size, found.st_mtime_ns) != sha256:
            return "was changed: its checksum differs from the manifest's"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None


@cache  # by size and time too: a file that changes has another key; a set of snapshots is a few thousand entries
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
