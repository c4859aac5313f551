"""Check a file against its recorded size and SHA-256, and that it is a plain file. Its content is not judged."""

from __future__ import annotations

import gzip
import hashlib
import stat
import zlib
from functools import cache
from pathlib import Path

UNPACKED = 4 * 2**30
"""Bytes of a part. The largest of ours: 5,000 campaigns asked in lists of 50, each list near LinkedIn's cap of 15,000
rows, are 1.5 million rows of one to two kilobytes. A file that is read costs no memory for it; it costs time."""
_MOST_PACKED = 1032  # gzip makes no file smaller than by this factor
_CHUNK = 2**20


def damage(path: Path, size: int, sha256: str) -> str | None:
    """The fault of a file, as the rest of a sentence that begins with its name; None if it is whole."""
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
        return _bomb(path, found.st_size, found.st_mtime_ns)
    except OSError as error:
        return f"cannot be read ({error.strerror})"


@cache
def _bomb(path: Path, size: int, mtime_ns: int) -> str | None:
    """What is wrong with a part that unpacks to more than any of ours; only large ones can, and are unpacked here."""
    left = UNPACKED
    if size * _MOST_PACKED <= left:
        return None
    try:
        with gzip.open(path, "rb") as file:
            while left >= 0 and (chunk := file.read(_CHUNK)):
                left -= len(chunk)
    except (zlib.error, EOFError, gzip.BadGzipFile):
        return "cannot be unpacked"
    return f"unpacks to more than {UNPACKED:,} bytes" if left < 0 else None


@cache  # by size and time too: a file that changes has another key; a set of snapshots is a few thousand entries
def _sha256(path: Path, size: int, mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
