"""The pieces about one campaign: a metric by day, all metrics by ISO week, and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import marimo as mo
import polars as pl

from workbench import charts
from workbench.analytics import comparison, formatting
from workbench.analytics.metrics import METRICS, key_result
from workbench.analytics.periods import provisional_from
from workbench.pages.campaigns import WEEK_FIGURES, figures_of, setting_rows, week_rows
from workbench.pages.components import messages
from workbench.pages.components.comparison_table import manager_link, remark
from workbench.pages.components.page_queries import answers, figure, source_words
from workbench.pages.components.selection import Choices
from workbench.pages.components.style import styled
from workbench.pages.components.tables import small_table


@dataclass(frozen=True)
class OneCampaign:
    """One campaign in a period: days and weeks with ratios, and its settings."""

    days: pl.DataFrame
    weeks: pl.DataFrame
    settings: pl.DataFrame
    currency: str | None
    objective: str | None
    account_id: int
    campaign_id: int


def one_campaign(choices: Choices, account_id: int, campaign_id: int) -> OneCampaign:
    """Ask for one campaign's days, weeks and settings; a failure ends the cell."""
    questions = ("campaign_days", "campaign_weeks", "campaign_settings")
    days, weeks, settings = answers(choices, *questions, account_id=account_id, campaign_id=campaign_id)
    account = choices.accounts.filter(pl.col("account_id") == account_id)
    currency = account["currency"].item() if account.height else None
    objective = settings["objective_type"].item() if settings.height else None
    made = figures_of(days, objective), figures_of(weeks, objective)
    return OneCampaign(*made, settings, currency, objective, account_id, campaign_id)


def one_campaign_view(one: OneCampaign, choices: Choices, metric: str) -> mo.Html:
    """A chart of one metric by day, a table of ISO weeks, and the settings to unfold."""
    settings = setting_rows(one.settings)
    shown = small_table(settings) if settings else messages.note("LinkedIn does not list this ad set any more.")
    weeks = small_table(week_rows(one.weeks, choices.period, one.currency), numbers=WEEK_FIGURES)
    details = mo.accordion({"Settings": shown, "Ads": _ads(one, choices)})
    return mo.vstack([_links(one), *_by_day(one, choices, metric), weeks, details])


def _links(one: OneCampaign) -> mo.Html:
    """The way to this ad set in Campaign Manager."""
    address = comparison.manager(one.account_id, one.campaign_id)
    return mo.Html(styled(f'<p class="wb-sub" style="margin:0">In Campaign Manager: {manager_link(address).text}</p>'))


def _ads(one: OneCampaign, choices: Choices) -> mo.Html:
    """The ads of one ad set, most money first."""
    (rows,) = answers(choices, "creatives", account_ids=[one.account_id])
    mine = comparison.compare(rows.filter(pl.col("campaign_id") == one.campaign_id), "creative", one.currency)
    shown: list[Mapping[str, Any]] = [
        {
            "Ad": row["name"],
            "Spend": formatting.money(row["cost_in_local_currency"], one.currency),
            "Impressions": formatting.number(row["impressions"]),
            "CTR": formatting.percent(row["ctr"]),
            "Key results": formatting.number(row["key_result"]),
            "Cost per key result": formatting.money(row["cost_per_key_result"], one.currency),
            "Status": row["status_words"],
        }
        for row in mine.iter_rows(named=True)
    ]
    return small_table(shown, numbers=WEEK_FIGURES) if shown else remark("No ad of it was shown in this period.")


def _by_day(one: OneCampaign, choices: Choices, metric: str) -> list[mo.Html]:
    if one.days.is_empty():
        return [
            messages.note("No figures in this period.", "LinkedIn was asked and reported no activity.", kind="plain")
        ]
    if one.days[metric].is_null().all():
        why = key_result(one.objective).note if metric == "key_result" else "Its denominator is zero on every day."
        return [messages.note(f"{METRICS[metric].label}: {formatting.NOT_AVAILABLE}.", why, kind="plain")]
    fetched = choices.fetched_at
    counted = key_result(one.objective).metric if metric == "key_result" else metric
    first = provisional_from(counted or metric, fetched.date()) if fetched else None
    drawn = charts.daily_trend(one.days, metric, currency=one.currency, provisional_from=first)
    name = one.settings["name"].item() if one.settings.height else None
    chart = figure(drawn, f"{METRICS[metric].label} by day", *filter(None, [name]), source_words(choices, one.currency))
    if first is None or first > choices.period.last:
        return [chart]
    return [chart, remark(f"Hollow from {formatting.day(first)}: LinkedIn may still correct these days.")]
