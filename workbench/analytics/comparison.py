"""Campaigns and creatives side by side: two periods in one row, key results, trends, who may be compared. Pure polars.

It ranks like with like only: cost per key result within one objective and one currency.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.equal_age import at_equal_age
from workbench.analytics.metrics import add_key_result, add_ratios, against_previous, change
from workbench.analytics.ranked_costs import enough

TOO_LITTLE = "Grey: its own results say less about its cost than what others of its objective cost."

_MANAGER = "https://www.linkedin.com/campaignmanager/accounts/{}/campaigns/{}"
_RATIOS = ("ctr", "lp_ctr", "cpc", "cpm")


def compare(rows: pl.DataFrame, entity: str, currency: str | None, equal: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per campaign or creative of one currency, most money first.

    Args:
        rows: answers of `campaigns` or `creatives`, two periods.
        entity: `campaign` or `creative`.
        equal: `equal_age_results`, with which late results of campaigns are compared; without it they are not.

    Returns:
        Sums, ratios and key results of both periods (`previous_…`), `spend_change`, `cost_change` (per key result),
        `ctr_change`, `enough` (whether its own results say more than what its objective has in common), words for
        codes, and `manager`: the address of the ad set, or of the ad's ad set, in Campaign Manager.
    """
    key = ["account_id", f"{entity}_id"]
    both = at_equal_age(against_previous(rows.filter(pl.col("currency").eq_missing(pl.lit(currency))), key), equal, key)
    figures = add_key_result(add_ratios(both, _RATIOS))
    compared = figures.with_columns(
        change("cost_in_local_currency", "previous_cost_in_local_currency").alias("spend_change"),
        change("cost_per_key_result", "previous_cost_per_key_result").alias("cost_change"),
        change("ctr", "previous_ctr").alias("ctr_change"),
        enough(figures),
        pl.col("name").fill_null(unlisted(pl.col(f"{entity}_id"))),
        said("objective_type", formatting.objective_words).alias("objective_words"),
        said("intended_status" if entity == "creative" else "status", formatting.words).alias("status_words"),
        _counted().alias("key_result_label"),
        pl.format(_MANAGER, "account_id", "campaign_id").alias("manager"),
    )
    return compared.sort(["cost_in_local_currency", "impressions", f"{entity}_id"], descending=[True, True, False])


def manager(account_id: int, campaign_id: int) -> str:
    """The address of an ad set in Campaign Manager."""
    return _MANAGER.format(account_id, campaign_id)


def with_trend(frame: pl.DataFrame, days: pl.DataFrame, *, first: date, last: date) -> pl.DataFrame:
    """`frame` with `trend`: the spend of every day from first to last as text, `0 12.5 3`; no activity is 0.

    Args:
        days: `daily_series_by_campaign`.
    """
    key = ["account_id", "campaign_id"]
    calendar = pl.DataFrame({"date": pl.date_range(first, last, timedelta(1), eager=True)})
    every = days.select(key).unique().join(calendar, how="cross").join(days, on=[*key, "date"], how="left")
    spend = pl.col("cost_in_local_currency").fill_null(0).cast(pl.Float64).round(2)
    trends = (
        every.sort("date").group_by(key).agg(spend.cast(pl.String).str.strip_suffix(".0").str.join(" ").alias("trend"))
    )
    return frame.join(trends, on=key, how="left", maintain_order="left")


def objectives(frame: pl.DataFrame) -> dict[str, str | None]:
    """The objectives within which cost per key result can be compared, words → name, most rows with a cost first."""
    priced = frame.filter(pl.col("cost_per_key_result").is_not_null())
    counted = priced.group_by("objective").len().sort(["len", "objective"], descending=[True, False])
    return {formatting.objective_words(name): name for name in counted["objective"]}


def peers(frame: pl.DataFrame, objective: str | None) -> pl.DataFrame:
    """The rows of one objective that have a cost per key result."""
    return frame.filter(_of(objective), pl.col("cost_per_key_result") > 0)


def _of(objective: str | None) -> pl.Expr:
    """Rows of one objective; of none where none is chosen."""
    return pl.col("objective") == pl.lit(objective, pl.String)


def unlisted(entity_id: pl.Expr) -> pl.Expr:
    """What stands for the name of something that LinkedIn did not list: `Not listed · 512345678`."""
    return pl.format("Not listed · {}", entity_id)


def said(column: str, words: Any) -> pl.Expr:
    """A column of codes in words; unknown is `n/a`."""
    return (
        pl.col(column).map_elements(words, return_dtype=pl.String, skip_nulls=True).fill_null(formatting.NOT_AVAILABLE)
    )


def _counted() -> pl.Expr:
    """What the key result counts, and of how many the cost is; null where none is collected."""
    label, per_thousand = pl.col("key_result_label"), pl.lit(" (cost per 1,000)")
    counted = pl.when(pl.col("objective") == "BRAND_AWARENESS").then(label + per_thousand).otherwise(label)
    return pl.when(pl.col("key_result").is_not_null()).then(counted)
