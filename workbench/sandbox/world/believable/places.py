"""The believable world's vocabulary: real places, titles and industries, and employers that are invented.

Countries, industries and the first regions carry LinkedIn's own ids; titles, employers and other regions have ours.
"""

from __future__ import annotations

from workbench.sandbox.world.believable.naming import COUNTRIES
from workbench.sandbox.world.vocabulary import Vocabulary

COUNTRY_IDS = {
    "United States": 103644278,
    "Canada": 101174742,
    "Mexico": 103323778,
    "Germany": 101282230,
    "Austria": 103883259,
    "Switzerland": 106693272,
    "United Kingdom": 101165590,
    "Ireland": 104738515,
    "Sweden": 105117694,
    "Denmark": 104514075,
    "Norway": 103819153,
    "Finland": 100456013,
    "Netherlands": 102890719,
    "Belgium": 100565514,
    "Luxembourg": 104042105,
    "France": 105015875,
    "Spain": 105646813,
    "Portugal": 100364837,
    "Italy": 103350119,
    "Poland": 105072130,
    "Czechia": 104508036,
    "Hungary": 100288700,
    "Japan": 101355337,
}
_REGIONS = {
    "United States": ("Michigan", "Ohio", "Illinois", "Indiana", "Wisconsin", "North Carolina", "Washington"),
    "Canada": ("Ontario", "Quebec", "British Columbia"),
    "Mexico": ("Nuevo León", "Jalisco"),
    "Germany": ("Bavaria", "Baden-Württemberg", "North Rhine-Westphalia", "Lower Saxony", "Saxony"),
    "Austria": ("Upper Austria", "Styria", "Vienna"),
    "Switzerland": ("Zurich", "Aargau", "Bern"),
    "United Kingdom": ("England", "Scotland", "Wales"),
    "Ireland": ("Leinster", "Munster"),
    "Sweden": ("Västra Götaland County", "Stockholm County"),
    "Denmark": ("Central Denmark Region", "Capital Region"),
    "Norway": ("Vestland", "Rogaland"),
    "Finland": ("Uusimaa", "Pirkanmaa"),
    "Netherlands": ("North Brabant", "South Holland"),
    "Belgium": ("Flemish Region", "Walloon Region"),
    "France": ("Auvergne-Rhône-Alpes", "Grand Est", "Île-de-France"),
    "Spain": ("Catalonia", "Basque Country"),
    "Portugal": ("Porto", "Aveiro"),
    "Italy": ("Lombardy", "Emilia-Romagna", "Piedmont"),
    "Poland": ("Silesia", "Lower Silesia"),
    "Czechia": ("South Moravia", "Central Bohemia"),
    "Hungary": ("Győr-Moson-Sopron", "Pest"),
    "Japan": ("Tokyo", "Aichi", "Osaka", "Kanagawa", "Shizuoka"),
}
_KNOWN = {102095887: ("California", "United States"), 102748797: ("Texas", "United States")}
_PLACED = _KNOWN | dict(
    enumerate(((region, country) for country, regions in _REGIONS.items() for region in regions), start=197_000_001)
)
_TITLES = (
    "Plant Manager",
    "Head of Operations",
    "Production Manager",
    "Maintenance Manager",
    "Quality Manager",
    "Automation Engineer",
    "Manufacturing Engineer",
    "Operations Director",
    "Process Engineer",
    "Continuous Improvement Manager",
    "Supply Chain Manager",
    "Chief Operating Officer",
    "Technical Director",
    "Production Planner",
    "Industrial Engineer",
    "Robotics Engineer",
    "Purchasing Manager",
    "Strategic Buyer",
    "Project Manager",
    "Plant Engineer",
    "Chief Technology Officer",
    "Managing Director",
    "Controls Engineer",
    "Quality Engineer",
    "IT Manager",
    "Controller",
    "Finance Manager",
    "Chief Financial Officer",
    "Accounting Manager",
    "Mechanical Engineer",
    "Student",
    "Apprentice",
    "Shift Supervisor",
    "Warehouse Manager",
    "Sales Engineer",
    "Consultant",
)
_INDUSTRIES = {
    53: "Motor Vehicle Manufacturing",
    55: "Machinery Manufacturing",
    147: "Automation Machinery Manufacturing",
    135: "Industrial Machinery Manufacturing",
    112: "Appliances, Electrical, and Electronics Manufacturing",
    23: "Food and Beverage Manufacturing",
    117: "Plastics Manufacturing",
    52: "Aviation and Aerospace Component Manufacturing",
    15: "Pharmaceutical Manufacturing",
    17: "Medical Equipment Manufacturing",
    54: "Chemical Manufacturing",
    116: "Transportation, Logistics, Supply Chain and Storage",
    4: "Software Development",
    96: "IT Services and IT Consulting",
    11: "Business Consulting and Services",
    43: "Financial Services",
    27: "Retail",
    68: "Higher Education",
}
_FAMILIES = (
    *("Brandt", "Hallberg", "Ashworth", "Lindqvist", "Moreau", "Castellan", "Vogler", "Pemberton", "Jansma", "Rautio"),
    *("Calder", "Whitlock", "Prescott", "Dunmore", "Okafor", "Ellison", "Sorrento", "Bellamy", "Kessler", "Thorne"),
    *("Hoshino", "Arakawa", "Minato", "Shirakawa", "Fujino", "Kuroda", "Nishida", "Tamura", "Onodera", "Hayami"),
)
_TRADES = (
    *("Automotive", "Castings", "Foods", "Packaging", "Machine Works", "Logistics", "Electronics", "Medical"),
    *("Plastics", "Bearings", "Chemicals", "Tooling", "Beverages", "Aerospace", "Textiles", "Components"),
)
_FORMS = (("GmbH", "AB", "Ltd", "B.V.", "S.p.A."), ("Inc.", "Corp.", "LLC", "Group", "Holdings"), ("K.K.", "Co., Ltd."))
_FIRST_EMPLOYER = 8_120_001
_A_REGION = 10 * len(_TRADES)


def employers(account: int) -> range:
    """Employers of the people whom the ads of account number `account` reach."""
    first = _FIRST_EMPLOYER + account % 3 * _A_REGION
    return range(first, first + _A_REGION)


def employer(number: int) -> str | None:
    """The name of an employer; every 50th is one LinkedIn does not resolve."""
    index = number - _FIRST_EMPLOYER
    if not 0 <= index < 3 * _A_REGION or index % 50 == 49:
        return None
    family, trade = divmod(index, len(_TRADES))
    forms = _FORMS[index // _A_REGION]
    return f"{_FAMILIES[family]} {_TRADES[trade]} {forms[index % len(forms)]}"


def regions_of(place: str) -> list[int]:
    """Regions of the countries that a place of an ad set's name stands for."""
    return [number for number, (_, country) in _PLACED.items() if country in COUNTRIES[place]]


VOCABULARY = Vocabulary(
    titles=dict(enumerate(_TITLES, start=11_001)),
    industries=_INDUSTRIES,
    countries={number: country for country, number in COUNTRY_IDS.items()},
    regions={number: f"{region}, {country}" for number, (region, country) in _PLACED.items()},
    organizations=range(_FIRST_EMPLOYER, _FIRST_EMPLOYER + 3 * _A_REGION),
    organization_name=employer,
)
