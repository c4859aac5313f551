"""Write a snapshot so that a crash loses nothing that was fetched.

Each step is on disk before the next begins:

1. the bytes of a part, under a temporary name;
2. the part's line in the journal;
3. the part's final name;
4. after all parts, the manifest: from here on the snapshot is finished.

A crash before 3 leaves a part that is asked for again; after 3 the part is done. `workbench/README.md` has the proof.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from workbench.errors import StorageError, WorkbenchError
from workbench.files import atomic_write, make_private_folder, open_private, sync_descriptor, sync_file, sync_folder
from workbench.snapshots.integrity import damage
from workbench.snapshots.journal import JOURNAL, line, mend_journal, part_of
from workbench.snapshots.manifest import FORMAT, MANIFEST, REJECTS, Manifest, Part, Plan, Snapshot
from workbench.snapshots.part_file import PartFile

LOCK = ".writer.lock"
Slot = tuple[str, int, str | None, str | None]
_A_DAY = 86_400  # seconds


class SnapshotWriter:
    """One unfinished snapshot folder, held by a file lock. Safe to use from several threads."""

    def __init__(self, folder: Path, header: dict[str, Any], entries: list[dict[str, Any]], lock: FileLock) -> None:
        self.folder = folder
        self.name = folder.name
        self.plan = Plan.model_validate(header["plan"])
        self.started_at = datetime.fromisoformat(header["started_at"])
        self._header = header
        self._lock = lock
        self._mutex = threading.Lock()
        self._rejects: list[dict[str, Any]] = []
        self._parts: dict[Slot, Part] = {}
        self._replay(entries)

    @classmethod
    def create(cls, folder: Path, plan: Plan, *, trigger: str, started_at: datetime, version: str) -> SnapshotWriter:
        """A new folder with nothing but its plan.

        Raises:
            StorageError: the disk refuses.
        """
        header = {
            "plan": plan.model_dump(mode="json"),
            "trigger": trigger,
            "started_at": started_at.isoformat(),
            "workbench_version": version,
        }
        with _storage_refusals(folder):
            home = next(place for place in folder.parents if place.exists())
            make_private_folder(folder, exist_ok=False)
            for made in (place for place in folder.parents if place.is_relative_to(home)):
                sync_folder(made)
            lock = _locked(folder)
            with atomic_write(folder / JOURNAL) as file:
                file.write(line(header))
        return cls(folder, header, [], lock)

    @classmethod
    def resume(cls, folder: Path) -> SnapshotWriter | None:
        """An unfinished folder as it was left, or None if it never got as far as its plan.

        One without a plan is removed when it is a day old: until then another process may be about to begin it.

        Raises:
            StorageError: another process is writing it (try later), or the disk refuses.
        """
        with _storage_refusals(folder):
            age = time.time() - folder.stat().st_mtime
            lock = _locked(folder)
            lines = mend_journal(folder)
            if not lines:
                lock.release()
                if age > _A_DAY:
                    _remove_empty(folder)
                return None
            for leftover in folder.rglob("*.unfinished"):
                if leftover.is_symlink() or not leftover.is_dir():  # no folder of ours has such a name
                    leftover.unlink()
        return cls(folder, lines[0], lines[1:], lock)

    @property
    def trigger(self) -> str:
        return str(self._header["trigger"])

    @property
    def parts(self) -> tuple[Part, ...]:
        with self._mutex:
            return tuple(self._parts.values())

    def finished(self, path: str) -> Part | None:
        """The part of this path if it is on disk: it need not be asked again."""
        with self._mutex:
            return next((part for part in self._parts.values() if part.path == path and part.status == "done"), None)

    @contextmanager
    def new_part(self, path: str) -> Iterator[PartFile]:
        """A file to fill; nothing of it remains unless `keep` is called inside the block.

        Raises:
            StorageError: the disk refuses, or is full.
        """
        unfinished = self.folder / f"{path}.unfinished"
        with _storage_refusals(self.folder):
            self._make(unfinished.parent)
            with open_private(unfinished) as file:
                try:
                    yield PartFile(file)
                finally:
                    unfinished.unlink(missing_ok=True)

    def commit(self, file: PartFile, part: Part, rejects: Sequence[dict[str, Any]] = ()) -> Part:
        """Give a filled file its name, for good.

        Args:
            file: what `new_part` gave.
            part: everything about it except size, checksum and number of elements.
            rejects: what was set aside, for `rejects.ndjson`.
        """
        size, sha256 = file.close()
        part = part.model_copy(
            update={"bytes": size, "sha256": sha256, "elements": file.elements, "rejected": len(rejects)}
        )
        final = self.folder / str(part.path)
        unfinished = final.with_name(f"{final.name}.unfinished")
        with _storage_refusals(self.folder):
            sync_file(unfinished)
            self._note(part, rejects)
            unfinished.rename(final)
            sync_folder(final.parent)
        return part

    def note(self, part: Part) -> None:
        """Record a part that could not be fetched, and why; the next sync asks for it again."""
        with _storage_refusals(self.folder):
            self._note(part, ())

    def finish(
        self, *, finished_at: datetime, api_calls: int, complete: bool, window: tuple[date, date] | None = None
    ) -> Snapshot:
        """Write the manifest: from here on the snapshot exists, and never changes again.

        Args:
            complete: whether everything that was asked came whole.
            window: the days asked for, where they became known only after the plan.
        """
        manifest = self._manifest(
            self.parts, window=window or self.plan.window, complete=complete, at=finished_at, api_calls=api_calls
        )
        with _storage_refusals(self.folder):
            with atomic_write(self.folder / REJECTS) as file:
                file.writelines(map(line, self._rejects))
            with atomic_write(self.folder / MANIFEST) as file:
                file.write(manifest.model_dump_json().encode() + b"\n")
            (self.folder / JOURNAL).unlink(missing_ok=True)
            (self.folder / LOCK).unlink(missing_ok=True)
        self.release()
        return Snapshot(self.folder, manifest)

    def so_far(self, account_id: int, resources: Collection[str], at: datetime) -> Snapshot:
        """A readable snapshot of the parts so far of some resources of one account; nothing is written."""
        parts = [part for part in self.parts if part.account_id == account_id and part.resource in resources]
        manifest = self._manifest(parts, window=self.plan.window, complete=False, at=at, api_calls=0)
        return Snapshot(self.folder, manifest)

    def release(self) -> None:
        """Release the folder's lock; an unfinished folder can be resumed.

        The lock's file stays: unlinked, two processes could hold locks of the same name.
        """
        self._lock.release()

    def _manifest(
        self, parts: Sequence[Part], *, window: tuple[date, date], complete: bool, at: datetime, api_calls: int
    ) -> Manifest:
        return Manifest(
            **{**self.plan.model_dump(), "window": window},
            format=FORMAT,
            snapshot=self.name,
            workbench_version=self._header["workbench_version"],
            status="done" if complete else "partial",
            trigger=self.trigger,
            started_at=self.started_at,
            finished_at=at,
            api_calls=api_calls,
            parts=tuple(parts),
        )

    def _make(self, folder: Path) -> None:
        """Make a folder for parts and sync its parent: else a power cut could remove it with its synced files."""
        with self._mutex:
            if not folder.exists():
                make_private_folder(folder)
                sync_folder(self.folder)

    def _note(self, part: Part, rejects: Sequence[dict[str, Any]]) -> None:
        entries = [{"reject": reject} for reject in rejects] + [{"part": part.model_dump(mode="json")}]
        with self._mutex:
            with (self.folder / JOURNAL).open("ab") as journal:
                journal.write(b"".join(map(line, entries)))
                journal.flush()
                sync_descriptor(journal.fileno())
            self._enter(part, rejects)

    def _enter(self, part: Part, rejects: Sequence[dict[str, Any]]) -> None:
        """Replace an earlier try at this part, and its rejects."""
        earlier = [reject for reject in self._rejects if reject.get("part") != part.path]
        self._rejects = [*earlier, *rejects]
        self._parts[_slot(part)] = part

    def _replay(self, entries: Sequence[dict[str, Any]]) -> None:
        """Enter the parts whose files match their journal line; failed parts and unnamed files are left out.

        Of several tries at a part the last with a matching file counts. Partial parts stay: what was read is kept even
        if no later sync asks for it again.
        """
        tries: dict[Slot, list[tuple[Part, list[dict[str, Any]]]]] = {}
        rejects: list[dict[str, Any]] = []
        for entry in entries:
            if "reject" in entry:
                rejects.append(entry["reject"])
            elif "part" in entry:
                part = part_of(entry)
                tries.setdefault(_slot(part), []).append((part, rejects))
                rejects = []
        for several in tries.values():
            there = next((tried for tried in reversed(several) if self._is_there(tried[0])), None)
            if there is not None:
                self._enter(*there)

    def _is_there(self, part: Part) -> bool:
        return part.path is not None and damage(self.folder / part.path, part.bytes, part.sha256) is None


@contextmanager
def _storage_refusals(folder: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into a StorageError with a next step."""
    try:
        yield
    except WorkbenchError:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise StorageError(
            f"Snapshot {folder.name} cannot be written.",
            why="The disk is full." if full else f"The disk answered: {error.strerror or error}.",
            next_step=f"{'Free some space' if full else f'Make {folder.parent} writable, or set SNAPSHOT_DIR'}; "
            "then sync again: what was read is kept.",
        ) from error


def _locked(folder: Path) -> FileLock:
    lock = FileLock(folder / LOCK, mode=0o600, thread_local=False)  # a worker thread may be the one to finish
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise StorageError(
            f"Snapshot {folder.name} is being written by another process.",
            why="A sync is running, perhaps against another database.",
            next_step="Wait until it has finished, then sync again.",
            retry=True,
        ) from None
    return lock


def _remove_empty(folder: Path) -> None:
    """Remove the files of a process that was killed before its plan was on disk, and the folder if it is empty then."""
    for name in (LOCK, f"{JOURNAL}.unfinished"):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _slot(part: Part) -> Slot:
    return part.resource, part.account_id, part.pivot, part.path
