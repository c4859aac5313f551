"""Resume after an interrupted sync: continue its snapshot, close it as partial, or find it for loading."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType

from workbench.clock import utc_now
from workbench.errors import DataFetchError, StorageError, ValidationError, WorkbenchError
from workbench.pipeline.steps import Steps
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import MANIFEST, Manifest, Part, Plan, Snapshot, read_manifest
from workbench.snapshots.writer import SnapshotWriter


def continue_or_close(
    snapshot_dir: Path,
    plan: Plan,
    today: date,
    requests: Mapping[str, int] = MappingProxyType({}),
    *,
    newest: str = "",
    siblings: Collection[str] = (),
) -> tuple[SnapshotWriter | None, list[Snapshot]]:
    """The unfinished snapshot to continue (or None), and the other unfinished ones, now closed as partial.

    Continued is one with an equal plan that was begun today. A folder that another process is writing is left alone: a
    sync of another database, or one whose lock was taken over. A folder older than a finished snapshot, or than one of
    the database, is closed, because a newer snapshot decides the days that it would still fetch.

    Args:
        requests: how many requests went out for each, by name, as far as the database has them.
        newest: the newest snapshot that the database has, perhaps of another machine.
        siblings: snapshots of other shards of as many, which are left alone, and decide nothing of this shard.
    """
    listing = list_snapshots(snapshot_dir)
    finished_last = max((one.name for one in listing.finished if one.name not in siblings), default="")
    going_on: SnapshotWriter | None = None
    closed: list[Snapshot] = []
    for folder in reversed([folder for folder in listing.unfinished if folder.name not in siblings]):
        writer = _resumed(folder)
        if writer is None:
            continue
        equal = writer.plan == plan and writer.started_at.date() == today
        # A list of accounts counts as made when its snapshot was named: a sibling's later one would judge it.
        listed = any(part.resource == "ad_accounts" and part.path for part in writer.parts)
        equal = equal and (listed or writer.name > max(siblings, default=""))
        if going_on is None and equal and writer.name > finished_last and writer.name >= newest:
            going_on = writer
        else:
            sent = requests.get(writer.name, 0)
            closed.append(writer.finish(finished_at=utc_now(), api_calls=sent, complete=False))
    return going_on, closed[::-1]


def _resumed(folder: Path) -> SnapshotWriter | None:
    try:
        return SnapshotWriter.resume(folder)
    except StorageError as error:
        if error.retry:
            return None
        raise


def finished(snapshot_dir: Path, name: str) -> Snapshot | None:
    """The snapshot of this name; None if it is unfinished or cannot be read."""
    folder = snapshot_dir / name
    try:
        return read_manifest(folder) if (folder / MANIFEST).exists() else None
    except ValidationError:
        return None


def steps_of(manifest: Manifest, steps: Steps) -> None:
    """Fill `steps` with the outcome of each resource according to a manifest."""
    for part in manifest.parts:
        step = steps.of(part.account_id, part.resource)
        step.fetched += part.elements
        step.rejected += part.rejected
        if part.status == "done":
            step.done += 1
        step.total = (step.total or 0) + 1
        days = [last for _, last in part.covers if last is not None]
        step.note(_error(part))
        step.complete_through = max([*days, *filter(None, [step.complete_through])], default=None)
    for step in steps.all():
        step.end("done" if step.done == step.total else "partial" if step.done or step.fetched else "failed")
        steps.changed(step)


def _error(part: Part) -> WorkbenchError | None:
    """The error that the manifest has for a part that is not whole."""
    if part.status == "done" or not part.why:
        return None
    of = f"{part.resource} of account {part.account_id}" if part.account_id else part.resource
    next_step = "Run `workbench sync`: it asks again for what is missing."
    return DataFetchError(f"Could not read {of}.", why=part.why, next_step=next_step)
