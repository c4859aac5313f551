"""Conversion rules and what each counted: whole, apart from everything else, final when the rule's own windows end."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from marks import sweep_except

from sync.installation import Installation, differences, differences_of_views, truth
from workbench.database.connection import Database
from workbench.database.coverage import rule_days
from workbench.front_door import Workbench

RULES, DAYS = "conversions", "conversion_daily_metrics"


def test_rules_add_up_to_the_conversions_of_their_ad_sets(installation: Installation) -> None:
    installation.first_sync()

    by_rule = _sums(installation, f"select * from {DAYS}")
    assert by_rule
    assert by_rule == {
        key: sums for key, sums in _sums(installation, "select * from campaign_daily_metrics").items() if sums[0]
    }
    rules = {row["conversion_id"]: row for row in installation.table(RULES)}
    assert {row["conversion_id"] for row in installation.table(DAYS)} <= rules.keys()
    assert {row["post_click_attribution_window_size"] for row in rules.values()} == {7, 30, 90, None}
    with Database(installation.database_url).connect() as connection:
        assert rule_days(connection) == 90
        connection.execute("update conversions set post_click_attribution_window_size = 9999 where enabled")
        assert rule_days(connection) == 366
        connection.execute("delete from conversions")
        assert rule_days(connection) == 0  # a first sync asks for no longer window than it is told


def _sums(installation: Installation, rows: str) -> dict[tuple[int, date], tuple[Decimal, ...]]:
    names = ("external_website_conversions", "conversion_value_in_local_currency")
    shown = ", ".join(f"sum({name}) as {name}" for name in names)
    found = installation.query(f"select campaign_id, date, {shown} from ({rows}) as r group by campaign_id, date")
    return {(row["campaign_id"], row["date"]): tuple(row[name] for name in names) for row in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("match", "status", "lost"),
    sweep_except(
        ("CONVERSION", 500, [DAYS]),
        ("/rest/conversions", 403, [RULES]),
        of=[("CONVERSION", 500, [DAYS]), ("/rest/conversions", 500, [RULES]), ("/rest/conversions", 403, [RULES])],
        several=True,
    ),
)
def test_a_request_that_fails_costs_its_own_rows_only(
    installation: Installation, match: str, status: int, lost: list[str]
) -> None:
    installation.sandbox.faults.add(f"{match}[?)]", "status", status=status, times=None)

    report = installation.sync()

    assert (report.exit_code, report.status) == ((0, "done") if status == 403 else (10, "partial"))
    assert [found.partition(":")[0] for found in differences(installation)] == lost
    assert installation.query("select distinct resource from coverage where resource = any(%s)", [lost]) == []
    covered = installation.query("select distinct account_id from coverage where resource = 'campaigns'")
    assert len(covered) == len(truth(installation)["ad_accounts"])  # a refusal says nothing about the account
    assert differences_of_views(installation) == []
    installation.sandbox.faults.clear()
    assert installation.sync(force=True).exit_code == 0
    assert differences(installation) == []


@pytest.mark.slow
def test_an_app_without_the_permission_has_figures_without_names(installation: Installation) -> None:
    installation.sandbox.switches.rules_need_conversions_api = True
    assert installation.sync().status == "done"
    assert installation.sync().sync_id is None  # nothing is missing: the accounts are fresh
    with Workbench(installation.settings()) as bench:
        rows = bench.query("conversions_by_rule", **_window(installation), source="database").to_dicts()
    assert rows
    assert {row["conversion_name"] for row in rows} == {None}


@pytest.mark.slow
def test_rules_that_change_and_go(installation: Installation) -> None:
    installation.first_sync()
    first, second, *_ = installation.table(RULES)
    installation.sandbox.world.rules.change(first["conversion_id"], enabled=False, name="Demo request (old)")
    installation.sandbox.world.rules.remove(second["conversion_id"])

    assert installation.sync(force=True).exit_code == 0

    assert differences(installation) == []
    assert differences_of_views(installation) == []
    kept = installation.query(f"select listed from {RULES} where conversion_id = %s", [second["conversion_id"]])
    assert kept == [{"listed": False}]


@pytest.mark.slow
def test_conversions_are_asked_for_as_long_as_a_rule_counts(installation: Installation) -> None:
    installation.first_sync()
    installation.sandbox.requests.clear()
    installation.sandbox.advance(2)

    assert installation.sync().exit_code == 0

    days = [entry.query for entry in installation.requests() if "CONVERSION" in entry.query]
    since = installation.today - timedelta(days=91)  # of the first sync's days, one was final: 90 days old
    assert all(f"start:(year:{since.year},month:{since.month},day:{since.day})" in query for query in days)
    told = installation.sandbox.truth.conversion_daily_metrics(since, installation.today)
    assert installation.table(DAYS, where=f"date >= '{since}'") == told


@pytest.mark.slow
def test_each_rule_says_what_may_still_change(installation: Installation) -> None:
    installation.first_sync()
    with Workbench(installation.settings()) as bench:
        answers = [
            bench.query("conversions_by_rule", **_window(installation), source=source).to_dicts()
            for source in ("database", "snapshots")
        ]

    assert answers[0] == answers[1]
    days = installation.table(DAYS)
    rules = {row["conversion_id"]: row for row in installation.table(RULES)}
    for row in answers[0]:
        sizes = (row["post_click_attribution_window_size"], row["view_through_attribution_window_size"])
        window = max([size for size in sizes if size is not None], default=30)
        since = installation.today - timedelta(days=window)
        own = [
            day
            for day in days
            if (day["campaign_id"], day["conversion_id"]) == (row["campaign_id"], row["conversion_id"])
        ]
        late = [day for day in own if day["date"] >= since]
        assert row["external_website_conversions"] == sum(day["external_website_conversions"] for day in own)
        assert row["provisional_conversions"] == sum(day["external_website_conversions"] for day in late)
        assert row["provisional_from"] == min((day["date"] for day in late), default=None)
        assert row["conversion_name"] == rules[row["conversion_id"]]["name"]


def _window(installation: Installation) -> dict[str, date]:
    first, last = installation.window
    return {"first_day": first, "last_day": last}
