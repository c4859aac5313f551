"""Ads of the believable world (creatives): names, what they show, and when each runs inside its ad set."""

from __future__ import annotations

from workbench.sandbox.world.believable import noise, texts
from workbench.sandbox.world.believable.ad_sets import FOREVER
from workbench.sandbox.world.believable.levels import KINDS
from workbench.sandbox.world.believable.naming import AUDIENCES, FINANCE_AUDIENCES
from workbench.sandbox.world.believable.plans import AdPlan, AdSetPlan
from workbench.sandbox.world.believable.roster import Entry
from workbench.sandbox.world.model import MEMBER, Account, Campaign, Creative, Element
from workbench.sandbox.world.random_source import Stage

_WEIGHTS = (0.44, 0.26, 0.18, 0.12, 0.08, 0.06)
_REFRESHED = (0, 88, 47, 21, 12, 70)
"""Days before the anchor on which the second, third, … ad of a running ad set came; the first began with it."""
_REFERENCES = frozenset({"share", "ugcPost", "adInMailContent"})
_FIRST_POST = 7_310_000_000_000_000_000


def ad(stage: Stage, number: int, owner: Account, home: Campaign, entry: Entry, *, software: bool) -> Creative:
    place = len(home.creative_ids)
    identifier = 121_700_000 + stage.base + number * 23
    family, stopped = texts.family(entry.kind, place, software=software), home.element["status"] != "ACTIVE"
    stamps = home.element["changeAuditStamps"]
    created = stage.moment(begins(entry, place)) if place else stamps["created"]["time"]
    status = "ACTIVE" if entry.status in ("ACTIVE", "PAUSED", "COMPLETED") else entry.status
    element: Element = {
        "id": f"urn:li:sponsoredCreative:{identifier}",
        "account": home.element["account"],
        "campaign": f"urn:li:sponsoredCampaign:{home.id}",
        "intendedStatus": status,
        "isTest": False,
        "name": name(entry, place, software=software, year=stage.today.year),
        "createdAt": created,
        "createdBy": MEMBER,
        "lastModifiedAt": created + 3_600_000,
        "lastModifiedBy": MEMBER,
        "isServing": not stopped,
        "content": content(entry.kind, number, family, owner, stage.today.year),
    }
    if stopped:
        element["servingHoldReasons"] = ["CAMPAIGN_STOPPED"]
    if status != "DRAFT":
        element["review"] = {"status": "APPROVED"}
    if KINDS[entry.kind].opens:
        element["leadgenCallToAction"] = {
            "destination": f"urn:li:adForm:{7_860_100 + home.account_id % 97}",
            "label": "DOWNLOAD",
        }
    return Creative(id=identifier, account_id=owner.id, campaign_id=home.id, element=element, first=1, last=0)


def name(entry: Entry, place: int, *, software: bool, year: int) -> str:
    """`IMG_PainPoint-downtime_v3`."""
    family = texts.family(entry.kind, place, software=software).name.format(year=year)
    version = texts.version(entry.kind, place, entry.audience, software=software)
    return f"{KINDS[entry.kind].prefix}_{family}_v{version}"


def begins(entry: Entry, place: int) -> int:
    """Days before the anchor on which an ad begins."""
    if place == 0 or (entry.ended is not None and entry.ended >= 0):
        return entry.started
    return min(entry.started, _REFRESHED[place % len(_REFRESHED)])


def plan(stage: Stage, home: Creative, entry: Entry, place: int, ad_set: AdSetPlan) -> AdPlan:
    seed = noise.seed_of(stage.seed, home.id)
    pressure = {**AUDIENCES, **FINANCE_AUDIENCES}[entry.audience]
    first = max(ad_set.first, stage.today.toordinal() - begins(entry, place))
    return AdPlan(
        id=home.id,
        seed=seed,
        first=first,
        last=FOREVER,
        weight=_WEIGHTS[place % len(_WEIGHTS)] * (0.85 + 0.3 * noise.unit(seed)),
        quality=0.86 + 0.34 * noise.unit(seed, 1),
        pressure=pressure,
    )


def content(kind: str, number: int, family: texts.Family, owner: Account, year: int) -> Element:
    """The `content` of an ad; its kind decides the union's key."""
    shown = KINDS[kind].content
    if shown in _REFERENCES:
        return {"reference": f"urn:li:{shown}:{_FIRST_POST + number}"}
    company = str(owner.element["name"]).partition(" · ")[0]
    if shown == "jobs":
        return {"jobs": {"organizationName": company, "logo": f"urn:li:image:C4J{number}"}}
    return {
        "spotlight": {
            "headline": family.headline.format(year=year),
            "description": family.lines[number % 3],
            "callToAction": "Learn more",
            "landingPage": _page(family, owner, f"ad-{number}"),
            "logo": f"urn:li:image:C4D{number}",
            "organizationName": company,
            "showMemberProfilePhoto": False,
        }
    }


def post(creative: Creative, owner: Account, entry: Entry, place: int, *, software: bool, year: int) -> Element | None:
    """The post behind an ad."""
    reference = str(creative.element["content"].get("reference", ""))
    if not reference.startswith(("urn:li:share:", "urn:li:ugcPost:")):
        return None
    family = texts.family(entry.kind, place, software=software)
    shown: Element = {
        "commentary": family.lines[(texts.version(entry.kind, place, entry.audience, software=software) - 1) % 3]
    }
    if family.headline:
        title = family.headline.format(year=year)
        page = _page(family, owner, f"ad-{creative.id}")
        shown |= {"content": {"article": {"source": page, "title": title}}, "contentLandingPage": page}
    created = creative.element["createdAt"]
    return {
        "id": reference,
        "author": owner.element["reference"],
        "lifecycleState": "PUBLISHED",
        "visibility": "PUBLIC",
        "createdAt": created,
        "lastModifiedAt": created,
        "isReshareDisabledByAuthor": False,
        "distribution": {"feedDistribution": "NONE", "thirdPartyDistributionChannels": []},
        **shown,
        "adContext": {
            "dscName": creative.element["name"],
            "isDsc": True,
            "dscAdAccount": creative.element["account"],
            "dscStatus": "ACTIVE",
        },
    }


def _page(family: texts.Family, owner: Account, ad_name: str) -> str:
    """The landing page of an ad, tagged for the advertiser's web analytics."""
    site = str(owner.element["name"]).partition(" ")[0].lower()
    tags = f"utm_source=linkedin&utm_medium=paid-social&utm_campaign={family.page}&utm_content={ad_name}"
    return f"https://{site}.example/{family.page}?{tags}"
