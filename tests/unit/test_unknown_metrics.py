"""A metric that no snapshot of the window asked for stays unknown in every sum: it is never shown as 0."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from workbench.analytics import comparison, day_age, metrics, restatements
from workbench.pages import overview
from workbench.pages.components.kpi_tiles import tiles
from workbench.paths import shipped

LATER = "one_click_leads"
PERIODS = ["current", "previous"]
SUMS = tuple(metrics.SUMS.items())


def frame(**columns: object) -> pl.DataFrame:
    """Two rows with every sum, all known but `LATER`."""
    known = {name: [4, 2] if metric.unit == "count" else [Decimal(4), Decimal(2)] for name, metric in SUMS}
    return pl.DataFrame({**known, LATER: pl.Series([None, None], dtype=pl.Int64), **columns})


@pytest.mark.parametrize(
    ("values", "expected"), [([], 0), ([None, None], None), ([None, 3], 3), ([0, 0], 0), ([1, 2], 3)]
)
def test_a_sum_is_unknown_where_there_are_rows_and_none_is_known(values: list[int | None], expected: int | None):
    series = pl.DataFrame({"figure": pl.Series(values, dtype=pl.Int64)})
    assert series.select(metrics.sum_or_null(pl.col("figure"))).item() == expected


def test_periods_side_by_side_keep_it_unknown_where_a_period_has_no_row_too():
    rows = frame(id=[1, 2], period=PERIODS)
    paired = metrics.against_previous(rows, ["id"])
    assert paired.select(LATER, f"previous_{LATER}").rows() == [(None, None)] * 2
    assert paired.select("clicks", "previous_clicks").rows() == [(4, 0), (0, 2)]


def test_a_metric_that_only_the_current_period_knows_has_no_previous_sum():
    rows = frame(id=[1, 2], period=PERIODS).with_columns(pl.Series(LATER, [5, None]))
    assert metrics.against_previous(rows, ["id"]).select(LATER, f"previous_{LATER}").rows() == [(5, None), (0, None)]


def test_shares_of_it_are_unknown():
    shares = metrics.add_shares(frame(account_id=[1, 1], pivot=["P", "P"]))
    assert shares.select(f"share_of_{LATER}", f"index_{LATER}").rows() == [(None, None)] * 2
    assert shares["share_of_clicks"].to_list() == [4 / 6, 2 / 6]


def test_a_known_day_whose_row_lacks_it_is_unknown_and_a_day_without_a_row_is_zero():
    days = [date(2026, 11, day) for day in (1, 2)]
    rows = pl.DataFrame(
        {"account_id": [1], "campaign_id": [10], "date": days[:1], LATER: [None]}, schema_overrides={LATER: pl.Int64}
    )
    covered = pl.DataFrame({"account_id": [1, 1], "date": days, "complete": [True, True]})
    found = day_age.known_days(rows, covered, entity="campaign_id", figures=[LATER], until=days[1])
    assert found[LATER].to_list() == [None, 0]


def test_a_figure_that_one_state_did_not_ask_for_was_not_restated():
    day = date(2026, 11, 1)
    after = pl.DataFrame({"account_id": [1], "campaign_id": [10], "date": [day], LATER: [7]})
    before = after.with_columns(pl.lit(None, dtype=pl.Int64).alias(LATER))
    covered = pl.DataFrame({"account_id": [1], "date": [day], "age": [5]})
    for one, other in ((before, after), (after, before)):
        assert restatements.restatements(
            one, other, covered, covered, before_day=date(2026, 11, 6), metrics=[LATER]
        ).is_empty()


def test_the_question_for_restated_days_leaves_it_out():
    key = "1::bigint as account_id, 10::bigint as campaign_id, date '2026-11-01' as date"
    with duckdb.connect() as connection:
        for state, leads, clicks in (("before", "null", 4), ("after", "7", 5)):
            figures = {**dict.fromkeys(metrics.SUMS, "0"), LATER: leads, "clicks": str(clicks)}
            row = ", ".join(f"{value} as {name}" for name, value in figures.items())
            connection.execute(f"create schema {state}")
            connection.execute(f"create table {state}.campaign_daily_metrics as select {key}, {row}")
            window = "date '2026-11-01' as window_start, date '2026-11-03' as window_end"
            covered = f"select 1::bigint as account_id, 'campaign_daily_metrics' as resource, {window}"
            connection.execute(f"create table {state}.coverage as {covered}")
            connection.execute(f"create table {state}.ad_accounts (account_id bigint, name text, currency text)")
            connection.execute(f"create table {state}.campaigns (account_id bigint, campaign_id bigint, name text)")
        question = shipped("sql", "history", "restated_days.sql").read_text()
        found = connection.execute(question, {"account_ids": None}).fetchall()
    assert [row[-3:] for row in found] == [("clicks", 4, 5)]


def test_a_row_that_came_on_a_quiet_day_both_cover_is_restated():
    with duckdb.connect() as connection:
        for state, days in (("before", "where false"), ("after", "")):
            row = ", ".join(f"{3 if name == 'likes' else 0} as {name}" for name in metrics.SUMS)
            key = "1::bigint as account_id, 10::bigint as campaign_id, date '2026-11-02' as date"
            window = "date '2026-11-01' as window_start, date '2026-11-03' as window_end"
            connection.execute(f"create schema {state}")
            connection.execute(
                f"create table {state}.campaign_daily_metrics as select * from (select {key}, {row}) {days}"
            )
            covered = f"select 1::bigint as account_id, 'campaign_daily_metrics' as resource, {window}"
            connection.execute(f"create table {state}.coverage as {covered}")
            connection.execute(f"create table {state}.ad_accounts (account_id bigint, name text, currency text)")
            connection.execute(f"create table {state}.campaigns (account_id bigint, campaign_id bigint, name text)")
        asked = [shipped("sql", "history", f"{name}.sql").read_text() for name in ("restated_days", "new_days")]
        restated, new = (connection.execute(question, {"account_ids": None}).fetchall() for question in asked)
    assert [row[-3:] for row in restated] == [("likes", None, 3)]
    assert new == []


OBJECTIVE = {"currency": ["EUR"] * 2, "objective_type": ["LEAD_GENERATION"] * 2, "period": PERIODS}


def test_the_pages_show_it_as_unknown():
    names = {"account_id": [1] * 2, "account_name": ["A"] * 2, "campaign_group_id": [5] * 2, "name": ["G"] * 2}
    rows = frame(**OBJECTIVE, **names, campaign_id=[7] * 2, status=["ACTIVE"] * 2)

    leads = next(tile for tile in tiles(rows, "LEAD_GENERATION")["EUR"] if tile.label == "Leads")
    assert (leads.value, leads.previous) == ("n/a", "n/a")
    assert overview.objectives(rows, "EUR")[0]["Results"] == "n/a"
    assert overview.campaign_groups(rows, "EUR")[0]["Key results"] == "n/a"
    assert overview.compared_campaigns(rows, "EUR")["key_result"].to_list() == [None]
    assert comparison.compare(rows, "campaign", "EUR")["key_result"].to_list() == [None]


def test_the_page_shows_unknown_spend_as_unknown():
    unknown = pl.Series([None, Decimal(2)], dtype=pl.Decimal(38, 18))
    names = {"account_id": [1] * 2, "account_name": ["A"] * 2, "campaign_group_id": [5] * 2, "name": ["G"] * 2}
    rows = frame(**OBJECTIVE, **names).with_columns(unknown.alias("cost_in_local_currency"))
    row = overview.campaign_groups(rows, "EUR")[0]
    assert (row["Spend"], row["Change"]) == ("n/a", "n/a")
