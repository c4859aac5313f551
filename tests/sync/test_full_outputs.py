"""What cannot be told because a disk is full, such as cron's log, changes nothing about what is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.bench import Bench, differences

FULL = Path("/dev/full")  # Linux: every write fails with ENOSPC
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")


def _code(bench: Bench, *arguments: str, out: bool = False, err: bool = False) -> int:
    """The exit code of a command whose output or errors find no room."""
    process = bench.start(*arguments, out=FULL if out else None, err=FULL if err else None)
    process.communicate(timeout=120)
    return process.returncode


@pytest.mark.parametrize("full", [{"out": True}, {"err": True}, {"out": True, "err": True}], ids=str)
def test_a_sync_that_nobody_can_read_does_its_work_and_ends_with_its_own_code(
    bench: Bench, full: dict[str, bool]
) -> None:
    assert _code(bench, "sync", **full) == 0

    assert differences(bench) == []
    assert [row["status"] for row in bench.query("select status from sync_log")] == ["done"]
    bench.sandbox.faults.add("MEMBER_SENIORITY", "forbid", times=None)
    assert _code(bench, "sync", "--force", **full) == 10
    bench.sandbox.faults.add(".", "unauthorized", times=None)
    assert _code(bench, "sync", "--force", **full) == 77


def test_an_answer_in_json_that_cannot_be_written_is_a_failure_of_its_own(bench: Bench) -> None:
    process = bench.start("sync", "--json", out=FULL)
    _, said = process.communicate(timeout=120)

    assert process.returncode == 70
    assert "The answer could not be written." in said
    assert "Traceback" not in said
    assert differences(bench) == []


def test_snapshots_are_all_loaded_though_nobody_can_read_it(bench: Bench) -> None:
    bench.sync()
    bench.sync(force=True)
    for table in ("campaigns", "coverage", "creative_daily_metrics"):
        bench.query(f"with gone as (delete from {table} returning 1) select count(*) from gone")

    assert _code(bench, "load", "--all", out=True, err=True) == 0

    assert differences(bench) == []
