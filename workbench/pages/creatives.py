"""Rows and texts of the page about ads: names and their source, status and holds in words, weeks, fatigue.

Answers in, frames and finished text out; no widget, no query.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.comparison import compare, said
from workbench.analytics.creative_fatigue import (
    PAGE_WORDS,
    STEADY_SD,
    STEADY_SHARE,
    TIRED_FACTOR,
    TIRED_SD,
    TIRED_SHARE,
)
from workbench.analytics.metrics import add_ratios
from workbench.answers.registry import Found
from workbench.errors import capitalized
from workbench.pages.campaigns import comparison_rows, offered
from workbench.pages.components.footer import facts_of
from workbench.pages.components.selection import Choices
from workbench.pages.components.sentences import of_objectives
from workbench.pages.components.tables import text_table

AD_COLUMNS: Mapping[str, str] = {
    "name": "Ad",
    "campaign_name": "Ad set",
    "cost_in_local_currency": "Spend",
    "impressions": "Impressions",
    "ctr": "CTR",
    "ctr_change": "Change of CTR",
    "key_result": "Key results",
    "cost_per_key_result": "Cost per key result",
    "key_result_label": "Key result is",
    "lp_ctr": "LP CTR",
    "spend_change": "Change of spend",
    "status_words": "Status",
    "serving_words": "Serving",
    "hold_words": "Held back because",
    "review_words": "Review",
    "name_words": "Name is",
    "objective_words": "Objective",
    "account_name": "Account",
    "manager": "Campaign Manager",
}
FATIGUE_COLUMNS: Mapping[str, str] = {
    "verdict": "Verdict",
    "name": "Ad",
    "campaign_name": "Ad set",
    "change": "Change",
    "p_fell": "Fell by over a fifth",
    "rate": "Judged by",
    "early_rate": "Days 1–14",
    "late_rate": "Last 7 days",
    "sentence": "What it lost or kept",
    "early_count": "Counted, days 1–14",
    "late_count": "Counted, last 7 days",
    "early_exposure": "Shown or sent, days 1–14",
    "late_exposure": "Shown or sent, last 7 days",
    "late_cost_in_local_currency": "Spend, last 7 days",
    "starts_from": "Day 1 is",
    "first_day": "Day 1",
}
HOLD_FIGURES = frozenset({"Active ads"})
HOW_FATIGUE_IS_JUDGED = (
    "An ad's last 7 complete days against its own days 1–14, active ads only, by the rate of its objective. Tired: it "
    "fell by more than a fifth with a probability of at least 90 %, and further than the ads of its account and "
    "objective together. Probabilities start from what is usual: "
    f"{formatting.percent(STEADY_SHARE, 0)} of ads move with the others (±{formatting.percent(STEADY_SD, 0)}), "
    f"{formatting.percent(TIRED_SHARE, 0)} fall to about {formatting.percent(TIRED_FACTOR, 0)} "
    f"(spread {formatting.percent(TIRED_SD, 0)}); so few ads are called tired by chance. "
    "For ads older than the first day synced, day 1 is that day."
)
NO_ADS = "No active ad has run for three weeks yet."
WEEKS_SHOWN = 13
FIRST_SYNCED = "the first day synced; it may be older"
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


def ads_by_name(ads: pl.DataFrame) -> dict[str, int]:
    """The entries of the menu of ads: name and id → id, most money first.

    Args:
        ads: as `compare_ads` leaves it.
    """
    return {offered(name, creative): creative for name, creative in ads.select("name", "creative_id").iter_rows()}


def row_of(ads: pl.DataFrame, creative_id: int) -> dict[str, Any]:
    """The row of one ad."""
    return ads.row(by_predicate=pl.col("creative_id") == creative_id, named=True)


def hold_summary(ads: pl.DataFrame) -> list[Mapping[str, str]]:
    """The number of active ads that each reason holds back, most first; an ad with two reasons is in both."""
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


def fatigue_rows(found: Found, currency: str | None) -> pl.DataFrame:
    """The verdict on every active ad of one currency that ran for three weeks, in words; the likeliest fall first.

    Args:
        found: the answer `creative_fatigue`.
    """
    said_of = {(one.account_id, one.entity_id): one.text for one in found.sentences if one.entity_id is not None}
    mine = found.frame.filter(pl.col("currency").eq_missing(pl.lit(currency)))
    weight = pl.col("p_fell").fill_null(0) * pl.col("late_cost_in_local_currency").cast(pl.Float64).fill_null(0)
    ordered = mine.sort(weight, "account_id", "creative_id", descending=[True, False, False])
    keys = ordered.select("account_id", "creative_id").rows()
    return ordered.with_columns(
        pl.Series("sentence", [capitalized(said_of[key]) for key in keys], pl.String),
        (pl.col("verdict") != "too_little").alias("enough"),
        pl.col("verdict").replace_strict(PAGE_WORDS, return_dtype=pl.String),
        pl.col("name").fill_null("Unnamed"),
        pl.when("may_be_older").then(pl.lit(FIRST_SYNCED)).otherwise(pl.lit("its first day")).alias("starts_from"),
    )


def fatigue_summary(found: Found, accounts: pl.DataFrame, currency: str | None) -> list[Mapping[str, str]]:
    """How many ads of each account and objective of one currency are tired, and how often such a call is wrong."""
    return of_objectives(found, accounts, currency, "Tired")


def creatives_text(choices: Choices, creatives: pl.DataFrame, fatigue: Found) -> str:
    """The page's figures in every currency as text, for a terminal or a mail."""
    parts = [_in_currency(choices, creatives, fatigue, currency) for currency in creatives["currency"].unique().sort()]
    facts = facts_of(choices, level="ad", now=datetime.now(UTC))
    return "\n\n".join([*parts, "\n".join(f"{name}: {fact}" for name, fact in facts.items())])


def _in_currency(choices: Choices, creatives: pl.DataFrame, fatigue: Found, currency: str | None) -> str:
    ads, judged = compare_ads(creatives, currency), fatigue_rows(fatigue, currency)
    summary = fatigue_summary(fatigue, choices.accounts, currency)
    verdict_rows = comparison_rows(judged, FATIGUE_COLUMNS, currency)
    return "\n\n".join(
        [
            f"{currency or 'Unknown currency'}\n{text_table(comparison_rows(ads, AD_COLUMNS, currency))}",
            f"Fatigue · {currency}\n{text_table(summary) if summary else NO_ADS}\n\n{text_table(verdict_rows)}",
        ]
    )


def _holds() -> pl.Expr:
    words = pl.col("serving_hold_reasons").list.eval(
        pl.element().map_elements(formatting.words, return_dtype=pl.String, skip_nulls=True)
    )
    return words.list.join(", ").replace("", None).fill_null("–")
