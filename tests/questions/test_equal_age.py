"""What the question about equal age says is what the method says, whichever snapshots there are."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import duckdb
import polars as pl
import pytest

from workbench.analytics import equal_age as pages_rule
from workbench.analytics import maturity
from workbench.queries.sql_files import catalogue
from workbench.schema.metrics import LATE
from workbench.snapshots.arrow import frame

FIRST = date(2026, 11, 15)
LAST = FIRST + timedelta(6)
LEADS = "previous_one_click_leads"


def asked(snapshots, versions, **values):
    """`equal_age_results` on tables made here.

    Args:
        snapshots: (name, first covered day, last one).
        versions: (snapshot, campaign, day, leads).
    """
    connection = duckdb.connect()
    connection.execute("create table ad_accounts as select 1::bigint as account_id, 'EUR' as currency")
    connection.execute(
        "create table campaigns (account_id bigint, campaign_id bigint, objective_type text, campaign_group_id bigint)"
    )
    connection.executemany("insert into campaigns values (1, ?, 'LEAD_GENERATION', 9)", [[10], [11]])
    connection.execute(
        "create table coverage (account_id bigint, resource text, snapshot text, window_start date, window_end date)"
    )
    for row in snapshots:
        connection.execute("insert into coverage values (1, 'campaign_daily_metrics', ?, ?, ?)", list(row))
    late = ", ".join(f"0::bigint as {one.name}" for one in LATE if one.name != "one_click_leads")
    connection.execute(
        "create table told (snapshot text, account_id bigint, campaign_id bigint, date date, one_click_leads bigint)"
    )
    for snapshot, campaign, day, leads in versions:
        connection.execute("insert into told values (?, 1, ?, ?, ?)", [snapshot, campaign, day, leads])
    connection.execute(f"create view campaign_versions as select *, {late} from told")
    question = catalogue()["equal_age_results"]
    chosen = {"first_day": FIRST, "last_day": LAST, "previous_first_day": FIRST - timedelta(7), **values}
    return frame(connection.sql(question.sql, params=question.bind(chosen)))


def history(made_on):
    """Snapshots of these days, which cover 30 days each, and what they say of two campaigns: leads grow with age."""
    names = {day: f"{day:%Y%m%d}T060000Z" for day in made_on}
    snapshots = [(name, day - timedelta(29), day) for day, name in names.items()]
    versions = [
        (name, campaign, day - timedelta(age), (campaign - 8) * min(age, 12) + (day - timedelta(age)).day)
        for day, name in names.items()
        for age in range(30)
        for campaign in (10, 11)
    ]
    return snapshots, versions


@pytest.mark.parametrize("seed", range(6))
def test_it_says_what_the_method_says(seed):
    rng = Random(seed)
    every = [FIRST - timedelta(14 - n) for n in range(22)]
    made_on = sorted(day for day in every if rng.random() < (1, 0.7, 0.4)[seed % 3])
    snapshots, versions = history(made_on)
    found = asked(snapshots, versions)
    days = {name: day for (name, _, _), day in zip(snapshots, made_on, strict=True)}
    for campaign in (10, 11):
        seen = [(day, days[name], leads) for name, one, day, leads in versions if one == campaign]
        expected = maturity.equal_age(seen, FIRST, LAST, as_of=max(made_on))
        row = found.filter(campaign_id=campaign).row(0, named=True)
        assert (row["days"], row["known_days"]) == (7, expected.known_days)
        assert (row[LEADS] is None) == (expected.previous is None)
        if expected.previous is not None:
            assert float(row[LEADS]) == pytest.approx(expected.previous)


def test_daily_snapshots_give_every_day_its_partner_and_one_gives_none():
    every = [FIRST - timedelta(8 - n) for n in range(16)]
    whole, alone = asked(*history(every)), asked(*history(every[-1:]))
    assert whole["known_days"].to_list() == [7, 7]
    assert alone["known_days"].to_list() == [0, 0]
    assert alone[LEADS].to_list() == [None, None]


def test_days_of_thirty_and_more_are_of_one_age():
    made = LAST + timedelta(31)
    snapshots = [(f"{made:%Y%m%d}T060000Z", FIRST - timedelta(7), made)]
    versions = [(snapshots[0][0], 10, FIRST - timedelta(3), 5)]
    found = asked(snapshots, versions)
    assert found["known_days"].to_list() == [7, 7]
    assert [float(value) for value in found[LEADS]] == [5, 0]


def test_a_day_under_way_is_not_compared():
    found = asked(*history([FIRST - timedelta(1), LAST]))
    assert found["known_days"].to_list() == [6, 6]  # on the last day its figures were not whole


def test_changes_of_late_results_are_made_at_equal_age_only():
    equal = pl.DataFrame(
        {"account_id": [1, 1, 2], "currency": ["EUR", "EUR", "USD"], "known_days": [7, 7, 6], "days": [7, 7, 7]}
    ).with_columns(pl.Series(LEADS, [2.0, 3.0, None]))
    paired = pl.DataFrame({"currency": ["USD", "EUR"], LEADS: [50, 50], "previous_clicks": [9, 9]})
    found = pages_rule.at_equal_age(paired, equal, ["currency"])
    assert found.select("currency", LEADS, "previous_clicks").rows() == [("USD", None, 9), ("EUR", 5.0, 9)]
    assert pages_rule.at_equal_age(paired, None, ["currency"])[LEADS].to_list() == [None, None]
    assert pages_rule.equal_age_remark(equal.head(2)) == pages_rule.COMPARED
    assert pages_rule.equal_age_remark(None) == pages_rule.NO_HISTORY
    assert "6 of 7 days have a day before that was seen at the same age" in pages_rule.equal_age_remark(equal)
