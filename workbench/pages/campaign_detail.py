"""The pieces about one campaign: a metric by day, all metrics by ISO week, its ads, its changes and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import comparison, formatting
from workbench.pages import detail
from workbench.pages.campaigns import WEEK_FIGURES, figures_of, setting_rows
from workbench.pages.components import messages
from workbench.pages.components.comparison_table import manager_link, remark
from workbench.pages.components.links import Link, about, link
from workbench.pages.components.page_queries import answers
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


def one_campaign_view(one: OneCampaign, choices: Choices, metric: str, chosen: Mapping[str, str]) -> mo.Html:
    """A chart of one metric by day, a table of ISO weeks; ads, changes and settings to unfold.

    Args:
        chosen: what links to other pages carry.
    """
    name = one.settings["name"].item() if one.settings.height else None
    facts: dict[str, Any] = {"currency": one.currency, "objective": one.objective, "name": name}
    ads = _ads(one, choices)
    changed = mo.lazy(lambda: _changes(one, ads, choices))
    shown = {"Ads": _ads_view(ads, one, chosen), "Changes": changed, "Settings": _settings(one)}
    weeks = detail.weeks(one.weeks, choices, one.currency)
    return mo.vstack(
        [_links(one, chosen), *detail.by_day(one.days, choices, metric, **facts), weeks, mo.accordion(shown)]
    )


def _links(one: OneCampaign, chosen: Mapping[str, str]) -> mo.Html:
    """The ways to its campaign, and to this ad set in Campaign Manager."""
    group = one.settings["campaign_group_id"].item() if one.settings.height else None
    named = (one.settings["campaign_group_name"].item() or f"Campaign {group}") if group else ""
    there = about(chosen, campaign_group=group, currency=one.currency)
    up = f"Campaign: {link('overview', named, there)} · " if group else ""
    out = manager_link(comparison.manager(one.account_id, one.campaign_id)).text
    return mo.Html(styled(f'<p class="wb-sub" style="margin:0">{up}In Campaign Manager: {out}</p>'))


def _settings(one: OneCampaign) -> mo.Html:
    settings = setting_rows(one.settings)
    return small_table(settings) if settings else messages.note("LinkedIn does not list this ad set any more.")


def _changes(one: OneCampaign, ads: pl.DataFrame, choices: Choices) -> mo.Html:
    """Which settings of the ad set and its ads changed, and when LinkedIn saw the last change."""
    last = one.settings["last_modified_at"].item() if one.settings.height else None
    dated = [f"LinkedIn dates its last change to {formatting.day(last)}."] if last else []
    things = {"campaign": [one.campaign_id], "creative": ads["creative_id"].to_list()}
    return detail.changes(choices, one.account_id, things, *dated)


def _ads(one: OneCampaign, choices: Choices) -> pl.DataFrame:
    """The ads of one ad set, most money first."""
    (rows,) = answers(choices, "creatives", account_ids=[one.account_id])
    return comparison.compare(rows.filter(pl.col("campaign_id") == one.campaign_id), "creative", one.currency)


def _ads_view(ads: pl.DataFrame, one: OneCampaign, chosen: Mapping[str, str]) -> mo.Html:
    shown: list[Mapping[str, Any]] = [
        {
            "Ad": Link.to("creatives", row["name"], about(chosen, currency=one.currency, ad=row["creative_id"])),
            "Spend": formatting.money(row["cost_in_local_currency"], one.currency),
            "Impressions": formatting.number(row["impressions"]),
            "CTR": formatting.percent(row["ctr"]),
            "Key results": formatting.number(row["key_result"]),
            "Cost per key result": formatting.money(row["cost_per_key_result"], one.currency),
            "Status": row["status_words"],
        }
        for row in ads.iter_rows(named=True)
    ]
    return small_table(shown, numbers=WEEK_FIGURES) if shown else remark("No ad of it was shown in this period.")
