"""What a stranger's snapshot may claim as a whole, and that overlapping windows cost as much as one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import made_snapshots as made
import pytest
from pydantic import ValidationError

from workbench.snapshots import manifest
from workbench.snapshots.manifest import Part
from workbench.snapshots.views import Views

FIRST = date(2020, 1, 1)
THOUSAND = tuple((FIRST + timedelta(n), FIRST + timedelta(n + 5_000)) for n in range(1_000))


def test_a_thousand_overlapping_windows_are_one(tmp_path: Path) -> None:
    into = made.writer(tmp_path / "20261124T120000Z")
    made.write(into, made.Made("campaign_daily_metrics", 1, covers=THOUSAND))
    snapshot = into.finish(finished_at=made.NOON, api_calls=1, complete=True)
    with Views([snapshot], sealed=False) as views:
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
