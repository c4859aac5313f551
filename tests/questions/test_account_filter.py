"""A viewer who may see some accounts gets nothing of any other, whatever the question is asked with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from workbench import connect, query
from workbench.diagnostics.status import gather
from workbench.errors import StorageError, ValidationError
from workbench.paths import shipped
from workbench.queries.api import allowed_accounts, data_version, default
from workbench.queries.sql_files import catalogue

from .conftest import PagesInstallation
from .test_engines import DATABASE, HISTORY, SHARED, asked

BY_ACCOUNTS = [name for name in SHARED if "account_ids" in catalogue()[name].params]
BY_ACCOUNT = [name for name in SHARED if "account_id" in catalogue()[name].params]
SOURCES = ("database", "snapshots")


@contextmanager
def seeing(*accounts: int) -> Iterator[None]:
    """Ask as a viewer who may see these accounts."""
    before = default.access
    default.use(replace(before, accounts=lambda: frozenset(accounts)))
    try:
        yield
    finally:
        default.use(before)


@pytest.fixture
def world(small: PagesInstallation, monkeypatch: pytest.MonkeyPatch) -> PagesInstallation:
    small.use(monkeypatch)
    return small


def accounts_with_figures() -> list[int]:
    """Ids, the account with the most campaigns first."""
    found = query("accounts").sort("campaigns", descending=True)["account_id"].to_list()
    assert len(found) > 1
    return [int(account) for account in found]


def words_of(frame: pl.DataFrame) -> set[str]:
    return {str(value) for row in frame.rows() for value in row if value is not None}


def foreign_words(own: int) -> set[str]:
    """Ids and names that belong to other accounts alone."""
    columns = ["account_id", "campaign_id", "campaign_group_id", "creative_id", "name"]
    found: dict[bool, set[str]] = {True: set(), False: set()}
    first, last = query("accounts")["first_day"].min(), query("accounts")["last_complete_day"].max()
    frames = [query("accounts"), query("campaign_budgets")]
    frames += [query(name, first_day=first, last_day=last) for name in ("campaigns", "creatives", "campaign_groups")]
    for frame in frames:
        kept = frame.select([name for name in columns if name in frame.columns])
        for mine in (True, False):
            found[mine] |= words_of(kept.filter((pl.col("account_id") == own) == mine))
    assert found[False] - found[True]
    return found[False] - found[True]


def hostile_lists(own: int, foreign: int) -> list[list[int] | None]:
    return [None, [], [foreign], [own, foreign], [foreign, foreign, own], [0], [-1, 0, 2**63 - 1], [-(2**63)]]


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", BY_ACCOUNTS)
def test_whatever_accounts_are_asked_for_the_answer_is_that_of_the_allowed_ones(name, source, world):
    own, foreign, *_ = accounts_with_figures()
    values = asked(name, world)
    for asked_for in hostile_lists(own, foreign):
        allowed = [own] if asked_for is None else [account for account in asked_for if account == own]
        expected = query(name, source=source, **{**values, "account_ids": allowed})
        with seeing(own):
            answer = query(name, source=source, **{**values, "account_ids": asked_for})
        assert_frame_equal(answer, expected)


def test_who_may_see_no_account_sees_none(world):
    with seeing():
        assert query("accounts", source="snapshots").is_empty()
        with pytest.raises(StorageError, match="Nothing has been synced"):
            query("accounts")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", BY_ACCOUNT)
def test_of_another_account_there_is_nothing(name, source, world):
    values = asked(name, world)
    own = values["account_id"]
    foreign = next(account for account in accounts_with_figures() if account != own)
    expected = query(name, source=source, **values)
    with seeing(own):
        assert_frame_equal(query(name, source=source, **values), expected)
    with seeing(foreign):
        assert query(name, source=source, **values).is_empty()


@pytest.mark.parametrize("source", SOURCES)
def test_rows_are_counted_of_the_allowed_accounts(source, world):
    own, *_ = accounts_with_figures()
    everything = dict(query("table_counts", source=source).iter_rows())
    with seeing(own):
        counts = dict(query("table_counts", source=source).iter_rows())
    assert counts["ad_accounts"] == 1
    assert 0 < counts["campaigns"] < everything["campaigns"]
    with seeing(own):
        assert counts["campaigns"] == query("campaign_budgets", source=source).height


@pytest.mark.parametrize("name", HISTORY)
def test_history_has_no_word_of_another_account(name, world):
    own, foreign, *_ = accounts_with_figures()
    newest, oldest = query("snapshots", source="snapshots")["snapshot"]
    states = asked(name, world) | ({"before": oldest, "after": newest} if catalogue()[name].compares else {})
    takes_accounts = "account_ids" in catalogue()[name].params
    elsewhere = foreign_words(own)
    for asked_for in hostile_lists(own, foreign) if takes_accounts else [None]:
        choices: dict[str, Any] = {"account_ids": asked_for} if takes_accounts else {}
        allowed = {"account_ids": [own] if asked_for is None else [a for a in asked_for if a == own]}
        expected = query(name, source="snapshots", **states, **(allowed if takes_accounts else {}))
        with seeing(own):
            answer = query(name, source="snapshots", **states, **choices)
        if takes_accounts:
            assert_frame_equal(answer, expected)
        elif name == "snapshot_parts":
            assert_frame_equal(answer, expected.filter(pl.col("account_id") == own))
        else:
            assert answer["accounts"].unique().to_list() == [1]
            assert answer["api_calls"].null_count() == answer.height
        assert not words_of(answer) & elsewhere


@pytest.mark.parametrize("name", [name for name in DATABASE if name != "fresh_accounts"])
def test_what_is_known_of_syncs_is_that_of_the_allowed_accounts(name, world):
    own, *_ = accounts_with_figures()
    values = {"sync_id": query("syncs")["sync_id"][0]} if name == "sync_steps" else {}
    everything = query(name, **values)
    with seeing(own):
        answer = query(name, **values)
    assert answer.schema == everything.schema
    assert not words_of(answer) & foreign_words(own)
    if name == "sync_steps":
        assert_frame_equal(answer, everything.filter(pl.col("account_id") == own))
    if name == "syncs":
        assert answer["accounts"].unique().to_list() == [1]
        assert answer["api_calls"].null_count() == answer.height
        assert 0 < answer["fetched"].sum() < everything["fetched"].sum()


def test_which_accounts_are_fresh_is_said_of_the_allowed_ones_alone(world):
    own, foreign, *_ = accounts_with_figures()
    day = query("accounts").filter(pl.col("account_id").is_in([own, foreign]))["last_complete_day"].min()
    values = {"youngest": datetime(2000, 1, 1, tzinfo=UTC), "first_day": day, "last_day": day}
    assert {own, foreign} <= set(query("fresh_accounts", **values)["account_id"])
    with seeing(own):
        assert set(query("fresh_accounts", **values)["account_id"]) <= {own}


@pytest.mark.parametrize("source", SOURCES)
def test_viewers_share_no_remembered_answer(source, world):
    own, foreign, *_ = accounts_with_figures()
    for account in (own, foreign, own):
        with seeing(account):
            assert query("accounts", source=source)["account_id"].to_list() == [account]
            assert data_version(source)
    assert query("accounts", source=source).height > 1


@pytest.mark.parametrize("source", SOURCES)
def test_statements_of_ones_own_are_refused(source, world):
    with seeing(1), pytest.raises(ValidationError, match="cannot be run here"):
        connect(source)


def test_the_status_is_that_of_the_allowed_accounts(world):
    own, *_ = accounts_with_figures()
    everything = gather(readers=True)
    with seeing(own):
        health = gather(readers=True, accounts=allowed_accounts())
    assert {covered.account_id for covered in health.coverage} == {own} < {c.account_id for c in everything.coverage}
    assert {step.account_id for sync in health.syncs for step in sync.unfinished_steps} <= {own}
    assert all(sync.api_calls is None for sync in health.syncs)
    assert health.database
    assert everything.database
    rows, all_rows = ({table.name: table.rows for table in one.database.tables} for one in (health, everything))
    assert rows["ad_accounts"] == 1
    assert rows["campaigns"] < all_rows["campaigns"]
    said = repr(health)
    assert not any(word in said for word in foreign_words(own) if len(word) > 4)


def test_no_question_names_the_schema_of_a_table():
    """The filter shadows tables by their plain names: `linkedin_ads.campaigns` would pass it by."""
    for file in sorted(shipped("sql").glob("*/*.sql")):
        qualified = re.findall(r"(?<!distinct )\b(?:from|join)\s+(\w+)\.", file.read_text("utf-8"))
        assert set(qualified) <= ({"before", "after"} if file.parent.name == "history" else set()), file
