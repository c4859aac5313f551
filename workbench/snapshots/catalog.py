"""List the snapshot folders, and name new ones. A folder without a manifest is unfinished and is never read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from workbench.errors import StorageError, ValidationError
from workbench.schema.literals import Origin
from workbench.schema.shards import Shard
from workbench.schema.snapshot_names import moment_of, name_of
from workbench.snapshots import mirror
from workbench.snapshots.manifest import MANIFEST, Snapshot, is_name, read_manifest, unusable


@dataclass
class Listing:
    """The content of the snapshot folder: finished snapshots, oldest first, and the rest by reason."""

    finished: list[Snapshot] = field(default_factory=list)
    unfinished: list[Path] = field(default_factory=list)
    unreadable: dict[Path, ValidationError] = field(default_factory=dict)

    def names(self) -> list[str]:
        """Every name that is taken."""
        folders = [*(snapshot.folder for snapshot in self.finished), *self.unfinished, *self.unreadable]
        return [folder.name for folder in folders]


def list_snapshots(snapshot_dir: Path, *, as_of: date | datetime | None = None) -> Listing:
    """Everything in `snapshot_dir` up to `as_of` (a date means the end of that UTC day), without reading parts."""
    listing = Listing(unreadable={snapshot_dir / name: error for name, error in mirror.pull(snapshot_dir).items()})
    last = _last_name(as_of)
    for folder in _folders(snapshot_dir):
        if not is_name(folder.name) or folder.name > last or not folder.is_dir():
            continue
        try:
            if (folder / MANIFEST).exists():
                listing.finished.append(read_manifest(folder))
            else:
                listing.unfinished.append(folder)
        except OSError as error:
            listing.unreadable[folder] = unusable(folder.name, f"its folder cannot be read ({error.strerror})")
        except ValidationError as error:
            listing.unreadable[folder] = error
    return listing


def _folders(snapshot_dir: Path) -> list[Path]:
    try:
        return sorted(snapshot_dir.iterdir()) if snapshot_dir.is_dir() else []
    except OSError as error:
        raise StorageError(
            f"The snapshot folder {snapshot_dir} cannot be read.",
            why=f"{error.strerror or error}.",
            next_step="Let this user read it, or set SNAPSHOT_DIR to another folder.",
        ) from error


def not_loaded(snapshots: Iterable[Snapshot], loaded: Collection[str], origin: Origin | None) -> list[str]:
    """The names of those snapshots with anything to load that a database does not have, and may have.

    Args:
        loaded: names of those it has.
        origin: whose data it holds; None: it is empty.
    """
    wanted = [one for one in snapshots if one.manifest.outcome != "failed" and one.name not in loaded]
    return [one.name for one in wanted if origin in (None, one.manifest.origin)]


def offer_to_load(names: Sequence[str]) -> str:
    """A sentence about snapshots that are not in the database; empty where there are none."""
    if not names:
        return ""
    which = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    subject = "1 snapshot on disk is" if len(names) == 1 else f"{len(names):,} snapshots on disk are"
    return f"{subject} not in the database ({which}): run `workbench load --all`."


def next_name(now: datetime, taken: Sequence[str], shard: Shard | None = None) -> str:
    """A name for a snapshot that starts now: later than every other, even if the clock was set back.

    Args:
        taken: other names; of a sync of one shard, without those of other shards of as many.
        shard: each has its own seconds, so that two that start at once never choose the same name. They lie in the
            past rather than in the future: a day that is not over must not count as over.
    """
    newest = max(taken, default="")
    first = moment_of(newest) + timedelta(seconds=1) if newest else datetime.min.replace(tzinfo=UTC)
    if shard is None:
        return name_of(max(now, first))
    second = int(now.timestamp())
    name = datetime.fromtimestamp(second - (second - shard.number) % shard.count, UTC)
    if name < first:
        second = int(first.timestamp())
        name = datetime.fromtimestamp(second + (shard.number - second) % shard.count, UTC)
    return name_of(name)


def _last_name(as_of: date | datetime | None) -> str:
    if as_of is None:
        return "~"  # later than any digit
    if isinstance(as_of, datetime):
        return name_of(as_of)
    return f"{as_of:%Y%m%d}T235959Z"
