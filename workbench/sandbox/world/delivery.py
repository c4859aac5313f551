"""What a creative delivers on a day: computed from seed, plan and day, never stored; any day can be asked.

The figures are those of a settled day. How much of them is visible yet is for the world to say.
"""

from __future__ import annotations

import random
from calendar import monthrange
from datetime import date

from workbench.sandbox.world.model import UNITS, Plan, Row

MILLION = 1_000_000


def month_rows(plan: Plan, seed: str, year: int, month: int) -> dict[int, Row]:
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
            if row[0]:
                rows[day] = row
    return rows


def _day(plan: Plan, day: int, noise: list[float]) -> Row:
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
    return (
        impressions,
        clicks,
        cost,
        cost * plan.usd_per_million // MILLION,
        clicks * plan.landing_share // MILLION,
        clicks + likes + comments + shares + follows,
        likes,
        comments,
        shares,
        follows,
        min(leads, form_opens),
        form_opens,
        by_click + by_view,
        by_click,
        by_view,
        (by_click + by_view) * plan.conversion_value,
        int(sends * (0.45 + noise[4] / 5)),
        sends,
    )


def partial(row: Row, whole_money: bool) -> Row:
    """Half of a day: what is there while the day is still running."""
    return scaled(row, 50, whole_money)


def scaled(row: Row, percent: int, whole_money: bool) -> Row:
    """Every figure times `percent`, rounded down, the parts still adding up to their whole."""
    figures = [figure * percent // 100 for figure in row]
    if whole_money:
        figures[2] -= figures[2] % UNITS
        figures[15] -= figures[15] % UNITS
    figures[12] = figures[13] + figures[14]
    return tuple(figures)


def reported(row: Row, percent: int, whole_money: bool) -> Row:
    """The row with only `percent` of its conversions reported yet."""
    by_click, by_view = row[13] * percent // 100, row[14] * percent // 100
    value = row[15] * (by_click + by_view) // row[12] if row[12] else 0
    if whole_money:
        value -= value % UNITS
    return (*row[:12], by_click + by_view, by_click, by_view, value, *row[16:])
