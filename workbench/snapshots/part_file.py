"""Write a part of a snapshot (compress lines, count them, compute size and SHA-256), and read its lines."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

_COMPRESSION = 1  # a third of level 6's time for a fifth more bytes
_LINE = 2 * 2**20  # bytes
_UNFOLDED = 128 * 2**20  # bytes of one part of another snapshot
_ELEMENT = b',"element":'  # the last member of a line


def read_lines(path: Path, *, trusted: bool = True) -> Iterator[dict[str, Any]]:
    """The lines of a part, as JSON objects.

    Args:
        trusted: whether this sync wrote the part. The size of another's lines and content is bounded, because the part
            may come from another machine.

    Raises:
        ValueError: a line is no JSON, or the part is too large.
    """
    yield from map(json.loads, _raw_lines(path, bounded=not trusted))


def read_elements(path: Path) -> Iterator[bytes]:
    """The elements of a part that this sync wrote, byte for byte as LinkedIn sent them."""
    for line in _raw_lines(path, bounded=False):
        yield line.partition(_ELEMENT)[2].rstrip()[:-1]


def _raw_lines(path: Path, *, bounded: bool) -> Iterator[bytes]:
    left = _UNFOLDED
    with gzip.open(path, "rb") as file:
        if not bounded:
            yield from file
            return
        while line := file.readline(_LINE + 1):
            left -= len(line)
            if len(line) > _LINE or left < 0:
                raise ValueError("no part of ours is that large")
            yield line


class PartFile:
    """A part being filled: lines go in compressed, bytes and lines are counted."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = _Counting(file)
        self._gzip = gzip.GzipFile(filename="", mode="wb", compresslevel=_COMPRESSION, fileobj=self._file, mtime=0)
        self.elements = 0

    def write(self, lines: Sequence[bytes]) -> None:
        """Append JSON lines, each without its line end."""
        if lines:
            self._gzip.write(b"\n".join(lines) + b"\n")
            self.elements += len(lines)

    def close(self) -> tuple[int, str]:
        """End the file; its size and SHA-256."""
        self._gzip.close()
        self._file.flush()  # fsync, by name, would miss what is still in this buffer
        return self._file.size, self._file.sha256.hexdigest()


class _Counting:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.sha256.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()
