"""Which ads are tired: verdicts, peers, windows, sentences, speed."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from workbench.analytics import creative_fatigue
from workbench.analytics import creative_fatigue_rows as fatigue_rows
from workbench.analytics.creative_fatigue import AdWindows, fatigue
from workbench.errors import ValidationError

LAST = date(2026, 11, 21)


def frame(ads, *, currency="EUR", account_id=1):
    """Ads that began five weeks ago: creative → clicks a day early and late, of 1,000 impressions."""
    rows = []
    for creative_id, (early, late) in ads.items():
        for number in range(35):
            day = LAST - timedelta(days=34 - number)
            clicks = early if number < 28 else late
            rows.append((account_id, "WEBSITE_VISIT", creative_id, day, 1000, clicks, Decimal(20), currency))
    names = ("account_id", "objective_type", "creative_id", "date", "exposure", "count", "cost_in_local_currency")
    types = {"exposure": pl.Float64, "count": pl.Float64, "cost_in_local_currency": pl.Decimal(38, 6)}
    return pl.DataFrame(rows, schema=(*names, "currency"), schema_overrides=types, orient="row")


ADS = {1: (8.0, 2.0), 2: (8.0, 8.0), 3: (6.0, 6.0), 4: (5.0, 4.0)}


def test_a_tired_ad_is_told_from_one_that_holds():
    rows, peers = fatigue_rows.fatigue_rows(frame(ADS), ADS, last_day=LAST)
    verdicts = dict(rows.select("creative_id", "verdict").rows())
    assert verdicts[1] == "tired"
    assert verdicts[2] == "holding"
    assert rows["creative_id"].first() == 1
    assert rows.columns == list(fatigue_rows.CREATIVE_FATIGUE)
    assert peers.to_dicts()[0]["ads"] == 4
    assert peers["common_change"].item() == 0


def test_ads_that_fall_together_are_not_tired():
    given = [AdWindows(240, 56_000, 66, 28_000) for _ in range(12)]
    found = fatigue(given)
    assert found.mu == pytest.approx(-0.6, abs=0.03)
    assert {ad.verdict for ad in found.ads} == {"fell_with_others"}
    alone = fatigue(given[:7])
    assert alone.mu == 0
    assert {ad.verdict for ad in alone.ads} == {"tired"}


def test_windows_without_exposure_or_counts_say_too_little():
    found = fatigue([AdWindows(0, 0, 3, 900), AdWindows(9, 900, 0, 0), AdWindows(0, 900, 0, 900)])
    assert {ad.verdict for ad in found.ads} == {"too_little"}
    assert found.ads[0].p_fell is None
    assert found.ads[1].early_rate == 0.01
    assert fatigue([]).ads == ()


def test_all_late_counts_at_zero_do_not_break_the_common_change():
    found = fatigue([AdWindows(30, 5000, 0, 2500) for _ in range(9)])
    assert found.mu == 0
    assert {ad.verdict for ad in found.ads} == {"tired"}


def test_the_needed_late_impressions_are_the_smallest_hundred_that_would_show_a_fall():
    few = [AdWindows(6, 1500, 1, 300, phi_late=2.0)]
    needed = fatigue(few).ads[0].needed_late
    assert needed is None or needed % 200 == 0
    ad = AdWindows(9, 1500, 1, 300)
    needed = fatigue([ad]).ads[0].needed_late
    assert fatigue([AdWindows(9, 1500, 0, needed)]).ads[0].verdict != "too_little"
    assert fatigue([AdWindows(9, 1500, 0, needed - 100)]).ads[0].verdict == "too_little"


def test_ads_do_not_depend_on_their_order():
    source = random.Random(4)
    given = [AdWindows(source.randrange(80), 9000, source.randrange(30), 4000) for _ in range(30)]
    order = source.sample(range(30), 30)
    found, shuffled = fatigue(given), fatigue([given[n] for n in order])
    assert shuffled.mu == found.mu
    assert list(shuffled.ads) == [found.ads[n] for n in order]


def test_rows_do_not_depend_on_their_order():
    rows = frame(ADS)
    found = fatigue_rows.fatigue_rows(rows, ADS, last_day=LAST)
    shuffled = fatigue_rows.fatigue_rows(rows.sample(fraction=1, shuffle=True, seed=5), ADS, last_day=LAST)
    assert all(one.equals(other) for one, other in zip(found, shuffled, strict=True))


def test_an_unknown_day_is_left_out_of_both_sums_and_counted():
    rows = frame(ADS).with_columns(
        pl.when(pl.col("date") == LAST, creative_id=2).then(None).otherwise("count").alias("count")
    )
    found = fatigue_rows.fatigue_rows(rows, ADS, last_day=LAST)[0].filter(creative_id=2).row(0, named=True)
    assert (found["unknown_days"], found["late_exposure"], found["late_count"]) == (1, 6000, 48)


def test_young_and_inactive_ads_are_left_out():
    rows = frame(ADS)
    young = rows.filter((pl.col("creative_id") != 3) | (pl.col("date") > LAST - timedelta(days=20)))
    assert sorted(fatigue_rows.fatigue_rows(young, [1, 3], last_day=LAST)[0]["creative_id"]) == [1]
    nothing, peers = fatigue_rows.fatigue_rows(rows.clear(), ADS, last_day=LAST)
    assert nothing.is_empty()
    assert peers.is_empty()
    assert fatigue_rows.summary_sentence(nothing, 0.0) == fatigue_rows.NO_ADS


def test_two_currencies_are_refused_and_two_accounts_are_not():
    both = pl.concat([frame(ADS), frame({9: (8.0, 2.0)}, account_id=2)])
    assert fatigue_rows.fatigue_rows(both, [*ADS, 9], last_day=LAST)[1]["account_id"].to_list() == [1, 2]
    with pytest.raises(ValidationError, match="more than one currency"):
        fatigue_rows.fatigue_rows(pl.concat([frame(ADS), frame(ADS, currency="USD")]), ADS, last_day=LAST)


def test_sentences():
    words = {"rate": "landing-page CTR", "noun": "click", "exposure": "impressions"}
    rows, _ = fatigue_rows.fatigue_rows(frame(ADS), ADS, last_day=LAST)
    assert fatigue_rows.summary_sentence(rows, -0.06) == (
        "1 of 4 active ads is tired, 0 probably; about 1 in 10 of such calls is wrong. "
        "All ads together changed by −6 %."
    )
    assert fatigue_rows.summary_sentence(rows, -0.25).endswith(
        "The ads fell together by 25 %: look at season, audience and bids before the ads."
    )
    row = {"verdict": "tired", "change": -0.534, "change_low": -0.664, "change_high": -0.348, "needed_late": None}
    assert fatigue_rows.ad_sentence(row, **words) == "lost 53 % (35–66 %) of its landing-page CTR."
    few = {"verdict": "too_little", "needed_late": 1600}
    assert fatigue_rows.ad_sentence(few, **words) == (
        "Even a week without a single click would not prove a fall: it needs about 1,600 impressions a week."
    )
    assert fatigue_rows.ad_sentence({"verdict": "too_little", "needed_late": None}, **words) == (
        "Its first two weeks had too few clicks ever to show a fall."
    )
    little = rows.with_columns(verdict=pl.lit("too_little"))
    assert fatigue_rows.summary_sentence(little, 0.0).startswith("Not enough data: none of the 4 active ads")


def test_every_verdict_has_a_word_for_the_page():
    assert set(creative_fatigue.PAGE_WORDS) == set(creative_fatigue.VERDICTS)


def test_three_hundred_ads_take_seconds_at_most():
    source = random.Random(6)
    given = [AdWindows(source.randrange(60), 9000, source.randrange(20), 4000) for _ in range(300)]
    started = time.process_time()
    fatigue(given)
    assert time.process_time() - started < 10
