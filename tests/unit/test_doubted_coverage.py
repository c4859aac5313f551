"""What PostgreSQL covers by a snapshot counts only as long as the snapshot's manifest still says so."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from made_snapshots import plan

from workbench.schema.resources import CoverageRow
from workbench.snapshots.coverage import believed_and_doubted
from workbench.snapshots.manifest import FORMAT, Manifest, Part

NAME, NOON = "20261124T120000Z", datetime(2026, 11, 24, 12, tzinfo=UTC)
WINDOW = (date(2026, 8, 26), date(2026, 11, 24))
OTHERS = CoverageRow(2, "campaign_daily_metrics", *WINDOW, "20261123T120000Z")


def _row(account_id: int) -> CoverageRow:
    return CoverageRow(account_id, "campaign_daily_metrics", *WINDOW, NAME)


def _manifest(*parts: Part, status: str) -> Manifest:
    facts = {"format": FORMAT, "snapshot": NAME, "workbench_version": "0.1.0", "status": status, "trigger": "script"}
    times = {"started_at": NOON, "finished_at": NOON, "api_calls": 1}
    return Manifest.model_validate({**plan(WINDOW).model_dump(), **facts, **times, "parts": parts})


def test_days_of_a_part_that_a_closed_snapshot_has_lost_are_asked_for_again() -> None:
    """It was loaded while its snapshot was still being written; its bytes rotted before the snapshot was closed."""
    kept = Part(
        path="campaign_daily_metrics/1.ndjson.gz",
        resource="campaign_daily_metrics",
        account_id=1,
        covers=(WINDOW,),
        bytes=1,
        sha256="0" * 64,
        elements=1,
    )

    believed, doubted = believed_and_doubted([_row(1), _row(2), OTHERS], [_manifest(kept, status="partial")])

    assert (believed, doubted) == ([_row(1), OTHERS], [_row(2)])


@pytest.mark.parametrize("status", ["done", "partial"])
def test_coverage_of_a_snapshot_that_is_not_here_is_believed(status: str) -> None:
    assert believed_and_doubted([OTHERS], [_manifest(status=status)]) == ([OTHERS], [])
