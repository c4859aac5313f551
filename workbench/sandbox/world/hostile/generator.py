"""Invent a whole world from its size, seed and first day: who has how many campaigns and creatives.

Everything is drawn from one seeded generator, so the same three values give the same world, element for element.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from workbench.sandbox.world.figures import partial
from workbench.sandbox.world.hostile.accounts import account, group
from workbench.sandbox.world.hostile.audiences import audience
from workbench.sandbox.world.hostile.campaigns import campaign
from workbench.sandbox.world.hostile.content import post
from workbench.sandbox.world.hostile.creatives import creative
from workbench.sandbox.world.hostile.delivery import Plan, month_rows, reported
from workbench.sandbox.world.hostile.names import VOCABULARY
from workbench.sandbox.world.hostile.recipes import CAMPAIGN_STATUSES, RECIPES, SMALL_STATUSES
from workbench.sandbox.world.model import Account, Cast, Change, Correction, Creative, Element, MetricsRow, Slice
from workbench.sandbox.world.random_source import Stage

SIZES = {"small": (3, 12, 40), "medium": (5, 200, 1_000), "large": (20, 2_000, 12_000)}
"""Listed accounts, campaigns, creatives. The last account of each is empty; from medium on one is a test account."""

_ACCOUNT_NAMES = ("Northwind Robotics EMEA", "Kestrel 東京 K.K.", 'Blue "Harbor" Foods <US>', "Fjord & Søn 🧊")
_ROLES = ("VIEWER", "CAMPAIGN_MANAGER", "CREATIVE_MANAGER", "ACCOUNT_MANAGER", "ACCOUNT_BILLING_ADMIN")
_PLACES = (("ON_SITE", 88), ("OFF_SITE", 12))
_HIDDEN = 2
"""Campaigns, and creatives, of the one account on which the member has no role."""


class HostileWorld:
    """The entities of a world whose stories end on `today`, and what they deliver.

    Args:
        size: a key of `SIZES`.
        seed: another seed, another world.
        today: the UTC day everything is dated against.
        quirks: with fields and enum values that no documentation knows.
    """

    def __init__(self, size: str, seed: int, today: date, *, quirks: bool = True) -> None:
        self.seed, self.vocabulary = seed, VOCABULARY
        stage, cast = Stage(size, seed, today), Cast()
        accounts, campaigns, creatives = SIZES[size]
        homes, hidden = _add_accounts(stage, cast, accounts)
        _add_groups(stage, cast, [*homes, hidden], max(2, min(8, campaigns // 12)))
        _add_campaigns(stage, cast, homes, hidden, campaigns)
        self._plans = _add_creatives(stage, cast, creatives)
        if quirks:
            _add_quirks(cast)
        self.cast, self.changes = cast, list[Change]()
        self.corrections: list[Correction] = []
        # One creative has been gone from the listing for long; what it delivers still counts.
        self.removed = {("creatives", next(iter(cast.campaigns.values())).creative_ids[1])}

    def month(self, creative: Creative, year: int, month: int) -> dict[int, MetricsRow]:
        return month_rows(self._plans[creative.id], f"{self.seed}:{creative.id}", year, month)

    def visible(self, creative: Creative, day: int, settled: MetricsRow, age: int) -> MetricsRow:
        """The visible part of a day: half of today; of conversions, the percentage reported after `age` days."""
        whole_money = self._plans[creative.id].whole_money
        row = partial(settled, whole_money) if age == 0 else settled
        if row.external_website_conversions:
            return reported(row, _reported_percent(age), whole_money)
        return row

    def audience(self, campaign_id: int, pivot: str) -> tuple[Slice, ...]:
        return audience(self.seed, campaign_id, pivot)

    def places(self, creative: Creative, day: int, row: MetricsRow) -> Iterable[tuple[str, MetricsRow]]:
        return [(place, row.times(percent, 100)) for place, percent in _PLACES]

    def post(self, creative: Creative) -> Element | None:
        account = self.cast.accounts[creative.account_id].element
        return post(creative.element["content"]["reference"], creative.element["account"], account["reference"])


def _reported_percent(age: int) -> int:
    """The percentage of a day's conversions reported after `age` days (attribution windows are up to 30 days long)."""
    return 55 if age <= 1 else 75 if age <= 6 else 90 if age <= 29 else 100


def _add_accounts(stage: Stage, cast: Cast, count: int) -> tuple[list[Account], Account]:
    """Those that have campaigns, and the one the member must not see; between them stands an empty one."""
    for number in range(count + 1):
        name = _ACCOUNT_NAMES[number % 4] + (f" {number}" if number >= 4 else "")
        added = account(stage, number, name, test=stage.size != "small" and number == count - 2)
        added.role = _ROLES[number % len(_ROLES)]
        cast.accounts[added.id] = added
    *homes, _, hidden = cast.accounts.values()
    hidden.role = None
    return homes, hidden


def _add_groups(stage: Stage, cast: Cast, homes: Sequence[Account], each: int) -> None:
    for number in range(len(homes) * each):
        added = group(stage, number, homes[number // each])
        cast.groups[added.id] = added


def _add_campaigns(stage: Stage, cast: Cast, homes: Sequence[Account], hidden: Account, count: int) -> None:
    statuses = SMALL_STATUSES if stage.size == "small" else CAMPAIGN_STATUSES
    groups: dict[int, list[int]] = {}
    for member in cast.groups.values():
        groups.setdefault(member.account_id, []).append(member.id)
    for number in range(count + _HIDDEN):
        home = hidden if number >= count else homes[number % len(homes)]
        own = groups[home.id]
        added = campaign(stage, number, home, own[number // 3 % len(own)], statuses[number % len(statuses)])
        cast.campaigns[added.id] = added


def _add_creatives(stage: Stage, cast: Cast, count: int) -> dict[int, Plan]:
    """Adds them; returns the plans of those that deliver, by id."""
    plans = {}
    campaigns = list(cast.campaigns.values())
    visible = len(campaigns) - _HIDDEN
    for number in range(count + _HIDDEN):
        place = visible + number - count if number >= count else number % visible
        home = campaigns[place]
        added, plan = creative(stage, number, cast.accounts[home.account_id], home, RECIPES[place % len(RECIPES)])
        home.creative_ids.append(added.id)
        cast.creatives[added.id] = added
        if plan is not None:
            plans[added.id] = plan
    return plans


def _add_quirks(cast: Cast) -> None:
    """Add what LinkedIn adds inside a version: enum values and fields that no documentation names."""
    for number, member in enumerate(cast.campaigns.values()):
        if number % 11 == 5:
            member.element["servingStatuses"].append("CAMPAIGN_PACING_REVIEW_HOLD")
            member.element["deliveryForecast"] = {"confidence": 0.75, "horizonDays": 30}
        if number % 11 == 8:
            member.element["objectiveType"] = "COMMUNITY_GROWTH"
    for number, shown in enumerate(cast.creatives.values()):
        if number % 17 == 6:
            shown.element["intendedStatus"] = "SCHEDULED"
            shown.element["variantOf"] = None
