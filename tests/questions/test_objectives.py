"""A campaign that is not listed, and one whose objective LinkedIn does not say, are two things."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL
from sync.installation import new_installation

from workbench import query
from workbench.analytics import formatting, metrics


@pytest.mark.slow
def test_campaigns_that_are_not_listed_are_told_from_those_without_an_objective(
    database_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_installation(database_url, tmp_path) as installation:
        installation.first_sync()
        for name, value in installation.environment().items():
            monkeypatch.setenv(name, value)
        rows = installation.query(
            "select campaign_id, sum(impressions) as impressions from campaign_daily_metrics"
            " where account_id = 512010000 group by campaign_id order by impressions desc limit 2"
        )
        silent, gone = (row["campaign_id"] for row in rows)
        installation.query("update campaigns set objective_type = null where campaign_id = %s returning 1", [silent])
        installation.query("delete from campaigns where campaign_id = %s returning 1", [gone])

        window = {"first_day": installation.today - timedelta(days=90), "last_day": installation.today}
        found = query("kpis_by_objective", account_ids=[512010000], **window)

    impressions = dict(found.select("objective_type", "impressions").iter_rows())
    assert (impressions["UNKNOWN"], impressions[None]) == tuple(row["impressions"] for row in rows)
    assert formatting.objective_words("UNKNOWN") == "Unknown"
    assert metrics.key_result("UNKNOWN").note != metrics.key_result(None).note
