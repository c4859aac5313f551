"""Write the state of a sync to `sync_log` and `sync_steps`, where any page of any process reads it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from workbench.errors import WorkbenchError
from workbench.logs import redact
from workbench.pipeline.steps import Step
from workbench.schema.literals import EndStatus
from workbench.schema.shards import Shard
from workbench.schema.snapshot_names import name_of
from workbench.snapshots.manifest import Manifest

_START = """
    insert into sync_log (sync_id, trigger, status, started_at, heartbeat_at, window_start, window_end, snapshot, shard)
    values (%(sync_id)s, %(trigger)s, 'running', %(started_at)s, now(), %(first)s, %(last)s, %(sync_id)s, %(shard)s)
    on conflict (sync_id) do update
    set status = 'running', heartbeat_at = excluded.heartbeat_at, finished_at = null, error = null
    returning api_calls
"""
_RECORD = """
    insert into sync_log (
        sync_id, trigger, status, started_at, heartbeat_at, finished_at, window_start, window_end, snapshot, api_calls,
        shard
    )
    values (
        %(sync_id)s, %(trigger)s, %(status)s, %(started_at)s, %(finished_at)s, %(finished_at)s, %(first)s, %(last)s,
        %(sync_id)s, %(api_calls)s, %(shard)s
    )
    on conflict (sync_id) do update
    set status = excluded.status, finished_at = excluded.finished_at, window_start = excluded.window_start,
        window_end = excluded.window_end, api_calls = greatest(sync_log.api_calls, excluded.api_calls)
    where sync_log.status not in ('done', 'partial')
    returning sync_id
"""
_BEAT = "update sync_log set heartbeat_at = now(), api_calls = %s where sync_id = %s"
_FINISH = """
    update sync_log
    set status = %s, finished_at = now(), heartbeat_at = now(), window_start = coalesce(%s, window_start),
        window_end = coalesce(%s, window_end), api_calls = %s, error = %s
    where sync_id = %s and status not in ('done', 'partial')
"""
_COLUMNS = (
    "status",
    "api_calls",
    "fetched",
    "rejected",
    "inserted",
    "updated",
    "deleted",
    "unchanged",
    "complete_through",
    "error",
    "started_at",
    "finished_at",
)
_STEP = f"""
    insert into sync_steps (sync_id, account_id, resource, {", ".join(_COLUMNS)})
    values (%(sync_id)s, %(account_id)s, %(resource)s, {", ".join(f"%({name})s" for name in _COLUMNS)})
    on conflict (sync_id, account_id, resource) do update
    set {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)}
"""
_SIBLING = "(shard like '%%/' || %(count)s and shard <> %(shard)s)"
_INTERRUPT = f"""
    update sync_log set status = 'interrupted', finished_at = coalesce(heartbeat_at, started_at)
    where status = 'running' and (%(shard)s::text is null or shard is null or not {_SIBLING})
"""
_SIBLINGS = f"select sync_id from sync_log where {_SIBLING} and sync_id >= %(since)s"
_REQUESTS = "select sync_id, api_calls from sync_log where status not in ('done', 'partial')"
_UNLOADED = """
    select sync_id from sync_log
    where status not in ('done', 'partial', 'running') and (%(shard)s::text is null or shard = %(shard)s)
    order by sync_id
"""


class SyncLog:
    """The rows of one sync. Changed steps are collected and written with the write lock's next heartbeat."""

    def __init__(self, sync_id: str, *, api_calls: Callable[[], int] = lambda: 0) -> None:
        """No row is written yet.

        Args:
            api_calls: returns how many requests this process has sent for the sync.
        """
        self.sync_id = sync_id
        self._api_calls = api_calls
        self._earlier = 0
        self._changed: dict[tuple[int, str], Step] = {}
        self._mutex = threading.Lock()

    @property
    def requests(self) -> int:
        """The number of requests sent for this sync, those before it was resumed included."""
        return self._earlier + self._api_calls()

    def start(
        self,
        connection: psycopg.Connection,
        *,
        trigger: str,
        started_at: datetime,
        window: tuple[date, date],
        shard: str | None = None,
    ) -> None:
        """Enter the sync as running; a resumed sync keeps its row."""
        facts = {"sync_id": self.sync_id, "trigger": trigger, "started_at": started_at, "shard": shard}
        row = connection.execute(_START, {**facts, "first": window[0], "last": window[1]}).fetchone()
        self._earlier = row[0] if row else 0

    def record(self, connection: psycopg.Connection, manifest: Manifest) -> None:
        """Enter a sync and its steps from its loaded snapshot; a sync that ended `done` or `partial` is left alone."""
        facts = manifest.model_dump(include={"trigger", "started_at", "finished_at", "api_calls", "shard"})
        first, last = manifest.window
        facts |= {"sync_id": self.sync_id, "status": manifest.outcome, "first": first, "last": last}
        with connection.transaction():
            if connection.execute(_RECORD, facts).fetchone():
                self._write_steps(connection)

    def step(self, step: Step) -> None:
        """Remember that a step has changed."""
        with self._mutex:
            self._changed[step.account_id, step.resource] = step

    def beat(self, connection: psycopg.Connection) -> None:
        """Write the heartbeat and every changed step."""
        with connection.transaction():
            connection.execute(_BEAT, (self.requests, self.sync_id))
            self._write_steps(connection)

    def _write_steps(self, connection: psycopg.Connection) -> None:
        with self._mutex:
            changed = list(self._changed.values())
            self._changed.clear()
        with connection.cursor() as cursor:
            cursor.executemany(_STEP, [{"sync_id": self.sync_id, **_row(step)} for step in changed])

    def finish(
        self,
        connection: psycopg.Connection,
        status: EndStatus,
        *,
        window: tuple[date, date] | None = None,
        error: WorkbenchError | None = None,
    ) -> None:
        """Write the final status, window and error; a sync that is `done` or `partial` already stays so."""
        self.beat(connection)
        first, last = window or (None, None)
        connection.execute(_FINISH, (status, first, last, self.requests, as_json(error), self.sync_id))


def mark_interrupted(connection: psycopg.Connection, shard: Shard | None = None) -> None:
    """Mark every running sync as interrupted, other shards of as many excepted, which may run beside this one.

    Only the holder of the write lock may call it.
    """
    connection.execute(_INTERRUPT, _of(shard))


def unloaded(connection: psycopg.Connection, shard: Shard | None = None) -> list[str]:
    """Ids of syncs, of one shard or of all, that ended without loading all that they fetched, oldest first."""
    return [sync_id for (sync_id,) in connection.execute(_UNLOADED, _of(shard)).fetchall()]


def siblings(connection: psycopg.Connection, shard: Shard, since: datetime) -> set[str]:
    """Ids of syncs of other shards of as many, which say nothing of this shard's accounts."""
    return {row[0] for row in connection.execute(_SIBLINGS, {**_of(shard), "since": name_of(since)}).fetchall()}


def _of(shard: Shard | None) -> dict[str, str | None]:
    return {"shard": str(shard) if shard else None, "count": str(shard.count) if shard else None}


def requests_of(connection: psycopg.Connection) -> dict[str, int]:
    """The number of requests sent for each sync that did not end `done` or `partial`, by its id."""
    return dict(connection.execute(_REQUESTS).fetchall())


def as_json(error: WorkbenchError | None) -> Jsonb | None:
    """An error for a jsonb column, without secrets."""
    return None if error is None else Jsonb(json.loads(redact(json.dumps(error.as_dict()))))


def _row(step: Step) -> dict[str, Any]:
    row = {name: getattr(step, name) for name in _COLUMNS if name not in ("api_calls", "error")}
    facts = {"account_id": step.account_id, "resource": step.resource}
    return {**row, **facts, "api_calls": step.calls.count, "error": as_json(step.error)}
