"""Ad accounts and campaign groups of the believable world, element for element as LinkedIn sends them."""

from __future__ import annotations

from workbench.sandbox.world.believable.naming import Client
from workbench.sandbox.world.model import Account, Element, Group
from workbench.sandbox.world.random_source import Stage

_ROLE = "CAMPAIGN_MANAGER"


def amount(value: int, currency: str) -> Element:
    """Whole money as LinkedIn writes it."""
    return {"amount": str(value) if currency == "JPY" else f"{value}.00", "currencyCode": currency}


def account(stage: Stage, number: int, client: Client, *, test: bool = False) -> Account:
    identifier = 508_300_000 + stage.base + number * 41
    element: Element = {
        "id": identifier,
        "name": client.name,
        "currency": client.currency,
        "type": "BUSINESS",
        "status": "ACTIVE",
        "servingStatuses": ["RUNNABLE"],
        "reference": f"urn:li:organization:{4_500_101 + number}",
        "test": test,
        "notifiedOnCampaignOptimization": True,
        "notifiedOnCreativeApproval": False,
        "notifiedOnCreativeRejection": True,
        "notifiedOnEndOfCampaign": True,
        "notifiedOnNewFeaturesEnabled": False,
        "version": {"versionTag": str(11 + number)},
        "changeAuditStamps": stage.stamps(1_100 - 90 * (number % 10), 30 + number),
    }
    return Account(id=identifier, currency=client.currency, element=element, role=_ROLE)


def group(stage: Stage, number: int, owner: Account, name: str, started: int, *, over: bool) -> Group:
    """A campaign group; `over` where all its ad sets have ended."""
    identifier = 611_000_000 + stage.base + number * 17
    element: Element = {
        "id": identifier,
        "name": name,
        "account": f"urn:li:sponsoredAccount:{owner.id}",
        "status": "ARCHIVED" if over else "ACTIVE",
        "servingStatuses": ["STOPPED"] if over else ["RUNNABLE"],
        "runSchedule": {"start": stage.moment(started)},
        "backfilled": False,
        "test": owner.element["test"],
        "allowedCampaignTypes": ["TEXT_AD", "SPONSORED_UPDATES", "SPONSORED_INMAILS", "DYNAMIC"],
        "changeAuditStamps": stage.stamps(started + 2, min(started, 20)),
    }
    return Group(id=identifier, account_id=owner.id, element=element)
