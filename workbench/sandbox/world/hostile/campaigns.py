"""Invent campaigns: settings, budgets, schedules and targeting as LinkedIn sends them."""

from __future__ import annotations

from workbench.sandbox.world.hostile.names import CAMPAIGN_NAMES
from workbench.sandbox.world.hostile.recipes import CAMPAIGN_HOLDS, RECIPES
from workbench.sandbox.world.model import Account, Campaign, Element
from workbench.sandbox.world.random_source import Stage, money


def campaign(stage: Stage, number: int, account: Account, group_id: int, status: str) -> Campaign:
    recipe = RECIPES[number % len(RECIPES)]
    identifier = 187_000_000 + stage.base + number * 13
    started, ended = _schedule(stage, number, status)
    element: Element = {
        "id": identifier,
        "name": CAMPAIGN_NAMES[number % len(CAMPAIGN_NAMES)] + (f" #{number}" if number >= len(CAMPAIGN_NAMES) else ""),
        "account": f"urn:li:sponsoredAccount:{account.id}",
        "campaignGroup": f"urn:li:sponsoredCampaignGroup:{group_id}",
        "associatedEntity": account.element["reference"],
        "status": status,
        "servingStatuses": _serving(number, status),
        "type": recipe.type,
        "format": recipe.format,
        "objectiveType": recipe.objective,
        "costType": recipe.cost_type,
        "unitCost": money(12 if recipe.cpm else 6, account.currency),
        "optimizationTargetType": recipe.target,
        "creativeSelection": "ROUND_ROBIN" if number % 4 == 3 else "OPTIMIZED",
        "pacingStrategy": "ACCELERATED" if number % 6 == 5 else "LIFETIME",
        "runSchedule": {"start": stage.moment(started)},
        "locale": {"country": "US", "language": "en"},
        "audienceExpansionEnabled": number % 3 == 0,
        "offsiteDeliveryEnabled": number % 4 in (0, 1),
        "storyDeliveryEnabled": False,
        "connectedTelevisionOnly": False,
        "politicalIntent": "NOT_POLITICAL",
        "test": account.element["test"],
        "targetingCriteria": _targeting(number, account),
        "version": {"versionTag": str(number % 30 + 1)},
        "changeAuditStamps": stage.stamps(started + 1, max(0, ended)),
    }
    _budget(element, number, account.currency)
    if ended > 0 or number % 5 == 2:
        element["runSchedule"]["end"] = stage.moment(ended if ended > 0 else -45)
    if recipe.type == "TEXT_AD":
        del element["associatedEntity"]
    element = {name: value for name, value in element.items() if value is not None}
    return Campaign(id=identifier, account_id=account.id, group_id=group_id, element=element)


def _schedule(stage: Stage, number: int, status: str) -> tuple[int, int]:
    """Days before today on which a campaign started and ended; an end of 0 is none."""
    if status in ("ACTIVE", "DRAFT"):
        return stage.random.randint(20, 160) if number % 7 else 640, 0
    recently = number % 2 == 0 or status == "REMOVED"
    ended = stage.random.randint(4, 45) if recently else stage.random.randint(50, 300)
    return ended + stage.random.randint(30, 150), ended


def _budget(element: Element, number: int, currency: str) -> None:
    """Daily, total or both; every sixth has a total budget without an end date."""
    if number % 6 != 4:
        # The first campaign of all spends more than its budget allows.
        element["dailyBudget"] = money(60 if number == 0 else 150 + 25 * (number % 5), currency)
    if number % 3 == 1 or number % 6 == 4:
        element["totalBudget"] = money(6_000 + 500 * (number % 7), currency)


def _serving(number: int, status: str) -> list[str]:
    if status == "ACTIVE":
        return ["RUNNABLE"] if number % 4 else [CAMPAIGN_HOLDS[number // 4 % len(CAMPAIGN_HOLDS)]]
    if status in ("COMPLETED", "ARCHIVED"):
        return ["STOPPED", "CAMPAIGN_END_DATE_HOLD"]
    return ["STOPPED"]


def _targeting(number: int, account: Account) -> Element:
    facet = "urn:li:adTargetingFacet:"
    include = [
        {"or": {f"{facet}locations": ["urn:li:geo:101282230", "urn:li:geo:103644278"][: number % 2 + 1]}},
        {"or": {f"{facet}seniorities": [f"urn:li:seniority:{5 + number % 4}"]}},
        {"or": {f"{facet}interfaceLocales": ["urn:li:locale:en_US"]}},
    ]
    criteria: Element = {"include": {"and": include}}
    if number % 3 == 0:
        criteria["exclude"] = {"or": {f"{facet}employers": [account.element["reference"]]}}
    return criteria
