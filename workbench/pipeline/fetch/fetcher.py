"""Fetch everything a sync asks for into an unfinished snapshot, account by account, several requests at a time.

One account's failure never stops another's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from workbench.errors import LinkedInAPIError, WorkbenchError
from workbench.linkedin import endpoints
from workbench.linkedin.client import Client
from workbench.linkedin.models import AD_ACCOUNT, CAMPAIGN, CAMPAIGN_GROUP, CREATIVE, Kind
from workbench.linkedin.validation import Page
from workbench.pipeline.fetch import part_builder
from workbench.pipeline.fetch.access import Access, contradicted
from workbench.pipeline.fetch.account_state import Account
from workbench.pipeline.fetch.call_planner import Slice, slices
from workbench.pipeline.fetch.names import fetch_names, fetch_posts
from workbench.pipeline.fetch.part_tracker import PartTracker
from workbench.pipeline.steps import Step, Steps
from workbench.pipeline.sync_windows import Windows
from workbench.progress import OnProgress, Progress, ignore
from workbench.schema.metrics import DAILY_GROUPS, DEMOGRAPHIC_GROUPS
from workbench.schema.resources import BY_NAME, DAILY, LISTINGS, entity_id
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Part, Snapshot
from workbench.snapshots.reader import listed
from workbench.snapshots.writer import SnapshotWriter
from workbench.worker_thread import offload

_Finder = Callable[..., Awaitable[Page]]


class Listing(NamedTuple):
    """How one kind of entity is listed."""

    kind: Kind
    pages: Callable[..., AsyncIterator[Page]]


LISTED = {
    "campaign_groups": Listing(CAMPAIGN_GROUP, endpoints.campaign_groups),
    "campaigns": Listing(CAMPAIGN, endpoints.campaigns),
    "creatives": Listing(CREATIVE, endpoints.creatives),
}
_FIRST = ("campaigns", "creatives")  # figures are asked for by them

_STAGES = {name: BY_NAME[name].stage for name in (*LISTED, *DAILY, "audience_demographics")}


@dataclass
class Fetcher:
    """One run over all accounts.

    Attributes:
        windows_of: the days to ask for by account; None skips the account (it is fresh).
        statuses: campaign statuses to ask for; empty means all, and only then can a listing be complete.
        read_posts: whether the sign-in may read posts (`r_organization_social`).
        earlier: finished snapshots, oldest first, whose names need not be asked again.
        sign_in: a fingerprint of the sign-in, for the list of its accounts.
        on_metrics: called with the id of every account whose daily metrics are all on disk.
    """

    writer: SnapshotWriter
    client: Client
    steps: Steps
    windows_of: Callable[[int], Windows | None]
    batch_size: int
    concurrency: int
    statuses: Sequence[str] = ()
    account_ids: Sequence[int] = ()
    read_posts: bool = False
    earlier: Sequence[Snapshot] = ()
    sign_in: str | None = None
    on_progress: OnProgress = ignore
    on_metrics: Callable[[int], None] = lambda account_id: None
    accounts: dict[int, Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        answers = asyncio.Semaphore(self.concurrency + 2)
        self.access = Access(self.client)
        self.tracker = PartTracker(
            self.writer, self.steps, self.on_progress, answers, self.access, self.earlier, self.sign_in
        )

    async def run(self) -> None:
        """Fetch all, leaving the outcome in `steps` and in the writer.

        Raises:
            WorkbenchError: something that would stop every other request too; parts on disk stay.
        """
        await self._list_accounts()
        try:
            async with asyncio.TaskGroup() as group:
                for account in self.accounts.values():
                    group.create_task(self._account(account))
        except ExceptionGroup as failures:  # not `except*`: Pythons differ in whether that wraps what is raised in it
            raise _first(failures) from None
        async with self.tracker.step(0, "names", "names") as step:
            await fetch_names(self.writer, self.client, step, self.earlier)
        if self.read_posts:
            async with self.tracker.step(0, "posts", "names") as step:
                await fetch_posts(self.writer, self.client, step, self.earlier)

    def everybody(self) -> list[tuple[int, str | None]]:
        """Every account that has a step or was skipped, and 0 for what belongs to none, with its name."""
        ids = {0, *self.accounts, *(step.account_id for step in self.steps.all())}
        return [(account_id, self.tracker.names.get(account_id)) for account_id in sorted(ids)]

    async def _list_accounts(self) -> None:
        """Without this list there is nothing to ask for, so its failure is the run's."""
        named = set(self.account_ids)

        def note(records: Iterable[Any]) -> None:
            for record in records:
                self.accounts[entity_id(record)] = Account(entity_id(record))
                self.tracker.names[entity_id(record)] = record.get("name")

        async with self.tracker.step(0, "ad_accounts", "accounts") as step:
            await self.tracker.listing(
                step,
                "accounts",
                AD_ACCOUNT,
                partial(endpoints.ad_accounts, self.client, step.calls),
                note,
                complete=not named,
                skip_reason=lambda key: None if not named or key in named else "nobody asked for this account",
            )
        if step.status == "failed" and step.error:
            raise step.error
        for account_id in sorted(named - self.accounts.keys()):
            self._not_listed(account_id)

    def _not_listed(self, account_id: int) -> None:
        step = self.steps.of(account_id, "ad_accounts")
        step.fail(
            LinkedInAPIError(
                f"Account {account_id} cannot be read.",
                why="It is not among the ad accounts that LinkedIn lists for this sign-in.",
                next_step="Check the number, and ask an account admin for a role (Viewer is enough).",
                account_id=account_id,
            )
        )
        self.tracker.tell(step, "accounts")

    async def _account(self, account: Account) -> None:
        windows = self.windows_of(account.account_id)
        if windows is None:
            name = self.tracker.names.get(account.account_id)
            self.on_progress(Progress("accounts", account.account_id, name, status="skipped", note="still fresh"))
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._entities_then_figures(account, windows))
            for resource in [resource for resource in LISTINGS if resource not in _FIRST]:
                group.create_task(self._listing(account, resource))
        await self._look_again(account)
        self._withdraw_what_is_contradicted(account)
        self._metrics_are_there(account)
        self.accounts[account.account_id] = Account(account.account_id)  # or memory would grow with every account

    def _withdraw_what_is_contradicted(self, account: Account) -> None:
        """Let no empty answer of an account cover anything if LinkedIn refused something else of it."""
        if refusal := self.access.refused.get(account.account_id):
            for resource, stage in _STAGES.items():
                step = self.steps.of(account.account_id, resource)
                self.tracker.withdraw(step, stage, account.unproven, partial(contradicted, refusal=refusal))

    async def _entities_then_figures(self, account: Account, windows: Windows) -> None:
        """Fetch campaigns and creatives, then figures: calls, and which empty answers are believed, depend on them."""
        account.filtered = bool(self.statuses)
        async with asyncio.TaskGroup() as group:
            campaigns = self._listing(account, "campaigns", complete=not self.statuses, statuses=self.statuses)
            ended = [group.create_task(campaigns), group.create_task(self._listing(account, "creatives"))]
        account.listed = all(task.result() for task in ended)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._daily_metrics(account, windows))
            group.create_task(self._demographics(account, windows.audience_demographics))

    async def _listing(self, account: Account, resource: str, *, complete: bool = True, **filters: Any) -> bool:
        """Fetch one listing of an account; whether it was read to its end."""
        listing, stage = LISTED[resource], BY_NAME[resource].stage
        async with self.tracker.step(account.account_id, resource, stage) as step:
            pages = partial(listing.pages, self.client, account.account_id, step.calls, **filters)
            note = partial(account.note, resource)
            read = await self.tracker.listing(step, stage, listing.kind, pages, note, complete=complete)
            if read > 1 and complete and step.error is None:
                account.doubtful.append(resource)
        return step.status == "done"

    async def _look_again(self, account: Account) -> None:
        """Read a listing once more if it lacks entities that other answers mention: a deletion may have hidden them.

        Only where no earlier snapshot has a complete listing; otherwise `listings.listing` has compared with that one.
        """
        for resource in account.doubtful:
            listing = LISTED[resource]
            if account.unlisted(resource) and not await offload(listed, self.earlier, resource, account.account_id):
                async with self.tracker.step(account.account_id, resource, BY_NAME[resource].stage) as step:
                    pages = partial(listing.pages, self.client, account.account_id, step.calls)
                    await self.tracker.listing_again(step, listing.kind, pages)

    async def _daily_metrics(self, account: Account, windows: Windows) -> None:
        async with asyncio.TaskGroup() as group:
            for entity, window in windows.daily().items():
                group.create_task(self._metrics(account, entity, window))
        if all(self.steps.of(account.account_id, resource).fetched for resource in DAILY) and not account.unproven:
            self._metrics_are_there(account)  # any other account waits until all of its answers are known

    def _metrics_are_there(self, account: Account) -> None:
        """Call `on_metrics` once for an account; with an empty answer only if nothing of the account was refused."""
        steps = [self.steps.of(account.account_id, resource) for resource in DAILY]
        if not account.told and all(step.status == "done" for step in steps):
            account.told = True
            self.on_metrics(account.account_id)

    async def _metrics(self, account: Account, entity: str, window: Window) -> None:
        """One metrics table, slice by slice; a failing slice costs its own days only."""
        rows_a_day, all_known = account.rows_a_day(entity)
        pieces = slices(window, rows_a_day, batch_size=self.batch_size, all_known=all_known)
        campaigns = sorted(rows_a_day) if all_known else []
        resource = f"{entity}_daily_metrics"
        books = self.tracker.parts(account.account_id, resource, "metrics", len(pieces))
        async with books as step, asyncio.TaskGroup() as group:
            for number, piece in enumerate(pieces):
                fetch = partial(self._slice, account, step, entity, piece, campaigns)
                covers = ((piece.window.first, piece.window.last),)
                group.create_task(self.tracker.part(step, number, "metrics", covers, fetch))

    async def _slice(
        self, account: Account, step: Step, entity: str, piece: Slice, campaigns: Sequence[int], part: Part
    ) -> Part:
        if piece.campaign_ids and entity == "creative":
            asks = self._figures(account, step, "campaign", part)
            piece = piece.with_campaigns(await part_builder.active_campaigns(asks, piece.window))
        asks = self._figures(account, step, entity, part)
        urn = f"sponsored{entity.capitalize()}"
        on_ids = account.spoken_of[f"{entity}s"].update
        return await part_builder.daily_metrics(
            self.writer, part, piece, asks, urn=urn, campaigns=campaigns, on_ids=on_ids
        )

    def _figures(self, account: Account, step: Step, entity: str, part: Part) -> list[part_builder.Ask]:
        """One question for each group of metrics."""
        finder = partial(endpoints.daily_metrics, self.client, account.account_id, entity.upper())
        return [partial(self._ask, account, step, part, finder, group) for group in DAILY_GROUPS]

    async def _ask(
        self,
        account: Account,
        step: Step,
        part: Part,
        finder: _Finder,
        metrics: Sequence[str],
        window: Window,
        ids: Sequence[int],
    ) -> Page:
        page = await finder(window, step.calls, metrics=metrics, campaign_ids=ids)
        await self.access.believe(account, page, part)
        return page

    async def _demographics(self, account: Account, window: Window) -> None:
        pivots = self.writer.plan.pivots
        covers = ((window.first, window.last),)
        books = self.tracker.parts(account.account_id, "audience_demographics", "demographics", len(pivots))
        async with books as step, asyncio.TaskGroup() as group:
            for number, pivot in enumerate(pivots):
                fetch = partial(self._pivot, account, step, pivot, window)
                group.create_task(self.tracker.part(step, number, "demographics", covers, fetch, pivot=pivot))

    async def _pivot(self, account: Account, step: Step, pivot: str, window: Window, part: Part) -> Part:
        finder = partial(endpoints.demographics, self.client, account.account_id, pivot)
        asks = [partial(self._ask, account, step, part, finder, group) for group in DEMOGRAPHIC_GROUPS]
        campaigns = sorted(account.ids["campaigns"])
        return await part_builder.demographics(self.writer, part, window, asks, campaigns=campaigns)


def _first(failures: ExceptionGroup) -> Exception:
    """The first failure inside nested groups; if there are bugs among them, those."""
    _, bugs = failures.split(WorkbenchError)
    if bugs:
        return bugs
    failure: Exception = failures
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
