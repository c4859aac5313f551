"""Rows and texts of the page about ads: names and their source, status and holds in words, weeks, fatigue.

Answers in, frames and finished text out; no widget, no query.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.ad_fatigue import VERDICTS, verdicts
from workbench.analytics.comparison import compare, said
from workbench.analytics.metrics import add_ratios
from workbench.pages.campaigns import comparison_rows
from workbench.pages.components.footer import facts_of
from workbench.pages.components.selection import Choices
from workbench.pages.components.tables import text_table

AD_COLUMNS: Mapping[str, str] = {
    "name": "Ad",
    "cost_in_local_currency": "Spend",
    "impressions": "Impressions",
    "lp_ctr": "LP CTR",
    "lp_ctr_change": "Change of LP CTR",
    "key_result": "Key results",
    "cost_per_key_result": "Cost per key result",
    "key_result_label": "Key result is",
    "spend_change": "Change of spend",
    "status_words": "Status",
    "serving_words": "Serving",
    "hold_words": "Held back because",
    "review_words": "Review",
    "name_words": "Name is",
    "campaign_name": "Ad set",
    "objective_words": "Objective",
    "account_name": "Account",
}
FATIGUE_COLUMNS: Mapping[str, str] = {
    "verdict": "Verdict",
    "name": "Ad",
    "reason": "Its LP CTR",
    "early_lp_ctr": "Days 1–14",
    "late_lp_ctr": "Last 7 days",
    "change": "Change",
    "early_landing_page_clicks": "LP clicks, days 1–14",
    "late_landing_page_clicks": "LP clicks, last 7 days",
    "early_impressions": "Impressions, days 1–14",
    "late_impressions": "Impressions, last 7 days",
    "late_cost_in_local_currency": "Spend, last 7 days",
    "campaign_name": "Ad set",
    "starts_from": "Day 1 is",
    "first_day": "Day 1",
}
HOLD_FIGURES = frozenset({"Active ads"})
HOW_FATIGUE_IS_JUDGED = (
    "An ad's last 7 complete days against its own days 1–14, active ads only, 1,000 impressions needed in each. "
    "Tired: its landing-page CTR fell by more than a fifth with a probability of at least 90 %, ad by ad: "
    "among many ads, a few are called tired by chance. For ads older than the first day synced, day 1 is that day."
)
WEEKS_SHOWN = 13
FIRST_SYNCED = "the first day synced; it may be older"
_MAY_BE_OLDER = "may have begun before the first day synced"
_NAME_LETTERS = 18
_NAME_SOURCES = {
    "name": "its own",
    "headline": "its headline",
    "post": "the post's text",
    "fallback": "made from its id: LinkedIn gives none",
}


def compare_ads(rows: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """One row per ad of one currency, most money first, with its status and holds in words.

    Args:
        rows: `creatives`.
    """
    return compare(rows, "creative", currency).with_columns(
        said("name_source", lambda source: _NAME_SOURCES.get(source, formatting.words(source))).alias("name_words"),
        said("is_serving", lambda serving: "yes" if serving else "no").alias("serving_words"),
        _holds().alias("hold_words"),
        said("review_status", formatting.words).alias("review_words"),
    )


def hold_summary(ads: pl.DataFrame) -> list[Mapping[str, str]]:
    """How many active ads each reason holds back, most first; an ad with two reasons is in both."""
    held = ads.filter(pl.col("intended_status") == "ACTIVE").select("creative_id", "serving_hold_reasons")
    reasons = held.explode("serving_hold_reasons", empty_as_null=True).drop_nulls("serving_hold_reasons")
    counts = (
        reasons.group_by("serving_hold_reasons").len().sort(["len", "serving_hold_reasons"], descending=[True, False])
    )
    return [
        {"Held back because": formatting.words(why), "Active ads": formatting.number(n)}
        for why, n in counts.iter_rows()
    ]


def weeks_of(weeks: pl.DataFrame, ads: pl.DataFrame) -> pl.DataFrame:
    """The ISO weeks of the ads of one currency, with ratios; names cut to what fits above a small chart.

    Args:
        weeks: `creative_weeks`.
        ads: as `compare_ads` leaves it.
    """
    mine = weeks.join(ads.select("account_id", "creative_id"), on=["account_id", "creative_id"], how="semi")
    long, cut = pl.col("name").str.len_chars() > _NAME_LETTERS, pl.col("name").str.slice(0, _NAME_LETTERS - 1) + "…"
    return add_ratios(mine.with_columns(pl.when(long).then(cut).otherwise(pl.col("name")).alias("name")))


def week_days(until: date) -> dict[str, date]:
    """The last 13 whole ISO weeks, however short the chosen period is: a trend by week needs weeks."""
    last_sunday = until - timedelta(days=(until.weekday() + 1) % 7)
    return {"first_day": last_sunday - timedelta(days=7 * WEEKS_SHOWN - 1), "last_day": last_sunday}


def tired(fatigue: pl.DataFrame, accounts: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """The verdict on every active ad of one currency that ran long enough to have one, and what it starts from.

    An ad that was already active on the first day ever synced may be older: its days 1–14 are then not its first.

    Args:
        fatigue: `creative_fatigue`.
        accounts: `accounts`, whose `first_day` is the first one synced.
    """
    mine = fatigue.filter(pl.col("currency").eq_missing(pl.lit(currency)))
    synced = accounts.select("account_id", pl.col("first_day").alias("synced_from"))
    judged = verdicts(mine.join(synced, on="account_id", how="left"))
    cut = (pl.col("first_day") <= pl.col("synced_from")).fill_null(value=True)
    return judged.with_columns(
        (pl.col("verdict") != "Too little data").alias("enough"),
        pl.col("verdict").cast(pl.String),
        pl.when(cut).then(pl.lit(FIRST_SYNCED)).otherwise(pl.lit("its first day")).alias("starts_from"),
    )


def tired_sentence(judged: pl.DataFrame) -> str:
    """The verdicts counted, as in `3 tired (1 of them …), 10 holding, 4 unclear, 20 with too little data`."""
    counts = dict(judged.group_by("verdict").len().iter_rows())
    cut = judged.filter(pl.col("verdict") == "Tired", pl.col("starts_from") == FIRST_SYNCED).height
    words = {"Too little data": "with too little data", "Tired": f"tired ({cut} of them {_MAY_BE_OLDER})"}
    words = words if cut else {**words, "Tired": "tired"}
    parts = [f"{counts[verdict]} {words.get(verdict, verdict.lower())}" for verdict in VERDICTS if verdict in counts]
    return f"{', '.join(parts)}." if parts else "No active ad has run for three weeks yet."


def creatives_text(choices: Choices, creatives: pl.DataFrame, fatigue: pl.DataFrame) -> str:
    """The page's figures in every currency as text, for a terminal or a mail."""
    parts = [_in_currency(choices, creatives, fatigue, currency) for currency in creatives["currency"].unique().sort()]
    facts = facts_of(choices, level="ad", now=datetime.now(UTC))
    return "\n\n".join([*parts, "\n".join(f"{name}: {fact}" for name, fact in facts.items())])


def _in_currency(choices: Choices, creatives: pl.DataFrame, fatigue: pl.DataFrame, currency: str | None) -> str:
    ads, judged = compare_ads(creatives, currency), tired(fatigue, choices.accounts, currency)
    verdict_rows = comparison_rows(judged, FATIGUE_COLUMNS, currency)
    return "\n\n".join(
        [
            f"{currency or 'Unknown currency'}\n{text_table(comparison_rows(ads, AD_COLUMNS, currency))}",
            f"Fatigue · {currency}: {tired_sentence(judged)}\n{text_table(verdict_rows)}",
        ]
    )


def _holds() -> pl.Expr:
    words = pl.col("serving_hold_reasons").list.eval(
        pl.element().map_elements(formatting.words, return_dtype=pl.String, skip_nulls=True)
    )
    return words.list.join(", ").replace("", None).fill_null("–")
