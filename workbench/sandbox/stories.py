"""Invent the accounts, groups, campaigns and creatives of a world from its size, seed and first day.

Everything is drawn from one seeded generator, so the same three values give the same world, element for element.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from workbench.sandbox.content import content
from workbench.sandbox.model import MEMBER, UNITS, Account, Campaign, Creative, Element, Group, Plan
from workbench.sandbox.names import CAMPAIGN_NAMES, CREATIVE_NAMES
from workbench.sandbox.recipes import (
    CAMPAIGN_HOLDS,
    CAMPAIGN_STATUSES,
    CREATIVE_HOLDS,
    CREATIVE_STATUSES,
    GROUP_STATUSES,
    PRICE_LEVEL,
    RECIPES,
    SMALL_STATUSES,
    USD_PER_MILLION,
    Recipe,
)

SIZES = {"small": (3, 12, 40), "medium": (5, 200, 1_000), "large": (20, 2_000, 12_000)}
"""Listed accounts, campaigns, creatives. The last account of each is empty; from medium on one is a test account."""

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
_ROLES = ("VIEWER", "CAMPAIGN_MANAGER", "CREATIVE_MANAGER", "ACCOUNT_MANAGER", "ACCOUNT_BILLING_ADMIN")
_FOREVER = date.max.toordinal()


@dataclass
class Cast:
    """All entities by id."""

    accounts: dict[int, Account] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    creatives: dict[int, Creative] = field(default_factory=dict)


def invent(size: str, seed: int, today: date, *, quirks: bool = True) -> Cast:
    """The entities of a world whose stories end on `today`.

    Args:
        size: a key of `SIZES`.
        seed: another seed, another world.
        today: the UTC day everything is dated against.
        quirks: with fields and enum values that no documentation knows.
    """
    return _Inventor(size, seed, today, quirks).cast


class _Inventor:
    def __init__(self, size: str, seed: int, today: date, quirks: bool) -> None:
        self.size, self.today, self.quirks = size, today, quirks
        self.random = random.Random(f"{size}:{seed}")
        self.base = seed % 97 * 10_000
        self.cast = Cast()
        accounts, campaigns, creatives = SIZES[size]
        self._accounts(accounts)
        self._groups(campaigns)
        self._campaigns(campaigns)
        self._creatives(creatives)
        if quirks:
            self._add_quirks()

    # --- accounts and groups ------------------------------------------------------------------------------------

    def _accounts(self, count: int) -> None:
        names = ("Northwind Robotics EMEA", "Kestrel 東京 K.K.", 'Blue "Harbor" Foods <US>', "Fjord & Søn 🧊")
        for number in range(count + 1):
            hidden = number == count
            name = "Somebody else's account" if hidden else names[number % 4] + (f" {number}" if number >= 4 else "")
            account = self._account(number, name, test=self.size != "small" and number == count - 2)
            account.role = None if hidden else _ROLES[number % len(_ROLES)]
            self.cast.accounts[account.id] = account

    def _account(self, number: int, name: str, *, test: bool) -> Account:
        identifier = 512_000_000 + self.base + number * 37
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
            "changeAuditStamps": self._stamps(900, 20 + number),
        }
        if number % 4 == 1:
            element["totalBudget"] = self._money(90_000, currency)
            element["totalBudgetEndsAt"] = self._moment(-60)
        return Account(id=identifier, currency=currency, element=element)

    def _homes(self) -> list[Account]:
        """The accounts that have campaigns: not the empty one, not the hidden one's neighbours."""
        return [*list(self.cast.accounts.values())[:-2], list(self.cast.accounts.values())[-1]]

    def _groups(self, campaigns: int) -> None:
        number = 0
        for account in self._homes():
            for _ in range(max(2, min(8, campaigns // 12))):
                group = self._group(number, account)
                self.cast.groups[group.id] = group
                number += 1

    def _group(self, number: int, account: Account) -> Group:
        identifier = 612_000_000 + self.base + number * 11
        status = GROUP_STATUSES[number % len(GROUP_STATUSES)]
        element: Element = {
            "id": identifier,
            "name": f"{('Always on', 'Launches', 'Hiring', 'Événements “2026”')[number % 4]} {number + 1}",
            "account": f"urn:li:sponsoredAccount:{account.id}",
            "status": status,
            "servingStatuses": ["RUNNABLE"] if status == "ACTIVE" else ["STOPPED", "CAMPAIGN_GROUP_END_DATE_HOLD"],
            "runSchedule": {"start": self._moment(500)},
            "backfilled": number % 9 == 8,
            "test": account.element["test"],
            "allowedCampaignTypes": ["TEXT_AD", "SPONSORED_UPDATES", "SPONSORED_INMAILS", "DYNAMIC"],
            "changeAuditStamps": self._stamps(510, 8),
        }
        if number % 3 == 0:
            element["totalBudget"] = self._money(25_000, account.currency)
            element["runSchedule"]["end"] = self._moment(-90)
        if number % 3 == 1:
            element["dailyBudget"] = self._money(400, account.currency)
            element["budgetOptimization"] = {
                "bidStrategy": "MAXIMUM_DELIVERY",
                "budgetOptimizationStrategy": "DYNAMIC",
            }
            element["objectiveType"] = "LEAD_GENERATION"
        return Group(id=identifier, account_id=account.id, element=element)

    # --- campaigns ----------------------------------------------------------------------------------------------

    def _campaigns(self, count: int) -> None:
        homes = self._homes()
        groups = {home.id: [g.id for g in self.cast.groups.values() if g.account_id == home.id] for home in homes}
        statuses = SMALL_STATUSES if self.size == "small" else CAMPAIGN_STATUSES
        for number in range(count + 2):
            # The last two belong to the account the member must not see.
            home = homes[-1] if number >= count else homes[number % (len(homes) - 1)]
            own = groups[home.id]
            campaign = self._campaign(number, home, own[number // 3 % len(own)], statuses[number % len(statuses)])
            self.cast.campaigns[campaign.id] = campaign

    def _campaign(self, number: int, account: Account, group_id: int, status: str) -> Campaign:
        recipe = RECIPES[number % len(RECIPES)]
        identifier = 187_000_000 + self.base + number * 13
        started, ended = self._schedule(number, status)
        element: Element = {
            "id": identifier,
            "name": CAMPAIGN_NAMES[number % len(CAMPAIGN_NAMES)]
            + (f" #{number}" if number >= len(CAMPAIGN_NAMES) else ""),
            "account": f"urn:li:sponsoredAccount:{account.id}",
            "campaignGroup": f"urn:li:sponsoredCampaignGroup:{group_id}",
            "associatedEntity": account.element["reference"],
            "status": status,
            "servingStatuses": self._serving(number, status),
            "type": recipe.type,
            "format": recipe.format,
            "objectiveType": recipe.objective,
            "costType": recipe.cost_type,
            "unitCost": self._money(12 if recipe.cpm else 6, account.currency),
            "optimizationTargetType": recipe.target,
            "creativeSelection": "ROUND_ROBIN" if number % 4 == 3 else "OPTIMIZED",
            "pacingStrategy": "ACCELERATED" if number % 6 == 5 else "LIFETIME",
            "runSchedule": {"start": self._moment(started)},
            "locale": {"country": "US", "language": "en"},
            "audienceExpansionEnabled": number % 3 == 0,
            "offsiteDeliveryEnabled": number % 4 in (0, 1),
            "storyDeliveryEnabled": False,
            "connectedTelevisionOnly": False,
            "politicalIntent": "NOT_POLITICAL",
            "test": account.element["test"],
            "targetingCriteria": self._targeting(number, account),
            "version": {"versionTag": str(number % 30 + 1)},
            "changeAuditStamps": self._stamps(started + 1, max(0, ended)),
        }
        self._budget(element, number, account.currency)
        if ended > 0 or number % 5 == 2:
            element["runSchedule"]["end"] = self._moment(ended if ended > 0 else -45)
        if recipe.type == "TEXT_AD":
            del element["associatedEntity"]
        element = {name: value for name, value in element.items() if value is not None}
        return Campaign(id=identifier, account_id=account.id, group_id=group_id, element=element)

    def _schedule(self, number: int, status: str) -> tuple[int, int]:
        """Days before today on which a campaign started and ended; an end of 0 is none."""
        if status in ("ACTIVE", "DRAFT"):
            return self.random.randint(20, 160) if number % 7 else 640, 0
        ended = self.random.randint(4, 45) if number % 2 == 0 else self.random.randint(50, 300)
        return ended + self.random.randint(30, 150), ended

    def _budget(self, element: Element, number: int, currency: str) -> None:
        """Daily, total or both; every sixth has a total budget without an end date."""
        if number % 6 != 4:
            # The first campaign of all spends more than its budget allows.
            element["dailyBudget"] = self._money(60 if number == 0 else 150 + 25 * (number % 5), currency)
        if number % 3 == 1 or number % 6 == 4:
            element["totalBudget"] = self._money(6_000 + 500 * (number % 7), currency)

    def _serving(self, number: int, status: str) -> list[str]:
        if status == "ACTIVE":
            return ["RUNNABLE"] if number % 4 else [CAMPAIGN_HOLDS[number // 4 % len(CAMPAIGN_HOLDS)]]
        if status in ("COMPLETED", "ARCHIVED"):
            return ["STOPPED", "CAMPAIGN_END_DATE_HOLD"]
        return ["STOPPED"]

    def _targeting(self, number: int, account: Account) -> Element:
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

    # --- creatives ----------------------------------------------------------------------------------------------

    def _creatives(self, count: int) -> None:
        campaigns = list(self.cast.campaigns.values())
        visible = len(campaigns) - 2
        for number in range(count + 2):
            campaign = campaigns[visible + number - count] if number >= count else campaigns[number % visible]
            creative = self._creative(number, campaign, len(campaign.creative_ids))
            campaign.creative_ids.append(creative.id)
            self.cast.creatives[creative.id] = creative

    def _creative(self, number: int, campaign: Campaign, place: int) -> Creative:
        identifier = 123_000_000 + self.base + number * 7
        recipe = self._recipe(campaign)
        account = self.cast.accounts[campaign.account_id]
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
            **self._serving_state(number, campaign, status),
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
        plan = self._plan(number, campaign, recipe, place)
        return Creative(id=identifier, account_id=account.id, campaign_id=campaign.id, element=element, plan=plan)

    def _recipe(self, campaign: Campaign) -> Recipe:
        return RECIPES[(campaign.id - 187_000_000 - self.base) // 13 % len(RECIPES)]

    def _serving_state(self, number: int, campaign: Campaign, status: str) -> Element:
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

    def _plan(self, number: int, campaign: Campaign, recipe: Recipe, place: int) -> Plan | None:
        if campaign.element["status"] == "DRAFT" or campaign.element["test"]:
            return None
        account = self.cast.accounts[campaign.account_id]
        cent = UNITS // 100 * PRICE_LEVEL[account.currency]
        first, last = self._days(campaign, number, place)
        overspend = 6 if number == 0 else 1
        return Plan(
            first=first,
            last=last,
            impressions=recipe.impressions * overspend * self.random.randint(50, 150) // 100,
            click_rate=recipe.click_rate * self.random.randint(70, 130) // 100,
            cost_per_mille=recipe.cpm * cent,
            cost_per_click=recipe.cpc * cent,
            weekend=100 if recipe.type == "TEXT_AD" else self.random.randint(15, 55),
            idle=0 if number % 3 else self.random.randint(5, 30),
            fatigue_days=self.random.randint(45, 200),
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

    def _days(self, campaign: Campaign, number: int, place: int) -> tuple[int, int]:
        """First and last day of a creative: staggered inside its campaign's schedule, some retired early."""
        schedule = campaign.element["runSchedule"]
        first = _ordinal(schedule["start"]) + place * 5
        last = min(_ordinal(schedule["end"]) - 1, _FOREVER) if "end" in schedule else _FOREVER
        if number % 5 == 3:
            last = min(last, first + self.random.randint(20, 60))
        return first, last

    # --- odds and ends ------------------------------------------------------------------------------------------

    def _add_quirks(self) -> None:
        """What LinkedIn adds inside a version: enum values and fields no documentation knows."""
        for number, campaign in enumerate(self.cast.campaigns.values()):
            if number % 11 == 5:
                campaign.element["servingStatuses"].append("CAMPAIGN_PACING_REVIEW_HOLD")
                campaign.element["deliveryForecast"] = {"confidence": 0.75, "horizonDays": 30}
            if number % 11 == 8:
                campaign.element["objectiveType"] = "COMMUNITY_GROWTH"
        for number, creative in enumerate(self.cast.creatives.values()):
            if number % 17 == 6:
                creative.element["intendedStatus"] = "SCHEDULED"
                creative.element["variantOf"] = None

    def _money(self, amount: int, currency: str) -> Element:
        if currency == "JPY":
            return {"amount": str(amount * PRICE_LEVEL[currency]), "currencyCode": currency}
        return {"amount": f"{amount}.00" if amount % 2 else str(amount), "currencyCode": currency}

    def _moment(self, days_ago: int) -> int:
        """Epoch milliseconds of a midnight UTC."""
        day = self.today - timedelta(days=days_ago)
        return int(datetime.combine(day, time(), UTC).timestamp()) * 1000

    def _stamps(self, created: int, modified: int) -> Element:
        return {
            "created": {"time": self._moment(created) + self.random.randrange(86_400_000), "actor": MEMBER},
            "lastModified": {"time": self._moment(modified) + self.random.randrange(43_200_000)},
        }


def _ordinal(milliseconds: int) -> int:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().toordinal()
