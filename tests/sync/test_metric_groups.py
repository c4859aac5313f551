"""More metrics than one request takes: they are asked for group by group, and a group that fails costs only its own."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from sync.installation import Installation, differences, differences_of_views, truth
from workbench.errors import ValidationError
from workbench.pipeline.fetch import figures
from workbench.schema.metric_groups import GROUP_FIELDS
from workbench.schema.metrics import BY_DEMOGRAPHIC, STORED, Stored

DETAIL = [metric.name for metric in STORED if metric.group == "detail"]
DAYS = ("campaign_daily_metrics", "creative_daily_metrics")
GROUPS = 3


def in_groups(metrics: tuple[Stored, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(("impressions", *(m.field for m in metrics[1:][n::GROUPS])) for n in range(GROUPS))


@pytest.mark.slow
def test_demographics_in_several_requests_become_the_same_rows(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "DEMOGRAPHIC_GROUPS", in_groups(tuple(BY_DEMOGRAPHIC)))
    assert installation.sync().status == "done"
    assert differences(installation) == []
    assert differences_of_views(installation) == []
    asked = Counter(
        entry.query.partition("&fields=")[0] for entry in installation.requests() if "MEMBER" in entry.query
    )
    assert set(asked.values()) == {GROUPS}


@pytest.mark.slow
def test_a_group_that_fails_costs_its_own_columns_and_is_asked_for_again(installation: Installation) -> None:
    installation.sandbox.faults.add("companyPageClicks", "status", status=500, times=None)

    report = installation.sync()

    assert (report.exit_code, report.status) == (10, "partial")
    assert "the group detail failed" in str(report.error)
    for name in DAYS:
        assert installation.table(name) == [unknown(row, DETAIL) for row in truth(installation)[name]]
    assert differences_of_views(installation) == []
    covered = installation.query("select distinct pivot from coverage where resource = %s", [DAYS[0]])
    assert [row["pivot"] for row in covered] == ["video,viral"]
    installation.sandbox.faults.clear()
    assert installation.sync().exit_code == 0
    assert differences(installation) == []


@pytest.mark.slow
def test_a_group_that_is_chosen_later_is_asked_for_of_all_days(installation: Installation) -> None:
    installation.sync(settings={"METRIC_GROUPS": "core"})
    more = [metric.name for metric in STORED if not metric.original]
    for name in DAYS:
        assert installation.table(name) == [unknown(row, more) for row in truth(installation)[name]]
    assert installation.sync(settings={"METRIC_GROUPS": "core"}, force=True).window[0] > installation.window[0]

    installation.sync(force=True)

    assert differences(installation) == []
    assert differences_of_views(installation) == []


@pytest.mark.slow
def test_videos_are_asked_for_where_an_account_has_some(installation: Installation) -> None:
    installation.sync()
    asked = {entry.query for entry in installation.requests() if "videoViews" in entry.query}
    with_videos = {row["account_id"] for row in truth(installation)[DAYS[0]] if row["video_views"] is not None}
    assert with_videos
    assert len(asked) == 2 * len(with_videos)
    assert all(any(str(account) in query for account in with_videos) for query in asked)
    assert all(len(fields) + 2 <= 20 for fields in GROUP_FIELDS.values())


def unknown(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {**row, **dict.fromkeys(names)}


@pytest.mark.slow
def test_a_sync_of_some_groups_leaves_the_others_for_the_next(installation: Installation) -> None:
    report = installation.sync(only=["core"])

    assert (report.exit_code, report.status) == (0, "done")
    assert installation.table("placement_daily_metrics") == installation.table("reach_windows") == []
    assert installation.sync(only=["video"], settings={"METRIC_GROUPS": "core"}).sync_id is not None
    assert installation.sync().sync_id is not None
    assert differences(installation) == []
    assert installation.sync().sync_id is None


def test_words_that_name_no_group_are_refused_before_anything_is_asked(installation: Installation) -> None:
    with pytest.raises(ValidationError, match="vidoe"):
        installation.sync(only=["vidoe"])
    assert installation.requests() == []
