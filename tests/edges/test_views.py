"""What is current, against a small model in Python; and what an opened set of snapshots refuses to read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import made_snapshots
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_snapshots import PIVOTS, Made

from workbench.coverage import coverage_of
from workbench.errors import ValidationError
from workbench.snapshots import COMPLETE_LISTING, Snapshot, list_snapshots
from workbench.views import Views

FIRST = date(2026, 11, 10)
NAMES = [f"202611{day}T060000Z" for day in range(20, 26)]
ONE, TWO = 512000001, 512000002


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def metric(campaign: int, on: date, impressions: int, cost: str = "1.5") -> dict[str, Any]:
    written = {"year": on.year, "month": on.month, "day": on.day}
    return {
        "pivotValues": [f"urn:li:sponsoredCampaign:{campaign}"],
        "dateRange": {"start": written, "end": written},
        "impressions": impressions,
        "costInLocalCurrency": cost,
    }


# --- the property ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What one snapshot says of one account."""

    account_id: int
    campaigns: dict[int, str]
    listing: str  # complete, partial or none
    window: tuple[int, int]
    covered: bool
    rows: dict[tuple[int, int], int]
    audience: dict[int, int] | None
    pivots: int

    def parts(self) -> Iterator[Made]:
        if self.listing != "none":
            lines = [{"id": key, "name": name} for key, name in self.campaigns.items()]
            covers = COMPLETE_LISTING if self.listing == "complete" else ()
            yield Made("campaigns", self.account_id, lines, covers)
        first, last = self.window
        lines = [metric(campaign, day(on), value) for (campaign, on), value in self.rows.items() if first <= on <= last]
        yield Made("campaign_daily_metrics", self.account_id, lines, self.covers())
        if self.audience is not None:
            window = (day(first), day(last))
            context = {"window_start": str(window[0]), "window_end": str(window[1])}
            people = [{"pivotValues": [f"urn:li:title:{key}"], "impressions": n} for key, n in self.audience.items()]
            for pivot in PIVOTS[: self.pivots]:
                covers = (window,)
                yield Made("audience_demographics", self.account_id, people, covers, pivot, {**context, "pivot": pivot})

    def covers(self) -> tuple[tuple[date, date], ...]:
        return ((day(self.window[0]), day(self.window[1])),) if self.covered else ()


WINDOW = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda ends: (min(ends), max(ends)))
TOLD = st.builds(
    Told,
    st.sampled_from([ONE, TWO]),
    st.dictionaries(st.integers(1, 4), st.sampled_from(["A", "B", "Z"])),
    st.sampled_from(["complete", "complete", "partial", "none"]),
    WINDOW,
    st.sampled_from([True, True, False]),
    st.dictionaries(st.tuples(st.integers(1, 2), st.integers(0, 9)), st.integers(0, 99), max_size=12),
    st.none() | st.dictionaries(st.integers(1, 3), st.integers(1, 9)),
    st.integers(1, 2),
)
HISTORIES = st.lists(st.lists(TOLD, max_size=2, unique_by=lambda told: told.account_id), min_size=1, max_size=4)


def model_of_metrics(history: list[list[Told]]) -> set[tuple[int, int, date, int]]:
    now: dict[tuple[int, int], dict[int, int]] = {}
    for snapshot in history:
        for told in snapshot:
            for on in range(told.window[0], told.window[1] + 1) if told.covered else ():
                now[told.account_id, on] = {campaign: n for (campaign, when), n in told.rows.items() if when == on}
    return {(account, campaign, day(on), n) for (account, on), rows in now.items() for campaign, n in rows.items()}


def model_of_campaigns(history: list[list[Told]]) -> set[tuple[int, int, str, bool, str]]:
    now: dict[tuple[int, int], tuple[str, bool, str]] = {}
    for name, snapshot in zip(NAMES, history, strict=False):
        for told in snapshot:
            if told.listing == "complete":
                for key, (label, _, seen) in list(now.items()):
                    if key[0] == told.account_id:
                        now[key] = (label, False, seen)
            if told.listing != "none":
                now |= {(told.account_id, key): (label, True, name) for key, label in told.campaigns.items()}
    return {(*key, *value) for key, value in now.items()}


def model_of_audiences(history: list[list[Told]]) -> set[tuple[int, str, str, date, date, int]]:
    newest: dict[int, Told] = {}
    for snapshot in history:
        for told in snapshot:
            whole = told.audience is not None and told.pivots == len(PIVOTS)
            if whole and (told.account_id not in newest or told.window[1] >= newest[told.account_id].window[1]):
                newest[told.account_id] = told
    return {
        (account, pivot, f"urn:li:title:{key}", day(told.window[0]), day(told.window[1]), n)
        for account, told in newest.items()
        for pivot in PIVOTS
        for key, n in (told.audience or {}).items()
    }


def current(views: Views) -> tuple[set[Any], set[Any], set[Any]]:
    def rows(select: str) -> set[Any]:
        found = views.connection.execute(select).fetchall()
        assert len(found) == len(set(found))
        return set(found)

    return (
        rows("select account_id, campaign_id, date, impressions from campaign_daily_metrics"),
        rows("select account_id, campaign_id, name, listed, snapshot from campaigns"),
        rows("""select account_id, "pivot", segment_urn, window_start, window_end, impressions
                from audience_demographics"""),
    )


def model(history: list[list[Told]]) -> tuple[set[Any], set[Any], set[Any]]:
    return model_of_metrics(history), model_of_campaigns(history), model_of_audiences(history)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(HISTORIES)
def test_what_is_current_is_what_the_rule_says_now_and_as_of_any_day(tmp_path: Path, history: list[list[Told]]) -> None:
    folder = tmp_path / uuid4().hex
    for name, snapshot in zip(NAMES, history, strict=False):
        made_snapshots.snapshot(folder, name, [part for told in snapshot for part in told.parts()])
    for in_memory in (False, True):
        with Views(list_snapshots(folder).finished[::-1], in_memory=in_memory) as views:
            assert current(views) == model(history)
    for count in range(1, len(history)):
        known = list_snapshots(folder, as_of=date(2026, 11, 19 + count))
        with Views(known.finished) as views:
            assert current(views) == model(history[:count])
    shutil.rmtree(folder)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(HISTORIES)
def test_what_the_database_already_knows_better_no_file_decides(tmp_path: Path, history: list[list[Told]]) -> None:
    folder = tmp_path / uuid4().hex
    snapshots = [
        made_snapshots.snapshot(folder, name, [part for told in snapshot for part in told.parts()])
        for name, snapshot in zip(NAMES, history, strict=False)
    ]
    loaded = [row for snapshot in snapshots for row in coverage_of(snapshot.manifest)]
    whole = model_of_metrics(history)
    by_files: set[Any] = set()
    for snapshot in snapshots:
        with Views([snapshot], loaded=loaded) as views:
            by_files |= current(views)[0]
    assert by_files == whole
    shutil.rmtree(folder)


# --- cases by name ---------------------------------------------------------------------------------------------------


def opened(tmp_path: Path, *snapshots: list[Made]) -> Views:
    for name, parts in zip(NAMES, snapshots, strict=False):
        made_snapshots.snapshot(tmp_path / "snapshots", name, parts)
    return Views(list_snapshots(tmp_path / "snapshots").finished)


def test_a_restated_row_has_its_new_value_and_a_vanished_one_is_gone(tmp_path: Path) -> None:
    covers = ((day(0), day(3)),)
    first = [metric(1, day(0), 10), metric(1, day(1), 11), metric(2, day(1), 12)]
    second = [metric(1, day(1), 99, "0.123456789499")]
    with opened(
        tmp_path,
        [Made("campaign_daily_metrics", ONE, first, covers)],
        [Made("campaign_daily_metrics", ONE, second, ((day(1), day(3)),))],
    ) as views:
        rows = views.connection.execute(
            "select campaign_id, date, impressions, cost_in_local_currency from campaign_daily_metrics order by date"
        ).fetchall()
    assert rows == [(1, day(0), 10, Decimal("1.5")), (1, day(1), 99, Decimal("0.123456789"))]


def test_a_row_outside_what_its_part_covers_is_not_shown(tmp_path: Path) -> None:
    part = Made("campaign_daily_metrics", ONE, [metric(1, day(5), 1)], ((day(0), day(3)),))
    with opened(tmp_path, [part]) as views:
        assert views.frame("from campaign_daily_metrics").height == 0


def test_narrowed_views_read_one_account_only_and_then_all_again(tmp_path: Path) -> None:
    covers = ((day(0), day(3)),)
    parts = [Made("campaign_daily_metrics", account, [metric(1, day(0), account)], covers) for account in (ONE, TWO)]
    with opened(tmp_path, parts) as views:
        assert views.accounts() == [ONE, TWO]
        for account, expected in ((ONE, [ONE]), (TWO, [TWO]), (7, []), (None, [ONE, TWO])):
            views.narrow(account)
            found = views.frame("select account_id from campaign_daily_metrics order by 1")["account_id"].to_list()
            assert found == expected


def test_decided_days_are_those_of_the_files_and_not_of_the_database(tmp_path: Path) -> None:
    made = made_snapshots.snapshot(tmp_path, NAMES[0], [Made("campaign_daily_metrics", ONE, [], ((day(0), day(4)),))])
    newer = [(ONE, "campaign_daily_metrics", day(1), day(2), NAMES[1])]
    with Views([made], loaded=newer) as views:
        assert views.decided_days("campaign_daily_metrics", ONE) == [day(0), day(3), day(4)]


def test_names_are_those_of_the_same_snapshot(tmp_path: Path) -> None:
    window = (day(0), day(3))
    context = {"window_start": str(window[0]), "window_end": str(window[1])}
    people = [{"pivotValues": ["urn:li:title:1"], "impressions": 3}, {"pivotValues": ["SIZE_2_TO_10"]}]
    names = [b'{"urn":"urn:li:title:1","element":{"urn":"urn:li:title:1","name":"Engineer"}}']
    parts = [Made("names", 0, names), *(
        Made("audience_demographics", ONE, people, (window,), pivot, {**context, "pivot": pivot}) for pivot in PIVOTS
    )]  # fmt: skip
    with opened(tmp_path, parts) as views:
        rows = views.connection.execute(
            """select segment_urn, segment_name, impressions from audience_demographics
               where "pivot" = $1 order by segment_urn""",
            [PIVOTS[0]],
        ).fetchall()
    assert rows == [("SIZE_2_TO_10", "2–10", 0), ("urn:li:title:1", "Engineer", 3)]


@pytest.mark.parametrize(
    ("element", "name", "source"),
    [
        ({"name": "Mine", "content": {"textAd": {"headline": "H"}}}, "Mine", "name"),
        ({"name": "", "content": {"textAd": {"headline": "H"}}}, "H", "headline"),
        ({"content": {"reference": "urn:li:share:1"}}, "A post", "post"),
        ({"content": {"reference": "urn:li:share:2"}}, "Creative 7", "fallback"),
        ({"content": {"textAd": {"headline": ""}}}, "Creative 7", "fallback"),
        ({}, "Creative 7", "fallback"),
        ({"content": None}, "Creative 7", "fallback"),
    ],
)
def test_a_creative_has_the_best_name_that_is_known_and_says_where_from(
    tmp_path: Path, element: dict[str, Any], name: str, source: str
) -> None:
    post = b'{"urn":"urn:li:share:1","element":{"commentary":"A post"}}'
    creative = {"id": "urn:li:sponsoredCreative:7", **element}
    with opened(tmp_path, [Made("posts", ONE, [post]), Made("creatives", ONE, [creative])]) as views:
        assert views.connection.execute("select name, name_source from creatives").fetchall() == [(name, source)]


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_damaged_snapshot_is_not_opened(tmp_path: Path) -> None:
    made = made_snapshots.snapshot(tmp_path, NAMES[0], [Made("campaigns", ONE, [{"id": 1}], COMPLETE_LISTING)])
    next(made.files())[0].write_bytes(b"")
    with pytest.raises(ValidationError, match="is damaged"):
        Views([made])


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[tuple[Views, Snapshot]]:
    (tmp_path / f"{NAMES[0]}-neighbour").mkdir()
    (tmp_path / f"{NAMES[0]}-neighbour" / "secret.csv").write_text("a\n1\n")
    (tmp_path / "secret.csv").write_text("a\n1\n")
    made = made_snapshots.snapshot(tmp_path, NAMES[0], [Made("campaigns", ONE, [{"id": 1}], COMPLETE_LISTING)])
    with Views([made]) as views:
        yield views, made


@pytest.mark.parametrize(
    "statement",
    [
        "from read_csv('/etc/passwd')",
        "from read_text('/etc/passwd')",
        "from '{dir}/secret.csv'",
        "from '{folder}-neighbour/secret.csv'",
        "from '{folder}/../secret.csv'",
        "from glob('/etc/*')",
        "copy (select 1) to '/tmp/stolen.csv'",
        "attach '/tmp/other.duckdb'",
        "export database '/tmp/exported'",
        "install httpfs",
        "load httpfs",
        "from read_csv('http://127.0.0.1:1/x.csv')",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "set lock_configuration = false",
        "reset enable_external_access",
        "pragma enable_external_access",
    ],
)
def test_an_opened_set_reads_its_snapshots_and_nothing_else(sealed: tuple[Views, Snapshot], statement: str) -> None:
    views, made = sealed
    with pytest.raises(duckdb.Error):
        views.connection.execute(statement.format(dir=made.folder.parent, folder=made.folder)).fetchall()
    assert views.frame("from campaigns").height == 1


@pytest.mark.parametrize(
    "statement", ["copy (select 1) to '{folder}/campaigns/9.ndjson.gz'", "from read_text('{folder}/manifest.json')"]
)
def test_a_set_in_memory_reaches_no_file_at_all(tmp_path: Path, statement: str) -> None:
    made = made_snapshots.snapshot(tmp_path, NAMES[0], [Made("campaigns", ONE, [{"id": 1}], COMPLETE_LISTING)])
    with Views([made], in_memory=True) as views:
        with pytest.raises(duckdb.Error):
            views.connection.execute(statement.format(folder=made.folder)).fetchall()
        assert views.frame("from campaigns").height == 1
