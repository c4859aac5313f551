"""Load accounts' daily metrics while other accounts are still being fetched.

Daily metrics are most of a sync's rows, and nothing that is fetched later changes them. If early loading fails, the
load of the finished snapshot loads the account again and reports the reason.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from types import TracebackType

from workbench.clock import Clock
from workbench.database.locked_database import LockedDatabase
from workbench.database.upsert import Counts
from workbench.pipeline.load.loader import OnCounts, load_metrics
from workbench.schema.resources import ACTIVE_DAYS
from workbench.snapshots.arrow import warm
from workbench.snapshots.writer import SnapshotWriter

_LOG = logging.getLogger(__name__)
_RESOURCES = frozenset(ACTIVE_DAYS)


@dataclass
class EarlyLoader:
    """Loads one account at a time, in a worker thread, while the `async with` block lasts.

    Attributes:
        on_counts: called with account, table and counts after each account's commit, in the event loop.
        loaded: the accounts that were loaded.
    """

    database: LockedDatabase
    writer: SnapshotWriter
    clock: Clock
    on_counts: OnCounts
    loaded: set[int] = field(default_factory=set)

    async def __aenter__(self) -> EarlyLoader:
        self._waiting: asyncio.Queue[int] = asyncio.Queue()
        self._open = True
        self._task = asyncio.create_task(self._work())
        return self

    def add(self, account_id: int) -> None:
        """Load the daily metrics of an account soon; they must all be on disk."""
        self._waiting.put_nowait(account_id)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the account that is being loaded. Accounts that still wait are loaded with the whole snapshot."""
        self._open = False
        self._waiting.put_nowait(0)
        await self._task

    async def _work(self) -> None:
        await asyncio.to_thread(warm)
        while (account_id := await self._waiting.get()) and self._open:
            try:
                counts = await asyncio.to_thread(self._load, account_id)
            except Exception as error:  # no failure here may stop the fetch
                _LOG.info("Daily metrics of account %s are loaded only after the fetch: %s", account_id, error)
                continue
            self.loaded.add(account_id)
            for table, outcome in counts.items():
                self.on_counts(account_id, table, outcome)

    def _load(self, account_id: int) -> dict[str, Counts]:
        snapshot = self.writer.so_far(account_id, _RESOURCES, self.clock())
        return load_metrics(self.database, snapshot, account_id)
