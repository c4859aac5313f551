"""The sandbox's world: entities, what they delivered, and the switches that change both.

It knows nothing of HTTP. A day's figures depend on seed, plan and day alone; what of them is visible depends on the
clock: today is half over, conversions keep arriving for thirty days, and restatements change earlier answers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from workbench.sandbox.clock import Clock
from workbench.sandbox.world import lead_forms
from workbench.sandbox.world.conversion_rules import RuleBook
from workbench.sandbox.world.demography import portions
from workbench.sandbox.world.figures import scaled
from workbench.sandbox.world.inventions import invent
from workbench.sandbox.world.model import Account, Campaign, Creative, Element, Group, MetricsRow
from workbench.sandbox.world.restatements import Restatement

_CACHED_ROWS = 200_000
_OFFICE_HOURS = time(9, 40)


class World:
    """Accounts, groups, campaigns, creatives, posts and delivery of one invented advertiser.

    Args:
        world: `believable` or `hostile`.
        size: `small`, `medium` or `large`.
        seed: another seed, another world.
        clock: whose day is today.
        quirks: (hostile) with fields and enum values that no documentation knows.
        anchor: the day on which the world's stories end; None: the clock's day now.
        stories: (believable) which stories happen; None: all.
    """

    def __init__(
        self,
        *,
        world: str = "hostile",
        size: str = "small",
        seed: int = 1,
        clock: Clock | None = None,
        quirks: bool = True,
        anchor: date | None = None,
        stories: frozenset[str] | None = None,
    ) -> None:
        self.name, self.size, self.seed = world, size, seed
        self.clock = clock or Clock()
        self.anchor = anchor or self.clock.today
        self._invention = invent(world, size, seed, self.anchor, quirks=quirks, stories=stories)
        self.vocabulary = self._invention.vocabulary
        cast = self._invention.cast
        self.accounts: dict[int, Account] = cast.accounts
        self.groups: dict[int, Group] = cast.groups
        self.campaigns: dict[int, Campaign] = cast.campaigns
        self.creatives: dict[int, Creative] = cast.creatives
        self.creatives_by_account: dict[int, list[Creative]] = {account_id: [] for account_id in self.accounts}
        for creative in self.creatives.values():
            self.creatives_by_account[creative.account_id].append(creative)
        self._by_reference = {
            creative.element["content"]["reference"]: creative
            for creative in self.creatives.values()
            if "reference" in creative.element.get("content", {})
        }
        self._changes = sorted(self._invention.changes, key=lambda change: change.day, reverse=True)
        self._restatements = [
            Restatement(
                first=one.first,
                last=one.last,
                percent=one.percent,
                campaign_id=one.campaign_id,
                creative_id=None,
                since=one.day,
            )
            for one in self._invention.corrections
        ]
        self._cache: dict[tuple[int, int, int], dict[int, MetricsRow]] = {}
        self._totals: dict[tuple[int, date, date], MetricsRow | None] = {}
        self._cached_rows = 0
        self._cached_on = self.anchor
        self.removed: set[tuple[str, int]] = set(self._invention.removed)
        self.rules = RuleBook(
            {c.account_id: self.accounts[c.account_id] for c in self.campaigns.values()}, hostile=world == "hostile"
        )

    # --- what the member sees -----------------------------------------------------------------------------------

    def visible_accounts(self) -> list[Account]:
        """Accounts on which the member has a role, listed or not."""
        self._catch_up()
        return [account for account in self.accounts.values() if account.role is not None]

    def listed_accounts(self) -> list[Account]:
        return [a for a in self.visible_accounts() if ("ad_accounts", a.id) not in self.removed]

    def listed_groups(self, account_id: int) -> list[Group]:
        self._catch_up()
        return [g for g in self.groups.values() if g.account_id == account_id and self._lists("campaign_groups", g.id)]

    def listed_campaigns(self, account_id: int) -> list[Campaign]:
        self._catch_up()
        return [c for c in self.campaigns.values() if c.account_id == account_id and self._lists("campaigns", c.id)]

    def listed_creatives(self, account_id: int) -> list[Creative]:
        self._catch_up()
        tomorrow = datetime.combine(self.clock.today + timedelta(days=1), time(), UTC).timestamp() * 1000
        made = [c for c in self.creatives_by_account[account_id] if c.element["createdAt"] < tomorrow]
        return [c for c in made if self._lists("creatives", c.id)]

    def listed_lead_forms(self, account_id: int) -> list[Element]:
        creatives = self.creatives_by_account[account_id]
        return lead_forms.listed(account_id, creatives, hostile=self.name == "hostile")

    def _catch_up(self) -> None:
        """Do what members have changed until today."""
        while self._changes and self._changes[-1].day <= self.clock.today.toordinal():
            change = self._changes.pop()
            element = self._entity(change.resource, change.identifier).element
            element.update(change.fields)
            moment = int(datetime.combine(date.fromordinal(change.day), _OFFICE_HOURS, UTC).timestamp()) * 1000
            if change.resource == "creatives":
                element["lastModifiedAt"] = moment
            else:
                element["changeAuditStamps"]["lastModified"]["time"] = moment

    def _lists(self, resource: str, identifier: int) -> bool:
        return (resource, identifier) not in self.removed

    def post(self, urn: str) -> Element | None:
        """The post a creative of a visible account refers to, or None."""
        creative = self._by_reference.get(urn)
        if creative is None or self.accounts[creative.account_id].role is None:
            return None
        return self._invention.post(creative)

    # --- delivery -----------------------------------------------------------------------------------------------

    def days(self, creative: Creative, first: date, last: date) -> Iterator[tuple[int, MetricsRow]]:
        """Rows of a creative from `first` to `last`, oldest first, as (ordinal of the day, figures)."""
        today = self.clock.today
        start = max(first.toordinal(), creative.first)
        end = min(last.toordinal(), creative.last, today.toordinal())
        if start > end:
            return
        for year, month in _months(date.fromordinal(start), date.fromordinal(end)):
            for day, row in self._month(creative, year, month).items():
                if start <= day <= end:
                    yield day, row

    def total(self, creative: Creative, first: date, last: date) -> MetricsRow | None:
        """All figures of a creative from `first` to `last` added up; None where there are none."""
        key = (creative.id, first, last)
        if self._cached_on != self.clock.today:
            self._forget()
        if key not in self._totals:
            rows = [row for _, row in self.days(creative, first, last)]
            self._totals[key] = MetricsRow(*map(sum, zip(*rows, strict=True))) if rows else None
        return self._totals[key]

    def _month(self, creative: Creative, year: int, month: int) -> dict[int, MetricsRow]:
        if self._cached_on != self.clock.today or self._cached_rows > _CACHED_ROWS:
            self._forget()
        key = (creative.id, year, month)
        if key not in self._cache:
            rows = self._visible_month(creative, year, month)
            self._cache[key] = rows
            self._cached_rows += len(rows) + 1
        return self._cache[key]

    def _visible_month(self, creative: Creative, year: int, month: int) -> dict[int, MetricsRow]:
        today = self.clock.today.toordinal()
        whole_money = self.accounts[creative.account_id].currency == "JPY"
        known = [r for r in self._restatements if r.since <= today]
        restatements = [r for r in known if r.campaign_id in (None, creative.campaign_id)]
        visible = {}
        for day, settled in self._invention.month(creative, year, month).items():
            if day > today:
                continue
            row = self._invention.visible(creative, day, settled, today - day)
            for restatement in restatements:
                if restatement.touches(creative, day):
                    row = scaled(row, restatement.percent, whole_money)
            if any(row):
                visible[day] = self._with_kind(creative, row)
        return visible

    def _with_kind(self, creative: Creative, row: MetricsRow) -> MetricsRow:
        """The row of a video or a document with how often it was shown."""
        kind = str(self.campaigns[creative.campaign_id].element.get("format", ""))
        return row._replace(
            video_impressions=row.impressions if "VIDEO" in kind else 0,
            document_impressions=row.impressions if "DOCUMENT" in kind else 0,
        )

    def _forget(self) -> None:
        self._cache.clear()
        self._totals.clear()
        self._cached_rows = 0
        self._cached_on = self.clock.today

    # --- to whom and where --------------------------------------------------------------------------------------

    def audience(self, campaign_id: int, pivot: str, total: MetricsRow) -> list[tuple[str, MetricsRow]]:
        """The values of a demographic pivot that a campaign reaches, each with its part of the campaign's figures."""
        slices = self._invention.audience(campaign_id, pivot)
        total = total._replace(video_impressions=0, document_impressions=0)
        whole_money = self.accounts[self.campaigns[campaign_id].account_id].currency == "JPY"
        seed = zlib.crc32(f"{self.seed}:{campaign_id}:{pivot}".encode())
        parts = portions(total, slices, seed, whole_money)
        return [(one.value, part) for one, part in zip(slices, parts, strict=True)]

    def places(self, creative: Creative, day: int, row: MetricsRow) -> Iterable[tuple[str, MetricsRow]]:
        """The parts of a creative's row by SERVING_LOCATION."""
        return self._invention.places(creative, day, row)

    # --- switches -----------------------------------------------------------------------------------------------

    def restate(
        self,
        first: date,
        last: date,
        *,
        percent: int = 90,
        campaign_id: int | None = None,
        creative_id: int | None = None,
    ) -> None:
        """From now on the figures of these days are `percent` of what they were."""
        self._restatements.append(
            Restatement(
                first=first.toordinal(),
                last=last.toordinal(),
                percent=percent,
                campaign_id=campaign_id,
                creative_id=creative_id,
            )
        )
        self._forget()

    def vanish(
        self, first: date, last: date, *, campaign_id: int | None = None, creative_id: int | None = None
    ) -> None:
        """From now on there are no rows for these days."""
        self.restate(first, last, percent=0, campaign_id=campaign_id, creative_id=creative_id)

    def rename(self, resource: str, identifier: int, name: str) -> None:
        """Give an account, group, campaign or creative another name."""
        self._entity(resource, identifier).element["name"] = name

    def set_status(self, resource: str, identifier: int, status: str) -> None:
        """Change an entity's `status` (a creative's `intendedStatus`)."""
        field = "intendedStatus" if resource == "creatives" else "status"
        self._entity(resource, identifier).element[field] = status

    def remove(self, resource: str, identifier: int) -> None:
        """Take an entity off its listing; what it delivered stays."""
        self._entity(resource, identifier)
        self.removed.add((resource, identifier))

    def restore(self, resource: str, identifier: int) -> None:
        self.removed.discard((resource, identifier))

    def revoke_role(self, account_id: int) -> None:
        """The member loses the role on an account."""
        self.accounts[account_id].role = None

    def advance(self, days: int = 1) -> None:
        """Let days pass."""
        self.clock.advance(days=days)
        self._forget()

    def _entity(self, resource: str, identifier: int) -> Account | Group | Campaign | Creative:
        entities: dict[str, dict[int, Account] | dict[int, Group] | dict[int, Campaign] | dict[int, Creative]] = {
            "ad_accounts": self.accounts,
            "campaign_groups": self.groups,
            "campaigns": self.campaigns,
            "creatives": self.creatives,
        }
        return entities[resource][identifier]


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield divmod(number, 12)[0], number % 12 + 1
