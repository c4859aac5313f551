"""A sync that was ended at any moment is gone on with: the end is the truth, and what is on disk is not asked again."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from marks import some_slow, sweep_except

from sync.installation import (
    Installation,
    asked,
    claimed,
    differences,
    differences_of_views,
    ended,
    lines_of,
    on_disk,
)
from sync.kills import KILLED, kill_at
from workbench.schema.metric_groups import GROUP_NAMES
from workbench.snapshots.manifest import read_manifest

# Each costs a process and two syncs: these run by name, all of them with the kill loop.
ALWAYS = (
    "before a part in the middle is named",
    "after an account was loaded ahead",
    "after the manifest",
    "before the second account's commit",
)
"""All of `STEPS` are for the sweep."""


@pytest.mark.parametrize(
    "step", some_slow("before a part in the middle is named", slow=["after the manifest"], of=ALWAYS)
)
def test_killed_at_a_step_and_run_again_it_ends_at_the_truth(installation: Installation, step: str) -> None:
    kill_at(installation, step)


@pytest.mark.slow
def test_a_resumed_sync_keeps_its_id_and_counts_what_was_on_disk(installation: Installation) -> None:
    installation.run(
        "sync", act={"at": "snapshots.writer:SnapshotWriter.commit", "nth": 15, "when": "after", "do": "kill"}
    )
    (left,) = installation.unfinished()

    report = installation.sync()

    assert report.sync_id == left.name
    first, last = installation.window
    truth = installation.sandbox.truth
    others = {
        "names",
        "account_users",
        "placement_daily_metrics",
        "conversions",
        "conversion_daily_metrics",
        "reach_windows",
    }
    counts = [(name, one["fetched"]) for account in report.accounts for name, one in account.resources.items()]
    fetched = sum(rows for name, rows in counts if name not in others)
    expected = (
        truth.ad_accounts() + truth.campaign_groups() + truth.campaigns() + truth.creatives()
        + truth.campaign_daily_metrics(first, last) + truth.creative_daily_metrics(first, last)
        + truth.audience_demographics(first, last)
    )  # fmt: skip
    assert fetched == len(expected)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_interrupted_it_exits_130_and_goes_on_from_there(installation: Installation, number: signal.Signals) -> None:
    installation.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=300, times=None)
    process = installation.start("sync", "--json")
    _until(lambda: any(len(on_disk(folder)) >= 4 for folder in installation.unfinished()))
    process.send_signal(number)

    ran = ended(process, timeout=200)

    assert ran.code == 130, ran.err
    said = json.loads(ran.out)
    assert "goes on from there" in ran.err
    assert "Traceback" not in ran.err
    (row,) = installation.query("select sync_id, status from sync_log")
    assert row["status"] == said["status"] == "interrupted"
    assert (said["sync_id"], said["snapshot"]) == (row["sync_id"], str(installation.unfinished()[0]))
    assert said["api_calls"] > 0
    assert len(said["window"]) == 2
    kept = on_disk(installation.unfinished()[0])
    installation.sandbox.faults.clear()
    installation.sandbox.requests.clear()
    report = installation.sync()
    assert (report.exit_code, report.sync_id) == (0, row["sync_id"])
    assert not asked(installation.requests()) & kept
    assert differences(installation) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "days"),
    [
        ({}, 1),
        pytest.param({"days": 20}, 0, marks=pytest.mark.sweep),
        pytest.param({"settings": {"CAMPAIGN_STATUSES": "ACTIVE"}}, 0, marks=pytest.mark.sweep),
        pytest.param({"settings": {"LINKEDIN_VERSION": "202606"}}, 0, marks=pytest.mark.sweep),
        ({"account_ids": [512010000]}, 0),
    ],
    ids=["another day", "another window", "other statuses", "another version", "other accounts"],
)
def test_what_another_plan_left_is_closed_as_partial_and_loaded(
    installation: Installation, options: dict[str, Any], days: int
) -> None:
    installation.run(
        "sync", act={"at": "snapshots.writer:SnapshotWriter.commit", "nth": 22, "when": "after", "do": "kill"}
    )
    (left,) = installation.unfinished()
    installation.sandbox.advance(days)

    report = installation.sync(**options)

    assert report.exit_code == 0
    assert report.sync_id != left.name
    closed = read_manifest(left)
    assert closed.manifest.status == "partial"
    log = {row["sync_id"]: row["status"] for row in installation.query("select * from sync_log")}
    assert log == {left.name: "partial", report.sync_id: "done"}
    loaded = {row["snapshot"] for row in installation.query("select snapshot from coverage")}
    assert loaded == {left.name, report.sync_id}
    assert differences_of_views(installation) == []
    installation.sync(force=True)
    # Of yesterday's first day only what was on disk was ever asked for.
    assert [found for found in differences(installation) if days == 0 or "daily_metrics" not in found] == []


@pytest.mark.slow
def test_an_account_that_was_cut_short_is_not_fresh_once_it_is_closed(installation: Installation) -> None:
    installation.run("sync", act={"at": "pipeline.fetch.names:_fetch", "nth": 1, "when": "before", "do": "kill"})

    report = installation.sync(settings={"LINKEDIN_VERSION": "202606"})

    assert {account.status for account in report.accounts} == {"done"}
    assert differences(installation) == []


@pytest.mark.slow
def test_after_a_closed_one_another_kill_is_still_gone_on_with(installation: Installation) -> None:
    act = {"at": "snapshots.writer:SnapshotWriter.commit", "nth": 22, "when": "after", "do": "kill"}
    installation.first_sync()
    for days in (1, 4):
        installation.sandbox.advance(days)
        assert installation.run("sync", act=act).code == KILLED
    (left,) = installation.unfinished()
    kept = on_disk(left)
    installation.sandbox.requests.clear()

    report = installation.sync()

    assert (report.exit_code, report.sync_id) == (0, left.name)
    assert not asked(installation.requests()) & kept
    assert differences_of_views(installation) == []


@pytest.mark.slow
def test_a_part_that_lost_its_bytes_after_a_crash_is_asked_for_again(installation: Installation) -> None:
    ran = installation.run(
        "sync", act={"at": "snapshots.writer:SnapshotWriter.finish", "nth": 1, "when": "before", "do": "kill"}
    )
    assert ran.code == KILLED, ran.err
    (left,) = installation.unfinished()
    part = next(left.glob("audience_demographics/*.gz"))
    part.write_bytes(part.read_bytes()[:-20])
    with (left / "journal.ndjson").open("ab") as journal:
        journal.write(b'{"part":{"path":"torn')

    report = installation.sync()

    assert (report.exit_code, report.sync_id) == (0, left.name)
    assert lines_of(installation.snapshots()[0], "audience_demographics")
    assert differences(installation) == []


ROTTEN = {
    "creatives": ("creatives", "snapshots.writer:SnapshotWriter.finish", "before"),
    "audience demographics": ("audience_demographics", "snapshots.writer:SnapshotWriter.finish", "before"),
    "metrics": ("campaign_daily_metrics", "pipeline.load.early_loader:EarlyLoader._load", "before"),
    "metrics that were loaded ahead": (
        "campaign_daily_metrics",
        "pipeline.load.early_loader:EarlyLoader._load",
        "after",
    ),
}
"""By what rots: its resource, and the step at which the sync is killed: the part is on disk by then."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "days"),
    sweep_except(
        ("audience demographics", 0),
        ("metrics that were loaded ahead", 1),
        of=[*((part, 0) for part in ROTTEN), ("metrics that were loaded ahead", 1)],
        several=True,
    ),
)
def test_a_part_whose_bits_have_rotted_is_asked_for_again(installation: Installation, part: str, days: int) -> None:
    """Its size is what it was; only its checksum tells."""
    resource, at, when = ROTTEN[part]
    ran = installation.run("sync", act={"at": at, "nth": 1, "when": when, "do": "kill"})
    assert ran.code == KILLED, ran.err
    (left,) = installation.unfinished()
    ahead = {account_id for account_id, _ in claimed(installation, resource)}
    assert len(ahead) == (part == "metrics that were loaded ahead")
    rotten = next(path for account_id in ahead or {""} for path in left.glob(f"{resource}/{account_id}*.gz"))
    _rot(rotten)
    first, last = installation.window
    installation.sandbox.advance(days)
    installation.sandbox.requests.clear()

    assert installation.sync().exit_code == 0

    assert (resource, int(re.split("[-.]", rotten.name)[0])) in {what[:2] for what in asked(installation.requests())}
    for table in ("campaign_daily_metrics", "creative_daily_metrics"):
        shown = installation.table(table, where=f"date >= '{installation.window[0]}'")
        assert shown == getattr(installation.sandbox.truth, table)(*installation.window)
    # What was loaded ahead is right and stays, with its line of coverage.
    kept = days and {(account_id, resource, first, last, left.name, ",".join(GROUP_NAMES)) for account_id in ahead}
    assert differences_of_views(installation) == ([f"coverage: {kept}"] if kept else [])


@pytest.mark.slow
def test_a_finished_snapshot_that_rots_before_it_is_loaded_stops_no_sync(installation: Installation) -> None:
    installation.run("sync", act={"at": "pipeline.load.loader:load_snapshot", "nth": 1, "when": "before", "do": "kill"})
    (left,) = installation.snapshots()
    _rot(next(left.folder.glob("campaign_daily_metrics/*.gz")))

    ran = installation.run("sync")

    assert (ran.code, f"Snapshot {left.name} is left out" in ran.err) == (0, True), ran.err
    assert differences(installation) == []


def _rot(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _until(condition: Any, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


@pytest.mark.slow
def test_a_disk_that_takes_no_more_is_named_and_what_was_written_is_kept(installation: Installation) -> None:
    ran = installation.run("sync", "--json", act={"largest": 6_000})

    assert ran.code == 70, ran.err
    assert ran.json["error"]["type"] == "StorageError"
    assert "File too large" in ran.json["error"]["why"]
    assert ran.json["error"]["next"]
    assert "Traceback" not in ran.err, ran.err
    kept = {part for folder in installation.unfinished() for part in on_disk(folder)}
    assert kept
    installation.sandbox.requests.clear()
    assert installation.sync().exit_code == 0
    assert not asked(installation.requests()) & kept
    assert differences(installation) == []
