"""Fetch everything a sync asks for into an unfinished snapshot, account by account, several requests at a time.

One account's failure never stops another's. What is already on disk is not asked again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from workbench import endpoints, harvest
from workbench.client import Calls, Client
from workbench.elements import Page
from workbench.errors import DataFetchError, LinkedInAPIError, WorkbenchError
from workbench.faults import is_fatal
from workbench.names import fetch_names, fetch_posts
from workbench.plan import Slice, Window, slices
from workbench.progress import OnProgress, Progress
from workbench.records import AD_ACCOUNT, CAMPAIGN, CAMPAIGN_GROUP, CREATIVE, entity_id
from workbench.snapshots import Part, Snapshot
from workbench.steps import Step, Steps
from workbench.urns import urn_id
from workbench.writer import SnapshotWriter


@dataclass(frozen=True)
class Windows:
    """The days to ask for, for one account."""

    campaign_daily_metrics: Window
    creative_daily_metrics: Window
    audience_demographics: Window

    def whole(self) -> Window:
        """From the first to the last day of metrics."""
        first = min(self.campaign_daily_metrics.first, self.creative_daily_metrics.first)
        return Window(first, max(self.campaign_daily_metrics.last, self.creative_daily_metrics.last))


WindowsOf = Callable[[int], Windows | None]


@dataclass
class Account:
    """One ad account, as its listings become known."""

    account_id: int
    name: str | None = None
    campaigns: set[int] = field(default_factory=set)
    creatives: Counter[int] = field(default_factory=Counter)
    entities_known: bool = True


@dataclass
class Fetch:
    """One run over all accounts.

    Attributes:
        windows_of: the days to ask for by account; None skips the account (it is fresh).
        statuses: campaign statuses to ask for; empty means all, and only then can a listing be complete.
        read_posts: whether the sign-in may read posts (`r_organization_social`).
        earlier: finished snapshots, oldest first, whose names need not be asked again.
    """

    writer: SnapshotWriter
    client: Client
    steps: Steps
    windows_of: WindowsOf
    batch_size: int
    concurrency: int
    statuses: Sequence[str] = ()
    account_ids: Sequence[int] = ()
    read_posts: bool = False
    earlier: Sequence[Snapshot] = ()
    on_progress: OnProgress = lambda progress: None
    accounts: dict[int, Account] = field(default_factory=dict)
    _roles: asyncio.Task[set[int] | None] | None = None

    async def run(self) -> None:
        """Fetch all, leaving the outcome in `steps` and in the writer.

        Raises:
            WorkbenchError: something that would stop every other request too; parts on disk stay.
        """
        self._slots = asyncio.Semaphore(self.concurrency + 2)  # answers in memory at a time
        await self._list_accounts()
        try:
            async with asyncio.TaskGroup() as group:
                for account in self.accounts.values():
                    group.create_task(self._account(account))
        except* WorkbenchError as failures:
            raise _first(failures) from None
        await self._names()

    def everybody(self) -> list[tuple[int, str | None]]:
        """Every account that has a step or was skipped, and 0 for what belongs to none, with its name."""
        names = {0: None, **{account.account_id: account.name for account in self.accounts.values()}}
        return sorted({**dict.fromkeys(step.account_id for step in self.steps.all()), **names}.items())

    async def _list_accounts(self) -> None:
        step = self.steps.of(0, "ad_accounts")
        unasked = set(self.account_ids)

        def note(records: list[Any]) -> None:
            for record in records:
                self.accounts[entity_id(record)] = Account(entity_id(record), record.get("name"))

        def keep(key: object) -> str | None:
            return None if not unasked or key in unasked else "not asked for"

        async with self._step(step, "accounts"):
            pages = self._in_slots(endpoints.ad_accounts(self.client, step.calls))
            await self._listing(step, AD_ACCOUNT, pages, note, complete=not unasked, keep=keep)
        if step.status == "failed" and step.error:
            raise step.error
        for account_id in sorted(unasked - self.accounts.keys()):
            self._no_access(account_id)

    def _no_access(self, account_id: int) -> None:
        step = self.steps.of(account_id, "campaigns")
        step.fail(
            LinkedInAPIError(
                f"Account {account_id} cannot be read.",
                why="It is not among the ad accounts that LinkedIn lists for this sign-in.",
                next_step="Check the number, and ask an account admin for a role (Viewer is enough).",
                account_id=account_id,
            )
        )
        self.steps.changed(step)

    async def _account(self, account: Account) -> None:
        windows = self.windows_of(account.account_id)
        if windows is None:
            self._tell("accounts", account, None, "skipped", note="fresh")
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._entities(account, windows))
            group.create_task(self._groups(account))
            group.create_task(self._demographics(account, windows.audience_demographics))

    async def _groups(self, account: Account) -> None:
        step = self.steps.of(account.account_id, "campaign_groups")
        async with self._step(step, "campaigns", account):
            pages = self._in_slots(endpoints.campaign_groups(self.client, account.account_id, step.calls))
            await self._listing(step, CAMPAIGN_GROUP, pages, lambda records: None)

    async def _entities(self, account: Account, windows: Windows) -> None:
        """Campaigns and creatives, then their metrics: the plan of the calls needs to know how many there are."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._campaigns(account))
            group.create_task(self._creatives(account))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._metrics(account, "campaign", windows.campaign_daily_metrics))
            group.create_task(self._metrics(account, "creative", windows.creative_daily_metrics))

    async def _campaigns(self, account: Account) -> None:
        step = self.steps.of(account.account_id, "campaigns")
        async with self._step(step, "campaigns", account):
            pages = endpoints.campaigns(self.client, account.account_id, step.calls, statuses=self.statuses)
            await self._listing(
                step,
                CAMPAIGN,
                self._in_slots(pages),
                lambda records: account.campaigns.update(map(entity_id, records)),
                complete=not self.statuses,
            )
        account.entities_known &= step.status == "done"

    async def _creatives(self, account: Account) -> None:
        step = self.steps.of(account.account_id, "creatives")

        def note(records: list[Any]) -> None:
            account.creatives.update(urn_id(record["campaign"]) for record in records if record.get("campaign"))

        async with self._step(step, "creatives", account):
            pages = self._in_slots(endpoints.creatives(self.client, account.account_id, step.calls))
            await self._listing(step, CREATIVE, pages, note)

    async def _metrics(self, account: Account, entity: str, window: Window) -> None:
        """All slices of one metrics table; a failing one costs its own days only."""
        step = self.steps.of(account.account_id, f"{entity}_daily_metrics")
        by_campaign = dict.fromkeys(account.campaigns, 1) if entity == "campaign" else dict(account.creatives)
        pieces = slices(window, by_campaign, batch_size=self.batch_size)
        step.start(len(pieces))
        async with asyncio.TaskGroup() as group:
            for number, piece in enumerate(pieces):
                group.create_task(self._slice(account, step, entity, number, piece))
        self._settle(step, account, "metrics")

    async def _slice(self, account: Account, step: Step, entity: str, number: int, piece: Slice) -> None:
        part = _part(step, number)
        covers = ((piece.window.first, piece.window.last),)

        async def ask(window: Window, ids: Sequence[int]) -> Page:
            page = await endpoints.daily_metrics(
                self.client, account.account_id, entity.upper(), window, step.calls, campaign_ids=ids
            )
            await self._believe(account, page)
            return page

        async def fetch() -> Part:
            urn = f"sponsored{entity.capitalize()}"
            return await harvest.daily_metrics(
                self.writer, part, piece, ask, urn=urn, campaigns=sorted(account.campaigns)
            )

        await self._part(step, account, part, fetch, covers=covers, stage="metrics")

    async def _demographics(self, account: Account, window: Window) -> None:
        step = self.steps.of(account.account_id, "audience_demographics")
        step.start(len(endpoints.PIVOTS))
        async with asyncio.TaskGroup() as group:
            for number, pivot in enumerate(self.writer.plan.pivots):
                group.create_task(self._pivot(account, step, number, pivot, window))
        self._settle(step, account, "demographics")

    async def _pivot(self, account: Account, step: Step, number: int, pivot: str, window: Window) -> None:
        part = _part(step, number, pivot=pivot)

        async def ask(window: Window) -> Page:
            page = await endpoints.demographics(self.client, account.account_id, pivot, window, step.calls)
            await self._believe(account, page)
            return page

        async def fetch() -> Part:
            return await harvest.demographics(self.writer, part, window, ask)

        await self._part(step, account, part, fetch, covers=((window.first, window.last),), stage="demographics")

    async def _names(self) -> None:
        async with self._step(self.steps.of(0, "names"), "names") as step:
            await fetch_names(self.writer, self.client, step, self.earlier)
        if self.read_posts:
            async with self._step(self.steps.of(0, "posts"), "names") as step:
                await fetch_posts(self.writer, self.client, step, self.earlier)

    async def _believe(self, account: Account, page: Page) -> None:
        """An empty answer means no activity, or no permission; believe it only where access is proven.

        Raises:
            DataFetchError: nothing proves that this member may read the account's figures.
        """
        if page.elements or account.campaigns or account.creatives:
            return
        roles = await self._accounts_with_a_role()
        if account.account_id in roles if roles is not None else account.entities_known:
            return
        raise DataFetchError(
            f"Figures of account {account.account_id} cannot be told from no permission.",
            why="LinkedIn answered with nothing, and this member has no role on the account.",
            next_step="Ask an account admin for a role (Viewer is enough), then sync again.",
            account_id=account.account_id,
        )

    async def _accounts_with_a_role(self) -> set[int] | None:
        """Asked once a run, and only if there is doubt; None if LinkedIn does not say."""
        if self._roles is None:
            self._roles = asyncio.create_task(_roles(self.client))
        return await asyncio.shield(self._roles)

    async def _listing(
        self,
        step: Step,
        kind: Any,
        pages: AsyncIterator[Page],
        note: Callable[[list[Any]], None],
        *,
        complete: bool = True,
        keep: harvest.Judge = lambda key: None,
    ) -> None:
        """One listing, from disk if it is there."""
        path = harvest.part_path(step.resource, step.account_id)
        part = self.writer.finished(path)
        if part is not None:
            envelopes = harvest.read_lines(self.writer.folder / path)
            note([envelope["element"] for envelope in envelopes])
        else:

            def count(records: list[Any]) -> None:
                note(records)
                step.fetched += len(records)
                self._progress(step, "running")

            part = await harvest.listing(
                self.writer,
                Part(path=path, resource=step.resource, account_id=step.account_id),
                pages,
                kind,
                on_records=count,
                complete_if_whole=complete,
                keep=keep,
            )
        _account_for(step, part)

    async def _in_slots(self, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        """Pages, each holding one of the few places for answers in memory until it is written."""
        while True:
            async with self._slots:
                page = await anext(pages, None)
                if page is None:
                    return
                yield page

    async def _part(
        self,
        step: Step,
        account: Account,
        part: Part,
        fetch: Callable[[], Awaitable[Part]],
        *,
        covers: object,
        stage: str,
    ) -> None:
        """Fetch one part unless it is on disk; its failure is noted and stays its own."""
        done = self.writer.finished(str(part.path))
        if done is None or done.covers != covers:
            try:
                async with self._slots:
                    done = await fetch()
            except WorkbenchError as error:
                if is_fatal(error):
                    raise
                error.account_id = account.account_id
                step.error = step.error or error
                done = part.model_copy(update={"path": None, "status": "failed", "why": error.why or error.what})
                self.writer.note(done)
        step.done += done.status == "done"
        _account_for(step, done)
        self._tell(stage, account, step, "running")

    def _settle(self, step: Step, account: Account, stage: str) -> None:
        """The step's last word, once every one of its parts has had its own."""
        if step.done == step.total:
            step.end("done")
        else:
            step.end("partial" if step.done or step.fetched else "failed")
        self._tell(stage, account, step, step.status)

    @asynccontextmanager
    async def _step(self, step: Step, stage: str, account: Account | None = None) -> AsyncIterator[Step]:
        """A step whose failure stays its own, unless everything else would fail too."""
        step.start()
        self._tell(stage, account, step, "running")
        try:
            yield step
        except WorkbenchError as error:
            if step.account_id:
                error.account_id = step.account_id
            step.fail(error)
            self.writer.note(
                Part(
                    path=None,
                    resource=step.resource,
                    account_id=step.account_id,
                    status="failed",
                    why=error.why or error.what,
                )
            )
            if is_fatal(error):
                raise
        else:
            step.end("partial" if step.error else "done")
        finally:
            self._tell(stage, account, step, step.status)

    def _progress(self, step: Step, status: str) -> None:
        self._tell("campaigns", self.accounts.get(step.account_id), step, status)

    def _tell(self, stage: str, account: Account | None, step: Step | None, status: str, *, note: str = "") -> None:
        if step is not None:
            self.steps.changed(step)
        self.on_progress(
            Progress(
                step=stage,
                account_id=account.account_id if account else None,
                account_name=account.name if account else None,
                resource=step.resource if step else None,
                status=status,
                done=step.fetched if step else 0,
                note=note or (step.error.what if step and step.error else ""),
            )
        )


def _part(step: Step, number: int, *, pivot: str | None = None) -> Part:
    path = harvest.part_path(step.resource, step.account_id, number)
    return Part(path=path, resource=step.resource, account_id=step.account_id, pivot=pivot)


def _account_for(step: Step, part: Part) -> None:
    """Count a part into its step."""
    if part.path is not None and step.resource.endswith(("metrics", "demographics")):
        step.fetched += part.elements
    elif part.path is not None:
        step.fetched = part.elements
    step.rejected += part.rejected
    if part.status == "partial" and step.error is None:
        step.error = DataFetchError(
            f"Not everything of {step.resource} of account {step.account_id} could be used.",
            why=part.why or "",
            next_step="See rejects.ndjson in the snapshot; the rest was kept, and it is asked for again next time.",
            account_id=step.account_id or None,
        )
    last_days = [last for _, last in part.covers if last is not None]
    if last_days:
        step.complete_through = max([*last_days, *([step.complete_through] if step.complete_through else [])])


async def _roles(client: Client) -> set[int] | None:
    try:
        return await endpoints.accounts_with_a_role(client, Calls())
    except WorkbenchError as error:
        if is_fatal(error):
            raise
        return None


def _first(failures: BaseExceptionGroup[WorkbenchError]) -> WorkbenchError:
    """The first failure inside nested groups."""
    failure: BaseException = failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    assert isinstance(failure, WorkbenchError)  # noqa: S101  (except* caught nothing else)
    return failure
