"""The days of ad sets and ads with what their objective counts, as the methods take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from workbench.analytics.ad_rates import MESSAGE_TYPE
from workbench.analytics.ad_rates import creative_days as rated_days
from workbench.analytics.metrics import SUMS, key_result
from workbench.answers.inputs import Asker, Known, dense, known, wanted
from workbench.schema.resources import CAMPAIGN_DAYS, CREATIVE_DAYS

SPEND = "cost_in_local_currency"
_RATED = (
    SPEND,
    "impressions",
    "clicks",
    "landing_page_clicks",
    "total_engagements",
    "one_click_lead_form_opens",
    "opens",
    "sends",
)


def campaign_days(
    ask: Asker, values: Mapping[str, Any], *, last_day: date | None = None, figures: Sequence[str] = tuple(SUMS)
) -> tuple[Known, pl.DataFrame]:
    """The known days, and one row per ad set and day with its settings and figures.

    Args:
        values: account_ids and, where the answer has it, objective_type.

    Returns:
        account_id, campaign_id, date, age, the columns of `campaign_budgets`, `figures` and results (of the ad set's
        objective, in one spelling); figures are null on unknown days. Ad sets that are not listed are left out.
    """
    days = known(ask, values["account_ids"], CAMPAIGN_DAYS, last_day)
    settings = wanted(ask("campaign_budgets", account_ids=values["account_ids"]), values.get("objective_type"))
    rows = ask("campaign_day_figures", account_ids=values["account_ids"], last_day=days.last_day)
    made = dense(rows, days, "campaign_id", figures).join(settings, on=["account_id", "campaign_id"], how="inner")
    return days, made.with_columns(_results(made).alias("results"))


def rated_creative_days(
    ask: Asker, values: Mapping[str, Any], *, last_day: date | None = None
) -> tuple[Known, pl.DataFrame, pl.DataFrame]:
    """The known days of the creative resource, the rated days of ads, and the ads with their ad sets' settings.

    Returns:
        The days: account_id, creative_id, campaign_id, date, cost_in_local_currency, objective_type, exposure, count
        (null on unknown days), message (whether the rate is of messages), currency.
    """
    days = known(ask, values["account_ids"], CREATIVE_DAYS, last_day)
    settings = wanted(ask("campaign_budgets", account_ids=values["account_ids"]), values.get("objective_type"))
    ads = ask("creative_settings", account_ids=values["account_ids"])
    facts = settings.select("account_id", "campaign_id", "objective_type", "type", "currency")
    rows = ask("creative_days", account_ids=values["account_ids"], last_day=days.last_day)
    filled = dense(rows, days, "creative_id", _RATED)
    keyed = filled.join(ads.select("account_id", "creative_id", "campaign_id"), on=["account_id", "creative_id"])
    full = keyed.join(facts, on=["account_id", "campaign_id"])
    rated = []
    for message in (False, True):
        mine = full.filter(pl.col("type").eq_missing(MESSAGE_TYPE) == message)
        currency = mine.select("account_id", "creative_id", "currency").unique()
        made = rated_days(mine).with_columns(pl.lit(message).alias("message"))
        rated.append(made.join(currency, on=["account_id", "creative_id"], how="left"))
    known_ads = ads.join(settings, on=["account_id", "campaign_id"], how="left", suffix="_of_campaign")
    return days, pl.concat(rated).sort("account_id", "creative_id", "date"), known_ads


def result_words(objective_type: str | None) -> tuple[str, str]:
    """What an objective counts, in lower case: one of them, and several."""
    plural = key_result(objective_type).label.lower()
    return plural.removesuffix("s"), plural


def _results(frame: pl.DataFrame) -> pl.Expr:
    """The figure that the row's objective counts; null where none is collected."""
    result = pl.lit(None, dtype=pl.Int64)
    for name in frame["objective_type"].unique().to_list():
        metric = key_result(name).metric
        if name is not None and metric is not None and metric in frame.columns:
            result = pl.when(pl.col("objective_type") == name).then(pl.col(metric)).otherwise(result)
    return result
