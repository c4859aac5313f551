"""What a creative delivers on a day: computed from seed, plan and day, never stored; any day can be asked.

The figures are those of a settled day. How much of them is visible yet is for the world to say.
"""

from __future__ import annotations

import random
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from workbench.sandbox.world.currencies import whole
from workbench.sandbox.world.model import UNITS, MetricsRow

MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a creative delivers. Days are proleptic ordinals; rates are parts per million."""

    first: int
    last: int
    impressions: int
    click_rate: int
    cost_per_mille: int
    cost_per_click: int
    weekend: int
    idle: int
    fatigue_days: int
    engagement_rate: int
    lead_rate: int = 0
    conversion_rate: int = 0
    view_conversion_rate: int = 0
    conversion_value: int = 0
    landing_share: int = 700_000
    message: bool = False
    whole_money: bool = False
    usd_per_million: int = 1_000_000


def month_rows(plan: Plan, seed: str, year: int, month: int) -> dict[int, MetricsRow]:
    """Rows by day (ordinal) of one month; a day without delivery has none."""
    first = date(year, month, 1).toordinal()
    days = monthrange(year, month)[1]
    if plan.last < first or plan.first >= first + days:
        return {}
    draw = random.Random(f"{seed}:{year}:{month}").random
    rows = {}
    for day in range(first, first + days):
        noise = [draw() for _ in range(7)]  # drawn for every day, so that no day depends on another's being active
        if plan.first <= day <= plan.last and noise[0] * 100 >= plan.idle:
            row = _day(plan, day, noise)
            if row.impressions:
                rows[day] = row
    return rows


def _day(plan: Plan, day: int, noise: list[float]) -> MetricsRow:
    """One settled day; `noise` rounds expectations up or down, so small figures keep their average."""
    fresh = max(0.35, 1 - (day - plan.first) / plan.fatigue_days)
    weekday = plan.weekend / 100 if day % 7 in (6, 0) else 1.0  # ordinal 1 was a Monday
    impressions = int(plan.impressions * fresh * weekday * (0.75 + noise[1] / 2))
    clicks = int(impressions * plan.click_rate * fresh * (0.7 + 0.6 * noise[2]) / MILLION + noise[3])
    cost = impressions * plan.cost_per_mille // 1000 + clicks * plan.cost_per_click
    if plan.whole_money:
        cost -= cost % UNITS
    likes = int(impressions * plan.engagement_rate / MILLION + noise[4])
    comments, shares, follows = likes // 9, likes // 7, clicks // 14
    form_opens = min(clicks, int(clicks * 3 * plan.lead_rate / MILLION + noise[5])) if plan.lead_rate else 0
    leads = int(form_opens * 0.3 + noise[6])
    by_click = min(clicks, int(clicks * plan.conversion_rate / MILLION + noise[5])) if plan.conversion_rate else 0
    by_view = int(impressions * plan.view_conversion_rate / MILLION + noise[6] / 2) if plan.conversion_rate else 0
    sends = impressions if plan.message else 0
    return MetricsRow(
        impressions=impressions,
        clicks=clicks,
        cost_in_local_currency=cost,
        cost_in_usd=cost * plan.usd_per_million // MILLION,
        landing_page_clicks=clicks * plan.landing_share // MILLION,
        total_engagements=clicks + likes + comments + shares + follows,
        likes=likes,
        comments=comments,
        shares=shares,
        follows=follows,
        one_click_leads=min(leads, form_opens),
        one_click_lead_form_opens=form_opens,
        external_website_conversions=by_click + by_view,
        external_website_post_click_conversions=by_click,
        external_website_post_view_conversions=by_view,
        conversion_value_in_local_currency=(by_click + by_view) * plan.conversion_value,
        opens=int(sends * (0.45 + noise[4] / 5)),
        sends=sends,
    )


def reported(row: MetricsRow, percent: int, whole_money: bool) -> MetricsRow:
    """The row with only `percent` of its conversions reported yet."""
    by_click = row.external_website_post_click_conversions * percent // 100
    by_view = row.external_website_post_view_conversions * percent // 100
    settled = row.external_website_conversions
    value = row.conversion_value_in_local_currency * (by_click + by_view) // settled if settled else 0
    return row._replace(
        external_website_conversions=by_click + by_view,
        external_website_post_click_conversions=by_click,
        external_website_post_view_conversions=by_view,
        conversion_value_in_local_currency=whole(value, whole_money),
    )
