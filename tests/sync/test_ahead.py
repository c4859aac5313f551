"""Daily metrics are loaded while other accounts are still being fetched; what goes wrong there costs nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from sync.bench import Bench, asked, differences, differences_of_views, ended, on_disk
from workbench.errors import StorageError
from workbench.pipeline.load import early_loader
from workbench.pipeline.load.loader import load_metrics

FIGURES = """
    select account_id, count(*) as rows from creative_daily_metrics group by account_id order by account_id
"""


def _until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


@pytest.mark.slow
def test_an_accounts_figures_are_there_while_another_account_is_still_being_fetched(bench: Bench) -> None:
    early, late = (row["account_id"] for row in bench.sandbox.truth.ad_accounts() if _has_figures(bench, row))
    bench.sandbox.faults.add(f"pivot=CREATIVE.*sponsoredAccount%3A{late}", "slow", seconds=120, times=None)

    process = bench.start("sync")
    try:
        _until(lambda: bench.has_tables() and bool(bench.query(FIGURES)))
        [found] = bench.query(FIGURES)
        covered = bench.query("select distinct resource from coverage order by resource")
    finally:
        process.kill()
        ended(process, timeout=20)

    first, last = bench.window
    expected = [row for row in bench.sandbox.truth.creative_daily_metrics(first, last) if row["account_id"] == early]
    assert found == {"account_id": early, "rows": len(expected)}
    assert [row["resource"] for row in covered] == ["campaign_daily_metrics", "creative_daily_metrics"]


def _has_figures(bench: Bench, account: dict[str, Any]) -> bool:
    return bool(bench.sandbox.truth.creative_daily_metrics(*bench.window, accounts=[account["account_id"]]))


@pytest.mark.parametrize("fails", [StorageError("The database is away for a moment."), RuntimeError("a bug of ours")])
def test_what_fails_ahead_is_done_with_the_rest(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, fails: Exception
) -> None:
    tried: list[int] = []

    def failing(*arguments: Any, **named: Any) -> Any:
        tried.append(threading.get_ident())
        if len(tried) == 1:
            raise fails
        return load_metrics(*arguments, **named)

    monkeypatch.setattr(early_loader, "load_metrics", failing)

    report = bench.sync()

    assert report.exit_code == 0
    assert len(tried) >= 2
    assert differences(bench) == []
    assert differences_of_views(bench) == []
    first, last = bench.window
    expected = len(bench.sandbox.truth.creative_daily_metrics(first, last))
    counted = bench.query("select sum(inserted) as rows from sync_steps where resource = 'creative_daily_metrics'")
    assert counted == [{"rows": expected}]


@pytest.mark.slow
def test_what_was_loaded_ahead_changes_nothing_in_the_plan_of_the_sync_that_goes_on(bench: Bench) -> None:
    bench.run("sync", act={"at": "pipeline.load.early_loader:LoadAhead._load", "nth": 1, "when": "after", "do": "kill"})
    [left] = bench.unfinished()
    assert bench.query("select distinct snapshot from coverage") == [{"snapshot": left.name}]
    kept = on_disk(left)
    bench.sandbox.requests.clear()

    report = bench.sync()

    assert (report.exit_code, report.sync_id, report.window) == (0, left.name, bench.window)
    assert not asked(bench.requests()) & kept
    assert differences(bench) == []
