"""Files and folders for this account alone, and files that are written durably, whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

# Their entries lead to what this process has open, or are devices.
_STREAMS = (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd"))
_NO_FSYNC = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


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
    """An open file that is 0600 if it is ours; another account's, and a device's, keeps the mode it has.

    Raises:
        OSError: it cannot be opened, or another account has laid a link or a pipe there.
    """
    follow = False
    with suppress(FileNotFoundError):
        facts = os.lstat(path)
        if not stat.S_ISREG(facts.st_mode):
            _refuse_foreign(facts, Path(path))
        follow = stat.S_ISLNK(facts.st_mode)
    descriptor = os.open(path, flags | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW), 0o600)
    make_private(descriptor)
    return descriptor


def make_private(descriptor: int) -> None:
    """Make an open file 0600 where it is ours; a device stays open to others: root could close /dev/null to them."""
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        with suppress(PermissionError):
            os.fchmod(descriptor, 0o600)


def unfinished_name(path: Path) -> Path:
    """The path that `atomic_write` writes first; after a crash the file may stay until the next write."""
    return path.with_name(f"{path.name}.unfinished")


@contextmanager
def atomic_write(path: Path, *, locked: bool = True) -> Iterator[BinaryIO]:
    """Yield a private file to fill. It becomes `path`, durably, only if the block succeeds.

    After a crash `path` holds its old content or its new content, whole.

    Args:
        path: the final name; its folder is there.
        locked: whether the caller holds a lock against other writers of `path`. Without one the unfinished file gets a
            name of its own, so that two writers do not mix.
    """
    unfinished = unfinished_name(path if locked else path.with_name(f"{path.name}.{uuid4().hex}"))
    unfinished.unlink(missing_ok=True)  # what was left by a crash; a link of another account is not followed
    try:
        with os.fdopen(private_descriptor(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            yield file
            file.flush()
            sync_descriptor(file.fileno())
        unfinished.rename(path)
    except Exception:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_output(path: Path, content: bytes) -> None:
    """Write a file that the user named: whole or not at all, for this account alone, and through no link.

    A pipe or a device, such as `/dev/stdout`, is written directly, without an unfinished file beside it.

    Raises:
        OSError: it cannot be written, or it is the pipe of another account, which would read the content.
    """
    if path.absolute().parent in _STREAMS:
        path.write_bytes(content)
    elif path.exists() and not path.is_file():
        _refuse_foreign(path.stat(), path)
        with os.fdopen(os.open(path, os.O_WRONLY), "wb") as stream:
            _refuse_foreign(os.fstat(stream.fileno()), path)  # it may have been exchanged
            stream.write(content)
    else:
        with atomic_write(path, locked=False) as file:
            file.write(content)


def _refuse_foreign(facts: os.stat_result, path: Path) -> None:
    if facts.st_uid not in (os.geteuid(), 0, Path("/").stat().st_uid):
        raise PermissionError(errno.EPERM, "It is not a file, and it belongs to another account", str(path))


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        sync_descriptor(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the file system and the folder's mode allow it."""
    with suppress(PermissionError):  # a folder may be written and entered, but not read
        sync_file(folder)


def sync_descriptor(descriptor: int) -> None:
    """Flush what is written to the disk (`fsync`). Some network file systems refuse the request; that is ignored."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise
