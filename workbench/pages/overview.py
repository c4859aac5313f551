"""The overview below its tiles: the trend by day, results by objective, campaign groups, campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marimo as mo
import polars as pl

from workbench import charts
from workbench.analytics import formatting, metrics
from workbench.analytics.comparison import unlisted
from workbench.analytics.periods import provisional_from
from workbench.answers.registry import Found
from workbench.app_context import current
from workbench.pages.components.comparison_table import remark
from workbench.pages.components.footer import facts_of
from workbench.pages.components.kpi_tiles import Tile, tiles_text
from workbench.pages.components.links import Link, about
from workbench.pages.components.page_queries import figure, source_words
from workbench.pages.components.selection import Choices
from workbench.pages.components.sentences import of_objectives
from workbench.pages.components.tables import text_table

FIGURES = frozenset({"Spend", "Change", "Impressions", "Results", "Cost per result"})

TREND_METRICS = (
    "cost_in_local_currency",
    "cost_in_usd",
    "impressions",
    "clicks",
    "ctr",
    "cpc",
    "cpm",
    "landing_page_clicks",
    "one_click_leads",
    "external_website_conversions",
)
CAMPAIGN_COLUMNS = {
    "name": "Ad set",
    "campaign_group_name": "Campaign",
    "account_name": "Account",
    "status": "Status",
    "objective": "Objective",
    "cost_in_local_currency": "Spend",
    "change": "Change",
    "impressions": "Impressions",
    "clicks": "Clicks",
    "ctr": "CTR",
    "cpc": "CPC",
    "cpm": "CPM",
    "key_result_label": "Key result",
    "key_result": "Results",
    "cost_per_key_result": "Cost per result",
}


def trends(
    choices: Choices, days: pl.DataFrame, account_days: pl.DataFrame, metric: str, currency: str | None
) -> mo.Html:
    """One metric by day, its provisional days hollow.

    Args:
        days: `daily_series`.
        account_days: `daily_series_by_account`.
    """
    fetched = choices.fetched_at
    first = provisional_from(metric, fetched.date()) if fetched else None
    total = charts.daily_trend(of_currency(days, currency), metric, currency=currency, provisional_from=first)
    label, source = metrics.METRICS[metric].label, source_words(choices, currency)
    shown: list[mo.Html] = [figure(total, f"{label} by day", source)]
    if first is not None and first <= choices.period.last:
        shown.append(remark(f"Hollow from {formatting.day(first)}: LinkedIn may still correct these days."))
    accounts = of_currency(account_days, currency)
    if accounts["account_id"].n_unique() > 1:
        shown += [
            remark("By account"),
            figure(charts.trend_by_account(accounts, metric, currency=currency), f"{label} by day and account", source),
        ]
    return mo.vstack(shown)


def objectives(by_objective: pl.DataFrame, currency: str | None) -> list[Mapping[str, str]]:
    """One row per objective of one currency, most money first: the key result and its cost, never across objectives.

    Args:
        by_objective: `kpis_by_objective`.
    """
    mine = by_objective.filter(pl.col("currency").eq_missing(pl.lit(currency)))
    paired = metrics.against_previous(mine, ["currency", "objective_type"])
    rows = metrics.add_key_result(paired).sort("cost_in_local_currency", descending=True)
    return [_objective(row) for row in rows.iter_rows(named=True)]


def campaign_groups(
    groups: pl.DataFrame, currency: str | None, chosen: Mapping[str, str] | None = None
) -> list[Mapping[str, str]]:
    """One row per campaign group of one currency, most money first; results are named, and added up within one kind.

    Args:
        groups: `campaign_groups`, a row per campaign group, objective and period.
        chosen: what links carry; with it names lead to the campaign's ad sets, and a last column to its ads where the
            app has that page.
    """
    mine = groups.filter(pl.col("currency") == currency)
    if mine.is_empty():
        return []
    by = ["account_id", "campaign_group_id"]
    kinds = metrics.add_key_result(mine.filter(pl.col("period") == "current"))
    sums = [name for name in mine.columns if name in metrics.SUMS]
    facts = ["name", "account_name", "currency"]
    totals = mine.group_by([*by, "period"], maintain_order=True).agg(
        pl.col(facts).first(), metrics.sum_or_null(pl.col(sums))
    )
    rows = metrics.against_previous(totals, by).sort("cost_in_local_currency", descending=True)
    return [
        _linked(_group(row, kinds.filter(*_same(row, by)), currency), row, chosen) for row in rows.iter_rows(named=True)
    ]


def drivers(found: Found, accounts: pl.DataFrame, currency: str | None) -> list[Mapping[str, str]]:
    """Why cost per result moved, a sentence for each account and objective of one currency."""
    return of_objectives(found, accounts, currency, "Why its cost per result moved")


def compared_campaigns(campaigns: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """One row per campaign of one currency with ratios, key result and the change of spend, most money first.

    Args:
        campaigns: `campaigns`.
    """
    mine = campaigns.filter(pl.col("currency") == currency)
    paired = metrics.against_previous(mine, ["account_id", "campaign_id"])
    rows = metrics.add_key_result(metrics.add_ratios(paired)).with_columns(
        pl.col("name").fill_null(unlisted(pl.col("campaign_id")))
    )
    spend = "cost_in_local_currency"
    return rows.with_columns(metrics.change(spend, f"previous_{spend}").alias("change")).sort(spend, descending=True)


def of_currency(frame: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """The rows of one currency, with ratios."""
    return metrics.add_ratios(frame.filter(pl.col("currency") == currency))


def overview_text(
    choices: Choices,
    tiles: dict[str, list[Tile]],
    by_objective: pl.DataFrame,
    groups: pl.DataFrame,
    moved: Found,
    said: str,
) -> str:
    """The page's figures as text, for a terminal or a mail.

    Args:
        moved: the answer `drivers`.
        said: what stands below the tiles.
    """
    parts = [tiles_text(tiles), *([said] if said else [])]
    for currency in tiles:
        parts.append(f"{currency}\n{text_table(objectives(by_objective, currency))}")
        parts.append(f"{currency}\n{text_table(campaign_groups(groups, currency))}")
        parts.append(f"{currency}\n{text_table(drivers(moved, choices.accounts, currency))}")
    parts.append("\n".join(f"{name}: {fact}" for name, fact in facts_of(choices, now=datetime.now(UTC)).items()))
    return "\n\n".join(parts)


def _objective(row: dict[str, Any]) -> Mapping[str, str]:
    result = metrics.key_result(row["objective"])
    per = " per 1,000" if result.scale == 1000 else ""
    known = row["cost_per_key_result"] is not None
    return {
        "Objective": formatting.objective_words(row["objective"]) if row["objective"] else "Of ad sets not listed",
        **_spend(row, row["currency"]),
        "Key result": result.label if result.metric else result.note.removesuffix("."),
        "Results": formatting.number(row["key_result"]),
        "Cost per result": formatting.money(row["cost_per_key_result"], row["currency"]) + (per if known else ""),
    }


def _group(row: dict[str, Any], kinds: pl.DataFrame, currency: str | None) -> Mapping[str, str]:
    gone = "Of ad sets not listed" if row["campaign_group_id"] is None else "Unnamed"
    known = kinds.drop_nulls("key_result")
    results = known.group_by("key_result_label", maintain_order=True).agg(pl.col("key_result").sum())
    counted = [
        f"{formatting.number(count)} {label.lower() if count > 1 else label.lower().removesuffix('s')}"
        for label, count in results.iter_rows()
        if count and label != "Impressions"
    ]
    return {
        "Campaign": row["name"] or gone,
        "Account": row["account_name"] or formatting.NOT_AVAILABLE,
        **_spend(row, currency),
        "Impressions": formatting.number(row["impressions"]),
        "Key results": ", ".join(counted) or ("none" if known.height else formatting.NOT_AVAILABLE),
    }


def _linked(line: Mapping[str, str], row: Mapping[str, Any], chosen: Mapping[str, str] | None) -> Mapping[str, str]:
    """The line of a campaign group with its ways down; figures of no campaign group have none."""
    if chosen is None:
        return line
    group, ads = row["campaign_group_id"], "creatives" in current().pages
    if group is None:
        return {**line, "Ads": ""} if ads else line
    there = about(chosen, campaign_group=group, currency=row["currency"])
    named = {**line, "Campaign": Link.to("campaigns", line["Campaign"], there)}
    return {**named, "Ads": Link.to("creatives", "Show ads", there)} if ads else named


def _spend(row: dict[str, Any], currency: str | None) -> Mapping[str, str]:
    spend, before = row["cost_in_local_currency"], row["previous_cost_in_local_currency"]
    moved = float(spend) / float(before) - 1 if before and spend is not None else None
    return {"Spend": formatting.money(spend, currency), "Change": formatting.change(moved)}


def _same(row: dict[str, Any], by: list[str]) -> list[pl.Expr]:
    return [pl.col(name).eq_missing(row[name]) for name in by]
