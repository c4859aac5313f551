"""What a stranger's snapshot may claim as a whole, and that overlapping windows cost as much as one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import made_snapshots as made
import pytest
from pydantic import ValidationError

import workbench
from workbench import errors
from workbench.snapshots import integrity, manifest
from workbench.snapshots.in_memory import open_bounded
from workbench.snapshots.manifest import Part
from workbench.snapshots.views import Views
from workbench.temporary_folder import PREFIX

WORKBENCH = Path(workbench.__file__).parent
FIRST = date(2020, 1, 1)
THOUSAND = tuple((FIRST + timedelta(n), FIRST + timedelta(n + 5_000)) for n in range(1_000))


def test_a_thousand_overlapping_windows_are_one(tmp_path: Path) -> None:
    into = made.writer(tmp_path / "20261124T120000Z")
    made.write(into, made.Made("campaign_daily_metrics", 1, covers=THOUSAND))
    snapshot = into.finish(finished_at=made.NOON, api_calls=1, complete=True)
    with Views([snapshot]) as views:
        counted = views.connection.execute("select count(*) from part_covers").fetchall()
    assert counted == [(1,)]


def test_windows_that_are_too_far_apart_are_refused() -> None:
    far = (FIRST - timedelta(30_000), FIRST - timedelta(29_999))
    with pytest.raises(ValidationError, match="too far apart"):
        Part(path=None, resource="campaign_daily_metrics", account_id=1, covers=((FIRST, FIRST), far))


def test_windows_of_all_parts_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "_MAX_WINDOWS", 1_500)
    parts = [Part(path=None, resource="campaign_daily_metrics", account_id=n, covers=THOUSAND) for n in (1, 2)]
    with pytest.raises(ValueError, match="too many windows"):
        manifest.Manifest._each_file_once(tuple(parts))  # type: ignore[call-arg]


def test_days_of_all_parts_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Overlapping windows of a part count once: DuckDB makes a row of each day."""
    parts = tuple(Part(path=None, resource="campaign_daily_metrics", account_id=n, covers=THOUSAND) for n in (1, 2))
    monkeypatch.setattr(manifest, "_MAX_ALL_DAYS", 12_000)
    assert manifest.Manifest._each_file_once(parts) == parts  # type: ignore[call-arg]
    monkeypatch.setattr(manifest, "_MAX_ALL_DAYS", 11_999)
    with pytest.raises(ValueError, match="too many days"):
        manifest.Manifest._each_file_once(parts)  # type: ignore[call-arg]


def test_bytes_of_all_parts_together_are_bounded() -> None:
    parts = [Part(path=f"campaigns/{n}.ndjson.gz", resource="campaigns", account_id=n, bytes=2**30) for n in range(65)]
    with pytest.raises(ValueError, match="too many bytes"):
        manifest.Manifest._each_file_once(tuple(parts))  # type: ignore[call-arg]


def test_every_duckdb_of_ours_is_bounded_and_spills_to_a_private_folder() -> None:
    """By itself it spills to `.tmp` in the working directory, which another account may have prepared."""
    opened = [path for path in WORKBENCH.rglob("*.py") if "duckdb.connect(" in path.read_text("utf-8")]
    assert [path.name for path in opened] == ["in_memory.py"]
    wanted = "select current_setting('temp_directory'), current_setting('max_temp_directory_size')"
    folder, size = open_bounded().execute(wanted).fetchone() or ("", "")
    assert PREFIX in folder
    assert size == "18.6 GiB"
    small = open_bounded(memory="30MB", threads=1)
    small.execute("set max_temp_directory_size = '1MB'")
    with pytest.raises(duckdb.OutOfMemoryException):
        small.execute("create table t as select range::varchar || repeat('x', 50) from range(3000000)")


def test_a_part_that_unpacks_to_more_than_any_of_ours_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its manifest vouches for it, and each of its lines is short."""
    into = made.writer(tmp_path / "20261124T120000Z")
    made.write(into, made.Made("campaigns", 1, lines=[{"id": 1}] * 200_000))
    snapshot = into.finish(finished_at=made.NOON, api_calls=1, complete=True)
    snapshot.verify()
    integrity._bomb.cache_clear()
    monkeypatch.setattr(integrity, "UNPACKED", 2**20)
    with pytest.raises(errors.ValidationError) as refused:
        snapshot.verify()
    assert "campaigns/1.ndjson.gz unpacks to more than 1,048,576 bytes" in refused.value.why
    integrity._bomb.cache_clear()
