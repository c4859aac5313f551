"""What the sandbox's world is made of: entities as LinkedIn sends them, rows of figures, and who sees the ads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import add
from typing import Any, NamedTuple, Protocol, TypeAlias

from workbench.sandbox.world.vocabulary import Vocabulary

Element: TypeAlias = dict[str, Any]


class MetricsRow(NamedTuple):
    """Core metrics of a day or a sum of days, then how often videos and documents were shown.

    Money is counted in units of 10⁻⁵ of its currency, so sums are exact.
    """

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
    video_impressions: int = 0
    document_impressions: int = 0

    def plus(self, other: MetricsRow) -> MetricsRow:
        """The sum, figure by figure."""
        return MetricsRow(*map(add, self, other))

    def times(self, part: int, whole: int) -> MetricsRow:
        """`part` of `whole` of every figure, each rounded down."""
        return MetricsRow._make([figure * part // whole for figure in self])


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
"""LinkedIn's names of the first fields of a `MetricsRow`, in the same order."""

MONEY = frozenset({"costInLocalCurrency", "costInUsd", "conversionValueInLocalCurrency"})
UNITS = 100_000

MEMBER = "urn:li:person:aB3dE5fGhI"


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
    first: int
    """The day (ordinal) from which it can deliver."""
    last: int
    """The day until which it can; before `first`: it never delivers."""


@dataclass
class Cast:
    """All entities by id, ids ascending."""

    accounts: dict[int, Account] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    creatives: dict[int, Creative] = field(default_factory=dict)


class Slice(NamedTuple):
    """One value of a demographic pivot, as one campaign reaches it."""

    value: str
    share: int
    """Of impressions and cost, per million."""
    response: int
    """Of clicks and the like, in percent of the campaign's average."""
    lead_response: int
    """Of leads, the same."""


class Change(NamedTuple):
    """What a member changes in an entity on a day (ordinal)."""

    day: int
    resource: str
    identifier: int
    fields: Element


class Correction(NamedTuple):
    """On `day` (ordinal) LinkedIn changes what an ad set delivered from `first` to `last` to `percent` of it."""

    day: int
    first: int
    last: int
    percent: int
    campaign_id: int


class Invention(Protocol):
    """A world as it was invented: who is in it, what they deliver, and to whom.

    Figures depend on seed, plan and day alone. What of them changes later is for `World`.
    """

    cast: Cast
    vocabulary: Vocabulary
    removed: set[tuple[str, int]]
    """(resource, id) of what is no longer listed, though it delivered."""
    changes: list[Change]
    """What happens to entities later than they are described in `cast`."""
    corrections: list[Correction]
    """What happens to figures later than they are told first."""

    def month(self, creative: Creative, year: int, month: int) -> dict[int, MetricsRow]:
        """Settled rows by day (ordinal) of one month; a day without delivery has none."""

    def visible(self, creative: Creative, day: int, settled: MetricsRow, age: int) -> MetricsRow:
        """The figures that LinkedIn shows of a settled day `age` days later."""

    def audience(self, campaign_id: int, pivot: str) -> tuple[Slice, ...]:
        """The values that a campaign reaches, at most 100, largest first."""

    def places(self, creative: Creative, day: int, row: MetricsRow) -> Iterable[tuple[str, MetricsRow]]:
        """The parts of a row by SERVING_LOCATION."""

    def post(self, creative: Creative) -> Element | None:
        """The post behind a creative's reference, or None where there is none."""
