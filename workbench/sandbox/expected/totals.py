"""What the world delivered, added up by entity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from workbench.sandbox.world.model import Account, Creative, MetricsRow
from workbench.sandbox.world.world import World


class Totals:
    """Totals of the accounts that are listed; None stands for all of them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _totals_by_level(
        self, first: date, last: date, accounts: Iterable[int] | None
    ) -> dict[tuple[int, str, int], MetricsRow]:
        totals: dict[tuple[int, str, int], MetricsRow] = {}
        for creative in self._creatives(accounts):
            group = self._world.campaigns[creative.campaign_id].group_id
            entities = (("ACCOUNT", creative.account_id), ("CAMPAIGN_GROUP", group), ("CAMPAIGN", creative.campaign_id))
            for _, row in self._world.days(creative, first, last):
                for level, entity in entities:
                    have = totals.get((creative.account_id, level, entity))
                    totals[creative.account_id, level, entity] = row if have is None else have.plus(row)
        return totals

    def _campaign_totals(self, account_id: int, first: date, last: date) -> dict[int, MetricsRow]:
        totals: dict[int, MetricsRow] = {}
        for creative in self._creatives([account_id]):
            for _, row in self._world.days(creative, first, last):
                have = totals.get(creative.campaign_id)
                totals[creative.campaign_id] = row if have is None else have.plus(row)
        return totals

    def _accounts(self, accounts: Iterable[int] | None) -> list[Account]:
        wanted = None if accounts is None else set(accounts)
        listed = [a for a in self._world.listed_accounts() if wanted is None or a.id in wanted]
        return sorted(listed, key=lambda account: account.id)

    def _creatives(self, accounts: Iterable[int] | None) -> list[Creative]:
        wanted = {account.id for account in self._accounts(accounts)}
        return [creative for creative in self._world.creatives.values() if creative.account_id in wanted]
