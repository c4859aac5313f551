"""Invent creatives: what they show, their state, and the plan by which each delivers."""

from __future__ import annotations

from datetime import date

from workbench.sandbox.world.currencies import PRICE_LEVEL, USD_PER_MILLION
from workbench.sandbox.world.hostile.content import content
from workbench.sandbox.world.hostile.delivery import Plan
from workbench.sandbox.world.hostile.names import CREATIVE_NAMES
from workbench.sandbox.world.hostile.recipes import CREATIVE_HOLDS, CREATIVE_STATUSES, Recipe
from workbench.sandbox.world.model import MEMBER, UNITS, Account, Campaign, Creative, Element
from workbench.sandbox.world.random_source import Stage, ordinal

_FOREVER = date.max.toordinal()


def creative(
    stage: Stage, number: int, account: Account, campaign: Campaign, recipe: Recipe
) -> tuple[Creative, Plan | None]:
    """The next creative of a campaign, and how it delivers; None: it never does."""
    identifier = 123_000_000 + stage.base + number * 7
    place = len(campaign.creative_ids)
    status = CREATIVE_STATUSES[number % len(CREATIVE_STATUSES)]
    element: Element = {
        "id": f"urn:li:sponsoredCreative:{identifier}",
        "account": campaign.element["account"],
        "campaign": f"urn:li:sponsoredCampaign:{campaign.id}",
        "intendedStatus": status,
        "isTest": account.element["test"],
        "createdAt": campaign.element["changeAuditStamps"]["created"]["time"] + place * 60_000,
        "createdBy": MEMBER,
        "lastModifiedAt": campaign.element["changeAuditStamps"]["lastModified"]["time"] + place * 1_000,
        "lastModifiedBy": MEMBER,
        **_serving_state(number, campaign, status),
    }
    if number % 13 != 11:
        element["content"] = content(recipe.content, number, account.element["reference"])
    if number % 2 == 0:
        element["name"] = CREATIVE_NAMES[number // 2 % len(CREATIVE_NAMES)] + (f" v{number}" if number > 17 else "")
    if recipe.lead_rate:
        element["leadgenCallToAction"] = {
            "destination": f"urn:li:adForm:{7_990_000 + number}",
            "label": "LEARN_MORE",
        }
    plan = _plan(stage, number, account, campaign, recipe)
    first, last = (plan.first, plan.last) if plan else (1, 0)
    return Creative(
        id=identifier, account_id=account.id, campaign_id=campaign.id, element=element, first=first, last=last
    ), plan


def _serving_state(number: int, campaign: Campaign, status: str) -> Element:
    serving = status == "ACTIVE" and campaign.element["status"] == "ACTIVE" and number % 6 != 5
    state: Element = {"isServing": serving}
    if not serving:
        stopped = campaign.element["status"] != "ACTIVE"
        hold = CREATIVE_HOLDS[number % len(CREATIVE_HOLDS)]
        state["servingHoldReasons"] = ["CAMPAIGN_STOPPED", "STOPPED"] if stopped else [hold]
    if status != "DRAFT":
        state["review"] = {"status": ("APPROVED", "APPROVED", "PENDING", "NEEDS_REVIEW")[number % 4]}
        if state.get("servingHoldReasons") == ["REJECTED"]:
            state["review"] = {"status": "REJECTED", "rejectionReasons": ["LANDING_PAGE_DOES_NOT_WORK"]}
    return state


def _plan(stage: Stage, number: int, account: Account, campaign: Campaign, recipe: Recipe) -> Plan | None:
    if campaign.element["status"] == "DRAFT" or campaign.element["test"]:
        return None
    cent = UNITS // 100 * PRICE_LEVEL[account.currency]
    first, last = _days(stage, campaign, number)
    overspend = 6 if number == 0 else 1
    return Plan(
        first=first,
        last=last,
        impressions=recipe.impressions * overspend * stage.random.randint(50, 150) // 100,
        click_rate=recipe.click_rate * stage.random.randint(70, 130) // 100,
        cost_per_mille=recipe.cpm * cent,
        cost_per_click=recipe.cpc * cent,
        weekend=100 if recipe.type == "TEXT_AD" else stage.random.randint(15, 55),
        idle=0 if number % 3 else stage.random.randint(5, 30),
        fatigue_days=stage.random.randint(45, 200),
        engagement_rate=recipe.engagement_rate,
        lead_rate=recipe.lead_rate,
        conversion_rate=recipe.conversion_rate,
        view_conversion_rate=recipe.view_conversion_rate,
        conversion_value=45 * UNITS * PRICE_LEVEL[account.currency] if recipe.conversion_rate else 0,
        landing_share=recipe.landing_share,
        message=recipe.type == "SPONSORED_INMAILS",
        whole_money=account.currency == "JPY",
        usd_per_million=USD_PER_MILLION[account.currency],
    )


def _days(stage: Stage, campaign: Campaign, number: int) -> tuple[int, int]:
    """First and last day of a creative: staggered inside its campaign's schedule, some retired early."""
    schedule = campaign.element["runSchedule"]
    first = ordinal(schedule["start"]) + len(campaign.creative_ids) * 5
    last = min(ordinal(schedule["end"]) - 1, _FOREVER) if "end" in schedule else _FOREVER
    if number % 5 == 3:
        last = min(last, first + stage.random.randint(20, 60))
    return first, last
