"""The audit of active campaigns as people read it: by kind of finding, and finding by finding. Frames in, rows out.

Every finding shows the value of the field it rests on, and is weighted by spend; sentences stay neutral.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import formatting, wording
from workbench.analytics.comparison import compare, said, unlisted
from workbench.analytics.completeness import never_listed
from workbench.analytics.metrics import sum_or_null
from workbench.analytics.ranked_costs import least_costs

AUDIT_COLUMNS: Mapping[str, str] = {
    "cost_in_local_currency": "Spend in 30 days",
    "finding_words": "Finding",
    "campaign_name": "Ad set",
    "creative_name": "Ad",
    "account_name": "Account",
    "field": "What the field says",
}
AUDIT_FIGURES = frozenset({"Found", "Spend in 30 days"})
_DAYS = 30
_FIELDS = {
    "audience_network": "offsiteDeliveryEnabled",
    "audience_expansion": "audienceExpansionEnabled",
    "maximum_delivery": "optimizationTargetType",
    "serving_hold": "servingStatuses",
    "creative_hold": "servingHoldReasons",
}
"""Finding → the field of LinkedIn's API that it rests on."""


def audit_days(until: date) -> dict[str, date]:
    """The last 30 complete days, whose spend is what is at stake."""
    return {"first_day": until - timedelta(days=_DAYS - 1), "last_day": until}


def audited(audit: pl.DataFrame, currency: str | None, campaigns: pl.DataFrame | None = None) -> pl.DataFrame:
    """The findings of one currency with their titles and the fields they rest on, most money first.

    Args:
        audit: `audit`.
        campaigns: `campaigns` of the same days: what a result of an ad set without one costs at least follows from it.
    """
    least = {} if campaigns is None else least_costs(compare(campaigns, "campaign", currency))
    mine = audit.filter(pl.col("currency").eq_missing(pl.lit(currency)))
    return mine.with_columns(
        said("finding", lambda code: formatting.FINDINGS[code][0]).alias("finding_words"),
        pl.Series("field", [_field(row, least) for row in mine.iter_rows(named=True)], pl.String),
        pl.col("campaign_name").fill_null(unlisted(pl.col("campaign_id"))),
        pl.when(pl.col("creative_id").is_not_null())
        .then(pl.col("creative_name").fill_null("Unnamed"))
        .otherwise(pl.lit("–")),
    )


def audit_summary(findings: pl.DataFrame) -> list[Mapping[str, str]]:
    """A row per kind of finding, most money first: how many, the spend of what they concern, a neutral sentence.

    Kinds overlap, so their spend is never added up.
    """
    key = [pl.col("campaign_id"), pl.col("creative_id")]
    spend = sum_or_null(pl.col("cost_in_local_currency"))
    kinds = findings.unique(["finding", "campaign_id", "creative_id"]).group_by("finding", "currency")
    rows = kinds.agg(pl.struct(key).n_unique().alias("found"), spend).sort(
        ["cost_in_local_currency", "finding"], descending=[True, False]
    )
    return [_summed(row) for row in rows.iter_rows(named=True)]


def audit_remark(findings: pl.DataFrame, accounts: pl.DataFrame, covered: pl.DataFrame, currency: str | None) -> str:
    """What a table of findings cannot say: that there are none, and of which accounts not all could be looked at.

    Args:
        findings: as `audited` leaves them.
        accounts: `accounts`.
        covered: `covered_windows`.
    """
    mine = accounts.filter(pl.col("currency").eq_missing(pl.lit(currency)))
    lacking = never_listed(covered, mine["account_id"].to_list())
    unseen = [
        formatting.account(row["name"], row["account_id"])
        for row in mine.iter_rows(named=True)
        if "campaign" in lacking.get(row["account_id"], ())
    ]
    if unseen:
        so_far = (
            "There may be more ad sets to look at."
            if findings.height
            else "Nothing found among the ad sets that are listed."
        )
        return f"{so_far} Those of {', '.join(unseen)} were never listed completely."
    return "" if findings.height else "Nothing found."


def _summed(row: Mapping[str, Any]) -> Mapping[str, str]:
    title, sentence = formatting.FINDINGS[row["finding"]]
    return {
        "Finding": title,
        "Found": formatting.number(row["found"]),
        "Spend in 30 days": formatting.money(row["cost_in_local_currency"], row["currency"]),
        "What it means": sentence,
    }


def _field(row: Mapping[str, Any], least: Mapping[tuple[int, int], tuple[float, bool]]) -> str:
    finding, value = row["finding"], row["value"]
    if finding == "no_result":
        said = f"{value} = 0"
        if (row["account_id"], row["campaign_id"]) not in least:
            return said
        cost, beyond = least[row["account_id"], row["campaign_id"]]
        chance = "" if beyond else ", as others do: chance may explain it"
        return f"{said}; one costs at least {wording.about_money(cost, row['currency'])}{chance}"
    if finding == "no_end_date":
        return f"totalBudget = {value}, runSchedule.end is not set"
    return f"{_FIELDS[finding]} = {value}"
