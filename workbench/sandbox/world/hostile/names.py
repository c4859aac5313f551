"""The hostile world's names: markup, formulas, other scripts, and places and employers that do not exist.

The first geos and industries carry LinkedIn's own ids.
"""

from __future__ import annotations

from workbench.sandbox.world.vocabulary import Vocabulary

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


VOCABULARY = Vocabulary(
    titles=TITLES,
    industries=INDUSTRIES,
    countries=COUNTRIES,
    regions=REGIONS,
    organizations=range(FIRST_ORGANIZATION, FIRST_ORGANIZATION + ORGANIZATION_COUNT),
    organization_name=organization_name,
    silent_titles=frozenset(number for number in TITLES if number % 50 == 0),
)
