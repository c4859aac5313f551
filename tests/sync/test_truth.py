"""A sync brings the database to what LinkedIn says, whole rows, to the cent; and another one changes nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from sync.installation import (
    TODAY,
    Installation,
    differences,
    differences_of_views,
    new_installation,
    resources_of,
    truth,
)
from workbench.sandbox.expected.audiences import PIVOTS
from workbench.schema import tables
from workbench.schema.tables import ACTIVE, LOADED, METRICS, key_of

ENTITY_TABLES = ("campaign_groups", "campaigns", "creatives")


@pytest.fixture
def empty_bench(empty_database_url: URL, tmp_path: Path) -> Iterator[Installation]:
    with new_installation(empty_database_url, tmp_path) as ready:
        yield ready


def test_a_first_sync_on_an_empty_database_tells_the_truth(empty_bench: Installation) -> None:
    report = empty_bench.sync()

    assert (report.exit_code, report.status, report.error) == (0, "done", None)
    assert report.window == empty_bench.window
    assert differences(empty_bench) == []
    assert differences_of_views(empty_bench) == []
    assert {account.status for account in report.accounts} == {"done"}
    statuses = {row["status"] for row in empty_bench.table("campaigns")}
    assert {"ACTIVE", "PAUSED", "DRAFT", "ARCHIVED", "COMPLETED"} <= statuses
    assert {row["pivot"] for row in empty_bench.table("audience_demographics")} == set(PIVOTS)
    assert {row["name_source"] for row in empty_bench.table("creatives")} >= {"name", "headline", "fallback"}
    assert any(row["segment_name"] is None for row in empty_bench.table("audience_demographics"))
    assert all(row["listed"] for table in ENTITY_TABLES for row in empty_bench.query(f"select listed from {table}"))


@pytest.mark.slow
def test_a_sync_of_the_believable_world_tells_the_truth(empty_database_url: URL, tmp_path: Path) -> None:
    with new_installation(empty_database_url, tmp_path, world="believable") as bench:
        report = bench.sync()

        assert (report.exit_code, report.status, report.error) == (0, "done", None)
        assert differences(bench) == []
        assert differences_of_views(bench) == []
        assert any(row["sends"] and not row["impressions"] for row in bench.table("creative_daily_metrics"))


def test_an_account_without_campaigns_is_loaded_and_counts_as_covered(installation: Installation) -> None:
    report = installation.first_sync()

    (empty,) = _idle(installation)
    outcome = next(account for account in report.accounts if account.account_id == empty)
    assert outcome.status == "done"
    covered = installation.query("select distinct resource from coverage where account_id = %s", [empty])
    names = {table.name for table in LOADED} - {
        "ad_accounts",
        "campaign_monthly_metrics",
        "entity_demographics",
        "lead_forms",
    }
    assert {row["resource"] for row in covered} == names


def _idle(installation: Installation) -> list[int]:
    busy = {row["account_id"] for row in installation.sandbox.truth.campaigns()}
    return [row["account_id"] for row in installation.sandbox.truth.ad_accounts() if row["account_id"] not in busy]


@pytest.mark.slow
def test_a_medium_world_is_loaded_to_the_cent(empty_database_url: URL, tmp_path: Path) -> None:
    with new_installation(empty_database_url, tmp_path, size="medium") as installation:
        report = installation.sync()

        assert report.exit_code == 0
        assert differences(installation) == []
        assert differences_of_views(installation) == []


@pytest.mark.slow
def test_a_second_sync_writes_no_row_and_next_to_no_wal(installation: Installation) -> None:
    first = _wal_of_a_sync(installation)
    rows = _versions(installation)

    # A checkpoint or an autovacuum in between adds full pages that no sync asked for; it does not come every time.
    repeated = [_wal_of_a_sync(installation) for _ in range(3)]

    print(f"WAL of the first load {first:,} bytes, of repeated ones {repeated}")
    assert min(repeated) < first / 3  # what is left is `snapshot`, which moves on with every listed entity
    assert _versions(installation) == rows
    report = installation.sync(force=True)
    changed = {
        key: counts
        for key, counts in resources_of(report).items()
        if counts["inserted"] or counts["updated"] or counts["deleted"]
    }
    assert changed == {}
    unchanged = resources_of(report)
    assert all(
        counts["unchanged"] == counts["fetched"]
        for (_, name), counts in unchanged.items()
        if name not in ("names", "account_users")
    )
    assert differences(installation) == []


def test_after_a_restatement_exactly_the_restated_rows_change_and_vanished_ones_vanish(
    installation: Installation,
) -> None:
    installation.first_sync()
    rows = installation.sandbox.truth.campaign_daily_metrics(TODAY - timedelta(days=20), TODAY - timedelta(days=5))
    restated, vanished = rows[0], next(row for row in rows if row["campaign_id"] != rows[0]["campaign_id"])
    before = {table.name: _by_key(installation, table.name) for table in METRICS}
    versions = _versions(installation)
    installation.sandbox.world.restate(
        restated["date"], restated["date"], percent=150, campaign_id=restated["campaign_id"]
    )
    installation.sandbox.world.vanish(vanished["date"], vanished["date"], campaign_id=vanished["campaign_id"])

    report = installation.sync(force=True)

    assert report.exit_code == 0
    assert differences(installation) == []
    counts = resources_of(report)
    for table in METRICS:
        after = _by_key(installation, table.name)
        gone = before[table.name].keys() - after.keys()
        altered = {key for key, row in after.items() if before[table.name].get(key) not in (None, row)}
        assert after.keys() <= before[table.name].keys()
        days = {key[-1] for key in gone}, {key[-1] for key in altered}
        if table in ACTIVE:
            assert days == ({vanished["date"]}, {restated["date"]})
        else:  # not every day has conversions
            assert days[0] <= {vanished["date"]}
            assert days[1] <= {restated["date"]}
        assert sum(n["deleted"] for (_, name), n in counts.items() if name == table.name) == len(gone)
        assert sum(n["updated"] for (_, name), n in counts.items() if name == table.name) == len(altered)
        rewritten = {
            key for key, row in _versions(installation)[table.name].items() if versions[table.name][key] != row
        }
        assert rewritten == altered
    assert differences_of_views(installation) == []


@pytest.mark.slow
def test_the_window_moves_with_the_days_and_leaves_no_hole(installation: Installation) -> None:
    first_day = installation.window[0]
    installation.first_sync()
    for days in (1, 1, 3):
        installation.sandbox.advance(days)
        report = installation.sync()
        assert report.exit_code == 0
        assert report.window[1] == installation.today
    rows = installation.query("select * from coverage where resource = 'campaign_daily_metrics'")
    for account in {row["account_id"] for row in rows}:
        covered = {
            day
            for row in rows
            if row["account_id"] == account
            for day in range(row["window_start"].toordinal(), row["window_end"].toordinal() + 1)
        }
        assert covered == set(range(first_day.toordinal(), installation.today.toordinal() + 1))
    windows = installation.query("select distinct window_start, window_end from audience_demographics")
    assert windows == [{"window_start": installation.today - timedelta(days=90), "window_end": installation.today}]
    assert differences_of_views(installation) == []


@pytest.mark.slow
def test_a_day_later_everything_is_true_again(installation: Installation) -> None:
    first_day = installation.window[0]
    installation.first_sync()
    installation.sandbox.advance(1)

    installation.sync()

    assert differences(installation, window=(first_day, installation.today)) == []


@pytest.mark.slow
def test_after_a_holiday_conversions_that_settled_meanwhile_are_read_again(installation: Installation) -> None:
    first_day = installation.window[0]
    installation.first_sync()
    installation.sandbox.advance(12)

    installation.sync()

    assert differences(installation, window=(first_day, installation.today)) == []


@pytest.mark.slow
def test_renamed_and_removed_entities_keep_their_rows(installation: Installation) -> None:
    installation.first_sync()
    world = installation.sandbox.world
    gone = {
        "campaign_groups": installation.table("campaign_groups")[0]["campaign_group_id"],
        "campaigns": installation.table("campaigns")[1]["campaign_id"],
        "creatives": installation.table("creatives")[5]["creative_id"],
    }
    for resource, identifier in gone.items():
        world.remove(resource, identifier)
    world.rename("campaigns", installation.table("campaigns")[2]["campaign_id"], 'Neu "benannt" \U0001f9ca, mit; allem')
    facts = {table.name: installation.table(table.name) for table in METRICS}

    report = installation.sync(force=True)

    assert report.exit_code == 0
    assert differences(installation) == []
    for resource, identifier in gone.items():
        key = {"campaign_groups": "campaign_group_id", "campaigns": "campaign_id", "creatives": "creative_id"}[resource]
        unlisted = installation.query(f"select {key} as id from {resource} where not listed")
        assert [row["id"] for row in unlisted] == [identifier]
    assert {table.name: installation.table(table.name) for table in METRICS} == facts
    assert differences_of_views(installation) == []
    world.restore("campaigns", gone["campaigns"])
    installation.sync(force=True)
    assert installation.value("select count(*) from campaigns where not listed") == 0


def test_an_account_that_is_no_longer_listed_keeps_everything(installation: Installation) -> None:
    installation.first_sync()
    account_id = installation.table("ad_accounts")[0]["account_id"]
    rows = installation.table("campaign_daily_metrics", where=f"account_id = {account_id}")
    installation.sandbox.world.remove("ad_accounts", account_id)

    report = installation.sync(force=True)

    assert report.exit_code == 0
    assert installation.query("select account_id from ad_accounts where not listed") == [{"account_id": account_id}]
    assert installation.table("campaign_daily_metrics", where=f"account_id = {account_id}") == rows
    assert differences_of_views(installation) == []


def test_a_fresh_sync_asks_nothing_and_writes_nothing(installation: Installation) -> None:
    installation.first_sync()
    installation.sandbox.requests.clear()
    log = installation.query("select * from sync_log")

    report = installation.sync()

    assert (report.exit_code, report.status, report.sync_id, report.api_calls) == (0, "done", None, 0)
    assert {account.status for account in report.accounts} == {"skipped"}
    assert "force" in report.notes[0]
    assert installation.sandbox.requests.entries == []
    assert installation.query("select * from sync_log") == log
    assert len(installation.snapshots()) == 1


@pytest.mark.slow
def test_freshness_ends_with_its_time_a_wider_window_or_zero(installation: Installation) -> None:
    installation.sync(days=10)

    assert installation.sync(days=10).status == "done"
    assert len(installation.snapshots()) == 1
    installation.sync(days=20)
    assert len(installation.snapshots()) == 2
    installation.sync(days=20, settings={"FRESHNESS_TTL_MINUTES": 0})
    assert len(installation.snapshots()) == 3


@pytest.mark.slow
def test_only_the_accounts_that_were_named_are_asked(installation: Installation) -> None:
    account_id = installation.sandbox.truth.ad_accounts()[1]["account_id"]

    report = installation.sync(account_ids=[account_id])

    assert report.exit_code == 0
    assert [account.account_id for account in report.accounts] == [0, account_id]
    paths = {entry.path for entry in installation.requests() if "/adAccounts/" in entry.path}
    assert all(str(account_id) in path for path in paths)
    first, last = installation.window
    assert installation.table("ad_accounts") == installation.sandbox.truth.ad_accounts([account_id])
    assert installation.table("campaigns") == installation.sandbox.truth.campaigns([account_id])
    expected = installation.sandbox.truth.creative_daily_metrics(first, last, [account_id])
    assert installation.table("creative_daily_metrics") == expected
    installation.sync()
    assert differences(installation) == []


def test_an_account_that_may_not_be_read_is_named_and_stops_no_other(installation: Installation) -> None:
    account_id = installation.sandbox.truth.ad_accounts()[0]["account_id"]

    report = installation.sync(account_ids=[account_id, 999_999_999])

    assert report.exit_code == 10
    outcome = {account.account_id: account.status for account in report.accounts}
    assert outcome == {0: "done", account_id: "done", 999_999_999: "failed"}
    assert "999999999" in str(report.error)
    assert installation.table("campaigns") == installation.sandbox.truth.campaigns([account_id])


@pytest.mark.parametrize(
    ("options", "first", "last"),
    [
        pytest.param({"days": 7}, TODAY - timedelta(days=7), TODAY, marks=pytest.mark.slow),
        ({"days": 0}, TODAY, TODAY),
        pytest.param(
            {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 31)},
            date(2026, 10, 1),
            date(2026, 10, 31),
            marks=pytest.mark.slow,
        ),
        pytest.param({"first_day": date(2026, 11, 1)}, date(2026, 11, 1), TODAY, marks=pytest.mark.slow),
        ({"first_day": date(2024, 2, 27), "last_day": date(2024, 3, 2)}, date(2024, 2, 27), date(2024, 3, 2)),
    ],
)
def test_days_and_windows_are_inclusive_utc_days(
    installation: Installation, options: dict[str, Any], first: date, last: date
) -> None:
    report = installation.sync(**options)

    assert report.window == (first, last)
    truth = installation.sandbox.truth
    assert installation.table("campaign_daily_metrics") == truth.campaign_daily_metrics(first, last)
    assert installation.table("creative_daily_metrics") == truth.creative_daily_metrics(first, last)
    assert installation.table("audience_demographics") == truth.audience_demographics(first, last)


@pytest.mark.slow
def test_filtered_statuses_load_those_campaigns_and_unlist_nothing(installation: Installation) -> None:
    installation.first_sync()
    everything = installation.table("campaigns")

    report = installation.sync(force=True, settings={"CAMPAIGN_STATUSES": "ACTIVE,PAUSED"})

    assert report.exit_code == 0
    listed = {(row["resource"], row["account_id"]): row for row in _filtered(installation)}
    assert all(not covers for covers in listed.values()) or listed == {}
    assert installation.table("campaigns") == everything
    assert installation.value("select count(*) from campaigns where not listed") == 0
    assert differences(installation) == []
    assert differences_of_views(installation) == []


def _filtered(installation: Installation) -> list[dict[str, Any]]:
    newest = installation.snapshots()[-1].name
    return installation.query("select * from coverage where resource = 'campaigns' and snapshot = %s", [newest])


@pytest.mark.slow
def test_a_sync_says_what_it_did_in_the_database(installation: Installation) -> None:
    report = installation.sync(trigger="notebook")

    (row,) = installation.query("select * from sync_log")
    assert (row["sync_id"], row["snapshot"], row["trigger"]) == (report.sync_id, report.sync_id, "notebook")
    assert (row["status"], row["error"], row["api_calls"]) == ("done", None, report.api_calls)
    assert (row["window_start"], row["window_end"]) == installation.window
    assert row["api_calls"] == len(installation.requests())
    steps = installation.query("select * from sync_steps order by account_id, resource")
    assert {step["status"] for step in steps} == {"done"}
    by_key = {(step["account_id"], step["resource"]): step for step in steps}
    for key, counts in resources_of(report).items():
        assert {name: by_key[key][name] for name in counts} == counts
    expected = {name: len(rows) for name, rows in truth(installation).items()}
    fetched = {name: sum(s["fetched"] for s in steps if s["resource"] == name) for name in expected}
    assert fetched == expected
    for step in steps:
        if step["resource"] in ("campaign_daily_metrics", "creative_daily_metrics", "audience_demographics"):
            assert step["complete_through"] == installation.today


def _wal_of_a_sync(installation: Installation) -> int:
    before = installation.value("select pg_current_wal_lsn()")
    assert installation.sync(force=True).exit_code == 0
    return int(installation.value("select pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", [before]))


def _by_key(installation: Installation, name: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    keys = key_of(tables.metadata.tables[name])
    return {tuple(row[key] for key in keys): row for row in installation.table(name)}


def _versions(installation: Installation) -> dict[str, dict[tuple[Any, ...], Any]]:
    """The transaction that wrote each row of facts last."""
    return {
        name: {
            tuple(row.values())[1:]: row["xmin"] for row in installation.query(f"select xmin::text, {keys} from {name}")
        }
        for name, keys in {
            "campaign_daily_metrics": "account_id, campaign_id, date",
            "creative_daily_metrics": "account_id, creative_id, date",
            "placement_daily_metrics": "account_id, campaign_id, serving_location, date",
            "conversion_daily_metrics": "account_id, campaign_id, conversion_id, date",
            "audience_demographics": "account_id, pivot, segment_urn",
        }.items()
    }
