"""Let one process write at a time, by two advisory locks of PostgreSQL.

1. `WRITE_LOCK` belongs to the session of a connection that does nothing else. A statement a second shows that its
   holder is alive.
2. `OPEN_WRITES` is shared by every writing transaction of the holder until it ends, because a process may lose
   `WRITE_LOCK` in the middle of one. A new holder of `WRITE_LOCK` waits for all of them before it reads or writes.

A sync of one shard shares `WRITE_LOCK` with other shards and has two locks of its own beside it (`lock_keys.py`).

`workbench/README.md` has the proof. The locks need a direct connection: a transaction pooler gives a session, and the
lock with it, to other clients.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

import psycopg

from workbench.database.advisory_keys import ACCOUNT_LIST, AdvisoryKey, key_in
from workbench.database.citus import refuse_worker
from workbench.database.connection import Database, explained, who
from workbench.database.heartbeat import BEAT, SILENCE
from workbench.database.lock_keys import LockKeys
from workbench.database.pooler import backend_pid, refuse_transaction_pooler
from workbench.database.rights import refuse_reader
from workbench.errors import StorageError, capitalized
from workbench.schema.shards import Shard

OnBeat = Callable[[psycopg.Connection], None]
WATCH = 5.0  # seconds a holder is watched before it is believed to be alive

_HOLDERS = """
    select a.pid, a.application_name, a.backend_start, a.state_change, now() - a.state_change
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.classid = %s and l.objid = %s and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
"""
_OTHER_COUNT = """
    select a.pid, a.application_name, a.backend_start, a.state_change, now() - a.state_change
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and l.objid in (%s, %s)
      and l.classid between %s and %s and l.classid not between %s and %s
      and l.database = (select oid from pg_database where datname = current_database())
"""
_HELD_BY = """
    select exists (
        select from pg_locks
        where locktype = 'advisory' and classid = %s and objid = %s and granted and pid = %s
          and database = (select oid from pg_database where datname = current_database())
    )
"""


_END_WHAT_SLEEPS = """
    select pg_terminate_backend(a.pid)
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.classid = %s and l.objid = %s and l.granted
      and l.database = (select oid from pg_database where datname = current_database())
      and a.state like 'idle in transaction%%' and now() - a.state_change > %s
"""


@dataclass(frozen=True)
class Holder:
    """The holder of the lock, and when its connection last ran a statement."""

    pid: int
    name: str
    since: datetime
    last_beat: datetime | None
    silent_for: timedelta | None


class WriteLock:
    """The lock, held from `acquire` to `release`. It is lost if its connection ends; `check` finds that out."""

    def __init__(self, database: Database, doing: str, shard: Shard | None = None) -> None:
        self._database = database
        self.name = who(doing)
        self.shard = shard
        self._keys = LockKeys.of(database.schema, shard)
        self._connection: psycopg.Connection | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self._on_beat: OnBeat = _ignore

    def acquire(self) -> None:
        """Take the lock, or wait a few seconds for a holder that is about to finish.

        Raises:
            StorageError: another sync or load is alive (try later, 75), or the database cannot be reached (70).
            ConfigurationError: a transaction pooler stands between us and the database, the server is a standby or a
                Citus worker, or the role may not write (78).
        """
        connection = self._database.connect(self.name)
        try:
            with explained(self._database.label):
                refuse_reader(connection, self._database.label)
                refuse_worker(connection, self._database.label)
                refuse_transaction_pooler(self._database, connection)
                # A holder whose machine went away must not keep the lock for hours. Some systems cannot watch for it.
                with suppress(psycopg.errors.UndefinedObject, psycopg.errors.InvalidParameterValue):
                    connection.execute("set client_connection_check_interval = '5s'")
                for key, is_shared in self._keys.taken:
                    _take(connection, key, is_shared=is_shared)
                _refuse_other_count(connection, self._keys.others)
                for key in self._keys.awaited:
                    _await_transactions(connection, key)
                self._pid = backend_pid(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._stop.clear()
        self._thread = threading.Thread(target=self._pulse, name="lock-pulse", daemon=True)
        self._thread.start()

    def release(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    @contextmanager
    def calling(self, on_beat: OnBeat) -> Iterator[None]:
        """During the block `on_beat` is called with the lock's connection at every heartbeat, in another thread."""
        self._on_beat = on_beat
        try:
            yield
        finally:
            self._on_beat = _ignore

    def retake(self) -> None:
        """Make sure the lock is held, taking it anew if its connection was lost (a restarted server)."""
        if self._connection is None or self._connection.closed or not self._alive():
            self.release()
            self.acquire()

    def check(self, connection: psycopg.Connection) -> None:
        """Refuse to write in the transaction of `connection` unless the lock is still ours.

        The order matters:

        1. This transaction takes `OPEN_WRITES`, shared; of a shard: the two locks that stand for it.
        2. It checks that this process still holds `WRITE_LOCK`.

        A new holder takes `WRITE_LOCK` first and then waits for `OPEN_WRITES`. So either it waits for this transaction,
        which was first in 1, or it held `WRITE_LOCK` before 2, and the check refuses.

        Raises:
            StorageError: it is not: another process took over, or the server was restarted.
        """
        for key in self._keys.writes:
            connection.execute("select pg_advisory_xact_lock_shared(%s, %s)", key)
        row = connection.execute(_HELD_BY, (*self._keys.taken[-1][0], self._pid)).fetchone()
        if not row or not row[0]:
            raise StorageError(
                "This sync has lost its lock on the database.",
                why="Its connection was ended, by a restart of the server or by another sync that took over.",
                next_step="Sync again; what was fetched is on disk and is not asked for twice.",
            )

    def take_turns(self, connection: psycopg.Connection) -> None:
        """Wait until no other shard loads the list of accounts, which all of them do; until this transaction ends."""
        key = key_in(self._database.schema, ACCOUNT_LIST)
        while connection.execute("select pg_try_advisory_xact_lock(%s, %s)", key).fetchone() != (True,):
            if self._connection is None:
                raise _refusal(None)
            self._connection.execute(_END_WHAT_SLEEPS, (*key, SILENCE))  # in a transaction `now()` stands still
            time.sleep(0.1)

    def __enter__(self) -> WriteLock:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _alive(self) -> bool:
        try:
            assert self._connection is not None  # noqa: S101  (the caller has looked)
            self._connection.execute("select 1")
        except psycopg.Error:
            return False
        return True

    def _pulse(self) -> None:
        while not self._stop.wait(BEAT):
            connection = self._connection
            if connection is None or connection.closed:
                return
            try:
                connection.execute("select 1")
                self._on_beat(connection)
            except psycopg.Error:
                if connection.closed or connection.broken:
                    return


def _ignore(connection: psycopg.Connection) -> None:
    """Do nothing at a heartbeat."""


def _take(connection: psycopg.Connection, key: AdvisoryKey, *, is_shared: bool) -> None:
    """Take a lock; refuse if a holder shows life within `WATCH` seconds; end holders that were silent for `SILENCE`."""
    seen: dict[int, Holder] = {}
    end = time.monotonic() + WATCH
    while not _try(connection, key, is_shared=is_shared):
        holders = _holders(connection, _HOLDERS, key)
        for holder in holders:
            if holder.last_beat != seen.get(holder.pid, holder).last_beat:
                raise _refusal(holder)
        if holders:
            seen = {holder.pid: seen.get(holder.pid, holder) for holder in holders}
        if time.monotonic() > end:
            if not seen:
                raise _refusal(None)
            _take_over(connection, key, list(seen.values()), is_shared=is_shared)
            return
        time.sleep(0.2)


def _try(connection: psycopg.Connection, key: AdvisoryKey, *, is_shared: bool = False) -> bool:
    shared = "_shared" if is_shared else ""
    row = connection.execute(f"select pg_try_advisory_lock{shared}(%s, %s)", key).fetchone()
    return bool(row and row[0])


def _refuse_other_count(connection: psycopg.Connection, others: Sequence[int]) -> None:
    """Refuse to be 1/2 while 1/3 runs, because they share accounts. Each has taken its own lock before it looks."""
    if others and (found := _holders(connection, _OTHER_COUNT, others)):
        raise _refusal(found[0])


def _await_transactions(connection: psycopg.Connection, open_writes: AdvisoryKey) -> None:
    """Wait until every transaction of earlier holders has ended."""
    end = time.monotonic() + WATCH
    while not _try(connection, open_writes):
        if time.monotonic() > end:
            raise _refusal(None)
        connection.execute(_END_WHAT_SLEEPS, (*open_writes, SILENCE))
        time.sleep(0.1)
    connection.execute("select pg_advisory_unlock(%s, %s)", open_writes)


def _holders(connection: psycopg.Connection, statement: LiteralString, facts: Sequence[int]) -> list[Holder]:
    return [Holder(*row) for row in connection.execute(statement, facts).fetchall()]


def _take_over(connection: psycopg.Connection, key: AdvisoryKey, holders: Sequence[Holder], *, is_shared: bool) -> None:
    """End every connection of holders that have been silent for two minutes, then take the lock."""
    for holder in holders:
        if holder.silent_for is None or holder.silent_for < SILENCE:
            raise _refusal(holder)
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = any(%s) and datname = current_database() and pid <> pg_backend_pid()",
        [[holder.name for holder in holders]],
    )
    end = time.monotonic() + WATCH
    while not _try(connection, key, is_shared=is_shared):
        if time.monotonic() > end:
            raise _refusal(holders[0])
        time.sleep(0.1)


def _refusal(holder: Holder | None) -> StorageError:
    if holder is None:
        why = "Another process holds the database's lock for writing."
    else:
        why = f"{holder.name or 'another process'} has been at it since {holder.since:%d %B %Y, %H:%M:%S} UTC."
    return StorageError(
        "Another sync or load is running.",
        why=capitalized(why),
        next_step="Wait until it has finished; `workbench status` shows how far it is.",
        retry=True,
    )
