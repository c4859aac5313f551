"""The rows of demographics that a correct sync must store, for the world as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from workbench.sandbox.expected.expected_rows import TableRow, metrics, segment_name
from workbench.sandbox.expected.totals import Totals
from workbench.sandbox.world.demography import MINIMUM_EVENTS, known_window
from workbench.sandbox.world.model import MetricsRow
from workbench.sandbox.world.vocabulary import MEMBER_PIVOTS

_DEMOGRAPHIC_COLUMNS = (
    "impressions",
    "clicks",
    "landing_page_clicks",
    "cost_in_local_currency",
    "one_click_leads",
    "external_website_conversions",
)
PIVOTS = MEMBER_PIVOTS


class Audiences(Totals):
    """Expected rows of `audience_demographics` and `entity_demographics`, each list sorted by its key."""

    def audience_demographics(
        self,
        first: date,
        last: date,
        accounts: Iterable[int] | None = None,
        *,
        pivots: Iterable[str] = PIVOTS,
    ) -> list[TableRow]:
        """One window, per account: at least three events, the top 100 of each creative and day, a day late."""
        rows: list[TableRow] = []
        window, pivots = self._answered(first, last), list(pivots)
        for account in self._accounts(accounts):
            totals = self._campaign_totals(account.id, *known_window(*window, self._world.clock.today))
            rows += [{"account_id": account.id} | row for row in self._people(totals, window, pivots)]
        return sorted(rows, key=lambda row: (row["account_id"], row["pivot"], row["segment_urn"]))

    def entity_demographics(
        self,
        first: date,
        last: date,
        accounts: Iterable[int] | None = None,
        *,
        levels: Iterable[str] = (),
        named: Iterable[int] = (),
        pivots: Iterable[str] = PIVOTS,
    ) -> list[TableRow]:
        """The same of the five entities of some levels that spent most in an account, and of entities that are named.

        Args:
            last: the last complete day, which is the end of the window.
            levels: `CAMPAIGN_GROUP`, `CAMPAIGN`, both or neither.
        """
        rows: list[TableRow] = []
        window = self._answered(first, last)
        levels, named, pivots = set(levels), set(named), list(pivots)
        for account in self._accounts(accounts):
            spent = self._totals_by_level(*window, [account.id])
            totals = self._campaign_totals(account.id, *known_window(*window, self._world.clock.today))
            for level in ("CAMPAIGN", "CAMPAIGN_GROUP"):
                costs = {
                    entity: total.cost_in_local_currency
                    for (_, of, entity), total in spent.items()
                    if of == level and total.cost_in_local_currency > 0
                }
                most = sorted(costs, key=lambda entity: (-costs[entity], entity))[:5] if level in levels else []
                owners = {campaign: self._owner(campaign, level) for campaign in totals}
                for entity in {*most, *(named & set(owners.values()))}:
                    of_entity = {campaign: total for campaign, total in totals.items() if owners[campaign] == entity}
                    key = {"account_id": account.id, "level": level, "entity_id": entity}
                    rows += [key | row for row in self._people(of_entity, window, pivots)]
        order = ("account_id", "level", "entity_id", "pivot", "segment_urn")
        return sorted(rows, key=lambda row: tuple(row[name] for name in order))

    def _owner(self, campaign_id: int, level: str) -> int:
        return campaign_id if level == "CAMPAIGN" else self._world.campaigns[campaign_id].group_id

    def _people(
        self, totals: dict[int, MetricsRow], window: tuple[date, date], pivots: Iterable[str]
    ) -> Iterator[TableRow]:
        for pivot in pivots:
            for segment, figures in self._segments(totals, pivot).items():
                if figures.impressions >= MINIMUM_EVENTS:
                    shown = metrics(figures)
                    yield {
                        "pivot": pivot,
                        "segment_urn": segment,
                        "window_start": window[0],
                        "window_end": window[1],
                        "segment_name": segment_name(self._world.vocabulary, segment),
                        **{name: shown[name] for name in _DEMOGRAPHIC_COLUMNS},
                    }

    def _answered(self, first: date, last: date) -> tuple[date, date]:
        """LinkedIn answers `ALL` for whole months where a bound is older than six months."""
        today = self._world.clock.today
        if (today - first).days > 183:
            first = first.replace(day=1)
        if (today - last).days > 183:
            last = (last.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return first, last

    def _segments(self, totals: dict[int, MetricsRow], pivot: str) -> dict[str, MetricsRow]:
        segments: dict[str, MetricsRow] = {}
        for campaign_id, total in totals.items():
            for value, part in self._world.audience(campaign_id, pivot, total):
                have = segments.get(value)
                segments[value] = part if have is None else have.plus(part)
        return segments
