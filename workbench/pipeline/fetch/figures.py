"""Fetch the figures of one account: metrics by day, placements, reach and demographics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from workbench.linkedin import ad_analytics
from workbench.linkedin.ad_analytics_models import DAILY_METRICS, MONTHLY_METRICS
from workbench.linkedin.client import ATTEMPTS, Client
from workbench.linkedin.kinds import Kind
from workbench.linkedin.validation import Page
from workbench.pipeline.fetch import audiences, history, part_builder, reach
from workbench.pipeline.fetch.access import Access
from workbench.pipeline.fetch.account_state import AccountState
from workbench.pipeline.fetch.call_planner import Slice, slices
from workbench.pipeline.fetch.divided_days import DIVIDED, Finder
from workbench.pipeline.fetch.entity_audiences import EntityAudiences
from workbench.pipeline.fetch.outages import Outages
from workbench.pipeline.fetch.part_tracker import PartTracker
from workbench.pipeline.fetch.past import Past
from workbench.pipeline.steps import Step, Steps
from workbench.pipeline.sync_windows import AccountWindows
from workbench.schema.metric_groups import CORE_GROUPS, DEMOGRAPHIC_GROUPS, GROUP_FIELDS, GROUP_NAMES
from workbench.schema.metrics import ANCHOR
from workbench.schema.reach_metrics import REACH_FIELDS
from workbench.schema.resources import (
    ACTIVE_DAYS,
    BY_NAME,
    CAMPAIGN_DAYS,
    DAILY,
    DEMOGRAPHICS,
    ENTITY_DEMOGRAPHICS,
    MONTHS,
    REACH,
)
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Part
from workbench.snapshots.writer import SnapshotWriter

VIDEO = "video"


@dataclass(frozen=True)
class Figures:
    """Fetches figures, account by account.

    Attributes:
        groups: the groups of figures beyond the core that are asked for.
        days_a_call: the longest window that LinkedIn answers for, by account and resource, where it refused more.
        past: the days that lie half a year back or longer.
        outages: what LinkedIn does not answer now.
        scopes: what the sign-in may do: what needs another scope is left out.
        is_partial: whether this sync asks for fewer groups than the settings say: what it leaves out is missing.
        demographics_by: of what the audience is asked for beside the account.
        on_daily_metrics: called with the id of every account whose figures by day are all on disk.
    """

    writer: SnapshotWriter
    client: Client
    steps: Steps
    tracker: PartTracker
    access: Access
    batch_size: int
    groups: Collection[str]
    days_a_call: Mapping[tuple[int, str], int]
    on_daily_metrics: Callable[[int], None]
    past: Past
    is_partial: bool = False
    demographics_by: Sequence[str] = ()
    scopes: Collection[str] = ()
    outages: Outages = field(default_factory=Outages)

    async def fetch(self, account: AccountState, windows: AccountWindows) -> None:
        """Fetch all figures of an account whose campaigns and creatives are listed."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._months_then_days(account, windows))
            group.create_task(self._reach(account))
            group.create_task(self._demographics(account, DEMOGRAPHICS, windows[DEMOGRAPHICS]))
            group.create_task(self._audiences_of_entities(account, windows[ENTITY_DEMOGRAPHICS]))

    def announce_daily_metrics(self, account: AccountState) -> None:
        """Call `on_daily_metrics` once for an account whose days of activity are all done."""
        asked = ("", *self.groups)
        steps = [self.steps.of(account.account_id, name) for name in ACTIVE_DAYS if BY_NAME[name].group in asked]
        if all(step.status == "done" for step in steps) and account.announce():
            self.on_daily_metrics(account.account_id)

    def is_left_out(self, account: AccountState, resource: str) -> bool:
        """Whether a resource is left out; its step is done where the settings, or the permissions, leave it out."""
        group, permission = BY_NAME[resource].group, BY_NAME[resource].permission
        is_permitted = not permission or permission in self.scopes
        if is_permitted and (not group or group in self.groups):
            return False
        if not (is_permitted and self.is_partial):
            self._nothing_to_ask(account, resource)
        return True

    def _nothing_to_ask(self, account: AccountState, resource: str) -> None:
        step = self.steps.of(account.account_id, resource)
        step.start()
        step.leave_out()
        self.tracker.report(step, BY_NAME[resource].stage)

    async def _months_then_days(self, account: AccountState, windows: AccountWindows) -> None:
        """Fetch figures by day, and before them the months of old days: these are believed only beside their month."""
        if not self.is_left_out(account, MONTHS):
            await self._months(account, windows[CAMPAIGN_DAYS])
        await self._daily_metrics(account, windows)

    async def _months(self, account: AccountState, window: Window) -> None:
        months = history.old_months(window, self.past.today)
        if months is None:
            self._nothing_to_ask(account, MONTHS)
            return
        pieces = history.month_slices(months, len(account.ids["campaigns"] | account.mentioned["campaigns"]))
        async with self.tracker.parts(account.account_id, MONTHS, "metrics", len(pieces)) as step:
            for number, piece in enumerate(pieces):
                fetch = partial(self._months_part, account, step, piece)
                covers = ((piece.window.first, piece.window.last),)
                await self.tracker.part(step, number, "metrics", covers, fetch)
        if step.status == "done":
            await self.past.read_months(account.account_id)

    async def _months_part(self, account: AccountState, step: Step, piece: Slice, part: Part) -> Part:
        finder = partial(ad_analytics.monthly_metrics, self.client.counting(step.calls), account.account_id)
        asks = [partial(self._ask, account, part, finder, group, can_be_halved=False) for group in CORE_GROUPS]
        return await part_builder.daily_metrics(
            self.writer,
            part,
            piece,
            asks,
            kind=MONTHLY_METRICS,
            urn="sponsoredCampaign",
            campaigns=sorted(account.ids["campaigns"]),
            on_ids=account.mentioned["campaigns"].update,
        )

    async def _daily_metrics(self, account: AccountState, windows: AccountWindows) -> None:
        wanted = [resource for resource in DAILY if not self.is_left_out(account, resource)]
        async with asyncio.TaskGroup() as group:
            for resource in wanted:
                group.create_task(self._metrics(account, resource, windows[resource]))
        empty = any(path.startswith(ACTIVE_DAYS) for path in account.unproven)
        active = [resource for resource in wanted if resource in ACTIVE_DAYS]
        if all(self.steps.of(account.account_id, resource).fetched for resource in active) and not empty:
            self.announce_daily_metrics(account)  # an account with an empty answer waits for its other answers

    async def _metrics(self, account: AccountState, resource: str, window: Window) -> None:
        """Fetch one metrics table, slice by slice; a slice that fails leaves only its own days uncovered."""
        entity = BY_NAME[resource].entity
        rows_a_day, all_known = account.rows_a_day(entity)
        if divided := DIVIDED.get(resource):
            rows_a_day = {campaign: divided.rows * rows for campaign, rows in rows_a_day.items()}
        most_days = self.days_a_call.get((account.account_id, resource))
        cut = partial(slices, batch_size=self.batch_size, all_known=all_known, most_days=most_days)
        old, recent = ([] if part is None else cut(part, rows_a_day) for part in self.past.split(window))
        old = self.past.unsettled(account.account_id, resource, old)
        campaigns = sorted(rows_a_day) if all_known else []
        tracked = self.tracker.parts(account.account_id, resource, "metrics", len(recent) + len(old))
        async with tracked as step, asyncio.TaskGroup() as group:
            fetch = partial(self._slice, account, step, resource, campaigns)
            for number, piece in enumerate(recent):
                covers = ((piece.window.first, piece.window.last),)
                group.create_task(self.tracker.part(step, number, "metrics", covers, partial(fetch, piece)))
            if old:
                group.create_task(self.past.days(step, old, len(recent), fetch))

    async def _slice(
        self, account: AccountState, step: Step, resource: str, campaigns: Sequence[int], piece: Slice, part: Part
    ) -> Part:
        entity = BY_NAME[resource].entity
        if piece.campaign_ids and entity == "creative":
            asks = self._calls(account, step, "campaign", part)
            piece = piece.with_campaigns(await part_builder.active_campaigns(asks, piece.window))
        kind: Kind[Any] = DAILY_METRICS
        extra: dict[str, part_builder.Ask] = {}
        if divided := DIVIDED.get(resource):
            kind = divided.kind
            finder = partial(divided.finder, self.client.counting(step.calls), account.account_id)
            asks = [partial(self._ask, account, part, finder, group) for group in divided.groups]
        else:
            asks = self._calls(account, step, entity, part)
            extra = self._extra_calls(account, step, entity, part)
            lacks = set(self.writer.plan.metrics).intersection(
                name for group in GROUP_NAMES if group not in extra for name in GROUP_FIELDS[group] if name != ANCHOR
            )
            part = part.model_copy(update={"lacks": tuple(sorted(lacks))})
        urn = f"sponsored{entity.capitalize()}"
        on_ids = account.mentioned[f"{entity}s"].update
        return await part_builder.daily_metrics(
            self.writer, part, piece, asks, extra=extra, kind=kind, urn=urn, campaigns=campaigns, on_ids=on_ids
        )

    def _calls(self, account: AccountState, step: Step, entity: str, part: Part) -> list[part_builder.Ask]:
        """One call for the core metrics."""
        client = self.client.counting(step.calls)
        finder = partial(ad_analytics.daily_metrics, client, account.account_id, entity.upper())
        return [partial(self._ask, account, part, finder, group) for group in CORE_GROUPS]

    def _extra_calls(self, account: AccountState, step: Step, entity: str, part: Part) -> dict[str, part_builder.Ask]:
        """One call for each group of metrics beyond the core that the account can have, after the core was answered."""
        client = self.client.counting(step.calls)
        finder = partial(ad_analytics.daily_metrics, client, account.account_id, entity.upper())
        return {
            group: partial(self._ask, account, part, finder, GROUP_FIELDS[group], alone=True)
            for group in GROUP_NAMES
            if group in self.groups and (group != VIDEO or account.may_have_videos())
        }

    async def _ask(
        self,
        account: AccountState,
        part: Part,
        finder: Finder,
        metrics: Sequence[str],
        window: Window,
        ids: Sequence[int],
        attempts: int = ATTEMPTS,
        can_be_halved: bool = True,
        alone: bool = False,
    ) -> Page:
        def request(days: Window, tries: int) -> Awaitable[Page]:
            return finder(days, metrics=metrics, campaign_ids=ids, attempts=tries)

        asked = f"{part.resource}: {', '.join(metrics)}"
        page = await self.outages.ask(
            account.account_id, asked, request, window, attempts=attempts, can_be_halved=can_be_halved, alone=alone
        )
        await self.access.believe(account, page, part)
        return page

    async def _reach(self, account: AccountState) -> None:
        """Fetch reach: one part for each level and window, none of which can be had from others."""
        if self.is_left_out(account, REACH):
            return
        planned = [(level, window) for window in reach.windows(self.writer.started_at.date()) for level in reach.LEVELS]
        tracked = self.tracker.parts(account.account_id, REACH, "metrics", len(planned))
        async with tracked as step, asyncio.TaskGroup() as group:
            for number, (level, window) in enumerate(planned):
                fetch = partial(self._reach_window, account, step, level, window)
                covers = ((window.first, window.last),)
                group.create_task(self.tracker.part(step, number, "metrics", covers, fetch, pivot=level))

    async def _reach_window(self, account: AccountState, step: Step, level: str, window: Window, part: Part) -> Part:
        finder = partial(ad_analytics.reach, self.client.counting(step.calls), account.account_id, level)

        async def ask(ids: Sequence[int], metrics: Sequence[str] = REACH_FIELDS) -> Page:
            def request(days: Window, tries: int) -> Awaitable[Page]:
                return finder(days, metrics=metrics, ids=ids, attempts=tries)

            page = await self.outages.ask(account.account_id, REACH, request, window, can_be_halved=False)
            await self.access.believe(account, page, part)
            return page

        resource = reach.LEVELS[level]
        ids = sorted(account.ids[resource] | account.mentioned[resource]) if resource else [account.account_id]
        return await reach.reach_window(self.writer, part, window, ask, ids=ids)

    async def _audiences_of_entities(self, account: AccountState, window: Window) -> None:
        if self.is_left_out(account, ENTITY_DEMOGRAPHICS):
            return
        entities = EntityAudiences(self.writer, self.client, self.tracker, self._ask, self.demographics_by)
        if not entities.of(account):
            self._nothing_to_ask(account, ENTITY_DEMOGRAPHICS)
            return
        most_days = self.days_a_call.get((account.account_id, DEMOGRAPHICS), window.days)
        await entities.fetch(account, window.newest(most_days))

    async def _demographics(self, account: AccountState, resource: str, window: Window) -> None:
        pivots = self.writer.plan.pivots
        window = window.newest(self.days_a_call.get((account.account_id, resource), window.days))
        covers = ((window.first, window.last),)
        tracked = self.tracker.parts(account.account_id, resource, "demographics", len(pivots))
        async with tracked as step, asyncio.TaskGroup() as group:
            for number, pivot in enumerate(pivots):
                fetch = partial(self._pivot, account, step, pivot, window)
                group.create_task(self.tracker.part(step, number, "demographics", covers, fetch, pivot=pivot))

    async def _pivot(self, account: AccountState, step: Step, pivot: str, window: Window, part: Part) -> Part:
        finder = partial(ad_analytics.demographics, self.client.counting(step.calls), account.account_id, pivot)
        asks = [partial(self._ask, account, part, finder, group) for group in DEMOGRAPHIC_GROUPS]
        campaigns = sorted(account.ids["campaigns"])
        return await audiences.demographics(self.writer, part, window, asks, campaigns=campaigns)
