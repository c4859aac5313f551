"""The readable views hold the sandbox's truth, added up within one currency; ratios are made of sums, null on zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from psycopg.errors import UndefinedTable
from sqlalchemy import URL
from sync.installation import Installation, new_installation, truth

from workbench.analytics.metrics import RATIOS, key_result
from workbench.analytics.periods import provisional_from
from workbench.database import comments, embedded, migrations, reporting
from workbench.database.connection import Database
from workbench.database.reader_role import ensure_reader
from workbench.schema.metrics import SHOWN

Row = dict[str, Any]
NAMES = [metric.name for metric in SHOWN]


@pytest.fixture(scope="module")
def bench(server: embedded.EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with new_installation(new_database(server), tmp_path_factory.mktemp("reporting")) as ready:
        ready.first_sync()
        yield ready


@pytest.fixture(scope="module")
def truth_rows(bench: Installation) -> dict[str, list[Row]]:
    return truth(bench)


def rows(bench: Installation, view: str) -> list[Row]:
    return bench.query(f"select * from reporting.{view}")


def ratio(row: Row, name: str) -> Decimal | None:
    top, bottom = row[RATIOS[name].top], row[RATIOS[name].bottom]
    return None if not bottom else round(RATIOS[name].scale * Decimal(top) / Decimal(bottom), 9)


def objectives(truth_rows: dict[str, list[Row]]) -> dict[tuple[int, int], str | None]:
    return {(row["account_id"], row["campaign_id"]): row["objective_type"] for row in truth_rows["campaigns"]}


@pytest.mark.parametrize(
    ("view", "table", "column", "entity"),
    [
        ("days", "campaign_daily_metrics", "ad_set_id", "campaign_id"),
        ("ad_days", "creative_daily_metrics", "ad_id", "creative_id"),
    ],
)
def test_days_are_the_truth_with_names_and_currency(
    bench: Installation, truth_rows: dict[str, list[Row]], view: str, table: str, column: str, entity: str
) -> None:
    found = {(row["account_id"], row[column], row["date"]): row for row in rows(bench, view)}
    accounts = {row["account_id"]: row for row in truth_rows["ad_accounts"]}
    named = "campaigns" if entity == "campaign_id" else "creatives"
    names = {(row["account_id"], row[entity]): row["name"] for row in truth_rows[named]}

    assert len(found) == len(truth_rows[table]) > 100
    for row in truth_rows[table]:
        shown = found[row["account_id"], row[entity], row["date"]]
        assert {name: shown[name] for name in NAMES} == {name: row[name] for name in NAMES}
        assert shown["currency"] == accounts[row["account_id"]]["currency"]
        assert shown["account_name"] == accounts[row["account_id"]]["name"]
        assert shown[column.replace("_id", "_name")] == names.get((row["account_id"], row[entity]))


def test_a_day_counts_the_key_result_of_its_objective(bench: Installation, truth_rows: dict[str, list[Row]]) -> None:
    aims = objectives(truth_rows)
    seen = set()
    for row in rows(bench, "days"):
        aim = key_result(aims.get((row["account_id"], row["ad_set_id"])))
        seen.add(aim.metric)
        assert row["key_results"] == (row[aim.metric] if aim.metric else None)
        assert row["key_result"] == (aim.label if aim.label != "Key results" else None)
    assert len(seen) > 3


def test_days_that_were_fetched_early_are_provisional(bench: Installation) -> None:
    found = rows(bench, "days")
    for row in found:
        assert row["fetched_on"] == bench.today
        assert row["provisional"] == (row["date"] >= provisional_from("clicks", bench.today))
        assert row["results_provisional"] == (row["date"] >= provisional_from("one_click_leads", bench.today))
    assert {row["provisional"] for row in found} == {True, False}


@pytest.mark.parametrize(
    ("view", "table", "keys"),
    [
        ("account_days", "campaign_daily_metrics", ("account_id", "date")),
        ("weeks", "campaign_daily_metrics", ("account_id", "campaign_id", "week")),
        ("ad_sets", "campaign_daily_metrics", ("account_id", "campaign_id")),
        ("ads", "creative_daily_metrics", ("account_id", "creative_id")),
    ],
)
def test_sums_are_exact_and_ratios_are_made_of_them(
    bench: Installation, truth_rows: dict[str, list[Row]], view: str, table: str, keys: tuple[str, ...]
) -> None:
    sums: dict[tuple[Any, ...], Row] = defaultdict(lambda: dict.fromkeys(NAMES))
    for row in truth_rows[table]:
        known = {**row, "week": row["date"] - timedelta(days=row["date"].weekday())}
        total = sums[tuple(known[key] for key in keys)]
        for name in NAMES:
            if row[name] is not None:  # of an account without videos, views are unknown
                total[name] = (total[name] or 0) + row[name]
    ids = {"campaign_id": "ad_set_id", "creative_id": "ad_id"}
    found = {tuple(row[ids.get(key, key)] for key in keys): row for row in rows(bench, view)}

    assert {key for key, row in found.items() if row["impressions"] is not None} == set(sums)
    for key, total in sums.items():
        assert {name: found[key][name] for name in NAMES} == total
        assert {name: found[key][name] for name in RATIOS} == {name: ratio(total, name) for name in RATIOS}
    assert any(found[key]["cpl"] is None for key in sums)


def test_what_never_did_anything_is_there_without_figures(
    bench: Installation, truth_rows: dict[str, list[Row]]
) -> None:
    idle = [row for row in rows(bench, "ad_sets") if row["impressions"] is None]
    assert idle
    assert all(row["ctr"] is None and row["first_day"] is None for row in idle)
    for view, column, listed, table, key in (
        ("ad_sets", "ad_set_id", "campaigns", "campaign_daily_metrics", "campaign_id"),
        ("ads", "ad_id", "creatives", "creative_daily_metrics", "creative_id"),
    ):
        known = {(row["account_id"], row[key]) for row in (*truth_rows[listed], *truth_rows[table])}
        assert sorted((row["account_id"], row[column]) for row in rows(bench, view)) == sorted(known)


def test_cost_per_key_result_is_per_thousand_impressions(bench: Installation) -> None:
    for row in rows(bench, "ad_sets"):
        scale = 1000 if row["key_result"] == "Impressions" else 1
        expected = round(scale * row["cost_in_local_currency"] / row["key_results"], 9) if row["key_results"] else None
        assert row["cost_per_key_result"] == expected


def test_no_row_mixes_currencies(bench: Installation) -> None:
    assert len({row["currency"] for row in rows(bench, "account_days")}) > 1
    for view in reporting.NAMES:
        found = bench.query(f"select account_id, count(distinct currency) as n from reporting.{view} group by 1")
        assert {row["n"] for row in found} == {1}


def test_an_unlisted_ad_set_keeps_its_days(database: Database) -> None:
    columns = ", ".join(NAMES)
    with database.connect() as connection:
        connection.execute(
            f"insert into campaign_daily_metrics (account_id, campaign_id, date, {columns}, synced_at)"
            f" values (1, 2, %s, {', '.join('0' for _ in NAMES)}, now())",
            [date(2026, 5, 1)],
        )
        (row,) = connection.execute("select ad_set_id, ad_set_name, ctr, provisional from reporting.ad_sets").fetchall()
    assert row == (2, None, None, True)


# --- made, explained, readable -------------------------------------------------------------------------------------


def test_every_view_has_its_columns_and_says_what_they_are(database: Database) -> None:
    with database.connect() as connection:
        for view in reporting.views():
            found = connection.execute(
                "select attname::text, col_description(attrelid, attnum) from pg_attribute"
                " where attrelid = %s::regclass and attnum > 0 order by attnum",
                [f"reporting.{view.name}"],
            ).fetchall()
            assert [name for name, _ in found] == list(view.notes)
            assert all(comment for _, comment in found)
            said = connection.execute("select obj_description(%s::regclass)", [f"reporting.{view.name}"]).fetchone()
            assert said == (view.comment("linkedin_ads"),)
            assert view.title.endswith("?")


def test_every_table_and_column_has_the_comment_of_the_catalogue(database: Database) -> None:
    with database.connect() as connection:
        found = connection.execute(
            "select c.relname::text, a.attname::text, col_description(c.oid, a.attnum), obj_description(c.oid)"
            " from pg_class as c join pg_attribute as a on a.attrelid = c.oid"
            " where c.relnamespace = 'linkedin_ads'::regnamespace and c.relkind = 'r' and a.attnum > 0"
        ).fetchall()
    there = {(table, column): comment for table, column, comment, _ in found} | {
        (table, ""): comment for table, _, _, comment in found
    }
    assert there == comments.wanted()
    assert all(there.values())


def test_a_changed_comment_or_view_is_mended_by_the_next_sync(database: Database) -> None:
    engine = database.engine()
    with database.connect() as connection:
        connection.execute("comment on column campaigns.name is 'other'")
        connection.execute("drop view reporting.ads")
        connection.execute("comment on view reporting.days is 'Made by the LinkedIn Ads workbench from linkedin_ads'")
        migrations.upgrade(engine)
        assert connection.execute(
            "select col_description(attrelid, attnum) from pg_attribute"
            " where attrelid = 'campaigns'::regclass and attname = 'name'"
        ).fetchone() == (comments.wanted()["campaigns", "name"],)
        assert connection.execute("select count(*) from reporting.ads").fetchone() == (0,)
        assert connection.execute("select obj_description('reporting.days'::regclass)").fetchone() == (
            reporting.views()[0].comment("linkedin_ads"),
        )
    engine.dispose()


def test_views_of_another_application_are_left_alone(empty_database_url: URL) -> None:
    database = Database(empty_database_url)
    engine = database.engine()
    with database.connect() as connection:
        connection.execute("create schema reporting")
        connection.execute("create view reporting.days as select 1 as theirs")
        migrations.upgrade(engine)
        assert connection.execute("select theirs from reporting.days").fetchall() == [(1,)]
        assert connection.execute("select count(*) from campaigns").fetchone() == (0,)
        with pytest.raises(UndefinedTable):
            connection.execute("select * from reporting.ads")
    engine.dispose()


def test_another_schema_has_its_own_views(empty_database_url: URL) -> None:
    for schema in ("linkedin_ads", "client_a"):
        engine = Database(empty_database_url, schema=schema).engine()
        migrations.upgrade(engine)
        engine.dispose()
    with Database(empty_database_url).connect() as connection:
        connection.execute(
            "insert into client_a.ad_accounts (account_id, listed, snapshot, synced_at) values (7, true, 'x', now())"
        )
        connection.execute(
            "insert into client_a.campaigns (account_id, campaign_id, listed, snapshot, synced_at)"
            " values (7, 8, true, 'x', now())"
        )
        assert connection.execute("select count(*) from client_a_reporting.ad_sets").fetchone() == (1,)
        assert connection.execute("select count(*) from reporting.ad_sets").fetchone() == (0,)


def test_the_reader_may_read_the_views_and_change_nothing(
    database: Database, database_url: URL, tmp_path: Path
) -> None:
    ensure_reader(database)
    with database.connect() as owner:
        owner.execute("drop view reporting.ads")
    engine = database.engine()
    migrations.upgrade(engine)
    engine.dispose()
    with Database(database_url.set(username=embedded.READER)).connect() as connection:
        for name in reporting.NAMES:
            assert connection.execute(f"select count(*) from reporting.{name}").fetchone() == (0,)
