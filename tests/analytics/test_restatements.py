"""What LinkedIn restated: kinds, residue, coverage; weeks then and now; the sentences."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from workbench.analytics import restated_weeks, restatements
from workbench.analytics.metrics import SUMS
from workbench.errors import ValidationError

BEFORE, AFTER = date(2026, 11, 16), date(2026, 11, 22)
CAMPAIGNS = pl.DataFrame(
    {
        "account_id": [1, 1],
        "campaign_id": [10, 11],
        "objective_type": ["LEAD_GENERATION", "LEAD_GENERATION"],
        "currency": ["EUR", "EUR"],
    }
)


def state(*rows):
    """Rows of (campaign_id, date, spend, leads)."""
    figures = {name: [0] * len(rows) for name in SUMS if name not in ("cost_in_local_currency", "one_click_leads")}
    return pl.DataFrame(
        {
            "account_id": [1] * len(rows),
            "campaign_id": [row[0] for row in rows],
            "date": [row[1] for row in rows],
            "cost_in_local_currency": [Decimal(row[2]) for row in rows],
            "one_click_leads": [row[3] for row in rows],
            **figures,
        },
        schema_overrides={
            "account_id": pl.Int64,
            "campaign_id": pl.Int64,
            "date": pl.Date,
            "cost_in_local_currency": pl.Decimal(38, 18),
        },
    )


def covered(first, last, made, *, without=()):
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    kept = [day for day in days if day not in without]
    return pl.DataFrame(
        {"account_id": [1] * len(kept), "date": kept, "age": [(made - day).days for day in kept]},
        schema={"account_id": pl.Int64, "date": pl.Date, "age": pl.Int64},
    )


EARLIER = covered(date(2026, 11, 1), BEFORE, BEFORE)
LATER = covered(date(2026, 11, 1), AFTER, AFTER)


def changes(before, after, earlier=EARLIER, later=LATER):
    return restatements.restatements(before, after, earlier, later, before_day=BEFORE)


def test_residue_of_money_is_no_restatement_and_half_a_cent_is():
    day = date(2026, 11, 3)
    assert changes(state((10, day, "50", 1)), state((10, day, "50.004", 1))).is_empty()
    assert changes(state((10, day, "50", 1)), state((10, day, "50.005", 1)))["delta"].to_list() == [Decimal("0.005")]


def test_a_day_whose_deciding_fetch_was_too_early_is_finished_not_restated():
    day = date(2026, 11, 10)
    young = EARLIER.with_columns(pl.when(pl.col("date") == day).then(0).otherwise(pl.col("age")).alias("age"))
    assert changes(state((10, day, "5", 0)), state((10, day, "9", 0)), young)["kind"].to_list() == ["finished"]


def test_a_row_on_a_day_that_the_later_state_does_not_cover_is_not_spoken_of():
    day = date(2026, 11, 10)
    assert changes(state((10, day, "5", 0)), state(), EARLIER, covered(BEFORE, AFTER, AFTER)).is_empty()


def test_the_order_of_rows_does_not_matter():
    rows = [(10, date(2026, 11, 1) + timedelta(days=n), str(n), n % 3) for n in range(20)]
    later = [(c, day, str(Decimal(spend) + 1), leads + 1) for c, day, spend, leads in rows]
    shuffled = random.Random(3).sample(later, len(later))
    assert_frame_equal(changes(state(*rows), state(*later)), changes(state(*reversed(rows)), state(*shuffled)))


def test_no_rows_make_no_restatement():
    found = changes(state(), state())
    assert dict(found.schema) == dict(restatements.RESTATEMENTS)
    assert found.is_empty()


def test_the_sentence_counts_what_was_truly_restated():
    day = date(2026, 11, 3)
    found = changes(
        state((10, day, "500", 1), (11, day, "40", 2), (10, BEFORE, "1", 0)),
        state((10, day, "288", 4), (11, day, "40", 1), (10, BEFORE, "90", 5)),
    )
    assert restatements.sentence(found, before_day=BEFORE, after_day=AFTER) == (
        "Since 16 Nov, 2 leads arrived for days already reported (1 day, oldest 19 days old), and spend moved by −212."
    )
    euros = CAMPAIGNS.select("account_id", "currency")
    assert "−€212" in restatements.sentence(found, before_day=BEFORE, after_day=AFTER, currencies=euros)


def test_nothing_restated_is_said():
    found = changes(state((10, BEFORE, "1", 0)), state((10, BEFORE, "90", 5)))
    assert restatements.sentence(found, before_day=BEFORE, after_day=AFTER) == (
        "Nothing LinkedIn had reported by 16 Nov has changed."
    )


def test_the_sentence_refuses_two_currencies():
    day = date(2026, 11, 3)
    one = changes(state((10, day, "500", 1)), state((10, day, "400", 1)))
    two = pl.concat([one, one.with_columns(account_id=pl.lit(2, pl.Int64))])
    currencies = pl.DataFrame({"account_id": [1, 2], "currency": ["EUR", "USD"]})
    with pytest.raises(ValidationError, match="more than one currency"):
        restatements.sentence(two, before_day=BEFORE, after_day=AFTER, currencies=currencies)


def test_ranked_puts_most_money_first():
    day = date(2026, 11, 3)
    found = changes(state((10, day, "500", 1), (11, day, "40", 2)), state((10, day, "501", 9), (11, day, "20", 2)))
    rows = restatements.ranked(found, ["one_click_leads"]).to_dicts()
    assert [(row["campaign_id"], row["spend_delta"], row["results_delta"]) for row in rows] == [
        (11, Decimal(-20), Decimal(0)),
        (10, Decimal(1), Decimal(8)),
    ]


def test_weeks_then_and_now_and_their_sentence():
    week = (date(2026, 11, 9), date(2026, 11, 15))
    before, after = state((10, week[0], "296", 2), (11, week[1], "0", 0)), state((10, week[0], "242", 2))
    found = restated_weeks.restated_weeks(before, after, EARLIER, LATER, CAMPAIGNS, [week])
    assert found.to_dicts() == [
        {
            "account_id": 1,
            "currency": "EUR",
            "objective_type": "LEAD_GENERATION",
            "week": week[0],
            "last_day": week[1],
            "spend_before": Decimal(296),
            "spend_after": Decimal(242),
            "results_before": 2,
            "results_after": 2,
            "cost_per_result_before": 148.0,
            "cost_per_result_after": 121.0,
        }
    ]
    assert restated_weeks.sentence(found, label="lead") == "Cost per lead of 9–15 Nov: €148 then, €121 now."


def test_a_week_with_an_unknown_day_is_null_not_less():
    week = (date(2026, 11, 9), date(2026, 11, 15))
    rows = state((10, week[0], "296", 2))
    gap = covered(date(2026, 11, 1), BEFORE, BEFORE, without=[date(2026, 11, 12)])
    row = restated_weeks.restated_weeks(rows, rows, gap, LATER, CAMPAIGNS, [week]).row(0, named=True)
    assert (row["spend_before"], row["results_before"], row["spend_after"]) == (None, None, Decimal(296))


def test_currencies_keep_their_own_weeks():
    week = (date(2026, 11, 9), date(2026, 11, 15))
    one = state((10, week[0], "100", 2))
    both = pl.concat([one, one.with_columns(account_id=pl.lit(2, pl.Int64))])
    campaigns = pl.concat([CAMPAIGNS, CAMPAIGNS.with_columns(account_id=pl.lit(2, pl.Int64), currency=pl.lit("USD"))])
    ages = [pl.concat([c, c.with_columns(account_id=pl.lit(2, pl.Int64))]) for c in (EARLIER, LATER)]
    found = restated_weeks.restated_weeks(both, both, *ages, campaigns, [week])
    assert found.select("account_id", "currency").rows() == [(1, "EUR"), (2, "USD")]
    with pytest.raises(ValidationError, match="several accounts"):
        restated_weeks.sentence(found, label="lead")


def test_the_last_four_complete_weeks():
    weeks = restated_weeks.complete_weeks(date(2026, 11, 21))
    assert weeks[-1] == (date(2026, 11, 9), date(2026, 11, 15))
    assert len(weeks) == 4
    assert restated_weeks.complete_weeks(date(2026, 11, 22), 1) == [(date(2026, 11, 16), date(2026, 11, 22))]
