"""Run one sync: prepare, plan, fetch, load, report."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from workbench import logs
from workbench.clock import Clock
from workbench.database.bookkeeping import prune_steps
from workbench.database.data_origin import refuse_other_origin
from workbench.database.locked_database import LockedDatabase
from workbench.database.own_schema import said_of_a_migration
from workbench.errors import SyncInterruptedError, WorkbenchError
from workbench.linkedin.auth.fingerprint import sign_in_fingerprint
from workbench.linkedin.auth.token_provider import TokenSource
from workbench.linkedin.client import Client
from workbench.linkedin.rate_limits import Limiter, Quotas
from workbench.linkedin.server_time import server_time
from workbench.pipeline.fetch.account_state import Fetched
from workbench.pipeline.fetch.fetcher import Fetcher
from workbench.pipeline.load.early_loader import EarlyLoader
from workbench.pipeline.loading import load_and_count, load_earlier_syncs, offer_of_snapshots, row_counter
from workbench.pipeline.outcome import ALL_FRESH, outcome_of, report_all_fresh, report_of
from workbench.pipeline.planning import estimate_of_history, open_snapshot, origin_of, plan_windows
from workbench.pipeline.progress import Progress
from workbench.pipeline.report import SyncReport
from workbench.pipeline.request import SyncRequest
from workbench.pipeline.steps import Steps, status_of
from workbench.pipeline.sync_log import SyncLog
from workbench.pipeline.sync_windows import SyncWindows, shared_clock
from workbench.schema.literals import EndStatus
from workbench.settings.fields import Settings
from workbench.snapshots import mirror
from workbench.snapshots.catalog import list_snapshots
from workbench.snapshots.manifest import Snapshot
from workbench.snapshots.writer import SnapshotWriter

_SILENT_SECONDS = 2  # after which the user sees that LinkedIn has not answered


@dataclass(frozen=True)
class _SignIn:
    """The token of the user who signed in, what it may read, and the clock that all who sync share."""

    tokens: TokenSource
    scopes: tuple[str, ...]
    clock: Clock


@dataclass(frozen=True)
class _Running:
    """The objects of a sync between its plan and its report."""

    writer: SnapshotWriter
    windows: SyncWindows
    client: Client
    sync_log: SyncLog
    steps: Steps


@dataclass(frozen=True)
class SyncRun:
    """One sync, from the lock to the report."""

    request: SyncRequest
    database: LockedDatabase

    async def run(self) -> SyncReport:
        """The report of the sync.

        Raises:
            WorkbenchError: the sync could not begin or go on; what was fetched stays on disk for the next sync.
        """
        with logs.event("sync", start=False, trigger=self.request.trigger) as event:
            try:
                report = await self._run(event)
            finally:
                await asyncio.shield(asyncio.to_thread(self.database.close))
            event.facts |= report.facts()
        return report

    async def _run(self, event: logs.Event) -> SyncReport:
        windows, notes = await asyncio.to_thread(self._prepare_and_plan)
        report = self._report_all_fresh(windows) if windows.all_fresh() else await self._ask(windows, event)
        return replace(report, notes=(*report.notes, *notes))

    async def _ask(self, windows: SyncWindows, event: logs.Event) -> SyncReport:
        """Sign in, then fetch, load and report."""
        sign_in = await self._sign_in()
        run = replace(self, request=replace(self.request, clock=sign_in.clock))
        writer, windows = await asyncio.to_thread(open_snapshot, run.request, self.database, windows)
        with logs.run(writer.name):
            event.facts |= {"sync_id": writer.name, "window": [day.isoformat() for day in writer.plan.window]}
            event.started()
            try:
                return await run._fetch_load_report(writer, windows, sign_in, event)
            finally:
                writer.release()

    def _prepare_and_plan(self) -> tuple[SyncWindows, list[str]]:
        """Take the lock, migrate, load what earlier syncs left, then plan the days to ask for.

        Returns: the days, and what the user should know of the database and of snapshots that are not in it.
        """
        said = said_of_a_migration(self.database.open())
        if said:
            self.request.on_progress(Progress("notice", note=said))
        with self.database.connection() as connection:
            refuse_other_origin(connection, origin_of(self.request.settings), "The sync does not begin.")
        mirror.pull(self.request.settings.snapshot_dir, now=True)
        mirror.push(self.request.settings.snapshot_dir)  # what an earlier sync could not put there
        load_earlier_syncs(
            self.database, self.request.settings.snapshot_dir, self.request.on_progress, self.request.shard
        )
        with suppress(WorkbenchError), self.database.connection() as connection:  # the next sync tries again
            prune_steps(connection, self.database.lock)
        offer, is_new = offer_of_snapshots(self.database, self.request.settings.snapshot_dir)
        if offer and is_new:
            self.request.on_progress(Progress("notice", note=offer))
        if estimated := estimate_of_history(self.request, self.database):
            self.request.on_progress(Progress("notice", note=estimated))
        return plan_windows(self.request, self.database), [note for note in (said, offer) if note]

    async def _sign_in(self) -> _SignIn:
        """Check the token and the clock before the first request."""
        self.request.on_progress(Progress("auth"))
        tokens = TokenSource(self.request.settings, clock=self.request.clock)
        sign_in, clock = await asyncio.gather(tokens.check(), self._compare_clocks())
        self.request.on_progress(Progress("auth", status="done", note=" ".join(sign_in.doubts)))
        return _SignIn(tokens, sign_in.scopes or (), clock)

    async def _compare_clocks(self) -> Clock:
        """The clock of this sync; report early that LinkedIn does not answer.

        Raises:
            ConfigurationError: this machine is on another day than LinkedIn.
        """
        asked = asyncio.create_task(server_time(self.request.settings.LINKEDIN_API_URL))
        try:
            if not (await asyncio.wait({asked}, timeout=_SILENT_SECONDS))[0]:
                self._report_wait("LinkedIn has not answered yet.")
            there = await asked
        except httpx.HTTPError as error:  # the first request says what to do about it
            self._report_wait(f"LinkedIn is out of reach ({type(error).__name__}).")
            return self.request.clock
        finally:
            asked.cancel()
        return self.request.clock if there is None else shared_clock(self.request.clock, there)

    def _report_wait(self, why: str, until: datetime | None = None) -> None:
        self.request.on_progress(Progress("wait", note=why, until=until))

    async def _fetch_load_report(
        self, writer: SnapshotWriter, windows: SyncWindows, sign_in: _SignIn, event: logs.Event
    ) -> SyncReport:
        client = self._client(sign_in.tokens)
        sync_log = SyncLog(writer.name, api_calls=lambda: client.calls)
        running = _Running(writer, windows, client, sync_log, Steps(sync_log.step))
        await asyncio.to_thread(self._start_log, running)
        try:
            with self.database.lock.calling(sync_log.beat):
                fetched, loaded_early = await self._fetch(running, sign_in.scopes)
                return await asyncio.to_thread(self._load_and_report, running, fetched, loaded_early)
        except BaseException as error:
            event.facts["requests"] = sync_log.requests
            facts = _facts(writer, api_calls=sync_log.requests)
            if isinstance(error, WorkbenchError):
                error.end_sync(facts)
            with suppress(WorkbenchError):  # the database itself may have failed
                await asyncio.shield(asyncio.to_thread(self._log_failure, sync_log, error))
            if isinstance(error, asyncio.CancelledError):
                raise SyncInterruptedError(facts) from error
            raise

    async def _fetch(self, running: _Running, scopes: Collection[str]) -> tuple[Fetched, set[int]]:
        """Fetch all accounts; daily metrics of accounts that are complete are loaded meanwhile.

        Returns: what was fetched, and the accounts whose daily metrics were loaded.
        """
        request, settings = self.request, self.request.settings
        finished = (await asyncio.to_thread(list_snapshots, settings.snapshot_dir)).finished
        early = EarlyLoader(self.database, running.writer, request.clock, row_counter(running.steps))
        async with running.client, early:
            fetcher = Fetcher(
                writer=running.writer,
                client=running.client,
                steps=running.steps,
                windows_of=running.windows.windows_unless_fresh,
                batch_size=settings.METRICS_BATCH_SIZE,
                concurrency=settings.LINKEDIN_CONCURRENCY,
                statuses=settings.CAMPAIGN_STATUSES,
                account_ids=request.account_ids,
                shard=request.shard,
                scopes=scopes,
                groups=request.groups,
                demographics_by=request.demographics_by,
                is_partial=request.only is not None,
                again=request.force,
                earlier=finished,
                sign_in=sign_in_fingerprint(settings),
                on_progress=request.on_progress,
                on_daily_metrics=early.add,
            )
            fetched = await fetcher.run()
        return fetched, early.loaded

    def _load_and_report(self, running: _Running, fetched: Fetched, loaded_early: Collection[int]) -> SyncReport:
        steps, on_progress = running.steps, self.request.on_progress
        window = running.windows.overall(fetched.account_ids or None)
        days = (window.first, window.last)
        on_progress(Progress("snapshot"))
        snapshot = running.writer.finish(
            finished_at=self.request.clock(),
            api_calls=running.sync_log.requests,
            complete=status_of(steps.all()) == "done",
            window=days,
        )
        unstored: WorkbenchError | None = None
        try:
            mirror.push(snapshot.folder.parent)  # first: days that the database covers must not be on this disk alone
        except WorkbenchError as error:
            unstored = error
        self._load(snapshot, steps, loaded_early)
        outcome = outcome_of(steps.all(), snapshot.manifest)
        with self.database.connection() as connection:
            running.sync_log.finish(connection, outcome.status, window=days, error=outcome.error)
        if unstored:
            raise unstored
        on_progress(Progress("log", status="done"))
        return report_of(
            snapshot, outcome, window=window, api_calls=running.sync_log.requests, steps=steps, names=fetched.names
        )

    def _load(self, snapshot: Snapshot, steps: Steps, loaded_early: Collection[int]) -> None:
        self.request.on_progress(Progress("load"))
        self.database.lock.retake()
        load_and_count(self.database, snapshot, steps, self.request.on_progress, loaded_early=loaded_early)

    def _report_all_fresh(self, windows: SyncWindows) -> SyncReport:
        self.request.on_progress(Progress("accounts", status="skipped", note=ALL_FRESH))
        return report_all_fresh(windows.accounts, windows.overall())

    def _client(self, tokens: TokenSource) -> Client:
        settings, clock = self.request.settings, self.request.clock
        return Client(
            origin=settings.LINKEDIN_API_URL,
            version=settings.LINKEDIN_VERSION,
            tokens=tokens,
            limiter=Limiter(
                concurrency=settings.LINKEDIN_CONCURRENCY, per_second=settings.LINKEDIN_REQUESTS_PER_SECOND
            ),
            quotas=Quotas(_quota_file(settings), scope=_quota_scope(settings), clock=clock),
            clock=clock,
            on_wait=self._report_wait,
        )

    def _start_log(self, running: _Running) -> None:
        writer = running.writer
        with self.database.connection() as connection:
            running.sync_log.start(
                connection,
                trigger=writer.trigger,
                started_at=writer.started_at,
                window=writer.plan.window,
                shard=writer.plan.shard,
            )

    def _log_failure(self, sync_log: SyncLog, error: BaseException) -> None:
        """Write `failed` or `interrupted` to `sync_log`; the next sync continues the unfinished snapshot."""
        status: EndStatus = "failed" if isinstance(error, Exception) else "interrupted"
        with self.database.connection() as connection:
            sync_log.finish(connection, status, error=error if isinstance(error, WorkbenchError) else None)


def _facts(writer: SnapshotWriter, *, api_calls: int) -> dict[str, Any]:
    """The facts of an error that ended the sync, as JSON."""
    window = [day.isoformat() for day in writer.plan.window]
    return {"sync_id": writer.name, "snapshot": str(writer.folder), "window": window, "api_calls": api_calls}


def _quota_file(settings: Settings) -> Path | None:
    return settings.home_if_any / "quotas.json" if settings.home_if_any else None


def _quota_scope(settings: Settings) -> str:
    """Key under which daily quotas are remembered: API origin and client id, or a hash of a static token."""
    token = settings.LINKEDIN_ACCESS_TOKEN
    if token is None:
        return f"{settings.LINKEDIN_API_URL} {settings.LINKEDIN_CLIENT_ID}"
    fingerprint = hashlib.sha256(token.get_secret_value().encode()).hexdigest()[:12]
    return f"{settings.LINKEDIN_API_URL} {fingerprint}"
