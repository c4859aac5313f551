"""Maturity and settling: the published triangle, gaps, equal age, what is not enough, the sentences."""

from __future__ import annotations

import random
from datetime import date, timedelta

import polars as pl
import pytest

from workbench.analytics import maturity, maturity_rows, settling
from workbench.errors import ValidationError

TAYLOR_ASHE = [
    [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
    [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
    [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
    [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
    [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
    [396132, 1333217, 2180715, 2985752, 3691712],
    [440832, 1288463, 2419861, 3483130],
    [359480, 1421128, 2864498],
    [376686, 1363294],
    [344014],
]
"""Taylor and Ashe 1983, cumulative claims, as in Mack 1993."""
START = date(2026, 10, 1)


def triangle():
    for number, row in enumerate(TAYLOR_ASHE):
        day = START + timedelta(days=number)
        for age, value in enumerate(row, start=1):
            yield "", day, day + timedelta(days=age), value


def test_the_published_factors_and_reserve_come_out():
    found = maturity.curve(triangle(), lookback=10)
    factors = [found.at(age + 1) / found.at(age) for age in range(1, 10)]
    published = [3.4906, 1.7473, 1.4574, 1.1739, 1.1038, 1.0863, 1.0539, 1.0766, 1.0177]
    assert factors == pytest.approx(published, abs=5e-5)
    reserve = sum(row[-1] * (1 / found.at(len(row)) - 1) for row in TAYLOR_ASHE)
    assert reserve == pytest.approx(18_680_856, abs=1)


def test_the_order_of_observations_does_not_matter():
    rows = list(triangle())
    assert maturity.curve(random.Random(2).sample(rows, len(rows)), lookback=10) == maturity.curve(rows, lookback=10)


def test_ages_between_two_observations_at_most_a_week_apart_are_filled():
    assert maturity.interpolated({2: 10.0, 5: 16.0, 13: 20.0}) == {2: 10.0, 3: 12.0, 4: 14.0, 5: 16.0, 13: 20.0}
    assert maturity.interpolated({}) == {}


def test_days_under_way_do_not_count_and_no_observation_is_no_volume():
    found = maturity.curve([("", START, START, 5), ("", START, START - timedelta(days=1), 9)])
    assert set(found.maturity.values()) == {1.0}
    assert found.volume[1] == 0
    assert not found.enough


def test_results_taken_back_make_a_maturity_above_one():
    rows = [("", START, START + timedelta(days=age), value) for age, value in ((1, 10), (2, 8), (3, 8))]
    assert maturity.curve(rows, lookback=3).at(1) == pytest.approx(1.25)


def test_settled_age_and_recommended_lookback():
    found = maturity.Curve({1: 0.5, 2: 0.985, 3: 0.97, 4: 0.985, 5: 1.0}, {}, {}, {}, 1.0, enough=True)
    assert (found.settled_age(), found.recommended_lookback()) == (4, 5)


def test_equal_age_needs_every_partner():
    def day(number):
        return START + timedelta(days=number)

    seen = [(day(n), day(s), float(10 + s - n)) for s in range(1, 15) for n in range(s)]
    whole = maturity.equal_age(seen, day(7), day(13), as_of=day(14))
    assert (whole.known_days, whole.current, whole.previous, whole.change) == (7, 98.0, 98.0, 0.0)
    without = [row for row in seen if not (row[0] == day(3) and row[1] >= day(7))]
    part = maturity.equal_age(without, day(7), day(13), as_of=day(14))
    assert part == maturity.EqualAge(6, 7)
    assert maturity_rows.equal_age_sentence(part, plural="leads") == (
        "At equal age nothing can be compared: 6 of 7 days have a partner that was seen at the same age."
    )
    gap = [row for row in seen if row[1] != day(7)]
    assert maturity.equal_age(gap, day(7), day(13), as_of=day(14)).known_days == 6  # day 6 was seen first at age 2
    assert maturity.equal_age([], day(7), day(13), as_of=day(14)).known_days == 0


def test_equal_age_sentence():
    found = maturity.EqualAge(7, 7, 104, 100, 0.04)
    assert maturity_rows.equal_age_sentence(found, plural="conversions", change_as_known=-0.23) == (
        "At equal age, conversions rose by 4 %; the −23 % as known now is lateness."
    )
    none = maturity.EqualAge(7, 7, 4, 0, None)
    assert "no conversions in the period before" in maturity_rows.equal_age_sentence(none, plural="conversions")


def test_weekly_batches_are_told():
    friday = date(2026, 10, 2)
    rows, day = [], friday
    for number in range(20):
        day = friday + timedelta(days=number)
        for age in range(1, 25):
            fridays = sum((day + timedelta(days=a)).weekday() == 4 for a in range(1, age + 1))
            rows.append(("", day, day + timedelta(days=age), 3.0 * fridays))
    assert maturity.batch_weekday(rows) == 4
    even = [
        ("", d, d + timedelta(days=a), float(a))
        for d in (friday + timedelta(days=n) for n in range(20))
        for a in range(1, 20)
    ]
    assert maturity.batch_weekday(even) is None
    assert maturity.batch_weekday([]) is None


CURVE = maturity.Curve({1: 0.5, 2: 0.8, 3: 1.0}, {1: 0.1, 2: 0.05, 3: 0.0}, {}, {}, 1.0, enough=True)


def test_a_settled_week_has_nothing_to_come():
    found = settling.settle([(30, 4, 100.0)], [[(40, 5, 110.0)]], CURVE)
    assert (found.remaining, found.remaining_low, found.remaining_high, found.settled) == (0, 0, 0, 4)
    assert found.cost_per_result_low == found.cost_per_result_high == 25


def test_without_reference_or_spend_nothing_settles():
    assert settling.settle([(1, 4, 100.0)], [], CURVE) is None
    assert settling.settle([(1, 4, 100.0)], [[(9, 0, 0.0)]], CURVE) is None


def test_many_results_do_not_underflow():
    found = settling.settle([(1, 20_000, 1e5)], [[(40, 40_000, 1e5)]] * 8, CURVE)
    assert found.remaining_low < found.remaining < found.remaining_high
    assert found.remaining == pytest.approx(20_000, rel=0.02)


def test_millions_still_to_come_have_the_ends_that_thousands_have():
    few, many = (settling.settle([(1, n, 1e5)], [[(40, 2 * n, 1e5)]] * 8, CURVE) for n in (20_000, 20_000_000))
    assert many.remaining_low / many.remaining == pytest.approx(few.remaining_low / few.remaining, rel=0.01)
    assert many.remaining_high / many.remaining == pytest.approx(few.remaining_high / few.remaining, rel=0.01)


def test_the_quantiles_are_those_of_the_poisson_distribution():
    sure = maturity.Curve({1: 0.5, 2: 1.0}, {1: 0.0, 2: 0.0}, {}, {}, 1.0, enough=True)
    found = settling.settle([(1, 0, 10.0)], [[(9, 10, 10.0)]], sure)
    assert found.remaining == pytest.approx(10 / 15 * 5)
    assert (found.remaining_low, found.remaining_high) == (1, 6)


def versions(snapshots, *, account_id=1, currency="EUR", skip=()):
    """Daily snapshots that saw 30 days each; a day's 20 conversions arrive over ten days."""
    rows = []
    for made in (START + timedelta(days=30 + n) for n in range(snapshots)):
        for age in range(1, 31):
            day = made - timedelta(days=age)
            if day not in skip:
                rows.append(
                    (f"{made:%Y%m%d}T060000Z", account_id, "WEBSITE_CONVERSION", day, 200.0, min(20, 9 + age), 0)
                )
    names = ("snapshot", "account_id", "objective_type", "date", "cost_in_local_currency")
    late = ("external_website_conversions", "one_click_leads")
    return pl.DataFrame(rows, schema=(*names, *late), orient="row").with_columns(currency=pl.lit(currency))


KEY = (1, "WEBSITE_CONVERSION", "external_website_conversions")


def test_fifteen_daily_snapshots_are_enough_and_fourteen_are_not():
    many = versions(15).with_columns(pl.col("external_website_conversions") * 2)
    assert maturity_rows.curves(many)[KEY].enough
    assert not maturity_rows.curves(many.filter(pl.col("snapshot") < many["snapshot"].max()))[KEY].enough
    assert list(maturity_rows.curves(many)) == [KEY]  # no lead was ever seen


def test_of_two_snapshots_of_a_day_the_newest_counts():
    rows = versions(15)
    older = rows.with_columns(
        pl.col("snapshot").str.replace("T06", "T05"), external_website_conversions=pl.lit(999, pl.Int64)
    )
    assert maturity_rows.curves(pl.concat([older, rows])) == maturity_rows.curves(rows)


def test_rows_do_not_depend_on_their_order_and_pooling_refuses_two_currencies():
    rows = versions(15)
    found = maturity_rows.curves(rows)
    shuffled = rows.sample(fraction=1, shuffle=True, seed=8)
    assert maturity_rows.curves(shuffled) == found
    frame = maturity_rows.maturity_frame(found)
    assert frame.columns == list(maturity_rows.MATURITY)
    assert frame.height == 30
    both = pl.concat([rows, versions(15, account_id=2, currency="USD")])
    with pytest.raises(ValidationError, match="more than one currency"):
        maturity_rows.curves(both, pooled=True)
    assert len(maturity_rows.curves(both)) == 2
    assert list(maturity_rows.curves(rows, pooled=True)) == [(None, *KEY[1:])]


def test_a_week_settles_and_one_unknown_day_gives_no_row():
    rows = versions(15).with_columns(pl.col("external_website_conversions") * 2)
    found = maturity_rows.curves(rows)
    last = START + timedelta(days=43)
    frame = maturity_rows.settling_frame(rows, found, last - timedelta(days=6), last)
    row = frame.row(0, named=True)
    assert frame.columns == list(maturity_rows.SETTLING)
    assert row["results"] == 2 * sum(range(10, 17))
    assert row["results"] + row["remaining"] == pytest.approx(280, rel=0.01)
    shuffled = rows.sample(fraction=1, shuffle=True, seed=8)
    assert maturity_rows.settling_frame(shuffled, found, last - timedelta(days=6), last).equals(frame)
    gap = rows.filter(pl.col("date") != last)
    assert maturity_rows.settling_frame(gap, found, last - timedelta(days=6), last).is_empty()
    assert maturity_rows.settling_frame(rows.clear(), {}, last, last).is_empty()


def test_the_sentences_of_settling():
    curve = maturity.Curve({n: min(1.0, 0.7 + n / 100) for n in range(1, 31)}, {}, {}, {}, 1.0, enough=True)
    base = {"results_so_far": 10, "cost": 1820.0, "maturity": 0.7, "week_variance": 0.1, "remaining": 3.4}
    base |= {"remaining_low": 2, "remaining_high": 4, "settled": 13.4, "cost_per_result": 135.8}
    words = {"singular": "conversion", "plural": "conversions", "currency": "EUR"}
    found = settling.Settling(**base, cost_per_result_now=182.0, cost_per_result_low=128.2, cost_per_result_high=148.9)
    assert maturity_rows.settle_sentence(found, curve, **words) == (
        "After 7 days 77 % of a day's conversions have arrived. Last week's cost per conversion is €182 today and "
        "will most likely settle between €128 and €149."
    )
    still_open = settling.Settling(**base, cost_per_result_now=None, cost_per_result_low=115, cost_per_result_high=None)
    assert maturity_rows.settle_sentence(still_open, curve, **words).endswith(
        "Last week's cost per conversion will most likely be at least €115; no upper limit can be given yet."
    )


def test_not_enough_is_said_with_what_is_there():
    pairs = {**dict.fromkeys(range(1, 30), 11), 30: 0}
    few = maturity.Curve(
        dict.fromkeys(pairs, 1.0), {}, pairs, {**dict.fromkeys(range(1, 30), 9.0), 30: 0}, 1.0, enough=False
    )
    assert maturity_rows.settle_sentence(None, few, singular="conversion", plural="conversions", currency="EUR") == (
        "Too few late conversions were seen to say how many are still to come (12 of 15 daily snapshots, about 9 of "
        "30 conversions at each age). The last 30 days are provisional."
    )
