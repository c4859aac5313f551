"""Days before the first sync: whole where LinkedIn gives them, months where it does not, never in one table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sync.installation import Installation, differences_of_views
from workbench.pipeline.fetch import call_planner

FIRST = date(2025, 12, 10)
DAYS = ("campaign_daily_metrics", "creative_daily_metrics", "placement_daily_metrics")


@pytest.mark.slow
@pytest.mark.parametrize("kept", [None, 183, 250])
def test_days_are_kept_where_linkedin_gives_them_and_months_always(
    installation: Installation, kept: int | None
) -> None:
    installation.sandbox.switches.days_kept = kept
    truth = installation.sandbox.truth

    report = installation.sync(first_day=FIRST, settings={"METRIC_GROUPS": "placement,months"})

    assert (report.exit_code, report.status) == (0, "done")
    assert installation.table("campaign_monthly_metrics") == truth.campaign_monthly_metrics(FIRST, installation.today)
    since = FIRST if kept is None else installation.today - timedelta(days=183) if kept == 183 else date(2026, 4, 1)
    for name in DAYS:
        expected = getattr(truth, name)(since, installation.today)
        assert [_core(row) for row in installation.table(name)] == [_core(row) for row in expected]
    lost = [
        row
        for row in truth.campaign_monthly_metrics(FIRST, installation.today)
        if row["month_start"] < since.replace(day=1)
    ]
    covered = installation.query("select * from coverage where resource = %s", [DAYS[0]])
    held = [(row["account_id"], row["window_start"], row["window_end"]) for row in covered]
    days = {(row["account_id"], max(row["month_start"], FIRST)) for row in lost}
    assert not [one for one in days for account, first, last in held if account == one[0] and first <= one[1] <= last]
    assert bool(lost) == (kept is not None)
    assert differences_of_views(installation) == []


def _core(row: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in row.items() if value is not None and key in _CORE}


_CORE = {"account_id", "campaign_id", "creative_id", "serving_location", "date", "impressions", "clicks", "cost_in_usd"}


@pytest.mark.slow
def test_old_days_are_asked_for_once(installation: Installation) -> None:
    installation.sync(first_day=FIRST, settings={"METRIC_GROUPS": "months"})
    installation.sandbox.requests.clear()
    installation.sandbox.advance(1)

    report = installation.sync(first_day=FIRST, settings={"METRIC_GROUPS": "months"})

    assert report.exit_code == 0
    days = [entry.query for entry in installation.requests() if "timeGranularity=DAILY" in entry.query]
    assert days
    assert all("year:2025" not in query for query in days)
    truth = installation.sandbox.truth
    rows = installation.table(DAYS[0])
    assert [_core(row) for row in rows] == [
        _core(row) for row in truth.campaign_daily_metrics(FIRST, installation.today)
    ]


@pytest.mark.slow
def test_a_refusal_of_old_days_leaves_the_months(installation: Installation) -> None:
    installation.sandbox.faults.add("DAILY.*year:2025", "status", status=400, times=None)

    report = installation.sync(first_day=FIRST, settings={"METRIC_GROUPS": "months"})

    assert report.exit_code == 0
    truth = installation.sandbox.truth
    assert installation.table("campaign_monthly_metrics") == truth.campaign_monthly_metrics(FIRST, installation.today)
    assert [row for row in installation.table(DAYS[0]) if row["date"].year == 2025] == []
    expected = truth.campaign_daily_metrics(date(2026, 6, 1), installation.today)
    recent = [row for row in installation.table(DAYS[0]) if row["date"] >= date(2026, 6, 1)]
    assert [_core(row) for row in recent] == [_core(row) for row in expected]


@pytest.mark.slow
def test_after_a_month_that_came_empty_no_older_days_are_asked_for(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_planner, "CAP", 1_000)  # so that old days take several calls
    installation.sandbox.switches.days_kept = 250

    report = installation.sync(first_day=date(2023, 1, 1), settings={"METRIC_GROUPS": "months"})

    assert (report.exit_code, report.status) == (0, "done")
    queries = [entry.query for entry in installation.requests() if "timeGranularity=DAILY" in entry.query]
    account = max(installation.sandbox.truth.campaign_monthly_metrics(FIRST, FIRST), key=lambda row: row["impressions"])
    mine = [query for query in queries if "pivot=CREATIVE" in query and str(account["account_id"]) in query]
    assert len(mine) > 2
    assert all("year:2023" not in query for query in mine)
    first = date(2026, 4, 1)
    rows = [row for row in installation.table(DAYS[0]) if row["account_id"] == account["account_id"]]
    expected = installation.sandbox.truth.campaign_daily_metrics(first, installation.today, [account["account_id"]])
    assert [_core(row) for row in rows] == [_core(row) for row in expected]
