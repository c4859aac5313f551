"""What the sandbox's world is made of: entities as LinkedIn sends them, each with the plan by which it delivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Element: TypeAlias = dict[str, Any]
Row: TypeAlias = tuple[int, ...]

CORE = (
    "impressions",
    "clicks",
    "costInLocalCurrency",
    "costInUsd",
    "landingPageClicks",
    "totalEngagements",
    "likes",
    "comments",
    "shares",
    "follows",
    "oneClickLeads",
    "oneClickLeadFormOpens",
    "externalWebsiteConversions",
    "externalWebsitePostClickConversions",
    "externalWebsitePostViewConversions",
    "conversionValueInLocalCurrency",
    "opens",
    "sends",
)
"""The members of a `Row`, in order. Money is counted in units of 10⁻⁵ of its currency, so sums are exact."""

MONEY = frozenset({"costInLocalCurrency", "costInUsd", "conversionValueInLocalCurrency"})
UNITS = 100_000

MEMBER = "urn:li:person:aB3dE5fGhI"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a creative delivers. Days are proleptic ordinals; rates are parts per million."""

    first: int
    last: int
    impressions: int
    click_rate: int
    cost_per_mille: int
    cost_per_click: int
    weekend: int
    idle: int
    fatigue_days: int
    engagement_rate: int
    lead_rate: int = 0
    conversion_rate: int = 0
    view_conversion_rate: int = 0
    conversion_value: int = 0
    landing_share: int = 700_000
    message: bool = False
    whole_money: bool = False
    usd_per_million: int = 1_000_000


@dataclass(kw_only=True)
class Account:
    id: int
    currency: str
    element: Element
    role: str | None = "VIEWER"
    """The member's role; None: this account exists, but the member must not see it."""


@dataclass(kw_only=True)
class Group:
    id: int
    account_id: int
    element: Element


@dataclass(kw_only=True)
class Campaign:
    id: int
    account_id: int
    group_id: int
    element: Element
    creative_ids: list[int] = field(default_factory=list)


@dataclass(kw_only=True)
class Creative:
    id: int
    account_id: int
    campaign_id: int
    element: Element
    plan: Plan | None
    """None: it never delivers."""
