"""Invent ad accounts and campaign groups, element for element as LinkedIn sends them."""

from __future__ import annotations

from workbench.sandbox.world.hostile.recipes import GROUP_STATUSES
from workbench.sandbox.world.model import Account, Element, Group
from workbench.sandbox.world.random_source import Stage, money

_ACCOUNT_STATUSES = (
    "ACTIVE",
    "ACTIVE",
    "ACTIVE",
    "ACTIVE",
    "CANCELED",
    "ACTIVE",
    "DRAFT",
    "PENDING_DELETION",
    "REMOVED",
)
_CURRENCIES = ("EUR", "JPY", "USD")


def account(stage: Stage, number: int, name: str, *, test: bool) -> Account:
    identifier = 512_000_000 + stage.base + number * 37
    currency = _CURRENCIES[number % 3]
    status = "ACTIVE" if test else _ACCOUNT_STATUSES[number % len(_ACCOUNT_STATUSES)]
    element: Element = {
        "id": identifier,
        "name": name,
        "currency": currency,
        "type": "ENTERPRISE" if number % 5 == 3 else "BUSINESS",
        "status": status,
        "servingStatuses": ["RUNNABLE"] if status == "ACTIVE" else ["STOPPED", "BILLING_HOLD"],
        "reference": f"urn:li:organization:{4_400_001 + number}",
        "test": test,
        "notifiedOnCampaignOptimization": True,
        "notifiedOnCreativeApproval": number % 2 == 0,
        "notifiedOnCreativeRejection": True,
        "notifiedOnEndOfCampaign": True,
        "notifiedOnNewFeaturesEnabled": False,
        "version": {"versionTag": str(7 + number)},
        "changeAuditStamps": stage.stamps(900, 20 + number),
    }
    if number % 4 == 1:
        element["totalBudget"] = money(90_000, currency)
        element["totalBudgetEndsAt"] = stage.moment(-60)
    return Account(id=identifier, currency=currency, element=element)


def group(stage: Stage, number: int, account: Account) -> Group:
    identifier = 612_000_000 + stage.base + number * 11
    status = GROUP_STATUSES[number % len(GROUP_STATUSES)]
    element: Element = {
        "id": identifier,
        "name": f"{('Always on', 'Launches', 'Hiring', 'Événements “2026”')[number % 4]} {number + 1}",
        "account": f"urn:li:sponsoredAccount:{account.id}",
        "status": status,
        "servingStatuses": ["RUNNABLE"] if status == "ACTIVE" else ["STOPPED", "CAMPAIGN_GROUP_END_DATE_HOLD"],
        "runSchedule": {"start": stage.moment(500)},
        "backfilled": number % 9 == 8,
        "test": account.element["test"],
        "allowedCampaignTypes": ["TEXT_AD", "SPONSORED_UPDATES", "SPONSORED_INMAILS", "DYNAMIC"],
        "changeAuditStamps": stage.stamps(510, 8),
    }
    if number % 3 == 0:
        element["totalBudget"] = money(25_000, account.currency)
        element["runSchedule"]["end"] = stage.moment(-90)
    if number % 3 == 1:
        element["dailyBudget"] = money(400, account.currency)
        element["budgetOptimization"] = {
            "bidStrategy": "MAXIMUM_DELIVERY",
            "budgetOptimizationStrategy": "DYNAMIC",
        }
        element["objectiveType"] = "LEAD_GENERATION"
    return Group(id=identifier, account_id=account.id, element=element)
