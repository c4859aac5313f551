"""Fetch the audiences of campaign groups and campaigns: of those that spent most, and of those that are named.

The rows of LinkedIn's answer do not say of which campaign they are, so each entity is asked for by itself.

Which entities spent most is asked once in each run. A sync that is continued later on the same day asks again, so the
pivots of its snapshot may be of different entities where the order of spend changed meanwhile. Each row names its
entity, and nothing compares pivots with each other, so no figure is wrong.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from workbench.linkedin import ad_analytics
from workbench.linkedin.ad_analytics_models import DEMOGRAPHICS, REACHED_MEMBERS
from workbench.linkedin.client import Client
from workbench.linkedin.urns import urn_id
from workbench.linkedin.validation import Accepted, Page, check
from workbench.linkedin.worker_thread import offload
from workbench.pipeline.fetch import audiences
from workbench.pipeline.fetch.account_state import AccountState
from workbench.pipeline.fetch.part_builder import PartBuilder, commit, incomplete
from workbench.pipeline.fetch.part_tracker import PartTracker
from workbench.pipeline.steps import Step
from workbench.schema.metric_groups import DEMOGRAPHIC_GROUPS
from workbench.schema.resources import ENTITY_DEMOGRAPHICS
from workbench.schema.windows import Window
from workbench.settings.demographics_by import LEVELS, ids
from workbench.snapshots.manifest import Part
from workbench.snapshots.writer import SnapshotWriter

MOST = 5
"""Entities of a level, those that spent most."""
Entity = tuple[str, int]
"""Level and id."""
_KINDS = {"CAMPAIGN_GROUP": "sponsoredCampaignGroup", "CAMPAIGN": "sponsoredCampaign"}
_LISTED = {"CAMPAIGN_GROUP": "campaign_groups", "CAMPAIGN": "campaigns"}
_SPEND = ("impressions", "costInLocalCurrency")


@dataclass(frozen=True)
class EntityAudiences:
    """Fetches the audiences of entities, account by account.

    Attributes:
        ask: called with the account, a part, a finder, names of metrics, a window and ids; returns LinkedIn's answer.
        by: words of the setting `DEMOGRAPHICS_BY` and ids.
    """

    writer: SnapshotWriter
    client: Client
    tracker: PartTracker
    ask: Callable[..., Awaitable[Page]]
    by: Sequence[str]

    def of(self, account: AccountState) -> tuple[list[str], list[Entity]] | None:
        """The levels of which the top spenders are asked for, and the entities that are named; None: neither."""
        levels = [level for word, level in LEVELS.items() if word in self.by]
        named = [
            (level, entity_id)
            for entity_id in ids(self.by)
            for level, resource in _LISTED.items()
            if entity_id in account.ids[resource] | account.mentioned[resource]
        ]
        return (levels, named) if levels or named else None

    async def fetch(self, account: AccountState, window: Window) -> None:
        """Fetch each pivot of all entities as one part, over a window that ends with the last complete day."""
        window = complete_days(window, self.writer.started_at.date())
        covers = ((window.first, window.last),)
        pivots = self.writer.plan.pivots
        entities: list[asyncio.Task[list[Entity]]] = []
        tracked = self.tracker.parts(account.account_id, ENTITY_DEMOGRAPHICS, "demographics", len(pivots))
        async with tracked as step, asyncio.TaskGroup() as group:
            for number, pivot in enumerate(pivots):
                fetch = partial(self._pivot, account, step, window, entities)
                group.create_task(self.tracker.part(step, number, "demographics", covers, fetch, pivot=pivot))

    async def _pivot(
        self, account: AccountState, step: Step, window: Window, entities: list[asyncio.Task[list[Entity]]], part: Part
    ) -> Part:
        if not entities:
            entities.append(asyncio.create_task(self._entities(account, step, window, part)))
        client = self.client.counting(step.calls)
        answered: set[Window] = set()
        with self.writer.new_part(str(part.path)) as file:
            builder = PartBuilder(file, part, DEMOGRAPHICS, {})
            for level, entity_id in await asyncio.shield(entities[0]):
                finder = partial(
                    ad_analytics.demographics, client, account.account_id, str(part.pivot), of=(level, entity_id)
                )
                asks = [
                    partial(self.ask, account, part, finder, group, can_be_halved=False) for group in DEMOGRAPHIC_GROUPS
                ]
                found = await audiences.of_entity(builder, window, asks, level, entity_id)
                if builder.seen:
                    answered.add(found)
            if len(answered) > 1:
                raise incomplete(window, f"LinkedIn answered for {' and for '.join(sorted(map(str, answered)))}")
            covered = next(iter(answered), window)
            if covered != window:
                builder.part = part.model_copy(update={"asked": (window.first, window.last)})
            return commit(self.writer, builder, ((covered.first, covered.last),))

    async def _entities(self, account: AccountState, step: Step, window: Window, part: Part) -> list[Entity]:
        """The entities to ask for, each once: by level the top spenders, then the named ones."""
        levels, named = self.of(account) or ([], [])
        found: list[Entity] = []
        for level in levels:
            finder = partial(ad_analytics.spend, self.client.counting(step.calls), account.account_id, level)
            page = await self.ask(account, part, finder, _SPEND, window, (), can_be_halved=False)
            found += [(level, entity_id) for entity_id in await offload(_top_spenders, page, _KINDS[level])]
        return list(dict.fromkeys([*found, *named]))


def complete_days(window: Window, today: date) -> Window:
    """A window without the day that is under way; yesterday where it has no other."""
    last = min(window.last, today - timedelta(days=1))
    return Window(min(window.first, last), last)


def _top_spenders(page: Page, kind: str) -> list[int]:
    return [entity_id for _, entity_id in sorted(_spent(page, kind))[:MOST]]


def _spent(page: Page, kind: str) -> Iterator[tuple[Decimal, int]]:
    for verdict in check(page.elements, REACHED_MEMBERS):
        if isinstance(verdict, Accepted) and re.fullmatch(rf"urn:li:{kind}:[0-9]+", str(verdict.key)):
            spend = Decimal(str(verdict.record.get("costInLocalCurrency") or 0))
            if spend > 0:
                yield -spend, urn_id(str(verdict.key))
