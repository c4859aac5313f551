"""Syncs whose snapshots are kept in object storage, and another machine that reads them there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from object_storage import SECRET, Storage, object_storage

from sync.installation import Installation, differences
from workbench.database.connection import Database
from workbench.diagnostics.doctor.attention import attention
from workbench.diagnostics.status import gather
from workbench.diagnostics.status.text import brief
from workbench.errors import StorageError
from workbench.front_door import Workbench
from workbench.pipeline import sync_run
from workbench.pipeline.api import load
from workbench.pipeline.progress import Progress
from workbench.snapshots import mirror, object_store
from workbench.snapshots.catalog import list_snapshots

ADDRESS = "s3://bucket/ads"


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, installation: Installation) -> Iterator[Storage]:
    with object_storage() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(mirror, "_SECONDS", 0.0)
        monkeypatch.setattr(object_store, "_PAUSE", 0.01)
        monkeypatch.setitem(object_store._RETRIES, "max_retries", 0)
        installation.changes["SNAPSHOT_DIR"] = ADDRESS
        yield server


def test_another_machine_reads_and_loads_what_a_sync_put_there(
    storage: Storage, installation: Installation, empty_database_url: str
) -> None:
    report = installation.sync()

    assert report.exit_code == 0
    assert {key.split("/")[1] for key in storage.objects} == {report.sync_id}
    assert differences(installation) == []
    other = installation.settings(WORKBENCH_HOME=installation.folder / "other", DATABASE_URL=empty_database_url)
    with Workbench(installation.settings()) as here, Workbench(other) as there:
        ours, theirs = (bench.query("accounts", source="snapshots") for bench in (here, there))
        assert ours.height
        assert ours.equals(theirs)
    health = gather(settings=other)
    assert health.snapshots is not None
    assert (health.snapshots.count, health.snapshots.storage) == (1, ADDRESS)
    assert ADDRESS in brief(health)
    load([snapshot.folder for snapshot in list_snapshots(other.snapshot_dir).finished], settings=other)
    rows = "select count(*), sum(cost_in_local_currency) from campaign_daily_metrics"
    with Database(empty_database_url).connect() as theirs, Database(installation.database_url).connect() as ours:
        assert theirs.execute(rows).fetchone() == ours.execute(rows).fetchone()


def test_a_storage_that_is_away_refuses_a_sync_before_linkedin_is_asked(
    storage: Storage, installation: Installation
) -> None:
    storage.fault_at("GET", "list-type", "503", times=1000)

    code, error = installation.outcome()

    assert code == 70
    assert ADDRESS in str(error)
    assert installation.requests() == []
    found = [finding for finding in attention(gather(settings=installation.settings())) if finding.check == "snapshots"]
    assert any(ADDRESS in finding.what for finding in found)


@pytest.mark.slow
def test_what_could_not_be_put_there_is_put_there_by_the_next_sync(
    storage: Storage, installation: Installation
) -> None:
    storage.fault_at("PUT", "manifest.json", "503", times=1000)

    code, error = installation.outcome()

    assert code == 70
    assert SECRET not in str(error)
    assert differences(installation) == [], "the database has it"
    found = attention(gather(settings=installation.settings()))
    assert any("still to be put into s3://bucket/ads" in finding.what for finding in found)
    storage.faults.clear()
    asked = len(installation.requests())
    assert installation.outcome()[0] == 0
    assert len(installation.requests()) == asked, "what it fetched is fresh"
    assert [key for key in storage.objects if key.endswith("manifest.json")]
    assert not mirror.unstored(installation.settings().snapshot_dir)


@pytest.mark.slow
def test_a_storage_that_goes_away_during_a_sync_keeps_nothing_from_the_database(
    storage: Storage, installation: Installation
) -> None:
    def away(progress: Progress) -> None:
        if progress.step == "snapshot":
            storage.fault_at("GET", "list-type", "503", times=1000)

    code, _ = installation.outcome(on_progress=away)

    assert code == 0
    assert differences(installation) == []


def test_a_snapshot_is_in_the_storage_before_the_database_has_all_of_it(
    storage: Storage, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("The database is away.", why="It does not answer.", next_step="Try again.")

    monkeypatch.setattr(sync_run, "load_and_count", fail)

    code, _ = installation.outcome()

    assert code == 70
    assert [key for key in storage.objects if key.endswith("manifest.json")]
    assert not mirror.unstored(installation.settings().snapshot_dir)
