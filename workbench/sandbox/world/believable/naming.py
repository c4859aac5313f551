"""Names: accounts, audiences and places, and the convention that 95 % of the ad sets keep.

The convention puts what cannot change first (format, objective, audience, place), as AJ Wilcox teaches; dated groups
after Yirla.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from workbench.sandbox.world.believable.levels import Kind


@dataclass(frozen=True)
class Client:
    """An advertiser's account.

    Attributes:
        monthly: what it plans to spend a month, in its currency.
        mix: spend by kind of ad set, in percent.
    """

    name: str
    currency: str
    region: str
    monthly: int
    mix: tuple[tuple[str, int], ...]
    software: bool = False


# The mix of spend by kind is ours; together: images for leads most, then website conversions, documents and video.
_EMEA = (
    ("image", 38),
    ("document", 10),
    ("video", 20),
    ("website", 13),
    ("carousel", 6),
    ("message", 5),
    ("leader", 8),
)
_AMERICAS = (
    ("image", 34),
    ("document", 14),
    ("website", 12),
    ("video", 10),
    ("awareness", 10),
    ("message", 7),
    ("leader", 6),
    ("carousel", 5),
    ("jobs", 2),
)
_ASIA = (("image", 58), ("awareness", 18), ("document", 13), ("leader", 10), ("spotlight", 1))
CLIENTS = (
    Client("Northwind Robotics · EMEA", "EUR", "EMEA", 45_000, _EMEA),
    Client("Northwind Robotics · North America", "USD", "AMER", 30_000, _AMERICAS),
    Client("Kestrel Software K.K.", "JPY", "APAC", 1_800_000, _ASIA, software=True),
)
EMPTY = Client("Northwind · Sandbox (test)", "EUR", "EMEA", 0, ())
_MORE = (
    "Halden Pumps",
    "Brightwater Analytics",
    "Ostrava Castings",
    "Larkfield Payroll",
    "Meridian Valves",
    "Tanaka Precision",
    "Corvid Security",
    "Aldergate Packaging",
)


def clients(count: int) -> tuple[Client, ...]:
    """`count` accounts with campaigns: the three of every size, and an agency's others."""
    others = []
    for number in range(max(0, count - len(CLIENTS))):
        like = CLIENTS[number % 3]
        name = _MORE[number % len(_MORE)] + ("" if number < len(_MORE) else f" {like.region}")
        others.append(Client(name, like.currency, like.region, like.monthly // 2, like.mix, software=number % 2 == 1))
    return (*CLIENTS, *others)


AUDIENCES = {
    # name: how often one of its members sees an ad in one day (small audiences tire in three weeks, broad ones in ten)
    "Plant managers": 0.055,
    "Ops directors+": 0.05,
    "Quality leads": 0.06,
    "Head of ops 501+": 0.05,
    "Maintenance leads": 0.045,
    "Production engineers": 0.03,
    "Supply chain leads": 0.04,
    "Manufacturing IT": 0.035,
    "CTO founders": 0.04,
    "Tier 1 automotive": 0.2,
    "Page visitors 90d": 0.12,
    "Lookalike customers": 0.03,
}
FINANCE_AUDIENCES = {
    "Controllers": 0.05,
    "CFO 201+": 0.06,
    "Finance managers": 0.035,
    "Accounting leads": 0.04,
    "Page visitors 90d": 0.12,
    "IT directors": 0.04,
    "CTO founders": 0.04,
}
PLACES = {
    "EMEA": ("DACH", "UK&I", "Nordics", "Benelux", "France", "Iberia", "Italy", "CEE"),
    "AMER": ("US", "US Midwest", "US South", "US West", "Canada", "NORAM"),
    "APAC": ("Japan", "Kanto", "Kansai", "Chubu"),
}
COUNTRIES = {
    "DACH": ("Germany", "Switzerland", "Austria"),
    "UK&I": ("United Kingdom", "Ireland"),
    "Nordics": ("Sweden", "Denmark", "Norway", "Finland"),
    "Benelux": ("Netherlands", "Belgium", "Luxembourg"),
    "France": ("France",),
    "Iberia": ("Spain", "Portugal"),
    "Italy": ("Italy",),
    "CEE": ("Poland", "Czechia", "Hungary"),
    "US": ("United States",),
    "US Midwest": ("United States",),
    "US South": ("United States",),
    "US West": ("United States",),
    "Canada": ("Canada",),
    "NORAM": ("United States", "Canada", "Mexico"),
    "Japan": ("Japan",),
    "Kanto": ("Japan",),
    "Kansai": ("Japan",),
    "Chubu": ("Japan",),
}


def ad_set(kind: Kind, audience: str, place: str) -> str:
    """`SC-IMG | LG | Plant managers | DACH`."""
    return f"{kind.code} | {kind.goal} | {audience} | {place}"


BREAKS: tuple[Callable[[str], str], ...] = (
    lambda name: f"Copy of {name}",
    lambda name: name.rpartition(" | ")[0],
    lambda name: f"{name} ",
    lambda name: name.replace(" | ", " - ").lower(),
    lambda name: f"{name} (2)",
)
"""What people do to names: copy, forget the place, leave a space behind, write their own way."""


def group(theme: str, day: date) -> str:
    """`2026Q4 | Demand gen | Cobot X2`; what is always on has no quarter."""
    if theme.startswith(("Always on", "ABM", "Hiring")):
        return theme
    return f"{day.year}Q{(day.month + 2) // 3} | {theme}"
