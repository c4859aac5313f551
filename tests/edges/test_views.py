"""What is current, against a small model in Python; and what an opened set of snapshots refuses to read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import made_snapshots
import pytest
from histories import HISTORIES, NAMES, ONE, TWO, Content, current, day, metric, model, model_of_metrics, write
from hypothesis import HealthCheck, given, settings
from made_snapshots import PIVOTS, Made

from workbench.errors import ValidationError
from workbench.schema import sql_blocks
from workbench.schema.metric_groups import ORIGINAL_FIELDS
from workbench.schema.metrics import STORED, Stored
from workbench.schema.resources import CoverageRow
from workbench.schema.snapshot_names import name_of
from workbench.schema.tables import METRICS
from workbench.snapshots import views as snapshot_views
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.coverage import coverage_of
from workbench.snapshots.manifest import COMPLETE_LISTING, Snapshot
from workbench.snapshots.views import Earlier, Views, view_sql


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(HISTORIES)
def test_what_is_current_is_what_the_rule_says_now_and_as_of_any_day(
    tmp_path: Path, history: list[list[Content]]
) -> None:
    folder = tmp_path / uuid4().hex
    write(folder, history)
    for in_memory in (False, True):
        with Views(list_snapshots(folder).finished[::-1], in_memory=in_memory) as views:
            assert current(views) == model(history)
    for count in range(1, len(history)):
        known = list_snapshots(folder, as_of=date(2026, 11, 19 + count))
        with Views(known.finished) as views:
            assert current(views) == model(history[:count])
    shutil.rmtree(folder)


@pytest.mark.slow
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(HISTORIES)
def test_what_the_database_already_knows_better_no_file_decides(tmp_path: Path, history: list[list[Content]]) -> None:
    folder = tmp_path / uuid4().hex
    snapshots = write(folder, history)
    loaded = [row for snapshot in snapshots for row in coverage_of(snapshot.manifest)]
    whole = model_of_metrics(history)
    by_files: set[Any] = set()
    for snapshot in snapshots:
        with Views([snapshot], earlier=Earlier(loaded)) as views:
            by_files |= current(views)[0]
    assert by_files == whole
    shutil.rmtree(folder)


# --- a metric that came later ----------------------------------------------------------------------------------------

LATER = Stored("Made up", "count", "Seven times as many", name="made_up", field="madeUp", group="more")


def with_later_metric(name: str) -> str:
    """The view of a daily table as the catalogue would write it with one metric more."""
    text, metrics = view_sql(name), (*STORED, LATER)
    text = re.sub(
        r"( *)coalesce\(r.element.*?(?= *-- \[\[\[end)", sql_blocks.fields(metrics) + "\n", text, flags=re.DOTALL
    )
    block = sql_blocks.element(*sql_blocks.DAILY_KEY, metrics=metrics)
    return re.sub(r"element: 'STRUCT.*?'(?=\n)", lambda _: block, text, flags=re.DOTALL)


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_later_metric_is_null_and_never_0_where_the_snapshot_did_not_ask_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    monkeypatch.setattr(snapshot_views, "view_sql", with_later_metric)

    def part(first: int, last: int, *lines: dict[str, Any]) -> Made:
        return Made("campaign_daily_metrics", ONE, lines, ((day(first), day(last)),))

    made_snapshots.snapshot(tmp_path, NAMES[0], [part(0, 1, metric(1, day(0), 5), metric(1, day(1), 5))])
    newer = part(1, 2, metric(1, day(1), 5), metric(1, day(2), 5) | {"madeUp": 35})
    made_snapshots.snapshot(tmp_path, NAMES[1], [newer], metrics=[*ORIGINAL_FIELDS, "madeUp"])
    with Views(list_snapshots(tmp_path).finished, in_memory=in_memory, only=METRICS[:1]) as opened:
        rows = opened.frame("select date, made_up from campaign_daily_metrics order by date").rows()
        (unknown,) = opened.frame(f"select sum(made_up) from campaign_daily_metrics where date = '{day(0)}'").row(0)
    assert rows == [(day(0), None), (day(1), 0), (day(2), 35)]
    assert unknown is None


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
        for account, expected in ((ONE, [ONE]), (TWO, [TWO]), (7, []), (None, [ONE, TWO])):
            views.narrow(account)
            found = views.frame("select account_id from campaign_daily_metrics order by 1")["account_id"].to_list()
            assert found == expected


def test_decided_days_are_those_of_the_files_and_not_of_the_database(tmp_path: Path) -> None:
    made = made_snapshots.snapshot(tmp_path, NAMES[0], [Made("campaign_daily_metrics", ONE, [], ((day(0), day(4)),))])
    newer = [CoverageRow(ONE, "campaign_daily_metrics", day(1), day(2), NAMES[1])]
    with Views([made], earlier=Earlier(newer)) as views:
        assert views.decided_days("campaign_daily_metrics", ONE) == [day(0), day(3), day(4)]


@pytest.mark.slow
def test_two_hundred_snapshots_open_within_the_memory_they_are_given(tmp_path: Path) -> None:
    first = datetime(2026, 1, 1, 6, tzinfo=UTC)
    account = Made("ad_accounts", 0, [{"id": ONE, "name": "One"}], COMPLETE_LISTING)
    for number in range(200):
        name = name_of(first + timedelta(days=number))
        made_snapshots.snapshot(tmp_path, name, [account, Made("campaigns", ONE, [{"id": 1}], COMPLETE_LISTING)])

    with Views(list_snapshots(tmp_path).finished, in_memory=True, memory="200MB") as views:
        rows = views.connection.execute("select account_id, name, listed, snapshot from ad_accounts").fetchall()

    assert rows == [(ONE, "One", True, name)]


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
def test_a_sealed_set_in_memory_reaches_no_file_at_all(tmp_path: Path, statement: str) -> None:
    made = made_snapshots.snapshot(tmp_path, NAMES[0], [Made("campaigns", ONE, [{"id": 1}], COMPLETE_LISTING)])
    with Views([made], in_memory=True) as views:
        views.seal()
        with pytest.raises(duckdb.Error):
            views.connection.execute(statement.format(folder=made.folder)).fetchall()
        assert views.frame("from campaigns").height == 1
