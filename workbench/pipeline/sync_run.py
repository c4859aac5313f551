"""Run one sync: lock, migrate, recover, plan, fetch, load, report."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import logging
from collections.abc import Collection
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import httpx
import psycopg
from sqlalchemy import Engine

from workbench import logs
from workbench.clock import Clock
from workbench.database import migrations
from workbench.database.connection import Database, borrowed, explained
from workbench.database.coverage import coverage, fresh_accounts, known_accounts
from workbench.database.upsert import Counts
from workbench.database.write_lock import WriteLock
from workbench.errors import ValidationError, WorkbenchError
from workbench.linkedin.auth.fingerprint import sign_in_fingerprint
from workbench.linkedin.auth.token_provider import TokenSource
from workbench.linkedin.client import Client, told_time
from workbench.linkedin.rate_limits import Limiter, Quotas
from workbench.pipeline.fetch.fetcher import Fetcher
from workbench.pipeline.load.early_loader import LoadAhead
from workbench.pipeline.load.loader import load_snapshot
from workbench.pipeline.report import SyncReport, account_report, exit_code, first_error, retry_at, skipped
from workbench.pipeline.resume import continue_or_close, finished, steps_of
from workbench.pipeline.steps import Steps, status_of
from workbench.pipeline.sync_log import SyncLog, mark_interrupted, note_counts, requests_of, unsettled
from workbench.pipeline.sync_windows import Schedule, refuse_clock_ahead
from workbench.progress import OnProgress, Progress
from workbench.schema.pivots import ASKED
from workbench.schema.windows import Window
from workbench.settings.fields import Settings
from workbench.snapshots.coverage import believed_and_doubted
from workbench.snapshots.manifest import Plan, Snapshot, list_snapshots, next_name
from workbench.snapshots.read_errors import readable
from workbench.snapshots.reader import accounts_of
from workbench.snapshots.writer import SnapshotWriter

_LOG = logging.getLogger(__name__)
_SILENT_SECONDS = 3  # after which a LinkedIn that has not answered is told of


@dataclass
class SyncRun:
    """One sync, from the lock to the report."""

    settings: Settings
    database: Database
    engine: Engine
    lock: WriteLock
    asked: Window | None
    account_ids: tuple[int, ...]
    force: bool
    trigger: str
    on_progress: OnProgress
    clock: Clock
    schedule: Schedule = field(init=False)
    event: logs.Event = field(init=False)
    scopes: tuple[str, ...] = ()
    loaded_ahead: set[int] = field(default_factory=set)

    def open(self) -> None:
        """Prepare before LinkedIn is asked: take the lock, migrate, load what earlier syncs left, plan the windows."""
        self.lock.acquire()
        with explained(self.database.label):
            migrations.upgrade(self.engine)
            with self._connection() as connection:
                mark_interrupted(connection)
                left = unsettled(connection)
            for name in left:
                snapshot = finished(self.settings.snapshot_dir, name)
                if snapshot and snapshot.manifest.outcome != "failed":  # or there is nothing to load
                    self._settle(snapshot)
            self.schedule = self._plan()

    def close(self) -> None:
        self.lock.release()
        self.engine.dispose()

    async def go(self) -> SyncReport:
        if self.schedule.all_fresh():
            return self._all_fresh()
        self.on_progress(Progress("auth"))
        tokens = TokenSource(self.settings, clock=self.clock)
        sign_in, _ = await asyncio.gather(tokens.check(), self._compare_clocks())
        self.scopes = sign_in.scopes or ()
        self.on_progress(Progress("auth", status="done", note=" ".join(sign_in.doubts)))
        writer = await asyncio.to_thread(self._open_snapshot)
        with logs.run(writer.name):
            self.event.facts |= {"sync_id": writer.name, "window": [day.isoformat() for day in writer.plan.window]}
            self.event.started()
            try:
                return await self._fetch_and_load(writer, tokens)
            finally:
                writer.release()

    async def _compare_clocks(self) -> None:
        """Refuse a clock that is ahead of LinkedIn's; say early that LinkedIn does not answer."""
        asked = asyncio.create_task(told_time(self.settings.LINKEDIN_API_URL))
        try:
            if not (await asyncio.wait({asked}, timeout=_SILENT_SECONDS))[0]:
                self._waits("LinkedIn has not answered yet.")
            there = await asked
        except httpx.HTTPError as error:  # the first request says what to do about it
            self._waits(f"LinkedIn is out of reach ({type(error).__name__}).")
            return
        finally:
            asked.cancel()
        if there is not None:
            refuse_clock_ahead(self.clock(), there)

    def _waits(self, why: str, until: datetime | None = None) -> None:
        self.on_progress(Progress("wait", note=why, until=until))

    async def _fetch_and_load(self, writer: SnapshotWriter, tokens: TokenSource) -> SyncReport:
        sync_log = SyncLog(writer.name)
        steps = Steps(sync_log.step)
        await asyncio.to_thread(self._start_log, sync_log, writer)
        self.lock.on_beat = sync_log.beat
        try:
            fetch = await self._fetch(writer, tokens, steps, sync_log)
            return await asyncio.to_thread(self._keep_and_load, writer, fetch, sync_log)
        except BaseException as error:
            self.event.facts["requests"] = sync_log.requests
            if isinstance(error, WorkbenchError):
                window = [day.isoformat() for day in writer.plan.window]
                facts = {"sync_id": writer.name, "snapshot": str(writer.folder), "window": window}
                error.sync = {**facts, "api_calls": sync_log.requests}
            with suppress(WorkbenchError):  # the database itself may have failed
                await asyncio.shield(asyncio.to_thread(self._give_up, sync_log, error))
            raise

    async def _fetch(self, writer: SnapshotWriter, tokens: TokenSource, steps: Steps, sync_log: SyncLog) -> Fetcher:
        settings = self.settings
        async with Client(
            origin=settings.LINKEDIN_API_URL,
            version=settings.LINKEDIN_VERSION,
            tokens=tokens,
            limiter=Limiter(
                concurrency=settings.LINKEDIN_CONCURRENCY, per_second=settings.LINKEDIN_REQUESTS_PER_SECOND
            ),
            quotas=Quotas(settings.home / "quotas.json", whose=_whose(settings), clock=self.clock),
            clock=self.clock,
            on_wait=self._waits,
        ) as client:
            sync_log.calls = client.calls
            fetch = Fetcher(
                writer=writer,
                client=client,
                steps=steps,
                windows_of=self.schedule.windows_unless_fresh,
                batch_size=settings.METRICS_BATCH_SIZE,
                concurrency=settings.LINKEDIN_CONCURRENCY,
                statuses=settings.CAMPAIGN_STATUSES,
                account_ids=self.account_ids,
                read_posts="r_organization_social" in self.scopes,
                earlier=(await asyncio.to_thread(list_snapshots, settings.snapshot_dir)).finished,
                sign_in=sign_in_fingerprint(settings),
                on_progress=self.on_progress,
            )
            ahead = LoadAhead(
                self.engine, self.lock, writer, self.clock, self.database.label, partial(note_counts, steps)
            )
            async with ahead as fetch.on_metrics:
                await fetch.run()
            self.loaded_ahead = ahead.loaded
            return fetch

    def _plan(self) -> Schedule:
        settings = self.settings
        today = self.clock().date()
        snapshots = list_snapshots(settings.snapshot_dir)
        # Coverage of an unfinished snapshot (early loading) must not change its plan, or it could not be continued.
        unfinished = {folder.name for folder in snapshots.unfinished}
        with self._connection() as connection:
            ours = self.account_ids or accounts_of(snapshots.finished, sign_in_fingerprint(settings))
            known = ours or known_accounts(connection)
            loaded = [row for row in coverage(connection) if row[-1] not in unfinished]
            covered, doubted = believed_and_doubted(loaded, [snapshot.manifest for snapshot in snapshots.finished])
            schedule = Schedule(
                today,
                settings.SYNC_DAYS,
                settings.LOOKBACK_DAYS,
                asked=self.asked,
                coverage=covered,
                doubted=doubted,
                known=known,
                known_are_all=bool(ours),
            )
            if self.force or not settings.FRESHNESS_TTL_MINUTES:
                return schedule
            youngest = self.clock() - timedelta(minutes=settings.FRESHNESS_TTL_MINUTES)
            return schedule.with_fresh(lambda window: fresh_accounts(connection, youngest, window))

    def _open_snapshot(self) -> SnapshotWriter:
        """The snapshot to write: an open one of today with an equal plan, or a new one. Other open ones are loaded."""
        folder = self.settings.snapshot_dir
        with self._connection() as connection:
            requests = requests_of(connection)
        writer, closed = continue_or_close(folder, self._snapshot_plan(), self.schedule.today, requests)
        for snapshot in closed:
            self._settle(snapshot)
        if writer is not None:
            return writer
        now = self.clock()
        return SnapshotWriter.create(
            folder / next_name(now, list_snapshots(folder).names()),
            self._snapshot_plan(),  # computed again: loading other snapshots may have moved the window
            trigger=self.trigger,
            started_at=now,
            version=importlib.metadata.version("linkedin-ads-workbench"),
        )

    def _snapshot_plan(self) -> Plan:
        window = self.schedule.overall()
        return Plan(
            linkedin_version=self.settings.LINKEDIN_VERSION,
            window=(window.first, window.last),
            account_ids=self.account_ids or None,
            campaign_statuses=self.settings.CAMPAIGN_STATUSES,
            pivots=ASKED,
        )

    def _settle(self, snapshot: Snapshot) -> None:
        """Load a snapshot that an earlier sync fetched but did not load, and complete its row in `sync_log`."""
        sync_log = SyncLog(snapshot.name)
        steps = Steps(sync_log.step)
        steps_of(snapshot.manifest, steps)
        try:
            self._load(snapshot, steps)
        except ValidationError as error:  # its days are asked for again
            _LOG.warning("Snapshot %s is left out: %s", snapshot.name, error.why)
            return
        with self._connection() as connection:
            sync_log.record(connection, snapshot.manifest)
        if snapshot.manifest.status == "partial":
            self.schedule = self._plan()

    def _keep_and_load(self, writer: SnapshotWriter, fetch: Fetcher, sync_log: SyncLog) -> SyncReport:
        """Finish the snapshot, load it, and return the report."""
        steps = fetch.steps
        window = self.schedule.overall(fetch.accounts) if fetch.accounts else self.schedule.overall()
        self.on_progress(Progress("snapshot"))
        snapshot = writer.finish(
            finished_at=self.clock(),
            api_calls=sync_log.requests,
            complete=status_of(steps.all()) == "done",
            window=(window.first, window.last),
        )
        self.on_progress(Progress("load"))
        self.lock.retake()
        self._load(snapshot, steps, ahead=self.loaded_ahead)
        status = snapshot.manifest.outcome
        error = first_error(steps.all())
        with self._connection() as connection:
            sync_log.finish(connection, status, window=(window.first, window.last), error=error)
        self.on_progress(Progress("log", status="done"))
        return SyncReport(
            sync_id=snapshot.name,
            status=status,
            exit_code=exit_code(steps.all(), snapshot.manifest),
            snapshot=snapshot.folder,
            window=(window.first, window.last),
            api_calls=sync_log.requests,
            retry_at=retry_at(steps.all()),
            accounts=tuple(
                account_report(account_id, name, steps.of_account(account_id)) for account_id, name in fetch.everybody()
            ),
            error=error,
        )

    def _load(self, snapshot: Snapshot, steps: Steps, *, ahead: Collection[int] = ()) -> None:
        """Load all accounts of a snapshot."""

        def note(account_id: int, table: str, counts: Counts) -> None:
            note_counts(steps, account_id, table, counts)
            progress = Progress("load", account_id or None, resource=table, status="done", done=counts.staged)
            self.on_progress(progress)

        with readable(snapshot.name):
            load_snapshot(self.engine, self.lock, snapshot, on_counts=note, label=self.database.label, ahead=ahead)

    def _all_fresh(self) -> SyncReport:
        window = self.schedule.overall()
        accounts = tuple(skipped(account_id) for account_id in sorted(self.schedule.known))
        note = "Everything is fresh: nothing was asked. Use --force to ask all the same."
        self.on_progress(Progress("accounts", status="skipped", note=note))
        return SyncReport(None, "done", 0, None, (window.first, window.last), accounts=accounts, notes=(note,))

    def _start_log(self, sync_log: SyncLog, writer: SnapshotWriter) -> None:
        with self._connection() as connection:
            window = writer.plan.window
            sync_log.start(connection, trigger=writer.trigger, started_at=writer.started_at, window=window)

    def _give_up(self, sync_log: SyncLog, error: BaseException) -> None:
        """Write `failed` or `interrupted` to `sync_log`; the next sync continues the unfinished snapshot."""
        self.lock.on_beat = lambda connection: None
        status = "failed" if isinstance(error, Exception) else "interrupted"
        with self._connection() as connection:
            sync_log.finish(connection, status, error=error if isinstance(error, WorkbenchError) else None)

    def _connection(self) -> AbstractContextManager[psycopg.Connection]:
        return borrowed(self.engine, self.database.label)


def _whose(settings: Settings) -> str:
    """Key under which daily quotas are remembered: API origin and client id, or a hash of a static token."""
    token = settings.LINKEDIN_ACCESS_TOKEN
    if token is None:
        return f"{settings.LINKEDIN_API_URL} {settings.LINKEDIN_CLIENT_ID}"
    fingerprint = hashlib.sha256(token.get_secret_value().encode()).hexdigest()[:12]
    return f"{settings.LINKEDIN_API_URL} {fingerprint}"
