"""The pieces about one ad: what it says, a metric by day, ISO weeks, its changes and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import comparison, formatting
from workbench.analytics.formatting import text
from workbench.analytics.metrics import SUMS, sum_or_null
from workbench.pages import detail
from workbench.pages.campaigns import figures_of
from workbench.pages.components.comparison_table import manager_link
from workbench.pages.components.links import about, link
from workbench.pages.components.page_queries import answers
from workbench.pages.components.selection import Choices
from workbench.pages.components.style import styled
from workbench.pages.components.tables import small_table

_CONTENT = {"introductory_text": "Text", "headline": "Headline", "landing_page": "Leads to", "lead_form_name": "Form"}
_SETTINGS = {
    "status_words": "Status",
    "serving_words": "Serving",
    "hold_words": "Held back because",
    "review_words": "Review",
    "name_words": "Name is",
    "objective_words": "Objective of its ad set",
}


@dataclass(frozen=True)
class OneAd:
    """One ad in a period: its row of `compare_ads`, its content if LinkedIn listed it, days and weeks with ratios."""

    row: Mapping[str, Any]
    content: Mapping[str, Any]
    days: pl.DataFrame
    weeks: pl.DataFrame


def one_ad(choices: Choices, row: Mapping[str, Any]) -> OneAd:
    """Ask for one ad's days and content; a failure ends the cell.

    Args:
        row: of `compare_ads`.
    """
    creative_id = row["creative_id"]
    days, contents = answers(
        choices, "creative_days", "ad_content", account_ids=[row["account_id"]], creative_id=creative_id
    )
    content = contents.filter(pl.col("creative_id") == creative_id).to_dicts()
    made = (figures_of(frame, row["objective_type"]) for frame in (days, _weeks(days)))
    return OneAd(row, content[0] if content else {}, *made)


def one_ad_view(one: OneAd, choices: Choices, metric: str, chosen: Mapping[str, str]) -> mo.Html:
    """What the ad says, a chart of one metric by day, a table of ISO weeks; changes and settings to unfold.

    Args:
        chosen: what links to other pages carry.
    """
    row = one.row
    facts = {"currency": row["currency"], "objective": row["objective_type"], "name": row["name"]}
    things = {"creative": [row["creative_id"]]}
    changed = mo.lazy(lambda: detail.changes(choices, row["account_id"], things, *_since(row)))
    return mo.vstack(
        [
            _head(one, chosen),
            *detail.by_day(one.days, choices, metric, **facts),
            detail.weeks(one.weeks, choices, row["currency"]),
            mo.accordion({"Changes": changed, "Settings": small_table(_settings(row))}),
        ]
    )


def _head(one: OneAd, chosen: Mapping[str, str]) -> mo.Html:
    """What the ad says and where it leads, and the ways to its ad set."""
    row, campaign_id = one.row, one.row["campaign_id"]
    lines = [
        f'<p style="margin:0;max-width:72ch"><span class="wb-sub">{label}</span> {text(one.content[name])}</p>'
        for name, label in _CONTENT.items()
        if one.content.get(name)
    ]
    way = ""
    if campaign_id is not None:
        named = row["campaign_name"] or f"Ad set {campaign_id}"
        up = link("campaigns", named, about(chosen, currency=row["currency"], ad_set=campaign_id))
        out = manager_link(comparison.manager(row["account_id"], campaign_id)).text
        way = f'<p class="wb-sub" style="margin:0">Ad set: {up} · In Campaign Manager: {out}</p>'
    return mo.Html(styled(way + "".join(lines)))


def _since(row: Mapping[str, Any]) -> list[str]:
    return [f"Created {formatting.day(row['created_at'])}."] if row.get("created_at") else []


def _settings(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [{"Setting": words, "Value": row[name]} for name, words in _SETTINGS.items()]


def _weeks(days: pl.DataFrame) -> pl.DataFrame:
    """The days added up by ISO week, which its Monday names."""
    sums = [name for name in days.columns if name in SUMS]
    by_week = days.group_by(pl.col("date").dt.truncate("1w").alias("week"), maintain_order=True)
    return by_week.agg(sum_or_null(pl.col(sums)))
