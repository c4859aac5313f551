"""What creatives show: the `content` union of a creative, and the posts some of them refer to.

Source: LinkedIn docs "Creatives" and "Posts API"; `spotlight` as in LinkedIn's published samples.
"""

from __future__ import annotations

from typing import Any

from workbench.sandbox.world.hostile.names import COMMENTARIES, HEADLINES
from workbench.sandbox.world.model import Element

_REFERENCES = frozenset({"share", "ugcPost", "adInMailContent"})


def content(kind: str, number: int, organization: str) -> Element:
    """The `content` of creative `number`; the campaign's kind decides the union's key."""
    if kind in _REFERENCES:
        return {"reference": f"urn:li:{kind}:{7_290_000_000_000_000_000 + number}"}
    headline = HEADLINES[number % len(HEADLINES)]
    shown: dict[str, Any] = {
        "textAd": {
            "headline": headline,
            "description": "Book a free audit of your line.",
            "landingPage": "https://northwind.example/audit?utm_source=linkedin&utm_campaign=Q4%20%C3%9Cber+mehr#top",
            "image": f"urn:li:image:C4E{number}",
        },
        "spotlight": {
            "headline": headline,
            "description": "See what your plant could do.",
            "callToAction": "Learn more",
            "landingPage": f"https://northwind.example/s?id={number}&UTM_Source=li&utm_content=%ff&utm_term=",
            "logo": f"urn:li:image:C4D{number}",
            "organizationName": "Northwind Robotics",
            "showMemberProfilePhoto": True,
        },
        "follow": {
            "headline": {"custom": headline} if number % 2 else headline,
            "description": "News from the factory floor.",
            "callToAction": "VISIT_COMPANY",
            "organizationName": "Northwind Robotics",
            "logo": f"urn:li:image:C4F{number}",
        },
        "jobs": {"organizationName": "Northwind Robotics", "logo": f"urn:li:image:C4J{number}"},
        "document": {"document": f"urn:li:document:D4{number}", "author": organization},
        "eventAd": {
            "post": f"urn:li:ugcPost:{7_290_000_000_000_000_000 + number}",
            "event": f"urn:li:event:{number}",
            "directSponsoredContent": True,
            "contentAuthor": organization,
            "hidePreviewVideo": False,
        },
    }
    return {kind: shown[kind]}


def post(urn: str, account_urn: str, organization: str) -> Element | None:
    """The post behind a `share` or `ugcPost`, or None where it was deleted."""
    number = int(urn.rpartition(":")[2])
    text = COMMENTARIES[number % len(COMMENTARIES)]
    kinds: tuple[Element | None, ...] = (
        {"commentary": text, "adContext": {"dscName": f"Dark post {number % 1000}: {text[:20]}", "isDsc": True}},
        {"commentary": text, "contentLandingPage": "https://example.com/?utm_medium=paid%00&x=utm_source=no"},
        {
            "commentary": "",
            "content": {"article": {"source": "https://example.com/a", "title": "How lines stop stopping"}},
        },
        {"commentary": "", "content": {"media": {"id": f"urn:li:video:V{number}", "title": "Cobot X2 in 30 seconds"}}},
        {"commentary": "", "content": {"multiImage": {"images": []}}},
        {"commentary": text, "content": {"carousel": {"cards": []}}, "adContext": {"isDsc": True}},
        None,
    )
    shown = kinds[number % len(kinds)]
    if shown is None:
        return None
    ad_context = {"dscAdAccount": account_urn, "dscStatus": "ACTIVE", **shown.get("adContext", {})}
    return {
        "id": urn,
        "author": organization,
        "lifecycleState": "PUBLISHED",
        "visibility": "PUBLIC",
        "createdAt": 1_756_684_800_000 + number % 1_000_000,
        "lastModifiedAt": 1_756_684_800_000 + number % 1_000_000,
        "isReshareDisabledByAuthor": False,
        "distribution": {"feedDistribution": "NONE", "thirdPartyDistributionChannels": []},
        **shown,
        "adContext": ad_context,
    }
