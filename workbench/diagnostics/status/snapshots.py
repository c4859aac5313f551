"""Describe the snapshot folder: names, sizes, what cannot be used, free space. It reads manifests, never the parts."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from workbench.diagnostics.status.facts import DiskFacts, SnapshotFacts, Trouble, Unusable
from workbench.errors import WorkbenchError
from workbench.settings.object_place import address_of
from workbench.snapshots import mirror
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import Snapshot


def look_at(folder: Path) -> tuple[SnapshotFacts, list[Snapshot]]:
    """The facts, and the snapshots that can be used, oldest first."""
    try:
        listing = list_snapshots(folder)
        size = _bytes_in(folder)
    except OSError as error:
        why = f"{folder}: {error.strerror or error}."
        trouble = Trouble("The snapshots cannot be listed.", why, "Grant access to the folder, or set SNAPSHOT_DIR.")
        return SnapshotFacts(folder, trouble=trouble), []
    except WorkbenchError as error:
        if address_of(folder) is None:
            raise
        return SnapshotFacts(folder, trouble=Trouble.of(error), storage=address_of(folder)), []
    damage = {snapshot.name: _damage(snapshot) for snapshot in listing.finished}
    unusable = {path.name: error.why for path, error in listing.unreadable.items()}
    unusable |= {name: why for name, why in damage.items() if why}
    usable = [snapshot for snapshot in listing.finished if not damage[snapshot.name]]
    facts = SnapshotFacts(
        folder,
        count=len(usable),
        oldest=usable[0].name if usable else None,
        newest=usable[-1].name if usable else None,
        unfinished=tuple(path.name for path in listing.unfinished),
        unusable=tuple(Unusable(name, why) for name, why in sorted(unusable.items())),
        size_bytes=size,
        storage=address_of(folder),
        unstored=tuple(mirror.unstored(folder)),
    )
    return facts, usable


def free_space(*folders: Path) -> tuple[DiskFacts, ...]:
    """Free space where these folders lie, each file system once."""
    found: dict[int, DiskFacts] = {}
    for folder in folders:
        with suppress(OSError, StopIteration):
            there = next(path for path in (folder, *folder.parents) if path.exists())
            found.setdefault(there.stat().st_dev, DiskFacts(there, shutil.disk_usage(there).free))
    return tuple(found.values())


def _damage(snapshot: Snapshot) -> str | None:
    for path, part in snapshot.files():
        try:
            found = path.lstat().st_size
        except OSError:
            return f"{part.path} is missing."
        if found != part.bytes:
            return f"{part.path} has {found:,} bytes where the manifest says {part.bytes:,}."
    return None


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{parent}/{name}").st_size
            except FileNotFoundError:  # a sync renames while we look
                continue
    return total
