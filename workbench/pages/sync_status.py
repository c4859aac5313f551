"""Read the state of the newest sync from the database, for any page in any process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from workbench.database.heartbeat import SILENCE
from workbench.errors import StorageError, WorkbenchError
from workbench.queries.api import query

if TYPE_CHECKING:
    from workbench.pipeline.background import Started

Phase = Literal["idle", "starting", "running", "silent"]
HISTORY = 12


@dataclass(frozen=True)
class Watch:
    """The newest sync's state, steps and progress at one moment.

    Attributes:
        phase: `starting` until it has a row in the log; `silent` if it says `running` but its heartbeat has stopped.
        syncs: `syncs`, newest first; empty if there never was one.
        steps: `sync_steps` of the newest.
        holder: who holds the database's lock.
        outcome: the last words of the sync that this process started, once it has ended.
        error: why the database could not be read.
    """

    phase: Phase
    syncs: pl.DataFrame = field(default_factory=pl.DataFrame)
    steps: pl.DataFrame = field(default_factory=pl.DataFrame)
    holder: str | None = None
    outcome: dict[str, Any] | None = None
    error: WorkbenchError | None = None

    @property
    def under_way(self) -> bool:
        return self.phase in ("starting", "running")

    @property
    def newest(self) -> dict[str, Any] | None:
        """The newest sync's row."""
        return self.syncs.row(0, named=True) if self.syncs.height else None


@dataclass(frozen=True)
class Glance:
    """Whether a sync runs: the short state that pages poll every few seconds.

    Attributes:
        phase: as of a `Watch`, but never `starting`.
        status: of the newest sync; None if there never was one.
        finished_at: when a sync last ended.
        holder: who holds the database's lock.
        out_of_reach: the database does not answer; the rest is unknown then.
    """

    phase: Phase = "idle"
    status: str | None = None
    finished_at: datetime | None = None
    holder: str | None = None
    out_of_reach: bool = False

    @property
    def under_way(self) -> bool:
        return self.phase == "running"


def glance(now: datetime) -> Glance:
    """The short state at this moment, by one small question. Never raises."""
    try:
        row = query("newest_sync").row(0, named=True)
    except WorkbenchError as error:
        return Glance(out_of_reach=not (isinstance(error, StorageError) and error.nothing_synced))
    return Glance(_phase(row, here=False, now=now), row["status"], row["finished_at"], row["holder"])


def look(now: datetime, started: Started | None = None) -> Watch:
    """The full state at this moment; `started` is the newest sync of this process, if it may start any.

    Never raises: a database out of reach, or settings that cannot be used, are part of the answer.
    """
    here = started is not None and started.running
    outcome = started.outcome if started is not None else None
    try:
        syncs = query("syncs", limit=HISTORY)
        newest = query("newest_sync").row(0, named=True)
        steps = query("sync_steps", sync_id=syncs["sync_id"][0]) if syncs.height else pl.DataFrame()
    except WorkbenchError as error:
        new = isinstance(error, StorageError) and error.nothing_synced
        return Watch("starting" if here else "idle", outcome=outcome, error=None if new or here else error)
    if started is not None and newest["finished_at"] and newest["finished_at"] > started.at:
        outcome = None  # the log has its outcome
    return Watch(_phase(newest, here=here, now=now), syncs, steps, newest["holder"], outcome)


def _phase(newest: dict[str, Any], *, here: bool, now: datetime) -> Phase:
    """The phase of the newest sync, from `newest_sync`; `here`: whether a process of ours runs it."""
    if newest["status"] == "running":
        beat = newest["heartbeat_at"] or newest["started_at"]
        alive = newest["held"] and now - beat < SILENCE
        return "running" if alive else "starting" if here else "silent"
    return "starting" if here else "idle"
