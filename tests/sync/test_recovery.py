"""What an earlier sync left is gone on with, closed, or left to the process that is writing it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from workbench.pipeline.resume import continue_or_close
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import Plan
from workbench.snapshots.writer import SnapshotWriter

TODAY = date(2026, 11, 22)
PLAN = Plan(
    linkedin_version="202607",
    window=(TODAY, TODAY),
    account_ids=None,
    campaign_statuses=(),
    pivots=("MEMBER_INDUSTRY",),
)


def _begun(folder: Path, name: str) -> SnapshotWriter:
    started = datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return SnapshotWriter.create(folder / name, PLAN, trigger="cli", started_at=started, version="1")


def test_a_snapshot_that_an_equal_plan_began_today_is_gone_on_with(tmp_path: Path) -> None:
    _begun(tmp_path, "20261122T060000Z").release()

    writer, closed = continue_or_close(tmp_path, PLAN, TODAY)

    assert writer is not None
    assert (writer.name, closed) == ("20261122T060000Z", [])
    writer.release()


def test_one_of_yesterday_is_closed_as_partial(tmp_path: Path) -> None:
    _begun(tmp_path, "20261121T060000Z").release()

    writer, closed = continue_or_close(tmp_path, PLAN, TODAY)

    assert writer is None
    assert [(snapshot.name, snapshot.manifest.status) for snapshot in closed] == [("20261121T060000Z", "partial")]


def test_one_that_is_older_than_a_finished_snapshot_is_closed(tmp_path: Path) -> None:
    _begun(tmp_path, "20261122T060000Z").release()
    newer = _begun(tmp_path, "20261122T070000Z")
    newer.finish(finished_at=datetime(2026, 11, 22, 8, tzinfo=UTC), api_calls=0, complete=True)

    writer, closed = continue_or_close(tmp_path, PLAN, TODAY)

    assert writer is None
    assert [snapshot.name for snapshot in closed] == ["20261122T060000Z"]


def test_one_that_another_process_is_writing_is_left_to_it(tmp_path: Path) -> None:
    held = _begun(tmp_path, "20261122T060000Z")

    assert continue_or_close(tmp_path, PLAN, TODAY) == (None, [])

    assert [folder.name for folder in list_snapshots(tmp_path).unfinished] == ["20261122T060000Z"]
    held.release()
