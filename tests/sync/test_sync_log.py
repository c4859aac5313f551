"""What the log says of a sync: one word everywhere, the requests that went out, the same after a rebuild."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from sync.installation import Installation, ended, until
from sync.kills import KILLED
from workbench.database.connection import Database
from workbench.diagnostics.status import gather
from workbench.pipeline.api import load
from workbench.pipeline.sync_log import SyncLog
from workbench.sandbox.switches import Quota

_LOG = "select sync_id, trigger, status, started_at, finished_at, window_start, window_end, api_calls from sync_log"
_STEPS = "select account_id, resource, status, fetched, rejected, complete_through from sync_steps order by 1, 2"


def _emptied(installation: Installation) -> None:
    for table in ("sync_log", "sync_steps", "coverage", "campaigns", "ad_accounts"):
        installation.query(f"with gone as (delete from {table} returning 1) select count(*) from gone")


LEFT_OUT = ("campaign_monthly_metrics", "entity_demographics", "lead_forms")
"""What a plain sync does not ask for, and a snapshot says nothing of."""


@pytest.mark.slow
def test_a_database_that_is_built_again_knows_its_syncs(installation: Installation) -> None:
    report = installation.first_sync()
    (before,) = installation.query(_LOG)
    steps = installation.query(_STEPS)
    _emptied(installation)

    load([report.snapshot], settings=installation.settings())

    (after,) = installation.query(_LOG)
    assert abs(before.pop("finished_at") - after.pop("finished_at")) < timedelta(days=30)  # two clocks
    assert after == before
    asked = [step for step in steps if step["resource"] not in LEFT_OUT]
    assert installation.query(_STEPS) == asked
    health = gather(settings=installation.settings(), now=installation.now())
    assert [(sync.sync_id, sync.status) for sync in health.syncs] == [(report.sync_id, "done")]


@pytest.mark.slow
def test_loading_again_leaves_what_the_log_knows(installation: Installation) -> None:
    report = installation.first_sync()
    before = installation.query("select * from sync_log")

    load([report.snapshot], settings=installation.settings())

    assert installation.query("select * from sync_log") == before


@pytest.mark.slow
def test_a_spent_quota_without_any_figures_is_75_and_has_one_word_everywhere(installation: Installation) -> None:
    installation.sandbox.switches.quotas["adAnalytics"] = Quota(0, 0)

    code, report = installation.outcome()

    assert code == 75, report
    assert report.status == "partial"
    (snapshot,) = installation.snapshots()
    assert snapshot.manifest.outcome == installation.value("select status from sync_log") == "partial"
    _emptied(installation)
    load([report.snapshot], settings=installation.settings())
    assert installation.value("select status from sync_log") == "partial"


def test_a_sync_that_brought_nothing_of_any_account_stays_failed(installation: Installation) -> None:
    for path in ("adCampaign", "creatives", "adAnalytics", "conversions"):
        installation.sandbox.faults.add(path, "forbid", times=None)

    code, report = installation.outcome()

    assert (code, report.status) == (70, "failed")
    for _ in range(2):
        assert installation.query("select status from sync_log where sync_id = %s", [report.sync_id]) == [
            {"status": "failed"}
        ]
        installation.outcome()
    assert installation.snapshots()[0].manifest.outcome == "failed"


@pytest.mark.slow
def test_requests_before_an_interruption_count_too(installation: Installation) -> None:
    installation.sandbox.faults.add("pivot=CREATIVE", "slow", seconds=60, times=None)
    process = installation.start("sync")
    until(lambda: installation.has_tables() and any(row["api_calls"] for row in installation.query(_LOG)))
    process.kill()
    assert ended(process).code == KILLED
    noted = installation.value("select api_calls from sync_log")
    installation.sandbox.faults.clear()
    installation.sandbox.requests.clear()

    code, report = installation.outcome()

    assert code == 0
    assert noted < report.api_calls <= noted + len(installation.requests())
    assert json.loads((report.snapshot / "manifest.json").read_text())["api_calls"] == report.api_calls
    assert installation.value("select api_calls from sync_log") == report.api_calls


def test_an_interruption_behind_the_end_of_a_sync_leaves_it_done(installation: Installation) -> None:
    report = installation.first_sync()
    with Database(installation.database_url).connect() as connection:
        SyncLog(report.sync_id).finish(connection, "interrupted")
    assert installation.value("select status from sync_log") == "done"
