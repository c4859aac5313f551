"""Lay out the home of an embedded server: its files, and who must own them.

Only folders that the workbench made change mode or owner. One exception: an empty folder that is given as the home gets
the mode of a home.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from workbench.database.embedded.os_account import OWN_DATABASE, Account, is_root
from workbench.errors import ConfigurationError, StorageError

PORT = 5432  # only the name of the socket: nothing listens on TCP

_SYSTEM_HOME = Path("/var/lib/linkedin-ads-workbench")
_SOCKET_FOLDER_BYTES = 88  # with `/.s.PGSQL.5432` still a socket address everywhere (macOS: 104 bytes)


@dataclass(frozen=True)
class Home:
    """The folder of one embedded server."""

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def unfinished_data(self) -> Path:
        return self.path / "data.unfinished"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    def lock(self, name: str) -> Path:
        return self.path / f"{name}.lock"

    @property
    def socket_folder(self) -> Path:
        """`run/`, or a folder in `/tmp` where that would be no socket address, or libpq would read two hosts."""
        inside = self.path / "run"
        if len(os.fsencode(inside)) <= _SOCKET_FOLDER_BYTES and _is_one_host(str(inside)):
            return inside
        return Path(os.path.realpath("/tmp")) / f"linkedin-ads-workbench-{_digest(self.path)}"  # noqa: S108 ($TMPDIR is long)

    @property
    def socket(self) -> Path:
        return self.socket_folder / f".s.PGSQL.{PORT}"


def default_home(workbench_home: Path) -> Path:
    """The folder of the embedded server of a `WORKBENCH_HOME`: `<WORKBENCH_HOME>/postgres`.

    Root hands the data to an unprivileged account, which must be able to enter every folder above it. Where it cannot
    (`/root` is closed, and a home that does not exist yet will be), the server lives in
    `/var/lib/linkedin-ads-workbench/postgres`, or for another home than root's default one in `postgres-<digest of the
    home>` beside it: two homes never share a database. Once such a folder exists it stays the answer, even if the home
    is opened later.
    """
    resolved = Path(os.path.realpath(workbench_home))
    if not is_root():
        return resolved / "postgres"
    usual = Path(os.path.realpath(platformdirs.user_data_dir("linkedin-ads-workbench", appauthor=False)))
    outside = _SYSTEM_HOME / ("postgres" if resolved == usual else f"postgres-{_digest(resolved)}")
    if outside.exists() or not _is_open_to_all(resolved):
        return outside
    return resolved / "postgres"


def open_home(path: Path) -> Home:
    """The home at `path`, which is made when it is missing.

    Raises:
        ConfigurationError: it belongs to another user, or is no folder.
        StorageError: it cannot be made.
    """
    home = Home(Path(os.path.realpath(path)))
    with storage_refusals(home.path):
        _make_folders(home.path)
    facts = home.path.stat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise ConfigurationError(
            f"The embedded PostgreSQL cannot live in {home.path}.",
            why=f"It belongs to user id {facts.st_uid}, and this process runs as user id {os.geteuid()}."
            if stat.S_ISDIR(facts.st_mode)
            else "There is a file of that name.",
            next_step=f"Set WORKBENCH_HOME to a folder of your own, or {OWN_DATABASE}.",
        )
    return home


def hand_over(folder: Path, account: Account) -> None:
    """Make `folder` if it is missing, and make it a folder that only `account` can enter.

    Raises:
        StorageError: something else has taken its name.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in {account.uid, os.geteuid()}:
            raise StorageError(
                f"The embedded PostgreSQL cannot use {folder}.",
                why="It exists, and belongs to another account or is no folder.",
                next_step=f"Have it removed, or {OWN_DATABASE}.",
            ) from None
    folder.chmod(0o700)
    if account.uid != folder.stat().st_uid:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


@contextmanager
def storage_refusals(path: Path) -> Iterator[None]:
    """Explain refusals of the disk: no space, no permission, read only.

    Raises:
        StorageError: for any `OSError` of the block.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The embedded PostgreSQL cannot use its folder {path}.",
            why=f"{error.strerror}: {error.filename}." if error.filename else f"{error}.",
            next_step=f"Free space or make the folder writable, set WORKBENCH_HOME to another one, or {OWN_DATABASE}.",
        ) from error


def _make_folders(path: Path) -> None:
    """Make `path` and what is missing above it, whatever the umask; the server's account must pass root's."""
    if not path.parent.exists():
        _make_folders(path.parent)
    path.mkdir(exist_ok=True)
    if path.stat().st_uid == os.geteuid() and path.is_dir() and not any(path.iterdir()):
        path.chmod(0o711 if is_root() else 0o700)


def _is_open_to_all(folder: Path) -> bool:
    try:
        return all(above.stat().st_mode & stat.S_IXOTH for above in (folder, *folder.parents))
    except OSError:
        return False


def _is_one_host(folder: str) -> bool:
    return "," not in folder and folder.isprintable()


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
