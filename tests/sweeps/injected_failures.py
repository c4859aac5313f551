"""Make the n-th request, file operation or SQL statement of a sync go wrong, once."""

from __future__ import annotations

import errno
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from sync.installation import Installation

from workbench.database.connection import Database


@dataclass
class InjectedFailure:
    """Counts what passes by; `nth` fails (0: nothing is, for counting).

    Attributes:
        only: of what this expression finds.
        seen: how many there were.
        what: a word about the one that failed.
        outdated: whether the database held figures of the past when it failed.
    """

    nth: int = 0
    only: str = "."
    seen: int = 0
    what: str = ""
    outdated: bool = False
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def due(self, what: str) -> bool:
        if not re.search(self.only, what):
            return False
        with self.mutex:
            self.seen += 1
            if self.seen != self.nth:
                return False
            self.what = what
            return True


Kind = Callable[[Installation, InjectedFailure], Any]
plain_execute = psycopg.Cursor.execute


def requests(*, only: str = ".", **fault: Any) -> Kind:
    """The n-th request, of those that `only` finds, is answered with a fault of the sandbox's."""

    @contextmanager
    def inject(installation: Installation, failure: InjectedFailure) -> Iterator[None]:
        match = only if failure.only == "." else failure.only
        order = installation.sandbox.faults.add(match, nth=max(failure.nth, 1), times=1 if failure.nth else 0, **fault)
        yield
        failure.seen = order.seen
        hit = [entry for entry in installation.sandbox.requests.entries if entry.fault]
        failure.what = hit[0].endpoint if hit else ""
        installation.sandbox.faults.clear()

    return inject


def files(number: int) -> Kind:
    """The n-th opening for writing, fsync or rename below the snapshot folder fails with this errno."""

    @contextmanager
    def inject(installation: Installation, failure: InjectedFailure) -> Iterator[None]:
        def maybe(word: str) -> None:
            if failure.due(word):
                raise OSError(number, os.strerror(number))

        def opened(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if "r" not in mode and installation.snapshot_dir in path.parents:
                maybe(f"open {_kind(path)}")
            return plain_open(path, mode, *args, **kwargs)

        def opened_by_number(name: Any, flags: int, *args: Any, **kwargs: Any) -> int:
            path = Path(os.fsdecode(name)) if isinstance(name, str | bytes | os.PathLike) else Path()
            if flags & (os.O_WRONLY | os.O_RDWR) and installation.snapshot_dir in path.parents:
                maybe(f"open {_kind(path)}")
            return plain_os_open(name, flags, *args, **kwargs)

        def renamed(path: Path, target: Path) -> Any:
            if installation.snapshot_dir in path.parents:
                maybe(f"rename {_kind(path)}")
            return plain_rename(path, target)

        def synced(descriptor: int) -> None:
            if str(installation.snapshot_dir) in os.path.realpath(f"/proc/self/fd/{descriptor}"):
                maybe("fsync")
            plain_fsync(descriptor)

        plain_open, plain_rename, plain_fsync, plain_os_open = Path.open, Path.rename, os.fsync, os.open
        with ExitStack() as patches:
            patches.enter_context(patch.object(os, "open", opened_by_number))
            patches.enter_context(patch.object(Path, "open", opened))
            patches.enter_context(patch.object(Path, "rename", renamed))
            patches.enter_context(patch.object(os, "fsync", synced))
            yield

    return inject


def statements(act: Callable[[psycopg.Cursor], Any], *, commits: bool = False) -> Kind:
    """Before the n-th SQL statement something happens to its cursor.

    Args:
        commits: whether the server may also go away at a COMMIT: before it, and after it, when the client does not
            learn that it was done. Each counts.
    """

    @contextmanager
    def inject(installation: Installation, failure: InjectedFailure) -> Iterator[None]:
        def left(transaction: psycopg.Transaction, kind: type[BaseException] | None, *rest: Any) -> Any:
            if kind is None and failure.due("commit"):
                _end(transaction.connection)
            answer = plain_exit(transaction, kind, *rest)
            if kind is None and failure.due("answer to commit"):
                transaction.connection.close()
                raise psycopg.OperationalError("the connection is lost")
            return answer

        def failing(plain: Any) -> Any:
            def execute(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
                if failure.due(" ".join(str(query).split())[:60]):
                    act(cursor)
                return plain(cursor, query, *args, **kwargs)

            return execute

        plain_exit = psycopg.Transaction.__exit__
        with ExitStack() as patches:
            for name in ("execute", "executemany", "copy"):
                patches.enter_context(patch.object(psycopg.Cursor, name, failing(getattr(psycopg.Cursor, name))))
            if commits:
                patches.enter_context(patch.object(psycopg.Transaction, "__exit__", left))
            yield

    return inject


def _goes_away(cursor: psycopg.Cursor) -> None:
    cursor.connection.close()


def _disk_is_full(cursor: psycopg.Cursor) -> None:
    """The server's own error, and whatever it does to the transaction."""
    plain_execute(cursor, "do $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$")


def _end(connection: psycopg.Connection) -> None:
    """End it on the server; the client does not know yet."""
    with psycopg.connect(connection.info.dsn, autocommit=True) as other:
        plain_execute(other.cursor(), "select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])


def next_sync(kind: Kind) -> Kind:
    """The same in a later sync, whose database has rows to update, to delete, to add, and names of the past."""

    @contextmanager
    def inject(installation: Installation, failure: InjectedFailure) -> Iterator[None]:
        installation.changes["FRESHNESS_TTL_MINUTES"] = 0
        assert installation.outcome()[0] == 0
        with Database(installation.database_url).connect() as connection:
            for statement in _OUTDATED:
                assert connection.execute(statement).rowcount > 0, statement
        failure.outdated = True
        with kind(installation, failure):
            yield

    return inject


_RECENTLY = "date > (select max(date) - 20 from campaign_daily_metrics)"
_ANOTHER = "creative_id = creative_id + 1000000000"
_OUTDATED = (
    f"update campaign_daily_metrics set impressions = impressions + 1 where campaign_id % 3 = 0 and {_RECENTLY}",
    f"delete from campaign_daily_metrics where campaign_id % 3 = 1 and {_RECENTLY}",
    f"update creative_daily_metrics set {_ANOTHER} where creative_id % 3 = 0 and {_RECENTLY}",
    "update audience_demographics set clicks = clicks + 1 where impressions % 3 = 0",
    "update audience_demographics set segment_urn = segment_urn || '000000' where impressions % 3 = 1",
    "update campaigns set name = 'a name of the past' where campaign_id % 2 = 0",
    "delete from creatives where creative_id % 4 = 0",
)
KINDS: dict[str, Kind] = {
    "a request is refused (400)": requests(fault="status", status=400, body='{"status":400,"message":"Bad"}'),
    "a request fails once (500)": requests(fault="status", status=500),
    "a request is reset in mid-body": requests(fault="cut"),
    "a request is not authorized (401)": requests(fault="unauthorized"),
    # A first page of a listing that ends early looks like a short one: pages may be, and say no total.
    "an answer is cut at 10 rows": requests(fault="cap", n=10, only="adAnalytics|adTargetingEntities"),
    "the disk is full": files(errno.ENOSPC),
    "the disk fails": files(errno.EIO),
    "the database goes away": statements(_goes_away, commits=True),
    "the database goes away, next sync": next_sync(statements(_goes_away, commits=True)),
    "the database's disk is full": statements(_disk_is_full),
}
TYPICAL: dict[str, tuple[str, ...]] = {
    "a request is refused (400)": (
        "adCampaigns", "adTargetingEntities", "pivot=CREATIVE",
    ),
    "the disk is full": (
        "open creative_daily_metrics", "open journal", "open rejects", "open manifest", "rename campaigns",
    ),
    "the database goes away": (
        "(insert into|copy|copy stage_|table if not exists stage_) ?creative_daily_metrics",
        "coverage", "sync_steps", "pg_locks", "^commit", "^answer to commit",
    ),
    "the database goes away, next sync": (
        "delete from creative_daily_metrics", "update campaigns set listed", "^answer to commit",
    ),
    "the database's disk is full": ("copy (stage_)?creative_daily_metrics",),
}  # fmt: skip
"""What fails outside the sweep: of every way to fetch, to write and to load, one that stands for the others."""


def _kind(path: Path) -> str:
    return path.parent.name if "ndjson.gz" in path.name else path.name
