"""The named steps at which a sync is killed, and what must hold when it is run again."""

from __future__ import annotations

import signal

from sync.installation import Installation, asked, differences, differences_of_views, on_disk

KILLED = -signal.SIGKILL

STEPS = {
    "before the plan is on disk": ("snapshots.writer:atomic_write", 1, "before"),
    "after the plan is on disk": ("snapshots.writer:SnapshotWriter.create", 1, "after"),
    "before the accounts are asked for": ("linkedin.client:Client.get", 1, "before"),
    "before the first part is synced": ("snapshots.writer:sync_file", 2, "before"),
    "after the first part is named": ("snapshots.writer:SnapshotWriter.commit", 1, "after"),
    "in the middle of the parts": ("snapshots.writer:SnapshotWriter._note", 12, "after"),
    "before a part in the middle is named": ("snapshots.writer:SnapshotWriter.commit", 14, "before"),
    "before an account loaded ahead is committed": ("pipeline.load.account_loader:_load_metrics", 2, "after"),
    "after an account was loaded ahead": ("pipeline.load.early_loader:EarlyLoader._load", 1, "after"),
    "before the names": ("pipeline.fetch.names:_fetch", 1, "before"),
    "before the manifest": ("snapshots.writer:SnapshotWriter.finish", 1, "before"),
    "after the manifest": ("snapshots.writer:SnapshotWriter.finish", 1, "after"),
    "before the load": ("pipeline.load.loader:load_snapshot", 1, "before"),
    "before the list of accounts is loaded": ("pipeline.load.loader:tables_of", 1, "before"),
    "in the middle of a stage": ("database.upsert:advance", 4, "before"),
    "before the second account's commit": ("pipeline.load.account_loader:_load_windows", 2, "after"),
    "after the second account": ("pipeline.load.loader:tables_of", 4, "before"),
    "after the load": ("pipeline.load.loader:load_snapshot", 1, "after"),
    "before the last word": ("pipeline.sync_log:SyncLog.finish", 1, "before"),
    "after the last word": ("pipeline.sync_log:SyncLog.finish", 1, "after"),
}


def kill_at(installation: Installation, step: str) -> None:
    """Kill a sync at a step and run another: it ends at the truth, and asks for nothing that is on disk."""
    at, nth, when = STEPS[step]
    ran = installation.run("sync", "--json", act={"at": at, "nth": nth, "when": when, "do": "kill"})
    assert ran.code == KILLED, ran.err
    kept = {part for folder in installation.unfinished() for part in on_disk(folder)}
    begun = [folder.name for folder in installation.unfinished() if (folder / "journal.ndjson").exists()]
    finished = [snapshot.name for snapshot in installation.snapshots()]
    installation.sandbox.requests.clear()

    code, report = installation.outcome()

    assert code == 0, report
    again = asked(installation.requests())
    assert not again & kept
    if finished:
        assert again == set()
    assert [snapshot.name for snapshot in installation.snapshots()] == (finished or begun or [report.sync_id])
    assert [row["status"] for row in installation.query("select status from sync_log")] == ["done"]
    assert differences(installation) == []
    assert differences_of_views(installation) == []
    assert not list(installation.snapshot_dir.rglob("*.unfinished")) or not begun
