"""What the sandbox's world is made of: entities as LinkedIn sends them, each with the plan by which it delivers."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import add
from typing import Any, NamedTuple, TypeAlias

Element: TypeAlias = dict[str, Any]


class MetricsRow(NamedTuple):
    """Core metrics of a day or a sum of days. Money is counted in units of 10⁻⁵ of its currency, so sums are exact."""

    impressions: int
    clicks: int
    cost_in_local_currency: int
    cost_in_usd: int
    landing_page_clicks: int
    total_engagements: int
    likes: int
    comments: int
    shares: int
    follows: int
    one_click_leads: int
    one_click_lead_form_opens: int
    external_website_conversions: int
    external_website_post_click_conversions: int
    external_website_post_view_conversions: int
    conversion_value_in_local_currency: int
    opens: int
    sends: int

    def plus(self, other: MetricsRow) -> MetricsRow:
        """The sum, figure by figure."""
        return MetricsRow(*map(add, self, other))

    def times(self, part: int, whole: int) -> MetricsRow:
        """`part` of `whole` of every figure, each rounded down."""
        return MetricsRow(*(figure * part // whole for figure in self))


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
"""LinkedIn's names of the fields of a `MetricsRow`, in the same order."""

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
