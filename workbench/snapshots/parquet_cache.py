"""Keep the rows of a set of snapshots as Parquet, so that opening it again, or with newer ones, reads no old JSON.

In a year of daily syncs each day is decided by another snapshot, so without this cache all of them would be read. A
kept set is the base of later sets: newer snapshots decide over it as they decide over what a database has loaded. The
cache may be deleted at any time; a damaged set is made again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import duckdb
from sqlalchemy import Table

from workbench.files import make_private_folder, sync_file, sync_folder
from workbench.paths import shipped
from workbench.schema.resources import BY_DAY, REACH, WINDOWED
from workbench.schema.tables import ENTITIES, LOADED, day_of, key_of
from workbench.snapshots.coverage import coverage_of
from workbench.snapshots.duckdb_paths import exact, literal
from workbench.snapshots.listers import listers_of
from workbench.snapshots.manifest import MANIFEST, Snapshot
from workbench.snapshots.views import Earlier, Views

_KEPT = 4  # sets: the present, and some that `as_of` asked for
_KEPT_SINGLE = 1000  # files, each of one snapshot: years of them
_SINGLE = "single"
_WORTH = 2**20  # bytes of parts; less is read as quickly as its copy


class Cache:
    """A folder of kept sets, each named by all that its rows depend on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, snapshots: Sequence[Snapshot]) -> Views:
        """The snapshots as in-memory tables, not sealed yet; what is kept of them is not read again.

        Args:
            snapshots: oldest first.

        Raises:
            ValidationError: a file that has to be read differs from its manifest.
        """
        names = list(_names(snapshots))
        for count in range(len(snapshots), 0, -1):
            base = self._folder / names[count - 1]
            if self._is_ours(base):
                with suppress(OSError):
                    os.utime(base)
                with suppress(duckdb.Error, OSError):
                    views = _upon(base, snapshots[:count], snapshots[count:])
                    if count < len(snapshots):
                        self._keep(views, names[-1])
                    return views
                shutil.rmtree(base, ignore_errors=True)
        views = Views(snapshots, in_memory=True)
        if sum(part.bytes for snapshot in snapshots for part in snapshot.manifest.parts) > _WORTH:
            self._keep(views, names[-1])
        return views

    def single(self, snapshots: Sequence[Snapshot], made_by: str) -> list[Path | None]:
        """For each snapshot, where something made of it alone is kept; None where it is not.

        Args:
            made_by: what it is made by, such as a statement.
        """
        folder = self._folder / _SINGLE
        files = [folder / f"{name}.parquet" for name in _single_names(snapshots, made_by)]
        try:
            ours = all(map(_is_private, (self._folder, folder)))
        except OSError:
            ours = False
        return [file if ours and _is_kept(file) else None for file in files]

    def keep_single(self, snapshot: Snapshot, made_by: str, write: Callable[[Path], None]) -> None:
        """Keep something made of one snapshot alone, whole or not at all; a disk that refuses costs time later.

        Args:
            made_by: as for `single`.
            write: writes it to a path.
        """
        folder = self._folder / _SINGLE
        unfinished = folder / f"{uuid4().hex}.unfinished"
        try:
            make_private_folder(self._folder)
            make_private_folder(folder)
            if all(map(_is_private, (self._folder, folder))):
                write(unfinished)
                unfinished.chmod(0o600)
                sync_file(unfinished)  # Parquet has no checksums: a torn file could be read as other figures
                unfinished.rename(folder / f"{_single_names([snapshot], made_by)[0]}.parquet")
        except (duckdb.Error, OSError):
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def forget_single(self, *, every: bool = False) -> None:
        """Let go of all but the newest files of `keep_single`, or of every one."""
        with suppress(OSError):
            oldest_first = sorted((self._folder / _SINGLE).iterdir(), key=lambda file: file.stat().st_mtime)
            for file in oldest_first if every else oldest_first[:-_KEPT_SINGLE]:
                file.unlink(missing_ok=True)

    def _keep(self, views: Views, name: str) -> None:
        """Keep a set under its name, whole or not at all; a disk that refuses costs the next opening some time."""
        unfinished = self._folder / f"{uuid4().hex}.unfinished"
        try:
            make_private_folder(self._folder)
            if not _is_private(self._folder):
                return
            make_private_folder(unfinished, exist_ok=False)
            for table in LOADED:
                file = literal(unfinished / f"{table.name}.parquet")
                views.connection.execute(f"copy {table.name} to {file} (format parquet)")
            for kept in unfinished.iterdir():
                kept.chmod(0o600)
                sync_file(kept)  # Parquet has no checksums: a torn file could be read as other figures
            sync_folder(unfinished)
            unfinished.rename(self._folder / name)
        except (duckdb.Error, OSError):
            shutil.rmtree(unfinished, ignore_errors=True)
        self._forget()

    def _is_ours(self, base: Path) -> bool:
        """Whether a set is there that this account wrote: another account could have written false figures."""
        try:
            return all(map(_is_private, (self._folder, base, *base.iterdir())))
        except OSError:
            return False

    def _forget(self) -> None:
        """Let go of all but the sets used last, and of what a crash left behind."""
        with suppress(OSError):
            folders = [folder for folder in self._folder.iterdir() if folder.name != _SINGLE]
            oldest_first = sorted(folders, key=lambda folder: folder.stat().st_mtime)
            for folder in oldest_first[:-_KEPT]:
                shutil.rmtree(folder, ignore_errors=True)


def _is_private(path: Path) -> bool:
    """Whether a file or folder is this account's, no link, and no other account may write to it."""
    facts = path.lstat()
    usual = stat.S_ISDIR(facts.st_mode) or stat.S_ISREG(facts.st_mode)
    return usual and facts.st_uid == os.geteuid() and not facts.st_mode & 0o022


def _is_kept(file: Path) -> bool:
    try:
        return _is_private(file)
    except OSError:
        return False


def _names(snapshots: Sequence[Snapshot]) -> Iterator[str]:
    """A name for the set that ends with each snapshot: it changes with every file of it, and with how rows are made."""
    digest = _rules()
    for snapshot in snapshots:
        _add(digest, snapshot)
        yield digest.hexdigest()[:32]


def _single_names(snapshots: Sequence[Snapshot], made_by: str) -> list[str]:
    """A name for what is made of each snapshot alone, which changes like those of sets."""
    rules, names = _rules(), []
    rules.update(made_by.encode())
    for snapshot in snapshots:
        digest = rules.copy()
        _add(digest, snapshot)
        names.append(digest.hexdigest()[:32])
    return names


def _rules() -> hashlib._Hash:
    """A digest of how rows are made."""
    digest = hashlib.sha256()
    for file in sorted(
        [*shipped("sql", "views").glob("*.sql"), shipped("sql", "macros.sql"), shipped("sql", "decides.sql")]
    ):
        digest.update(file.read_bytes())
    digest.update(f"{version('linkedin-ads-workbench')} {duckdb.__version__}".encode())
    return digest


def _add(digest: hashlib._Hash, snapshot: Snapshot) -> None:
    """Add the files of a snapshot to a digest."""
    digest.update(snapshot.name.encode())
    for path in (MANIFEST, *(part.path for part in snapshot.manifest.parts if part.path is not None)):
        digest.update(_state(f"{snapshot.folder}/{path}"))  # ten thousands of them: no Path


def _state(file: str) -> bytes:
    try:
        found = os.lstat(file)
    except OSError:
        return b"missing"
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_mode};".encode()


def _upon(base: Path, kept: Sequence[Snapshot], newer: Sequence[Snapshot]) -> Views:
    """Newer snapshots upon a kept set."""
    covered = [row for snapshot in kept for row in coverage_of(snapshot.manifest)]
    views = Views(newer, earlier=Earlier(covered, listers_of(kept), is_added=True), in_memory=True)
    for table in LOADED:
        views.connection.execute(_add_base(table, base / f"{table.name}.parquet"))
    return views


def _add_base(table: Table, file: Path) -> str:
    """Add the kept rows about which nothing newer decides."""
    rows = f"read_parquet({literal(exact(file))}, hive_partitioning = false)"
    base = f"insert into {table.name} by name select b.* from {rows} as b"
    if table in ENTITIES:
        owner = "b.account_id" if "account_id" in key_of(table)[:-1] else "0"
        keys = " and ".join(f"n.{key} = b.{key}" for key in key_of(table))
        return (
            base.replace("b.*", "b.* replace (coalesce(b.snapshot >= l.listing, true) as listed)")
            + f" left join listings as l on l.resource = '{table.name}' and l.account_id = {owner}"
            + " and (l.snapshot is null or l.snapshot = b.snapshot)"
            + f" where not exists (from {table.name} as n where {keys})"
        )
    decided = f"from decides as d where d.resource = '{table.name}' and d.account_id = b.account_id"
    if table.name in BY_DAY:
        decided += f" and b.{day_of(table)} between d.first_day and d.last_day"
    elif table.name in WINDOWED:
        decided += ' and d."pivot" = b."pivot"'
    elif table.name == REACH:
        decided += ' and d."pivot" = b.level and d.first_day = b.window_start and d.last_day = b.window_end'
    return f"{base} where not exists ({decided})"
