"""Ask a question: find its file, check the parameters, ask the chosen source, return a polars frame.

    query("campaign_days", account_id=…, campaign_id=…, first_day=…, last_day=…)
    query("accounts", source="snapshots", as_of=date(2026, 11, 1))

Sources are `database` (the present, in PostgreSQL), `snapshots` (what was known at `as_of`, from disk) and `sample`
(invented data that ships with the workbench). The caller chooses; no source ever replaces another.
Answers are remembered per question, parameters and data version, for all visitors of a process together.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

import polars as pl

from workbench.app_context import Source, current
from workbench.errors import ValidationError
from workbench.queries import database_source, snapshot_source
from workbench.queries.engines import ask_duckdb, ask_postgresql
from workbench.queries.every_part import every_part
from workbench.queries.snapshot_source import AsOf
from workbench.queries.sql_files import Question, catalogue, find
from workbench.settings.fields import ReaderSettings, read_settings
from workbench.snapshots.parquet_cache import Cache

if TYPE_CHECKING:
    import duckdb
    from sqlalchemy import Engine

SOURCES: tuple[Source, ...] = ("database", "snapshots", "sample")
_REMEMBERED = 256
_HOLDS_SECONDS = 1.0
_LARGEST_REMEMBERED_BYTES = 32 * 2**20

__all__ = ["SOURCES", "Source", "catalogue", "connect", "data_version", "query"]


def query(name: str, *, source: Source = "database", as_of: AsOf = None, **params: Any) -> pl.DataFrame:
    """Ask one question of one source.

    Args:
        name: a file of `sql/questions`, `sql/history` (snapshots only) or `sql/database` (database only).
        source: `database`, `snapshots` or `sample`.
        as_of: with `snapshots`, the state as it was known then; a date means the end of that UTC day.
        params: the file's parameters; those whose header says `null:` may be left out. Questions of `sql/history`
            that compare two states also take `before` and `after`, names of snapshots.

    Returns:
        A frame with the columns and types that the file's header names, equal whichever source answers.

    Raises:
        ValidationError: no such question, or not like that: the message names what is wrong.
        StorageError: the source cannot be read; `nothing_synced` if there is nothing to read yet.
    """
    question = find(name)
    _check_source(question, source, as_of)
    settings = read_settings(ReaderSettings)
    states = _states(question, params)
    values = question.bind(params)
    if question.folder == "database":  # about running syncs: never remembered
        return _ask_database(settings, question, values)
    version = _version(settings, source, as_of)
    key = (current().accounts(), version, name, repr(sorted(values.items())), tuple(states.items()))
    return _answers.of(key, lambda: _ask(settings, source, as_of, question, values, states))


def connect(source: Source = "database", *, as_of: AsOf = None) -> Engine | duckdb.DuckDBPyConnection:
    """A connection to the tables, for the caller's own SQL.

    Returns:
        For `database` the process's SQLAlchemy engine; else a DuckDB connection that is not shared.

    Raises:
        StorageError: as `query`.
        ValidationError: the present viewer may see some accounts only, which nothing checks in a statement of his own.
    """
    if current().accounts() is not None:
        raise _not_limited()
    settings = read_settings(ReaderSettings)
    if source == "database":
        return database_source.engine_of(settings)
    if source == "sample":
        return snapshot_source.fresh_sample()
    return snapshot_source.fresh(settings.snapshot_dir, _cache(settings), as_of=as_of)


def data_version(source: Source = "database", *, as_of: AsOf = None) -> str:
    """A short key that changes when a source's answers may: what pages remember results by.

    Raises:
        StorageError: the source cannot be read, or holds nothing yet (`nothing_synced`).
    """
    return _version(read_settings(ReaderSettings), source, as_of)


class _Answers:
    """The newest frames by key. Frames are handed out as clones, which share their data and cost nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()
        self._turns: dict[Hashable, threading.Lock] = {}

    def of(self, key: Hashable, ask: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """The frame for a key: remembered, or asked for once, while other callers with this key wait."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        try:
            with turn:
                known = self._get(key)
                return known if known is not None else self._put(key, ask())
        finally:
            with self._lock:
                self._turns.pop(key, None)  # waiting callers hold the lock itself, and find the frame

    def _get(self, key: Hashable) -> pl.DataFrame | None:
        with self._lock:
            if key not in self._frames:
                return None
            self._frames.move_to_end(key)
            return self._frames[key].clone()

    def _put(self, key: Hashable, frame: pl.DataFrame) -> pl.DataFrame:
        if frame.estimated_size() <= _LARGEST_REMEMBERED_BYTES:
            with self._lock:
                self._frames[key] = frame
                while len(self._frames) > _REMEMBERED:
                    self._frames.popitem(last=False)
        return frame.clone()


_answers = _Answers()
_versions: dict[Hashable, tuple[float, str]] = {}


def _ask(
    settings: ReaderSettings,
    source: Source,
    as_of: AsOf,
    question: Question,
    values: dict[str, Any],
    states: dict[str, str],
) -> pl.DataFrame:
    if source == "database":
        return _ask_database(settings, question, values)
    if states:
        return ask_duckdb(snapshot_source.compared(settings.snapshot_dir, _cache(settings), **states), question, values)
    if source == "sample":
        return ask_duckdb(snapshot_source.opened_sample(), question, values)
    if question.every_part:
        return ask_duckdb(every_part(settings.snapshot_dir, _cache(settings), as_of=as_of), question, values)
    return ask_duckdb(snapshot_source.opened(settings.snapshot_dir, _cache(settings), as_of=as_of), question, values)


def _not_limited() -> ValidationError:
    return ValidationError(
        "Statements of your own cannot be run here.",
        why="You may see some accounts only, and a statement could read others.",
        next_step="Ask a question of the catalogue: `query(…)`.",
    )


def _cache(settings: ReaderSettings) -> Cache:
    return Cache(settings.home / "cache")


def _ask_database(settings: ReaderSettings, question: Question, values: dict[str, Any]) -> pl.DataFrame:
    with database_source.present(settings).reading() as connection:
        return ask_postgresql(connection, question, values)


def _version(settings: ReaderSettings, source: Source, as_of: AsOf) -> str:
    """The data version; a process that serves pages reuses it for a second, because one page asks for it ten times."""
    key = (current().accounts(), settings.conninfo or settings.home, settings.snapshot_dir, source, as_of)
    asked_at, version = _versions.get(key, (float("-inf"), ""))
    if not current().pages or time.monotonic() - asked_at > _HOLDS_SECONDS:
        asked_at, version = time.monotonic(), _version_now(settings, source, as_of)
        _versions[key] = asked_at, version
    return version


def _version_now(settings: ReaderSettings, source: Source, as_of: AsOf) -> str:
    if source == "sample":
        return "sample"
    if source == "snapshots":
        return f"snapshots {snapshot_source.identity(settings.snapshot_dir)} {as_of or 'now'}"
    facts = _ask_database(settings, find("data_version"), {}).row(0, named=True)
    if not facts["accounts"] and not facts["coverage_rows"]:
        raise database_source.nothing_synced("the database")
    where = str(settings.conninfo or settings.home)
    return f"database {hashlib.sha256(repr([where, *facts.values()]).encode()).hexdigest()[:16]}"


def _check_source(question: Question, source: Source, as_of: AsOf) -> None:
    if source not in SOURCES:
        why, step = f"{source!r} is not a source.", f"Use one of {', '.join(SOURCES)}."
    elif as_of is not None and source != "snapshots":
        why, step = f"as_of is a matter of snapshots; {source} knows one state only.", 'Use source="snapshots".'
    elif question.folder == "history" and source != "snapshots":
        why, step = "Only snapshots remember what was said when.", 'Use source="snapshots".'
    elif question.folder == "database" and source != "database":
        why, step = "Only the database keeps a log of syncs.", 'Use source="database".'
    else:
        return
    raise ValidationError(f"The question {question.name} cannot be asked of {source!r}.", why=why, next_step=step)


def _states(question: Question, params: dict[str, Any]) -> dict[str, str]:
    """`before` and `after`, taken out of the parameters of a question that compares."""
    if not question.compares:
        return {}
    names = {state: params.pop(state, None) for state in ("before", "after")}
    if missing := [state for state, name in names.items() if not isinstance(name, str)]:
        raise ValidationError(
            f"The question {question.name} compares two snapshots.",
            why=f"It needs {' and '.join(missing)}.",
            next_step="Pass the names of two snapshots, such as 20261122T060000Z.",
        )
    return names
