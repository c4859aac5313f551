"""Vocabularies the sandbox speaks: what LinkedIn's public taxonomies call things, and invented names beside them.

Seniorities, functions, sizes and the first geos and industries carry LinkedIn's own ids; titles, organizations and
the other places are invented.
"""

from __future__ import annotations

SENIORITIES = dict(
    enumerate(
        ("Unpaid", "Training", "Entry", "Senior", "Manager", "Director", "VP", "CXO", "Partner", "Owner"),
        start=1,
    )
)
FUNCTIONS = dict(
    enumerate(
        (
            "Accounting",
            "Administrative",
            "Arts and Design",
            "Business Development",
            "Community and Social Services",
            "Consulting",
            "Education",
            "Engineering",
            "Entrepreneurship",
            "Finance",
            "Healthcare Services",
            "Human Resources",
            "Information Technology",
            "Legal",
            "Marketing",
            "Media and Communication",
            "Military and Protective Services",
            "Operations",
            "Product Management",
            "Program and Project Management",
            "Purchasing",
            "Quality Assurance",
            "Real Estate",
            "Research",
            "Sales",
            "Support",
        ),
        start=1,
    )
)
COMPANY_SIZES = {
    "SIZE_1": "1",
    "SIZE_2_TO_10": "2–10",
    "SIZE_11_TO_50": "11–50",
    "SIZE_51_TO_200": "51–200",
    "SIZE_201_TO_500": "201–500",
    "SIZE_501_TO_1000": "501–1,000",
    "SIZE_1001_TO_5000": "1,001–5,000",
    "SIZE_5001_TO_10000": "5,001–10,000",
    "SIZE_10001_OR_MORE": "10,001+",
}
INDUSTRIES = {
    4: "Software Development",
    6: "Technology, Information and Internet",
    11: "Business Consulting and Services",
    41: "Banking",
    43: "Financial Services",
    46: "Investment Management",
    47: "Accounting",
    68: "Higher Education",
    80: "Advertising Services",
    96: "IT Services and IT Consulting",
} | dict(
    enumerate(
        (
            "Robotics Engineering",
            "Marine Logistics",
            "Textile Machinery",
            "Vineyards and Cellars",
            "Rail Signalling",
            "Glass Works",
            "Packaging Systems",
            "Weather Services",
            "Hospital Supply",
            "Grid Operations",
            'Paper "Fine Goods"',
            "Board Games",
        ),
        start=900_001,
    )
)
COUNTRIES = {103644278: "United States", 101282230: "Germany", 103537801: "Africa"} | dict(
    enumerate(
        (
            "Côte d'Azurea",
            "Nordmark",
            "Österland",
            "日ノ本",
            "Norland",
            "Vesperia",
            "Isla Serena",
            "Kestrel Islands",
            "Lower Lusatria",
            "مدينة البحر",
            "Tarn & Vale",
            "Ruhrland",
        ),
        start=199_000_001,
    )
)
REGIONS = {
    102095887: "California, United States",
    102748797: "Texas, United States",
    105080838: "New York, United States",
} | {
    198_000_000 + number: f"{quarter} {country}"
    for number, (country, quarter) in enumerate(
        ((country, quarter) for country in COUNTRIES.values() for quarter in ("Northern", "Southern", "Coastal")),
        start=1,
    )
}
_RANKS = ("Junior", "Senior", "Lead", "Principal", "Chief", "Deputy", "Interim", "Regional")
_TRADES = (
    "Plant Manager",
    "Data Engineer",
    "Procurement Officer",
    "Controller",
    "Safety Inspector",
    "Marketing Manager",
    "Account Executive",
    "Robotics Technician",
    "Product Owner",
    "Site Reliability Engineer",
    "Recruiter",
    "Logistics Planner",
    "Vice President",
    "Architect",
    "Analyst",
    "Librarian",
)
TITLES = {
    number: f"{rank} {trade}"
    for number, (rank, trade) in enumerate(((rank, trade) for trade in _TRADES for rank in _RANKS), start=9_001)
}
_FIRST = (
    "Amber",
    "Birch",
    "Cobalt",
    "Delta",
    "Ember",
    "Fjord",
    "Granite",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kelvin",
    "Larch",
)
_SECOND = (
    "Robotics",
    "Foods",
    "Analytics",
    "Shipping",
    "Optics",
    "Mills",
    "Energy",
    "Textiles",
    "Labs",
    "Rail",
    "Paper",
)
_THIRD = ("GmbH", "Inc.", "AG", "Ltd", "& Sons", "Co., Ltd", "S.A.", "Group", "Collective", "Works", "BV", "KK", "Oy")

ORGANIZATION_COUNT = len(_FIRST) * len(_SECOND) * len(_THIRD)
FIRST_ORGANIZATION = 7_700_001

CAMPAIGN_NAMES = (
    "Always on | Plant managers",
    'Autumn "Smart Factory" push',
    "Launch 🚀 Cobot X2 – DACH",
    "<script>alert('campaign')</script>",
    "**Bold** _moves_ & {{ placeholders }}",
    "=cmd|' /C calc'!A0",
    "Retargeting – page visitors, 90 days",
    "حملة الشتاء للمهندسين",
    "夏の新製品キャンペーン",
    "O'Brien's lookalike; drop table campaigns;--",
    "Very long name " + "that never seems to end " * 13,
    "Webinar: lean production",
    "Brand | Hiring | Engineers",
    "+49 30 hotline test",
    "\tTabs and  spaces  ",
    "Q4 lead magnet [whitepaper](https://example.com)",
)
CREATIVE_NAMES = (
    "Video A – robot arm",
    "Carousel 'five steps'",
    "Quote “less downtime” 💡",
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("https://example.com")',
    "مثال إعلان",
    "Document ad: {{guide}}",
    "Headline test 3/5",
    "X" * 300,
)
COMMENTARIES = (
    "Your line stops for 40 minutes every week. Here is how three plants got that time back.",
    "We are hiring! 🎉 #robotics",
    "Safety is not a department.",
    "Read the **guide** <b>before</b> your next audit",
    "„Einfach anfangen“ – ein Gespräch mit unserer Werkleiterin über Roboter, Mut und Kaffee in der Nachtschicht",
)
HEADLINES = ("Less downtime, more coffee", "Robots that ask first", 'The "boring" upgrade', "Audit in 10 minutes 🤖")


def organization_name(number: int) -> str | None:
    """The name of an employer; every 40th is one LinkedIn does not resolve."""
    index = number - FIRST_ORGANIZATION
    if not 0 <= index < ORGANIZATION_COUNT or index % 40 == 39:
        return None
    rest, third = divmod(index, len(_THIRD))
    first, second = divmod(rest, len(_SECOND))
    return f"{_FIRST[first]} {_SECOND[second]} {_THIRD[third]}"


_BY_KIND = {
    "seniority": SENIORITIES,
    "function": FUNCTIONS,
    "title": TITLES,
    "industry": INDUSTRIES,
    "geo": COUNTRIES | REGIONS,
}


def urn_name(urn: str) -> str | None:
    """What `adTargetingEntities` calls a URN in English, or None where it stays silent."""
    kind, _, key = urn.removeprefix("urn:li:").partition(":")
    if not urn.startswith("urn:li:") or not key.isdigit():
        return None
    if kind == "organization":
        return organization_name(int(key))
    if kind == "title" and int(key) % 50 == 0:  # a few titles do not resolve either
        return None
    return _BY_KIND.get(kind, {}).get(int(key))


def _urns(kind: str, ids: object) -> tuple[str, ...]:
    return tuple(f"urn:li:{kind}:{number}" for number in ids)  # type: ignore[attr-defined]


SEGMENTS: dict[str, tuple[str, ...]] = {
    "MEMBER_SENIORITY": _urns("seniority", SENIORITIES),
    "MEMBER_JOB_FUNCTION": _urns("function", FUNCTIONS),
    "MEMBER_JOB_TITLE": _urns("title", TITLES),
    "MEMBER_INDUSTRY": _urns("industry", INDUSTRIES),
    "MEMBER_COMPANY_SIZE": tuple(COMPANY_SIZES),
    "MEMBER_COMPANY": _urns("organization", range(FIRST_ORGANIZATION, FIRST_ORGANIZATION + ORGANIZATION_COUNT)),
    "MEMBER_COUNTRY_V2": _urns("geo", COUNTRIES),
    "MEMBER_REGION_V2": _urns("geo", REGIONS),
}
"""Every value a demographic pivot can take."""
