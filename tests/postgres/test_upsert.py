"""The upsert writes what is new or differs, counts it, and leaves the rest untouched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from workbench.database import upsert
from workbench.database.connection import Database
from workbench.schema import tables
from workbench.schema.metrics import DAILY_FIELDS, MONEY_METRICS
from workbench.schema.tables import view_columns

DAY = date(2026, 11, 3)
METRICS = tables.campaign_daily_metrics
CAMPAIGNS = tables.metadata.tables["campaigns"]


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection]:
    with database.connect() as connection:
        yield connection


def metric(campaign_id: int, day: date = DAY, **values: Any) -> dict[str, Any]:
    zero = {name: Decimal(0) if name in MONEY_METRICS else 0 for name in DAILY_FIELDS}
    return {"account_id": 1, "campaign_id": campaign_id, "date": day, **zero, **values}


def campaign(campaign_id: int, **values: Any) -> dict[str, Any]:
    blank = dict.fromkeys(view_columns(CAMPAIGNS))
    facts = {"account_id": 1, "campaign_id": campaign_id, "listed": True, "snapshot": "20261101T000000Z"}
    return blank | facts | values


def lines(table: Any, rows: list[dict[str, Any]]) -> Iterator[bytes]:
    """Rows as CSV the way the views give them."""
    for row in rows:
        cells = [
            "" if row[name] is None else f'"{str(row[name]).replace(chr(34), chr(34) * 2)}"'
            for name in view_columns(table)
        ]
        yield (",".join(cells) + "\n").encode()


def load(connection: psycopg.Connection, table: Any, rows: list[dict[str, Any]]) -> upsert.Counts:
    with connection.transaction(), connection.cursor() as cursor:
        counts = upsert.Counts(staged=upsert.stage(cursor, table, lines(table, rows)))
        counts.inserted, counts.updated = upsert.merge(cursor, table, 1)
        if "snapshot" in view_columns(table):
            upsert.advance(cursor, table)
        return counts


def test_new_rows_are_inserted_and_equal_what_was_given(connection: psycopg.Connection) -> None:
    rows = [metric(7, impressions=3, cost_in_local_currency=Decimal("142.310000000")), metric(8)]

    counts = load(connection, METRICS, rows)

    assert counts.as_dict() == {"inserted": 2, "updated": 0, "deleted": 0, "unchanged": 0}
    names = ", ".join(view_columns(METRICS))
    stored = connection.execute(f"select {names} from {METRICS.name} order by campaign_id").fetchall()
    assert [dict(zip(view_columns(METRICS), row, strict=True)) for row in stored] == rows


def test_an_unchanged_row_is_neither_counted_nor_rewritten(connection: psycopg.Connection) -> None:
    load(connection, METRICS, [metric(7, impressions=3), metric(8, impressions=4)])
    versions = f"select campaign_id, xmin::text, synced_at from {METRICS.name} order by 1"
    before = connection.execute(versions).fetchall()

    counts = load(connection, METRICS, [metric(7, impressions=3), metric(8, impressions=5)])

    assert counts.as_dict() == {"inserted": 0, "updated": 1, "deleted": 0, "unchanged": 1}
    after = connection.execute(versions).fetchall()
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_a_key_that_comes_twice_is_an_error_and_nothing_is_written(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.CardinalityViolation):
        load(connection, METRICS, [metric(7, impressions=3), metric(7, impressions=4)])

    assert connection.execute(f"select count(*) from {METRICS.name}").fetchone() == (0,)


def test_a_key_that_comes_twice_is_an_error_where_one_of_its_rows_is_there_already(
    connection: psycopg.Connection,
) -> None:
    load(connection, METRICS, [metric(7, impressions=3)])

    with pytest.raises(psycopg.errors.CardinalityViolation):
        load(connection, METRICS, [metric(7, impressions=3), metric(7, impressions=4)])


def test_an_older_snapshot_does_not_overwrite_an_entity_but_a_newer_one_does(connection: psycopg.Connection) -> None:
    load(connection, CAMPAIGNS, [campaign(7, name="new", snapshot="20261102T000000Z")])

    older = load(connection, CAMPAIGNS, [campaign(7, name="old", snapshot="20261101T000000Z")])
    assert (older.inserted, older.updated) == (0, 0)
    newer = load(connection, CAMPAIGNS, [campaign(7, name="newest", snapshot="20261103T000000Z")])
    assert (newer.inserted, newer.updated) == (0, 1)

    assert connection.execute("select name, snapshot from campaigns").fetchall() == [("newest", "20261103T000000Z")]


def test_an_entity_seen_again_unchanged_advances_its_snapshot_and_keeps_synced_at(
    connection: psycopg.Connection,
) -> None:
    load(connection, CAMPAIGNS, [campaign(7, name="a")])
    (before,) = connection.execute("select synced_at from campaigns").fetchone() or ()

    counts = load(connection, CAMPAIGNS, [campaign(7, name="a", snapshot="20261109T000000Z")])

    assert counts.unchanged == 1
    assert connection.execute("select snapshot, synced_at from campaigns").fetchone() == ("20261109T000000Z", before)


def test_texts_that_could_break_a_copy_arrive_as_they_are(connection: psycopg.Connection) -> None:
    names = ['"', "a,b", "\\N", "\\.", "", " ", "line\nbreak", "cr\rlf\r\n", "’“ 😀 \u202e", "=cmd|' /C calc'!A0"]

    load(connection, CAMPAIGNS, [campaign(number, name=name) for number, name in enumerate(names, 1)])

    stored = connection.execute("select name from campaigns order by campaign_id").fetchall()
    assert [name for (name,) in stored] == names


def test_vanished_days_are_deleted_only_within_the_decided_days_and_account(connection: psycopg.Connection) -> None:
    other_day = date(2026, 11, 4)
    load(connection, METRICS, [metric(7), metric(8), metric(7, other_day)])
    values = ", ".join(DAILY_FIELDS)
    connection.execute(
        f"insert into {METRICS.name} (account_id, campaign_id, date, {values}, synced_at)"
        f" select 2, campaign_id, date, {values}, now() from {METRICS.name}"
    )

    with connection.transaction(), connection.cursor() as cursor:
        upsert.stage(cursor, METRICS, lines(METRICS, [metric(7)]))
        assert upsert.delete_vanished_days(cursor, METRICS, 1, [DAY]) == 1

    left = connection.execute(f"select account_id, campaign_id, date from {METRICS.name} order by 1, 2, 3").fetchall()
    assert left == [(1, 7, DAY), (1, 7, other_day), (2, 7, DAY), (2, 7, other_day), (2, 8, DAY)]


def first(connection: psycopg.Connection, rows: list[dict[str, Any]]) -> int:
    moment = datetime(2026, 11, 9, 12, tzinfo=UTC)
    stamped = (line.rstrip(b"\n") + f",{moment.isoformat()}\n".encode() for line in lines(METRICS, rows))
    with connection.transaction(), connection.cursor() as cursor:
        return upsert.copy_first(cursor, METRICS, stamped)


def test_an_accounts_first_rows_are_copied_in_and_a_load_after_them_finds_nothing_to_do(
    connection: psycopg.Connection,
) -> None:
    rows = [metric(7, impressions=3, cost_in_local_currency=Decimal("142.310000000")), metric(8)]

    with connection.cursor() as cursor:
        before = upsert.has_rows(cursor, METRICS, 1)
        copied = first(connection, rows)
        after = [upsert.has_rows(cursor, METRICS, account) for account in (1, 2)]

    assert (before, copied, after) == (False, 2, [True, False])
    assert load(connection, METRICS, rows).as_dict() == {"inserted": 0, "updated": 0, "deleted": 0, "unchanged": 2}
    stored = connection.execute(f"select distinct synced_at from {METRICS.name}").fetchall()
    assert stored == [(datetime(2026, 11, 9, 12, tzinfo=UTC),)]


def test_first_rows_that_are_not_the_first_are_refused_whole(connection: psycopg.Connection) -> None:
    load(connection, METRICS, [metric(7, impressions=3)])

    with pytest.raises(psycopg.errors.UniqueViolation):
        first(connection, [metric(6), metric(7, impressions=4)])

    assert connection.execute(f"select campaign_id, impressions from {METRICS.name}").fetchall() == [(7, 3)]
