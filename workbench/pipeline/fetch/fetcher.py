"""Fetch everything a sync asks for into an unfinished snapshot, account by account, several requests at a time.

One account's failure never stops another's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

from workbench.errors import ConfigurationError, LinkedInAPIError, WorkbenchError
from workbench.linkedin import endpoints
from workbench.linkedin.client import Client
from workbench.linkedin.models import AD_ACCOUNT
from workbench.linkedin.worker_thread import offload
from workbench.pipeline.fetch.access import (
    Access,
    contradicted,
    empty_beside_figures,
    first_failure,
    lost_everything,
    not_listed,
    outweighed,
)
from workbench.pipeline.fetch.account_state import AccountState, Fetched
from workbench.pipeline.fetch.figures import Figures
from workbench.pipeline.fetch.listings import LISTED
from workbench.pipeline.fetch.names import fetch_names, fetch_posts
from workbench.pipeline.fetch.part_tracker import PartTracker
from workbench.pipeline.fetch.past import Past
from workbench.pipeline.fetch.roles import fetch_roles
from workbench.pipeline.progress import OnProgress, Progress, ignore
from workbench.pipeline.steps import Steps
from workbench.pipeline.sync_windows import AccountWindows
from workbench.schema.metric_groups import asked_groups
from workbench.schema.resources import ACTIVE_DAYS, BY_NAME, FIRST_LISTED, LISTINGS, OF_ACCOUNT, entity_id
from workbench.schema.shards import Shard
from workbench.schema.snapshot_names import name_of
from workbench.settings.metric_groups import GROUPS
from workbench.snapshots.manifest import Day, Snapshot
from workbench.snapshots.reader import accounts_of, days_a_call, listed, windows_with_figures
from workbench.snapshots.writer import SnapshotWriter

_REMEMBERED = timedelta(days=7)  # that LinkedIn refuses long windows of an account
_REMOVED = ("CANCELED", "PENDING_DELETION", "REMOVED")
_REFUSED_LIST = (400, 403, 404)


@dataclass
class Fetcher:
    """The fetch of one sync, over all accounts.

    Attributes:
        windows_of: the days to ask for by account; None skips the account (it is fresh).
        statuses: campaign statuses to ask for; empty means all, and only then can a listing be complete.
        shard: the part of all accounts that is fetched; None: all of them. The list of accounts is always whole.
        scopes: what the sign-in may do, as far as it is known: what needs another scope is not asked for.
        groups: the groups of figures beyond the core that are asked for.
        demographics_by: of what the audience is asked for beside the account.
        is_partial: whether this sync asks for fewer groups than the settings say.
        again: whether old days are asked for again although earlier snapshots have them.
        earlier: finished snapshots, oldest first, whose names need not be asked again.
        sign_in: a fingerprint of the sign-in, for the list of its accounts.
        on_daily_metrics: called with the id of every account whose daily metrics are all on disk.
    """

    writer: SnapshotWriter
    client: Client
    steps: Steps
    windows_of: Callable[[int], AccountWindows | None]
    batch_size: int
    concurrency: int
    statuses: Sequence[str] = ()
    account_ids: Sequence[int] = ()
    shard: Shard | None = None
    scopes: Collection[str] = ()
    groups: Collection[str] = GROUPS
    demographics_by: Sequence[str] = ()
    is_partial: bool = False
    again: bool = False
    earlier: Sequence[Snapshot] = ()
    sign_in: str | None = None
    on_progress: OnProgress = ignore
    on_daily_metrics: Callable[[int], None] = lambda account_id: None
    accounts: dict[int, AccountState] = field(default_factory=dict)
    listed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        since = name_of(self.writer.started_at - _REMEMBERED)
        answers = asyncio.Semaphore(self.concurrency + 2)
        self.access = Access(self.client)
        self.tracker = PartTracker(
            self.writer, self.steps, self.on_progress, answers, self.access, self.earlier, self.sign_in
        )
        self.figures = Figures(
            self.writer,
            self.client,
            self.steps,
            self.tracker,
            self.access,
            self.batch_size,
            self.groups,
            days_a_call(self.earlier, since),
            self.on_daily_metrics,
            Past(self.writer, self.tracker, asked_groups(self.groups), () if self.again else self.earlier),
            is_partial=self.is_partial,
            scopes=self.scopes,
            demographics_by=self.demographics_by,
        )

    async def run(self) -> Fetched:
        """Fetch all accounts into the writer; `steps` holds the outcome of each resource.

        Returns: the accounts.

        Raises:
            WorkbenchError: a failure that every other request would meet too; parts on disk stay.
        """
        await self._list_accounts()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._roles())
                for account in self.accounts.values():
                    group.create_task(self._fetch_account(account))
        except ExceptionGroup as failures:  # not `except*`: some Pythons wrap what is raised inside it
            raise first_failure(failures) from None
        async with self.tracker.step(0, "names", "names") as step:
            await fetch_names(self.writer, self.client, step, self.earlier)
        if BY_NAME["posts"].permission in self.scopes:
            async with self.tracker.step(0, "posts", "names") as step:
                await fetch_posts(self.writer, self.client, step, self.earlier)
        ids = {0, *self.accounts, *(step.account_id for step in self.steps.all())}
        return Fetched(tuple(self.accounts), {each: self.tracker.names.get(each) for each in sorted(ids)})

    async def _roles(self) -> None:
        async with self.tracker.step(0, "account_users", "accounts") as step:
            await fetch_roles(self.writer, self.access, step, self.listed | self.accounts.keys())

    async def _list_accounts(self) -> None:
        """List the accounts. A failure ends the fetch if no account is known without the list."""
        requested = set(self.account_ids)

        def add_accounts(records: Iterable[Any]) -> None:
            for record in records:
                self.listed.add(entity_id(record))
                if not self._is_ours(entity_id(record)):
                    continue
                self.accounts[entity_id(record)] = AccountState(entity_id(record), filtered=bool(self.statuses))
                self.tracker.name_account(entity_id(record), record.get("name"))
                if record.get("status") in _REMOVED:
                    self.access.removed.add(entity_id(record))

        async with self.tracker.step(0, "ad_accounts", "accounts") as step:
            await self.tracker.listing(
                step,
                "accounts",
                AD_ACCOUNT,
                partial(endpoints.ad_accounts, self.client.counting(step.calls)),
                add_accounts,
                complete=not requested,
                skip_reason=lambda key: None if not requested or key in requested else "not requested",
            )
        if step.status == "failed" and step.error:
            self._go_on_with_known_accounts(step.error)
            return
        for account_id in filter(self._is_ours, sorted(requested - self.listed)):
            self._fail_unlisted_account(account_id)

    def _go_on_with_known_accounts(self, error: WorkbenchError) -> None:
        """Fetch the accounts that were asked for, or listed before, where LinkedIn refuses the list alone.

        Raises: the error, where it is of another kind, or no account is known.
        """
        known = self.account_ids or accounts_of(self.earlier, self.sign_in)
        about_the_list = isinstance(error, ConfigurationError) or getattr(error, "status", None) in _REFUSED_LIST
        if not known or not about_the_list:
            raise error
        for account_id in filter(self._is_ours, known):
            self.accounts[account_id] = AccountState(account_id, filtered=bool(self.statuses), listed=False)

    def _is_ours(self, account_id: int) -> bool:
        return self.shard is None or self.shard.has(account_id)

    def _fail_unlisted_account(self, account_id: int) -> None:
        """Fail the step of an account that was requested and that LinkedIn does not list."""
        step = self.steps.of(account_id, "ad_accounts")
        step.fail(
            LinkedInAPIError(
                f"Account {account_id} cannot be read.",
                why="It is not among the ad accounts that LinkedIn lists for this sign-in.",
                next_step="Check the number, and ask an account admin for a role (Viewer is enough).",
                account_id=account_id,
            )
        )
        self.tracker.report(step, "accounts")

    async def _fetch_account(self, account: AccountState) -> None:
        windows = self.windows_of(account.account_id)
        if windows is None:
            name = self.tracker.names.get(account.account_id)
            self.on_progress(Progress("accounts", account.account_id, name, status="skipped", note="still fresh"))
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._entities_then_figures(account, windows))
            for resource in [resource for resource in LISTINGS if resource not in FIRST_LISTED]:
                if not self.figures.is_left_out(account, resource):
                    group.create_task(self._listing(account, resource))
        await self._reread_incomplete_listings(account)
        self._withdraw_contradicted_parts(account, windows)
        self.figures.announce_daily_metrics(account)
        self.accounts[account.account_id] = AccountState(account.account_id)  # its ids are not needed any more

    def _withdraw_contradicted_parts(self, account: AccountState, windows: AccountWindows) -> None:
        """Let empty parts of an account cover nothing if a refusal, or another answer, contradicts them."""
        refusals = self.access.refused | self.access.gone
        asked = self._resources()
        fetched = {name: self.steps.of(account.account_id, name).fetched for name in ACTIVE_DAYS if name in asked}
        if refusal := refusals.get(account.account_id):
            doubted = {name: partial(contradicted, refusal=refusal) for name in asked}
        elif empty := self._falsely_empty_listing(account):
            error_of = partial(not_listed, resource=empty, named=len(account.mentioned[empty]))
            doubted = dict.fromkeys(asked, error_of)
        elif self._has_lost_everything(account, windows, fetched):
            doubted = {name: partial(lost_everything) for name in asked}
        else:
            doubted = {resource: partial(outweighed) for resource in empty_beside_figures(fetched, windows)}
        for name, error_of in doubted.items():
            step = self.steps.of(account.account_id, name)
            self.tracker.withdraw_coverage(step, BY_NAME[name].stage, account.unproven, error_of)

    def _has_lost_everything(self, account: AccountState, windows: AccountWindows, fetched: Mapping[str, int]) -> bool:
        """Whether no ad and no figure came, and an earlier snapshot has figures of the same days.

        LinkedIn keeps ads that have figures. So a role alone does not prove that the account may still be read.
        """
        if account.account_id in self.access.removed or any(fetched.values()):
            return False
        if any(account.ids[resource] for resource in ("campaign_groups", "campaigns", "creatives")):
            return False
        return any(
            first and last and first <= windows[name].last and last >= windows[name].first
            for name in fetched
            for first, last in self._earlier_figures.get((account.account_id, name), ())
        )

    @cached_property
    def _earlier_figures(self) -> Mapping[tuple[int, str], Collection[tuple[Day, Day]]]:
        return windows_with_figures(self.earlier, ACTIVE_DAYS)

    def _resources(self) -> list[str]:
        """What an account has a step for: all, or in a sync of some groups what they need."""
        return [one.name for one in OF_ACCOUNT if not self.is_partial or not one.group or one.group in self.groups]

    def _falsely_empty_listing(self, account: AccountState) -> str | None:
        """A listing that was read as empty and lacks what other answers name. A removed account may have lost it."""
        if account.account_id in self.access.removed:
            return None
        asked = [resource for resource in self._resources() if resource in LISTINGS]
        read = (resource for resource in asked if self.steps.of(account.account_id, resource).status == "done")
        return next(filter(account.is_falsely_empty, read), None)

    async def _entities_then_figures(self, account: AccountState, windows: AccountWindows) -> None:
        """Fetch campaigns and creatives, then figures: calls, and which empty answers are believed, depend on them."""
        async with asyncio.TaskGroup() as group:
            campaigns = self._listing(account, "campaigns", complete=not self.statuses, statuses=self.statuses)
            ended = [group.create_task(campaigns), group.create_task(self._listing(account, "creatives"))]
        account.end_listings(read_to_the_end=all(task.result() for task in ended))
        await self.figures.fetch(account, windows)

    async def _listing(self, account: AccountState, resource: str, *, complete: bool = True, **filters: Any) -> bool:
        """Fetch one listing of an account. Returns whether it was read to its end."""
        listing, stage = LISTED[resource], BY_NAME[resource].stage
        async with self.tracker.step(account.account_id, resource, stage, optional=BY_NAME[resource].optional) as step:
            pages = partial(listing.pages, self.client.counting(step.calls), account.account_id, **filters)
            add = partial(account.add_records, resource)
            read = await self.tracker.listing(step, stage, listing.kind, pages, add, complete=complete)
            if (read > 1 or not account.ids[resource]) and complete and step.error is None:
                account.doubtful_listings.append(resource)
        return step.status == "done"

    async def _reread_incomplete_listings(self, account: AccountState) -> None:
        """Read a listing once more if it lacks entities that other answers mention: a deletion may have hidden them.

        Only where no earlier snapshot has a complete listing; otherwise `listings.listing` has compared with that one.
        """
        for resource in account.doubtful_listings:
            listing = LISTED[resource]
            if account.unlisted(resource) and not await offload(listed, self.earlier, resource, account.account_id):
                async with self.tracker.step(account.account_id, resource, BY_NAME[resource].stage) as step:
                    pages = partial(listing.pages, self.client.counting(step.calls), account.account_id)
                    await self.tracker.listing_again(step, listing.kind, pages)
