"""The plan of calls: nothing twice, nothing left out, nothing that can be cut; and which days a sync asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.pipeline.fetch.call_planner import CAP, slices, suspicious
from workbench.pipeline.sync_windows import SyncWindows, window_of_sync
from workbench.schema.resources import CoverageRow
from workbench.schema.snapshot_names import name_of
from workbench.schema.windows import Window

TODAY = date(2026, 11, 24)
DAYS = st.dates(date(2016, 1, 1), date(2027, 12, 31))
WINDOWS = st.builds(lambda first, days: Window(first, first + timedelta(days=days)), DAYS, st.integers(0, 800))
ENTITIES = st.dictionaries(st.integers(1, 10**12), st.integers(0, 100), max_size=60)
MANY_ENTITIES = st.builds(
    lambda count, each: {10**8 + number: each for number in range(count)}, st.integers(1, 3000), st.integers(1, 1000)
)
BATCHES = st.integers(1, 90)


def days_of(window: Window) -> list[date]:
    return [window.first + timedelta(days=n) for n in range(window.days)]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@given(WINDOWS, ENTITIES | MANY_ENTITIES, BATCHES)
def test_every_day_lies_in_exactly_one_slice_and_every_campaign_in_exactly_one_list(
    window: Window, entities: dict[int, int], batch_size: int
) -> None:
    plan = slices(window, entities, batch_size=batch_size)
    assert [day for piece in plan for day in days_of(piece.window)] == days_of(window)
    for piece in plan:
        asked = [campaign for batch in piece.campaign_ids for campaign in batch]
        assert asked in ([], sorted(entities))
        assert all(0 < len(batch) <= batch_size for batch in piece.campaign_ids)


@given(WINDOWS, ENTITIES | MANY_ENTITIES, BATCHES)
def test_no_call_can_reach_the_length_at_which_linkedin_cuts(
    window: Window, entities: dict[int, int], batch_size: int
) -> None:
    for piece in slices(window, entities, batch_size=batch_size):
        for batch in piece.campaign_ids or (tuple(entities),):
            assert piece.window.days * sum(entities[campaign] for campaign in batch) < CAP


@given(WINDOWS, ENTITIES | MANY_ENTITIES, BATCHES)
def test_whole_accounts_take_the_fewest_calls_there_can_be(
    window: Window, entities: dict[int, int], batch_size: int
) -> None:
    rows = sum(entities.values())
    plan = slices(window, entities, batch_size=batch_size)
    if rows < CAP:
        days_a_call = (CAP - 1) // max(1, rows)
        assert (len(plan), {piece.campaign_ids for piece in plan}) == (-(-window.days // days_a_call), {()})


def test_a_campaign_that_alone_reaches_the_cap_is_asked_alone_day_by_day() -> None:
    plan = slices(Window(ago(1), TODAY), {1: 5, 2: CAP, 3: 5}, batch_size=20)
    assert [(piece.window, piece.campaign_ids) for piece in plan] == [
        (Window(ago(1), ago(1)), ((1,), (2,), (3,))),
        (Window(TODAY, TODAY), ((1,), (2,), (3,))),
    ]


def test_an_account_without_campaigns_is_asked_once() -> None:
    window = Window(ago(90), TODAY)
    assert [piece.window for piece in slices(window, {}, batch_size=20)] == [window]


@given(WINDOWS)
def test_two_halves_make_the_window_and_differ_by_a_day_at_most(window: Window) -> None:
    if window.days == 1:
        with pytest.raises(ValueError, match="ends"):
            window.halves()
    else:
        first, second = window.halves()
        assert days_of(first) + days_of(second) == days_of(window)
        assert 0 <= second.days - first.days <= 1


def test_a_window_that_ends_before_it_starts_is_none() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Window(TODAY, ago(1))


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        *((length, False) for length in (0, 1, 9, 11, 99, 101, 14_999)),
        *((length, True) for length in (10, 100, 500, 1_000, 15_000, 15_001)),
    ],
)
def test_lengths_at_which_others_saw_cuts_are_suspicious(elements: int, expected: bool) -> None:
    assert suspicious(elements) is expected


@pytest.mark.parametrize(
    ("case", "covered", "first"),
    [
        ("the first sync", [], ago(90)),
        ("the next day", [(ago(91), ago(1))], ago(30)),
        ("the same day again", [(ago(90), TODAY)], ago(30)),
        ("after a holiday of 45 days", [(ago(135), ago(45))], ago(44)),
        ("after a year away", [(ago(500), ago(400))], ago(399)),
        ("a hole in the middle", [(ago(90), ago(60)), (ago(49), TODAY)], ago(59)),
        ("a hole older than SYNC_DAYS", [(ago(200), ago(150)), (ago(120), TODAY)], ago(30)),
        ("a hole within the lookback", [(ago(90), ago(20)), (ago(10), TODAY)], ago(30)),
        ("an account whose last sync failed", [(ago(95), ago(35))], ago(34)),
        ("only yesterday was ever covered", [(ago(1), ago(1))], ago(90)),
        ("windows that overlap, in no order", [(ago(50), TODAY), (ago(100), ago(40))], ago(30)),
        ("one window inside another", [(ago(100), TODAY), (ago(80), ago(70))], ago(30)),
        ("a machine whose clock was a day ahead", [(ago(90), TODAY + timedelta(days=1))], ago(30)),
    ],
)
def test_a_sync_asks_from_the_first_day_that_is_missing(
    case: str, covered: list[tuple[date, date]], first: date
) -> None:
    assert window_of_sync(TODAY, sync_days=90, lookback_days=30, covered=covered) == Window(first, TODAY), case


COVERED = st.lists(
    st.builds(
        lambda back, days: (ago(back), min(TODAY, ago(back) + timedelta(days=days))),
        st.integers(0, 300),
        st.integers(0, 120),
    ),
    max_size=6,
)


@given(COVERED, st.integers(0, 200), st.integers(0, 60))
def test_after_a_sync_no_day_is_uncovered_that_should_not_be(
    covered: list[tuple[date, date]], sync_days: int, lookback_days: int
) -> None:
    window = window_of_sync(TODAY, sync_days=sync_days, lookback_days=lookback_days, covered=covered)
    before = {day for first, last in covered for day in days_of(Window(first, last))}
    ended = max(before, default=TODAY)
    since = min(ago(sync_days), ended + timedelta(days=1)) if before else ago(sync_days)
    wanted = set(days_of(Window(min(since, TODAY), TODAY)))
    assert wanted <= before | set(days_of(window))
    assert window.first <= ago(lookback_days)
    assert window.last == TODAY


@given(COVERED, st.integers(0, 200), st.integers(0, 60))
def test_a_sync_asks_for_no_day_without_a_reason(
    covered: list[tuple[date, date]], sync_days: int, lookback_days: int
) -> None:
    window = window_of_sync(TODAY, sync_days=sync_days, lookback_days=lookback_days, covered=covered)
    before = {day for first, last in covered for day in days_of(Window(first, last))}
    assert window.first == ago(lookback_days) or window.first not in before or window.first == TODAY


class Counting(list[CoverageRow]):
    """Rows that count how often they are read through."""

    times = 0

    def __iter__(self) -> Iterator[CoverageRow]:
        self.times += 1
        return super().__iter__()


def covered_rows(account_id: int) -> list[CoverageRow]:
    return [
        (account_id, resource, ago(back + 30), ago(back), name_of(datetime.combine(ago(back), time(6), UTC)))
        for resource in ("campaign_daily_metrics", "creative_daily_metrics", "campaigns")
        for back in range(1, 120, 1 + account_id % 7)
    ]


def test_planning_reads_coverage_through_once_however_many_accounts_there_are() -> None:
    rows = Counting(row for account_id in range(1, 60) for row in covered_rows(account_id))
    schedule = SyncWindows(TODAY, 90, 30, coverage=rows, accounts=range(1, 60))
    rows.times = 0

    planned = {account_id: schedule.windows(account_id) for account_id in range(1, 80)}
    schedule.overall()
    schedule.all_fresh()

    assert rows.times == 1
    assert planned[7].whole() == Window(ago(30), TODAY)
    assert planned[70].whole() == Window(ago(90), TODAY)


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60), st.integers(0, 90)), max_size=12), st.integers(0, 40)
)
def test_an_accounts_days_are_those_of_its_own_rows(spans: list[tuple[int, int, int]], lookback: int) -> None:
    rows: list[CoverageRow] = [
        (1, "campaign_daily_metrics", ago(back + days), ago(back), name_of(datetime.combine(ago(on), time(6), UTC)))
        for back, days, on in spans
    ]
    other: list[CoverageRow] = [
        (2, "campaign_daily_metrics", ago(400), ago(0), name_of(datetime(2026, 11, 24, tzinfo=UTC)))
    ]
    settled = [
        (first, last, date.fromisoformat(name[:8]) - timedelta(days=max(lookback, 1)))
        for _, _, first, last, name in rows
    ]
    covered = [(first, min(last, final)) for first, last, final in settled if first and last and first <= final]

    found = SyncWindows(TODAY, 90, lookback, coverage=[*rows, *other]).windows(1)["campaign_daily_metrics"]

    assert found == window_of_sync(TODAY, sync_days=90, lookback_days=lookback, covered=covered)


def test_conversions_by_rule_are_asked_for_as_long_as_a_rule_counts() -> None:
    names = ("campaign_daily_metrics", "conversion_daily_metrics")
    rows = [CoverageRow(1, name, ago(400), ago(60), name_of(datetime.combine(ago(60), time(6), UTC))) for name in names]

    def first_days(rule_days: int) -> list[date]:
        windows = SyncWindows(TODAY, 30, 30, coverage=rows, rule_days=rule_days).windows(1)
        return [windows[name].first for name in names]

    assert first_days(0) == [ago(89), ago(89)]  # the last sync's days of 30 days were not final yet
    assert first_days(90) == [ago(89), ago(149)]


def test_days_without_a_group_of_metrics_that_is_asked_for_are_asked_for_again() -> None:
    def first_day(groups: str | None, *asked: str) -> date:
        rows = [
            CoverageRow(1, resource, ago(90), TODAY, "20261124T060000Z", groups)
            for resource in ("campaign_daily_metrics", "creative_daily_metrics", "placement_daily_metrics")
        ]
        windows = SyncWindows(TODAY, 90, 30, coverage=rows, groups=asked).windows(1)
        assert windows["placement_daily_metrics"].first == ago(30)
        return windows["creative_daily_metrics"].first

    assert first_day(None) == first_day("video") == first_day("video,viral", "video") == ago(30)
    assert first_day(None, "video") == first_day("viral", "video", "viral") == ago(90)
