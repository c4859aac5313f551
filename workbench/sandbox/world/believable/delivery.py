"""What an ad set delivers in a week: what it may spend, divided among its ads, and what that buys.

A day spends at most 1.5 times the daily budget and a week, Monday to Sunday, at most 7 times (LinkedIn Help a422101).
"""

from __future__ import annotations

from operator import sub

from workbench.sandbox.world.believable import auction, noise, stories
from workbench.sandbox.world.believable.fatigue import freshness
from workbench.sandbox.world.believable.levels import CONVERSION_VALUE, OPENS_PER_SEND
from workbench.sandbox.world.believable.plans import AdPlan, AdSetPlan, Step
from workbench.sandbox.world.model import UNITS, MetricsRow

MOST_A_DAY, MOST_A_WEEK = 1.5, 7
CENT = UNITS // 100
_SPEND, _CTR, _CLICKS, _FORMS, _LEADS, _BY_CLICK, _BY_VIEW, _SOCIAL, _OPENS = range(11, 20)

Rows = dict[int, dict[int, MetricsRow]]
"""By id of the ad, by day."""


def monday_of(day: int) -> int:
    return day - (day - 1) % 7  # ordinal 1 was a Monday


def week(plan: AdSetPlan, monday: int) -> Rows:
    """The settled rows of one week."""
    rows: Rows = {}
    for day, spend, step in _spends(plan, monday):
        running = [ad for ad in plan.ads if ad.first <= day <= ad.last]
        weights = sum(ad.weight for ad in running)
        cpm = int(
            plan.kind.cpm * plan.region.cpm * plan.dollar * step.cpm * auction.price(plan.region_name, plan.seed, day)
        )
        for ad in running:
            shown = int(spend * ad.weight / weights * 1000 / cpm)
            if shown:
                rows.setdefault(ad.id, {})[day] = _row(plan, ad, day, step, shown, cpm)
    return rows


def _spends(plan: AdSetPlan, monday: int) -> list[tuple[int, int, Step]]:
    """(day, most that is spent, steps) of the days of a week on which the ad set runs."""
    days = [day for day in range(monday, monday + 7) if plan.first <= day <= plan.last]
    steps = [plan.at(day) for day in days]
    budgets = [int(plan.budget * step.budget) for step in steps]
    wanted = [_wanted(plan, day, budget) for day, budget in zip(days, budgets, strict=True)]
    over = sum(wanted) / (sum(budgets) or 1) * len(days) / MOST_A_WEEK
    if over > 1:
        wanted = [int(amount / over) for amount in wanted]
    return list(zip(days, wanted, steps, strict=True))


def _wanted(plan: AdSetPlan, day: int, budget: int) -> int:
    luck = noise.bell(plan.seed, day, _SPEND)
    if plan.steady:
        return int(budget * min(1.0, 0.992 + 0.005 * luck))
    share = plan.demand * auction.offered(plan.region_name, day) * max(0.6, 1 + 0.11 * luck)
    return int(budget * min(MOST_A_DAY, share))


def _row(plan: AdSetPlan, ad: AdPlan, day: int, step: Step, shown: int, cpm: int) -> MetricsRow:
    kind, seed = plan.kind, ad.seed
    rate = kind.ctr / 100 * plan.region.ctr * ad.quality * step.ctr * auction.click_mood(day)
    rate *= freshness(day - ad.first, ad.pressure, ad.rest) * max(0.5, 1 + 0.08 * noise.bell(seed, day, _CTR))
    sends = opened = 0
    if plan.message:
        sends, opened = shown, int(shown * OPENS_PER_SEND + noise.unit(seed, day, _OPENS))
    clicks = min(opened or shown, noise.count((opened if sends else shown) * rate, seed, day, _CLICKS))
    forms = int(clicks * kind.opens + noise.unit(seed, day, _FORMS)) if kind.opens else 0
    completion = kind.completion * plan.region.completion * plan.completion * step.completion
    leads = min(forms, noise.count(forms * completion, seed, day, _LEADS)) if forms else 0
    impressions = 0 if sends else shown
    by_click = min(clicks, noise.count(clicks * kind.by_click, seed, day, _BY_CLICK))
    by_view = noise.count(impressions * kind.by_view / 1e6, seed, day, _BY_VIEW) if impressions else 0
    cost = shown * cpm // 1000
    cost -= cost % (UNITS if plan.whole_money else CENT)
    value = int((by_click + by_view) * CONVERSION_VALUE * plan.dollar)
    likes = int(impressions * kind.social / 1e6 + noise.unit(seed, day, _SOCIAL))
    comments, shares, follows = likes // 9, likes // 8, (clicks + likes) // 16
    return MetricsRow(
        impressions=impressions,
        clicks=clicks,
        cost_in_local_currency=cost,
        cost_in_usd=cost * plan.usd_per_million // 1_000_000,
        landing_page_clicks=int(clicks * kind.landing + noise.unit(seed, day, _FORMS) * (clicks > 0)),
        total_engagements=clicks + likes + comments + shares + follows,
        likes=likes,
        comments=comments,
        shares=shares,
        follows=follows,
        one_click_leads=leads,
        one_click_lead_form_opens=forms,
        external_website_conversions=by_click + by_view,
        external_website_post_click_conversions=by_click,
        external_website_post_view_conversions=by_view,
        conversion_value_in_local_currency=value - value % UNITS if kind.by_click else 0,
        opens=opened,
        sends=sends,
    )


def places(plan: AdSetPlan, seed: int, day: int, row: MetricsRow) -> list[tuple[str, MetricsRow]]:
    """The parts of a row on LinkedIn and on its Audience Network, which add up to it."""
    if plan.network_from is not None and day >= plan.network_from:
        spend, clicks, leads = stories.NETWORK_SPEND, stories.NETWORK_CLICKS, stories.NETWORK_LEADS
        shown = stories.NETWORK_IMPRESSIONS
    else:
        spend, clicks, leads, shown = plan.off_site, plan.off_site * 2.2, plan.off_site / 8, plan.off_site * 1.3
    if not spend:
        return [("ON_SITE", row)]
    shares = {"impressions": shown, "cost_in_local_currency": spend, "cost_in_usd": spend}
    shares |= {name: leads for name in ("one_click_leads", "one_click_lead_form_opens")}
    luck = noise.unit(seed, day)
    off = MetricsRow(*(int(figure * shares.get(name, clicks) + luck) for name, figure in row._asdict().items()))
    unit = UNITS if plan.whole_money else CENT
    cost = off.cost_in_local_currency - off.cost_in_local_currency % unit
    by_click, by_view = off.external_website_post_click_conversions, off.external_website_post_view_conversions
    off = off._replace(cost_in_local_currency=cost, external_website_conversions=by_click + by_view)
    return [("ON_SITE", MetricsRow(*map(sub, row, off))), ("OFF_SITE", off)]
