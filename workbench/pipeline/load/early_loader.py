"""Load accounts' daily metrics while other accounts are still being fetched.

They are most of a sync's rows, and nothing that is fetched later changes them. If it fails here, the load of the
finished snapshot does it again and reports the reason.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from sqlalchemy import Engine

from workbench.clock import Clock
from workbench.database.upsert import Counts
from workbench.database.write_lock import WriteLock
from workbench.pipeline.load.loader import OnCounts, load_metrics
from workbench.schema.resources import DAILY
from workbench.snapshots.views import warm
from workbench.snapshots.writer import SnapshotWriter

_LOG = logging.getLogger(__name__)
_RESOURCES = frozenset(DAILY)


@dataclass
class LoadAhead:
    """Loads one account at a time, in a worker thread, while the `async with` block lasts.

    Attributes:
        on_counts: called with account, table and counts after each account's commit, in the event loop.
        loaded: the accounts that were loaded.
    """

    engine: Engine
    lock: WriteLock
    writer: SnapshotWriter
    clock: Clock
    label: str
    on_counts: OnCounts
    loaded: set[int] = field(default_factory=set)

    async def __aenter__(self) -> Callable[[int], None]:
        """Returns a function to be called with every account whose daily metrics are all on disk."""
        self._ready: asyncio.Queue[int] = asyncio.Queue()
        self._open = True
        self._task = asyncio.create_task(self._work())
        return self._ready.put_nowait

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the account that is being loaded; the load of the whole snapshot does those that still wait."""
        self._open = False
        self._ready.put_nowait(0)
        await self._task

    async def _work(self) -> None:
        await asyncio.to_thread(warm)
        while (account_id := await self._ready.get()) and self._open:
            try:
                counts = await asyncio.to_thread(self._load, account_id)
            except Exception as error:  # no failure here may stop the fetch
                _LOG.info("Daily metrics of account %s wait for the end of the fetch: %s", account_id, error)
                continue
            self.loaded.add(account_id)
            for table, outcome in counts.items():
                self.on_counts(account_id, table, outcome)

    def _load(self, account_id: int) -> dict[str, Counts]:
        snapshot = self.writer.so_far(account_id, _RESOURCES, self.clock())
        return load_metrics(self.engine, self.lock, snapshot, account_id, label=self.label)
