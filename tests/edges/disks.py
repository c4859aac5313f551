"""A disk whose power goes between two operations, and what it may then hold.

POSIX promises no order: of names and bytes that were not synced any may have reached the disk. The three extremes are
told apart here; a file's bytes last as of its last `fsync`, a folder's names as of the folder's.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import pytest

Survives = Literal["everything", "names without bytes", "bytes without names", "what was synced"]
SURVIVES: tuple[Survives, ...] = ("everything", "names without bytes", "bytes without names", "what was synced")


class PowerCut(BaseException):
    """Nothing after it reaches the disk."""


class Disk:
    """Lets so many operations below a folder through, and no more; remembers what was synced.

    Attributes:
        went: whether the power went.
    """

    def __init__(self, root: Path, operations: int) -> None:
        self.root, self.went = root, False
        self._left = operations
        self._bytes: dict[int, bytes] = {}  # by inode
        self._names: dict[int, dict[str, int]] = {root.stat().st_ino: {}}

    @contextmanager
    def cut(self) -> Iterator[Disk]:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("fsync", "rename", "unlink", "mkdir", "replace", "open"):
                patch.setattr(os, name, self._watched(getattr(os, name)))
            patch.setattr(Path, "open", self._watched(Path.open))
            with suppress(PowerCut):
                yield self

    def leave(self, place: Path, survives: Survives) -> None:
        """Write what the disk holds when the power is back."""
        if survives == "everything":
            shutil.copytree(self.root, place)
        else:
            self._restore(self.root, place, survives)

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **options: Any) -> Any:
            self._left -= 1
            if self._left < 0:
                self.went = True
                raise PowerCut
            answer = call(*args, **options)
            if call is _fsync:
                self._sync(args[0])
            return answer

        return operation

    def _sync(self, descriptor: int) -> None:
        inode = os.fstat(descriptor).st_ino
        path = self.root if inode == self.root.stat().st_ino else self._there()[inode]
        if path.is_dir():
            self._names[inode] = _names(path)
        else:
            self._bytes[inode] = path.read_bytes()

    def _there(self) -> dict[int, Path]:
        return {path.stat().st_ino: path for path in self.root.rglob("*")}

    def _restore(self, folder: Path, place: Path, survives: Survives) -> None:
        place.mkdir()
        there, names = self._there(), _names(folder)
        if survives != "names without bytes":
            names = self._names.get(folder.stat().st_ino, {})
        for name, inode in names.items():
            if inode in there and there[inode].is_dir():
                self._restore(there[inode], place / name, survives)
            elif survives == "bytes without names" and inode in there:
                (place / name).write_bytes(there[inode].read_bytes())
            else:
                (place / name).write_bytes(self._bytes.get(inode, b""))


def _names(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.iterdir()}


_fsync = os.fsync
