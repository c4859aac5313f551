"""Keep snapshots in object storage, with a local folder beside it in which they are written and read.

- A snapshot is written in the local folder, with its journal, as without object storage. When it is finished, its parts
  are put into the storage, and its manifest last. Nothing that is there is ever overwritten.
- A listing of the folder first copies what the storage has and the folder lacks: into a folder with a temporary name,
  which gets its own name only when every part is as the manifest says.

What is in the storage has a mark in `.stored`, so that it is put there once. The local copies may be deleted.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from workbench.errors import StorageError, ValidationError, WorkbenchError
from workbench.files import make_private_folder, open_private, sync_file, sync_folder
from workbench.settings.object_place import address_of
from workbench.snapshots.manifest import MANIFEST, REJECTS, Snapshot, is_name, read_manifest, unusable
from workbench.snapshots.object_store import ObjectStore

STORED = ".stored"
_PULLING = ".pulling-"
_AT_ONCE = 8  # requests
_SECONDS = 20.0  # for so long a listing of the storage counts as new
_LOG = logging.getLogger(__name__)
_mutex = threading.RLock()
_looked: dict[Path, tuple[float, WorkbenchError | None]] = {}
"""When the storage was last asked for a folder, and how that failed: it is not asked anew at each question."""
_listed: set[Path] = set()
_damaged: dict[Path, dict[str, ValidationError]] = {}


def pull(folder: Path, *, now: bool = False) -> dict[str, ValidationError]:
    """Copy snapshots that the storage has and the folder lacks; nothing happens for a folder that stands by itself.

    Args:
        now: ask the storage although it was asked a moment ago.

    Returns: the snapshots that cannot be used, and why.

    Raises:
        StorageError, ConfigurationError: the storage does not answer, or refuses.
    """
    address = address_of(folder)
    if address is None:
        return {}
    with _mutex:
        last, failure = _looked.get(folder, (-_SECONDS, None))
        if now or time.monotonic() - last >= _SECONDS:
            failure = _look(ObjectStore(address), folder)
        if failure and (now or folder not in _listed):
            raise failure
        return dict(_damaged.get(folder, {}))


def _look(store: ObjectStore, folder: Path) -> WorkbenchError | None:
    """Copy what is missing. Returns what failed: a folder that was listed before is then read as it is."""
    failure: WorkbenchError | None = None
    try:
        _pull(store, folder)
        _listed.add(folder)
    except WorkbenchError as error:
        failure = error
        _LOG.warning("The snapshots in %s are not listed anew: %s", store.address, error.why)
    _looked[folder] = (time.monotonic(), failure)
    return failure


def push(folder: Path) -> None:
    """Put every finished snapshot of the folder into its storage, unless it is there; nothing for other folders.

    Raises:
        StorageError, ConfigurationError: the storage does not answer, or refuses. What is there stays; push again.
    """
    address = address_of(folder)
    if address is None:
        return
    for name in unstored(folder):
        try:
            snapshot = read_manifest(folder / name)
            snapshot.verify()
        except ValidationError as error:  # it is listed as unusable; others go on
            _LOG.warning("Snapshot %s is not put into %s: %s", name, address, error.why)
            continue
        _push(ObjectStore(address), snapshot)
        _mark(folder, name)


def unstored(folder: Path) -> list[str]:
    """The names of finished snapshots that are not in the folder's storage yet; none where it has no storage."""
    if address_of(folder) is None or not folder.is_dir():
        return []
    stored = {path.name for path in (folder / STORED).iterdir()} if (folder / STORED).is_dir() else set()
    finished = (path.name for path in folder.iterdir() if is_name(path.name) and (path / MANIFEST).exists())
    return sorted(set(finished) - stored)


def _push(store: ObjectStore, snapshot: Snapshot) -> None:
    files = [path for path, _ in snapshot.files()]
    if (snapshot.folder / REJECTS).exists():
        files.append(snapshot.folder / REJECTS)
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="push") as pool:
        for put in [pool.submit(store.put_once, _key(snapshot, file), file) for file in files]:
            put.result()
    store.put_once(_key(snapshot, snapshot.folder / MANIFEST), snapshot.folder / MANIFEST)


def _key(snapshot: Snapshot, file: Path) -> str:
    return f"{snapshot.name}/{file.relative_to(snapshot.folder).as_posix()}"


def _pull(store: ObjectStore, folder: Path) -> None:
    names = [name for name in store.folders() if is_name(name)]
    damaged = _damaged.setdefault(folder, {})
    for name in names:
        if (folder / name).exists() or name in damaged:
            continue
        manifest = store.read(f"{name}/{MANIFEST}")
        if manifest is None:  # another machine is putting it there
            continue
        try:
            with _local(folder):
                _copy(store, folder, name, manifest)
        except ValidationError as error:
            damaged[name] = error


def _copy(store: ObjectStore, folder: Path, name: str, manifest: bytes) -> None:
    make_private_folder(folder)
    _remove_leftovers(folder)
    aside = folder / f"{_PULLING}{uuid4().hex}"
    try:
        make_private_folder(aside / name)
        with open_private(aside / name / MANIFEST) as file:
            file.write(manifest)
        snapshot = read_manifest(aside / name)
        paths = [path for path, _ in snapshot.files()]
        for parent in {path.parent for path in paths}:
            make_private_folder(parent)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="pull") as pool:
            copied = list(pool.map(lambda path: store.download(_key(snapshot, path), path), paths))
        if not all(copied):
            raise unusable(name, f"{paths[copied.index(False)].name} is missing in {store.address}")
        snapshot.verify()
        store.download(f"{name}/{REJECTS}", aside / name / REJECTS)
        for path in (*paths, aside / name / MANIFEST):
            sync_file(path)
        for parent in {aside / name, *(path.parent for path in paths)}:
            sync_folder(parent)
        try:
            (aside / name).rename(folder / name)
        except OSError:
            if not (folder / name).exists():  # else another process was quicker
                raise
        sync_folder(folder)
        _mark(folder, name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _mark(folder: Path, name: str) -> None:
    with _local(folder):
        make_private_folder(folder / STORED)
        open_private(folder / STORED / name).close()


def _remove_leftovers(folder: Path) -> None:
    """Remove what a process left that was ended while it copied, a day ago or longer."""
    for path in folder.glob(f"{_PULLING}*"):
        with suppress(FileNotFoundError):  # another process was quicker
            if time.time() - path.stat().st_mtime > 86_400:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _local(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The local copies of snapshots in {folder} cannot be written.",
            why=f"{error.strerror or error}.",
            next_step="Make room there, or set WORKBENCH_HOME to another folder.",
        ) from error
