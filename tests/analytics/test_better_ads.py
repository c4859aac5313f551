"""Which ad is better: common days, verdicts, needed exposure, sentences."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from workbench.analytics import better_ads, creative_comparison
from workbench.analytics.creative_comparison import Arm
from workbench.analytics.shrinkage import Gamma
from workbench.errors import ValidationError

LAST = date(2026, 11, 21)
NAMES = {1: "Robot arm", 2: "Chart", 3: "Cat"}
PRIOR = Gamma(10.0, 2500.0)


def days(rates, *, exposure=1000, count=14, campaign_id=9, last=LAST, currency="EUR"):
    """Even days of ads with these clicks a day."""
    rows = [
        (
            1,
            ad,
            campaign_id,
            last - timedelta(days=n),
            Decimal(50),
            "LEAD_GENERATION",
            float(exposure),
            clicks,
            currency,
        )
        for ad, clicks in rates.items()
        for n in range(count)
    ]
    names = ("account_id", "creative_id", "campaign_id", "date", "cost_in_local_currency", "objective_type")
    return pl.DataFrame(rows, schema=(*names, "exposure", "count", "currency"), orient="row", strict=False)


def compare(frame, **given):
    return better_ads.compare_ads(frame, 9, LAST - timedelta(days=27), LAST, **given)


def test_two_equal_arms_are_each_best_half_of_the_time():
    found = creative_comparison.compare({"a": Arm(9000, 30), "b": Arm(9000, 30)}, PRIOR)
    assert found.arms["a"].p_best == pytest.approx(0.5)
    assert found.leader == "a"
    assert found.verdict == "not_enough"
    assert found.more_cost is None


def test_equal_arms_with_the_needed_exposure_are_too_close():
    found = creative_comparison.compare({"a": Arm(400_000, 1600), "b": Arm(400_000, 1604)}, PRIOR, cpm=50.0)
    assert (found.verdict, found.more, found.more_cost) == ("too_close", 0, 0)


def test_an_arm_with_under_a_tenth_of_the_mean_exposure_is_listed_only():
    found = creative_comparison.compare({"a": Arm(9000, 40), "b": Arm(9000, 30), "c": Arm(500, 9)}, PRIOR)
    assert found.not_compared == ("c",)
    assert list(found.arms) == ["a", "b"]


@pytest.mark.parametrize(
    ("arms", "prior"),
    [
        ({}, PRIOR),
        ({"a": Arm(900, 3)}, PRIOR),
        ({"a": Arm(900, 0), "b": Arm(900, 0)}, PRIOR),
        ({"a": Arm(900, 3), "b": Arm(900, 0)}, None),
        ({"a": Arm(900, 3), "b": Arm(0, 0)}, PRIOR),
    ],
)
def test_too_little(arms, prior):
    found = creative_comparison.compare(arms, prior)
    assert (found.verdict, found.leader, found.arms) == ("too_little", None, {})


def test_arms_do_not_depend_on_their_order():
    arms = {"a": Arm(9000, 40), "b": Arm(7000, 30), "c": Arm(5000, 31)}
    assert creative_comparison.compare(arms, PRIOR) == creative_comparison.compare(dict(reversed(arms.items())), PRIOR)


def test_the_better_ad_is_said_with_how_it_was_delivered():
    frame = days({1: 9.0, 2: 3.0})
    said = better_ads.sentence(compare(frame), NAMES)
    assert said.startswith("On 14 days up to 21 Nov: ‘Robot arm’ is better: over 99 % sure, landing-page CTR 0.")
    assert said.endswith(better_ads.DELIVERED)
    turned = better_ads.sentence(compare(frame, creative_selection="ROUND_ROBIN"), NAMES)
    assert not turned.endswith(better_ads.DELIVERED)


def test_what_knowing_costs_is_said():
    found = compare(days({1: 4.0, 2: 5.0}, count=2))
    said = better_ads.sentence(found, NAMES)
    assert "Not enough data. ‘Chart’ leads with " in said
    assert "more impressions, ≈ €" in said
    assert found.more_cost == pytest.approx(found.more_per_ad * 50 / 1000)


def test_only_days_on_which_two_ads_ran_are_compared():
    frame = pl.concat([days({1: 4.0}), days({2: 5.0}, last=LAST - timedelta(days=10))])
    found = compare(frame)
    assert (found.days, found.first_day, found.last_day) == (4, date(2026, 11, 8), date(2026, 11, 11))
    assert found.ads["exposure"].to_list() == [4000, 4000]
    never = compare(pl.concat([days({1: 4.0}, count=3), days({2: 5.0}, count=3, last=LAST - timedelta(days=10))]))
    assert (never.days, never.verdict) == (0, "too_little")
    assert better_ads.sentence(never, NAMES).startswith("Not enough data: no two ads")


def test_other_ad_sets_give_the_prior_and_are_not_compared():
    found = compare(pl.concat([days({1: 4.0, 2: 5.0}), days({3: 9.0}, campaign_id=8)]))
    assert sorted(found.ads["creative_id"].to_list()) == [1, 2]


def test_rows_do_not_depend_on_their_order_and_an_unknown_day_is_left_out():
    frame = days({1: 4.0, 2: 5.0, 3: 4.5})
    found, shuffled = compare(frame), compare(frame.sample(fraction=1, shuffle=True, seed=3))
    assert_frame_equal(found.ads, shuffled.ads, check_exact=True)
    assert found.ads.columns == list(better_ads.CREATIVE_COMPARISON)
    gap = frame.with_columns(
        pl.when(pl.col("date") == LAST, creative_id=1).then(None).otherwise("count").alias("count")
    )
    one = compare(gap)
    assert one.unknown_days == 1
    assert one.ads.filter(creative_id=1)["exposure"].item() == 13_000


def test_no_rows_and_no_count_say_not_enough():
    none = compare(days({}))
    assert (none.verdict, none.ads.height) == ("too_little", 0)
    assert better_ads.sentence(none, NAMES).startswith("Not enough data")
    assert better_ads.sentence(compare(days({1: 0.0, 2: 0.0})), NAMES).startswith("Not enough data: the ads had no")


def test_two_currencies_accounts_or_objectives_are_refused():
    frame = days({1: 4.0, 2: 5.0})
    for change in ({"currency": "USD"}, {"objective_type": "ENGAGEMENT"}, {"account_id": 2}):
        other = frame.with_columns(**{name: pl.lit(value) for name, value in change.items()})
        with pytest.raises(ValidationError, match="more than one"):
            compare(pl.concat([frame, other], how="vertical_relaxed"))
