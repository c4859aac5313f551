"""Rows and texts of the page about ad sets: columns, one ad set's weeks and settings.

Answers in, frames and finished text out; no widget, no query.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.ad_set_setups import targeting
from workbench.analytics.comparison import compare, objectives
from workbench.analytics.equal_age import equal_age_remark
from workbench.analytics.metrics import add_key_result, add_ratios
from workbench.analytics.ranked_costs import placed, ranked_costs, ranking
from workbench.pages.components.comparison_table import words_of
from workbench.pages.components.footer import facts_of
from workbench.pages.components.selection import Choices
from workbench.pages.components.tables import text_table
from workbench.schema.windows import Window

AD_SET_COLUMNS: Mapping[str, str] = {
    "name": "Ad set",
    "trend": "Spend by day",
    "cost_in_local_currency": "Spend",
    "spend_change": "Change of spend",
    "key_result": "Key results",
    "cost_per_key_result": "Cost per key result",
    "cost_change": "Change of cost",
    "key_result_label": "Key result is",
    "impressions": "Impressions",
    "clicks": "Clicks",
    "ctr": "CTR",
    "lp_ctr": "LP CTR",
    "cpc": "CPC",
    "cpm": "CPM",
    "objective_words": "Objective",
    "status_words": "Status",
    "campaign_group_name": "Campaign",
    "account_name": "Account",
    "manager": "Campaign Manager",
}
OPENS_WITH = "28d"
"""The period at first: in seven days most ad sets have too few results to be compared."""
AD_SET_METRICS = ("cost_in_local_currency", "impressions", "clicks", "ctr", "lp_ctr", "cpc", "cpm", "key_result")
WEEK_FIGURES = frozenset(
    {"Spend", "Impressions", "Clicks", "CTR", "LP CTR", "CPC", "CPM", "Key results", "Cost per key result"}
)
RANKING_FIGURES = frozenset(
    {"Cost per key result", "After allowing for chance", "90 %", "Against all", "Key results", "Spend"}
)
_LETTERS = 60
"""Of a name in a terminal."""
_SETTINGS: Mapping[str, str] = {
    "status": "Status",
    "serving_statuses": "Serving",
    "campaign_group_name": "Campaign (API: campaign group)",
    "campaign_group_status": "Status of the campaign",
    "objective_type": "Objective",
    "format": "Format",
    "cost_type": "Cost type",
    "unit_cost": "Bid",
    "daily_budget": "Daily budget",
    "total_budget": "Total budget",
    "optimization_target_type": "Bidding (API: optimization target)",
    "pacing_strategy": "Pacing",
    "creative_selection": "Rotation of ads",
    "offsite_delivery_enabled": "LinkedIn Audience Network",
    "audience_expansion_enabled": "Audience Expansion",
    "run_schedule_start": "Starts",
    "run_schedule_end": "Ends",
    "created_at": "Created",
    "last_modified_at": "Last changed",
}


def ad_sets(compared: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """The entries of the menu of ad sets: name and id → account and campaign, most money first."""
    rows = compared.select("name", "account_id", "campaign_id").iter_rows()
    return {offered(name, campaign): (account, campaign) for name, account, campaign in rows}


def campaign_key(ad_set: tuple[int, int]) -> str:
    """The value of a menu entry in the address bar: the campaign's id, which LinkedIn gives only once."""
    return str(ad_set[1])


def figures_of(rows: pl.DataFrame, objective_type: str | None) -> pl.DataFrame:
    """One campaign's days or weeks with ratios and the key result of its objective."""
    return add_key_result(add_ratios(rows.with_columns(pl.lit(objective_type, pl.String).alias("objective_type"))))


def week_rows(weeks: pl.DataFrame, period: Window, currency: str | None) -> list[Mapping[str, str]]:
    """One campaign's ISO weeks as finished text, newest first; a week that the period cuts is marked.

    Args:
        weeks: `campaign_weeks` as `figures_of` leaves it.
    """
    newest_first = weeks.sort("week", descending=True)
    return [_week(row, period, currency) for row in newest_first.iter_rows(named=True)]


def setting_rows(settings: pl.DataFrame) -> list[Mapping[str, str]]:
    """A campaign's settings in words; what LinkedIn leaves out is `n/a`.

    Args:
        settings: `campaign_settings` of it: one row, or none if LinkedIn never listed it.
    """
    for row in settings.iter_rows(named=True):
        said = [{"Setting": words, "Value": _setting(row, name)} for name, words in _SETTINGS.items()]
        return [*said, {"Setting": "Targeting", "Value": targeting(row["targeting_criteria"])}]
    return []


def campaigns_text(
    choices: Choices,
    campaigns: pl.DataFrame,
    days: pl.DataFrame,
    equal: pl.DataFrame | None,
) -> str:
    """The page's figures in every currency as text, for a terminal or a mail."""
    parts = [_in_currency(campaigns, days, one, equal) for one in campaigns["currency"].unique().sort()]
    facts = facts_of(choices, now=datetime.now(UTC))
    said = [equal_age_remark(equal), "\n".join(f"{name}: {fact}" for name, fact in facts.items())]
    return "\n\n".join([*parts, *filter(None, said)])


def comparison_rows(
    compared: pl.DataFrame, columns: Mapping[str, str], currency: str | None
) -> list[Mapping[str, str]]:
    """A comparison as finished text, without its sparklines; rows with too little data are marked."""
    shown = {name: heading for name, heading in columns.items() if name not in ("trend", "manager")}
    return [
        {heading: _text(name, row[name], currency) for name, heading in shown.items()}
        | {"": "" if row["enough"] else "too little data"}
        for row in compared.iter_rows(named=True)
    ]


def offered(name: str, entity_id: int) -> str:
    """The text of a menu entry: name and id, because names repeat; names of what is not listed hold the id already."""
    return name if name.endswith(f" · {entity_id}") else f"{name} · {entity_id}"


def _in_currency(campaigns: pl.DataFrame, days: pl.DataFrame, currency: str | None, equal: pl.DataFrame | None) -> str:
    compared = compare(campaigns, "campaign", currency, equal)
    rankings = {words: ranked_costs(compared, name, days) for words, name in objectives(compared).items()}
    parts = [
        f"{currency or 'Unknown currency'}\n{text_table(comparison_rows(compared, AD_SET_COLUMNS, currency))}",
        *(_ranking_text(words, currency, ranked) for words, ranked in rankings.items()),
    ]
    return "\n\n".join(parts)


def _ranking_text(words: str, currency: str | None, ranked: pl.DataFrame) -> str:
    rows = ranking(ranked)
    return "\n".join([f"{words} · {currency}: {placed(ranked)}", *([text_table(rows)] if rows else [])])


def _text(name: str, value: Any, currency: str | None) -> str:
    if value is None or isinstance(value, str):
        return (value or formatting.NOT_AVAILABLE)[: None if name == "sentence" else _LETTERS]
    return str(words_of(name, currency)(value))


def _week(row: Mapping[str, Any], period: Window, currency: str | None) -> Mapping[str, str]:
    first, last = row["week"], row["week"] + timedelta(days=6)
    year, week, _ = first.isocalendar()
    cut = first < period.first or last > period.last
    return {
        "ISO week": f"{year}-W{week:02}",
        "Days": formatting.days(max(first, period.first), min(last, period.last)),
        **{AD_SET_COLUMNS[name]: formatting.metric(name, row[name], currency) for name in AD_SET_METRICS},
        "Cost per key result": formatting.money(row["cost_per_key_result"], currency),
        "": "part of a week" if cut else "",
    }


def _setting(row: Mapping[str, Any], name: str) -> str:
    match row[name]:
        case bool(value):
            return "on" if value else "off"
        case Decimal() as amount:
            return formatting.money(amount, row["currency"])
        case list(values):
            return ", ".join(map(formatting.words, values)) or formatting.NOT_AVAILABLE
        case date() as moment:
            return formatting.day(moment)
        case value if name == "objective_type":
            return formatting.objective_words(value)
        case value if name == "campaign_group_name":
            return value or formatting.NOT_AVAILABLE
        case value:
            return formatting.words(value)
