"""Daily metrics are loaded while other accounts are still being fetched; what goes wrong there costs nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from sync.installation import Installation, asked, differences, differences_of_views, ended, on_disk
from workbench.errors import StorageError
from workbench.pipeline.load import early_loader
from workbench.pipeline.load.loader import load_metrics

FIGURES = """
    select account_id, count(*) as rows from creative_daily_metrics group by account_id order by account_id
"""


def _until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.05)


@pytest.mark.slow
def test_an_accounts_figures_are_there_while_another_account_is_still_being_fetched(installation: Installation) -> None:
    early, late = (
        row["account_id"] for row in installation.sandbox.truth.ad_accounts() if _has_figures(installation, row)
    )
    installation.sandbox.faults.add(f"pivot=CREATIVE.*sponsoredAccount%3A{late}", "slow", seconds=120, times=None)

    process = installation.start("sync")
    try:
        _until(lambda: installation.has_tables() and bool(installation.query(FIGURES)))
        [found] = installation.query(FIGURES)
        covered = installation.query("select distinct resource from coverage order by resource")
    finally:
        process.kill()
        ended(process)

    first, last = installation.window
    expected = [
        row for row in installation.sandbox.truth.creative_daily_metrics(first, last) if row["account_id"] == early
    ]
    assert found == {"account_id": early, "rows": len(expected)}
    assert {"campaign_daily_metrics", "creative_daily_metrics"} <= {row["resource"] for row in covered}


def _has_figures(installation: Installation, account: dict[str, Any]) -> bool:
    return bool(
        installation.sandbox.truth.creative_daily_metrics(*installation.window, accounts=[account["account_id"]])
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "fails",
    [
        StorageError("The database is away for a moment."),
        RuntimeError("a bug of ours"),
    ],
)
def test_what_fails_ahead_is_done_with_the_rest(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, fails: Exception
) -> None:
    tried: list[int] = []

    def failing(*arguments: Any, **named: Any) -> Any:
        tried.append(threading.get_ident())
        if len(tried) == 1:
            raise fails
        return load_metrics(*arguments, **named)

    monkeypatch.setattr(early_loader, "load_metrics", failing)

    report = installation.sync()

    assert report.exit_code == 0
    assert len(tried) >= 2
    assert differences(installation) == []
    assert differences_of_views(installation) == []
    first, last = installation.window
    expected = len(installation.sandbox.truth.creative_daily_metrics(first, last))
    counted = installation.query(
        "select sum(inserted) as rows from sync_steps where resource = 'creative_daily_metrics'"
    )
    assert counted == [{"rows": expected}]


@pytest.mark.slow
def test_what_was_loaded_ahead_changes_nothing_in_the_plan_of_the_sync_that_goes_on(installation: Installation) -> None:
    installation.run(
        "sync", act={"at": "pipeline.load.early_loader:EarlyLoader._load", "nth": 1, "when": "after", "do": "kill"}
    )
    [left] = installation.unfinished()
    assert installation.query("select distinct snapshot from coverage") == [{"snapshot": left.name}]
    kept = on_disk(left)
    installation.sandbox.requests.clear()

    report = installation.sync()

    assert (report.exit_code, report.sync_id, report.window) == (0, left.name, installation.window)
    assert not asked(installation.requests()) & kept
    assert differences(installation) == []
