"""Ad sets of the believable world (LinkedIn's API calls them campaigns), and how each delivers."""

from __future__ import annotations

from datetime import date

from workbench.sandbox.world.believable import naming, noise, stories
from workbench.sandbox.world.believable.accounts import amount
from workbench.sandbox.world.believable.levels import KINDS, REGIONS
from workbench.sandbox.world.believable.naming import Client
from workbench.sandbox.world.believable.plans import AdSetPlan
from workbench.sandbox.world.believable.roster import Entry
from workbench.sandbox.world.currencies import PRICE_LEVEL, USD_PER_MILLION
from workbench.sandbox.world.model import UNITS, Account, Campaign, Element
from workbench.sandbox.world.random_source import Stage

FOREVER = date.max.toordinal()
_DAYS_A_MONTH = 30.4
# What a leading ad set may spend of its account's day, before all are scaled to the account's plan.
_PARTS = {"bid": 0.135, "stopped": 0.1, "steady": 0.1, "late": 0.09, "network": 0.2, "raised": 0.1, "voice": 0.05}
_SMALLEST = {"EUR": 30, "USD": 30, "JPY": 5_000}
_BREAK_EVERY, _FIRST_BREAK = 18, 12


def budgets(entries: list[Entry], clients: tuple[Client, ...]) -> list[int]:
    """The daily budget of each ad set: those that run together make the account's monthly plan."""
    found = [0] * len(entries)
    for account, client in enumerate(clients):
        own = [place for place, entry in enumerate(entries) if entry.account == account]
        day = client.monthly / _DAYS_A_MONTH
        shares = {place: _share([entries[other] for other in own], entries[place], client) for place in own}
        capped = [place for place in own if entries[place].part == "capped"]
        running = sum(share for place, share in shares.items() if runs(entries[place]) and place not in capped)
        left = wanted = day - len(capped) * stories.CAPPED_BUDGET
        for _ in range(3):  # what the smallest budgets take too much, the others give
            for place in own:
                money = stories.CAPPED_BUDGET if place in capped else wanted * shares[place] / (running or 1)
                found[place] = _round(money, client.currency)
            taken = sum(found[place] for place in own if runs(entries[place]) and place not in capped)
            wanted *= left / (taken or 1)
    return found


def _share(own: list[Entry], entry: Entry, client: Client) -> float:
    """What an ad set spends of its account: by its part, or its piece of what is left for its kind."""
    if entry.part:
        return _PARTS.get(entry.part, 0.0)
    kind = dict(client.mix).get(entry.kind, 1) / 100
    leading = sum(_PARTS.get(other.part, 0.0) for other in own if other.part and other.kind == entry.kind)
    same = sum(other.weight for other in own if other.kind == entry.kind and not other.part and runs(other))
    return max(kind / 4, kind - leading) * entry.weight / max(1.0, same)


def runs(entry: Entry) -> bool:
    """Whether an ad set runs on the anchor."""
    return entry.status == "ACTIVE" and (entry.ended is None or entry.ended < 0)


def share_of_part(entries: list[Entry], budgets: list[int], entry: Entry) -> float:
    """What all ad sets with the same part in their account may spend of its day."""
    own = [place for place, other in enumerate(entries) if other.account == entry.account and runs(other)]
    same = sum(budgets[place] for place in own if entries[place].part == entry.part)
    return same / (sum(budgets[place] for place in own) or 1)


def _round(wanted: float, currency: str) -> int:
    """Budgets are round: tens, and thousands of yen."""
    step = 1_000 if currency == "JPY" else 10
    return max(_SMALLEST[currency], round(wanted / step) * step)


def campaign(stage: Stage, number: int, owner: Account, group_id: int, entry: Entry, budget: int) -> Campaign:
    kind, identifier = KINDS[entry.kind], 186_400_000 + stage.base + number * 19
    bids = entry.part == "bid"
    element: Element = {
        "id": identifier,
        "name": name(number, entry),
        "account": f"urn:li:sponsoredAccount:{owner.id}",
        "campaignGroup": f"urn:li:sponsoredCampaignGroup:{group_id}",
        "associatedEntity": owner.element["reference"],
        "status": entry.status,
        "servingStatuses": _serving(entry),
        "type": kind.type,
        "format": kind.format,
        "objectiveType": kind.objective,
        "costType": kind.cost_type,
        "unitCost": amount(
            max(1, round(kind.cpm * (0.6 if bids else 1.0) / 10) * PRICE_LEVEL[owner.currency]), owner.currency
        ),
        "optimizationTargetType": "NONE" if bids else kind.target,
        "creativeSelection": "OPTIMIZED",
        "pacingStrategy": "LIFETIME",
        "runSchedule": {"start": stage.moment(entry.started)},
        "locale": {
            "country": "JP" if owner.currency == "JPY" else "US",
            "language": "ja" if owner.currency == "JPY" else "en",
        },
        "audienceExpansionEnabled": number % 9 == 4,
        "offsiteDeliveryEnabled": off_site(number, entry) > 0,
        "storyDeliveryEnabled": False,
        "connectedTelevisionOnly": False,
        "politicalIntent": "NOT_POLITICAL",
        "test": False,
        "targetingCriteria": _targeting(entry),
        "dailyBudget": amount(budget, owner.currency),
        "version": {"versionTag": str(number % 23 + 2)},
        "changeAuditStamps": stage.stamps(entry.started + 2, _modified(number, entry)),
    }
    if entry.ended is not None:
        element["runSchedule"]["end"] = stage.moment(entry.ended)
    return Campaign(id=identifier, account_id=owner.id, group_id=group_id, element=element)


def _modified(number: int, entry: Entry) -> int:
    """Days before the anchor; what a story changes later gets its own day."""
    if entry.part:
        return entry.started
    return max(0, entry.ended or 0, min(entry.started, 6 + number % 40))


def name(number: int, entry: Entry) -> str:
    """By the convention; one in eighteen breaks it."""
    kept = naming.ad_set(KINDS[entry.kind], entry.audience, entry.place)
    if number % _BREAK_EVERY == _FIRST_BREAK and not entry.part:
        return naming.BREAKS[number // _BREAK_EVERY % len(naming.BREAKS)](kept)
    return kept


def off_site(number: int, entry: Entry) -> float:
    """The share of the Audience Network where it is on, which is LinkedIn's default; experts switch it off."""
    feed = KINDS[entry.kind].type == "SPONSORED_UPDATES" and entry.kind in ("image", "awareness", "video", "website")
    return 0.08 if feed and not entry.part and number % 4 == 0 else 0.0


def _serving(entry: Entry) -> list[str]:
    if entry.status == "ACTIVE":
        return ["RUNNABLE"]
    if entry.status == "COMPLETED":
        return ["STOPPED", "CAMPAIGN_END_DATE_HOLD"]
    return ["STOPPED"]


def _targeting(entry: Entry) -> Element:
    facet = "urn:li:adTargetingFacet:"
    seed = noise.seed_of(entry.audience)
    return {
        "include": {
            "and": [
                {"or": {f"{facet}seniorities": [f"urn:li:seniority:{number}" for number in (5, 6, 7)][: 1 + seed % 3]}},
                {"or": {f"{facet}jobFunctions": [f"urn:li:function:{1 + seed % 26}"]}},
                {"or": {f"{facet}interfaceLocales": ["urn:li:locale:en_US"]}},
            ]
        }
    }


def plan(stage: Stage, number: int, entry: Entry, client: Client, budget: int) -> AdSetPlan | None:
    """How it delivers before any story; None for a draft."""
    if entry.status == "DRAFT":
        return None
    anchor, currency = stage.today.toordinal(), client.currency
    seed = noise.seed_of(stage.seed, client.name, entry.kind, entry.audience, entry.place, number)
    return AdSetPlan(
        seed=seed,
        region_name=client.region,
        region=REGIONS[client.region],
        kind=KINDS[entry.kind],
        first=anchor - entry.started,
        last=FOREVER if entry.ended is None else anchor - entry.ended - 1,
        budget=budget * UNITS,
        dollar=UNITS * 1_000_000 // USD_PER_MILLION[currency],
        usd_per_million=USD_PER_MILLION[currency],
        whole_money=currency == "JPY",
        demand=0.9 + 0.09 * noise.unit(seed) if not entry.part else 0.98,
        off_site=off_site(number, entry),
    )
