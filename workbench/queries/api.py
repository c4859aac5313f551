"""Ask a question: find its file, check the parameters, ask the chosen source, return a polars frame.

    query("campaign_days", account_id=…, campaign_id=…, first_day=…, last_day=…)
    query("accounts", source="snapshots", as_of=date(2026, 11, 1))

Sources are `database` (the present, in PostgreSQL), `snapshots` (what was known at `as_of`, from disk) and `sample`
(invented data that ships with the workbench). The caller chooses; no source ever replaces another.
Answers are remembered per question, parameters and data version, for all callers of one `Queries` together.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import polars as pl

from workbench.errors import ValidationError
from workbench.queries import snapshot_source
from workbench.queries.database_source import Pools, apart
from workbench.queries.engines import ask_duckdb, ask_postgresql
from workbench.queries.open_snapshots import OpenSnapshots
from workbench.queries.own_questions import check_columns, explained_statement, find, find_own
from workbench.queries.result_cache import ResultCache, TimedCache
from workbench.queries.sources import SOURCES, Access, Accounts, AsOf, GivenAsOf, Source, known_at, nothing_synced
from workbench.queries.sql_files import Question, catalogue
from workbench.settings.fields import ReaderSettings, read_settings
from workbench.snapshots.parquet_cache import Cache

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import duckdb
    import psycopg
    from sqlalchemy import Engine

__all__ = ["SOURCES", "Queries", "Source", "catalogue", "connect", "data_version", "query"]


def _from_environment() -> ReaderSettings:
    return read_settings(ReaderSettings)


class Queries:
    """Asks questions for one installation, and owns what that keeps open: pools, snapshot sets, answers."""

    def __init__(
        self, settings: Callable[[], ReaderSettings] = _from_environment, access: Access | None = None
    ) -> None:
        """Open nothing yet.

        Args:
            settings: returns the settings; called for every question, so that a changed environment counts.
            access: which sources may be asked, and how; all, as the owner, if left out.
        """
        self._settings = settings
        self._answers = ResultCache()
        self._versions: TimedCache[str] = TimedCache()
        self._snapshots = OpenSnapshots()
        self.access = access or Access()
        self._pools = Pools(readers=self.access.readers)

    def use(self, access: Access) -> None:
        """Set which sources may be asked from now on, and how; connections of another role are closed."""
        if access.readers != self.access.readers:
            self._pools.close()
            self._pools = Pools(readers=access.readers)
        self.access = access

    def has_own(self, name: str) -> bool:
        """Whether the installation's folder of questions has a file of this name."""
        return find_own(name, self._settings().question_dir) is not None

    def close(self) -> None:
        """Close pools and snapshot sets and forget answers. A later question opens them again."""
        self._pools.close()
        self._snapshots.close()
        self._answers.clear()
        self._versions.clear()

    def query(self, name: str, *, source: Source = "database", as_of: GivenAsOf = None, **params: Any) -> pl.DataFrame:
        """The answer to one question of `sql/`, as a polars frame.

        Args:
            name: a file of `sql/questions`, `sql/history` (snapshots only) or `sql/database` (database only).
            source: `database`, `snapshots` or `sample`.
            as_of: with `snapshots` and `sample`, the state as it was known then; a date means the end of that UTC day.
            params: the file's parameters; those whose header says `null:` may be left out. Questions of `sql/history`
                that compare two states also take `before` and `after`, names of snapshots.

        Returns:
            A frame with the columns and types that the file's header names, equal whichever source answers.

        Raises:
            ValidationError: there is no such question, or a parameter is wrong: the message names it.
            StorageError: the source cannot be read; `nothing_synced` if there is nothing to read yet.
        """
        settings = self._settings()
        question = find(name, settings.question_dir)
        as_of = known_at(as_of)
        _check_source(question, source, as_of)
        self.access.check(source)
        if question.file is not None and self.access.accounts() is not None:
            raise _not_limited()
        states = _states(question, params)
        values = question.bind(params)
        if question.folder == "database":  # about running syncs: never remembered
            return self._ask_database(settings, question, values)
        version = self._version(settings, source, as_of)
        key = (
            self.access.accounts(),
            version,
            name,
            question.sql if question.file else "",
            repr(sorted(values.items())),
            tuple(states.items()),
        )
        return self._answers.get(key, lambda: self._ask(settings, source, as_of, question, values, states))

    @overload
    def connect(self, source: Literal["database"] = "database", *, as_of: None = None) -> Engine: ...
    @overload
    def connect(self, source: Literal["snapshots"], *, as_of: GivenAsOf = None) -> duckdb.DuckDBPyConnection: ...
    @overload
    def connect(self, source: Literal["sample"], *, as_of: None = None) -> duckdb.DuckDBPyConnection: ...
    @overload
    def connect(self, source: Source, *, as_of: GivenAsOf = None) -> Engine | duckdb.DuckDBPyConnection: ...

    def connect(self, source: Source = "database", *, as_of: GivenAsOf = None) -> Engine | duckdb.DuckDBPyConnection:
        """A connection to the tables, for the caller's own SQL.

        Args:
            source: `database`, `snapshots` or `sample`.
            as_of: with `snapshots` and `sample`, the state as it was known then; a date means the end of that UTC day.

        Returns:
            For `database` the SQLAlchemy engine that questions use too; it is closed with its workbench. For
            `snapshots` and `sample` a DuckDB connection in memory that belongs to the caller: changes to it reach
            nothing else.

        Raises:
            ValidationError: there is no such source, or a snapshot is damaged. Or the present viewer may see some
                accounts only, which nothing checks in a statement of the caller's own.
            StorageError: the source cannot be read; `nothing_synced` if there is nothing to read yet.
        """
        self.access.check(source)
        if self.access.accounts() is not None:
            raise _not_limited()
        settings = self._settings()
        if source == "database":
            return self._pools.of(settings).engine
        folder = snapshot_source.folder_of(source, settings)
        return snapshot_source.fresh(folder, cache_of(settings), as_of=known_at(as_of))

    def reading(self) -> AbstractContextManager[psycopg.Connection]:
        """A connection of its own to the database, in a transaction, for one statement of the caller's.

        Raises:
            ValidationError, StorageError: as for `connect`.
        """
        self.access.check("database")
        if self.access.accounts() is not None:
            raise _not_limited()
        return apart(self._settings(), readers=self.access.readers)

    def data_version(self, source: Source = "database", *, as_of: AsOf = None) -> str:
        """A short key that changes when a source's answers may: what pages remember results by.

        Raises:
            StorageError: the source cannot be read, or holds nothing yet (`nothing_synced`).
        """
        self.access.check(source)
        return self._version(self._settings(), source, as_of)

    def _ask(
        self,
        settings: ReaderSettings,
        source: Source,
        as_of: AsOf,
        question: Question,
        values: dict[str, Any],
        states: dict[str, str],
    ) -> pl.DataFrame:
        if source == "database":
            return self._ask_database(settings, question, values)
        folder, cache = snapshot_source.folder_of(source, settings), cache_of(settings)
        if states:
            connection = self._snapshots.compared(folder, cache, **states)
        elif question.every_part:
            connection = self._snapshots.every_part(folder, cache, as_of=as_of)
        else:
            connection = self._snapshots.state(folder, cache, as_of=as_of)
        with explained_statement(question):
            answer = ask_duckdb(connection, question, values, accounts=self.access.accounts())
        check_columns(question, answer)
        return answer

    def _ask_database(self, settings: ReaderSettings, question: Question, values: dict[str, Any]) -> pl.DataFrame:
        with self._pools.of(settings).reading() as connection, explained_statement(question):
            return ask_postgresql(connection, question, values, accounts=self.access.accounts())

    def _version(self, settings: ReaderSettings, source: Source, as_of: AsOf) -> str:
        key = (self.access.accounts(), *_database(settings), settings.snapshot_dir, source, as_of)
        return self._versions.get(
            key, lambda: self._version_now(settings, source, as_of), seconds=self.access.version_seconds
        )

    def _version_now(self, settings: ReaderSettings, source: Source, as_of: AsOf) -> str:
        if source != "database":
            folder = snapshot_source.folder_of(source, settings)
            return f"{source} {snapshot_source.identity(folder)} {as_of or 'now'}"
        facts = self._ask_database(settings, catalogue()["data_version"], {}).row(0, named=True)
        if facts["loads"] is None:
            raise nothing_synced("the database")
        where = map(str, _database(settings))
        return f"database {hashlib.sha256(repr([*where, *facts.values()]).encode()).hexdigest()[:16]}"


default = Queries()
"""The one that belongs to the process. Module-wide because pages are notebooks, which are handed no object: all of
them, commands and the front door's functions share its pool, snapshot sets and answers. `web` sets its access once."""

query, connect, data_version = default.query, default.connect, default.data_version


def allowed_sources() -> tuple[Source, ...]:
    """The sources that this process may ask."""
    return default.access.allowed


def allowed_accounts() -> Accounts:
    """The accounts that the viewer may see for whom this thread works; None: every account."""
    return default.access.accounts()


def _not_limited() -> ValidationError:
    return ValidationError(
        "Statements of your own cannot be run here.",
        why="You may see some accounts only, and a statement could read others.",
        next_step="Ask a question of the catalogue: `query(…)`.",
    )


def _database(settings: ReaderSettings) -> tuple[str | Path | None, str]:
    """The key of the tables that are asked: the database, and the schema in it."""
    return settings.conninfo or settings.home_if_any, settings.DATABASE_SCHEMA


def cache_of(settings: ReaderSettings) -> Cache:
    """The cache of opened snapshots; without a home, one that keeps nothing."""
    return Cache((settings.home_if_any or Path(os.devnull)) / "cache")


def _check_source(question: Question, source: Source, as_of: AsOf) -> None:
    if source not in SOURCES:
        why, step = f"{source!r} is not a source.", f"Use one of {', '.join(SOURCES)}."
    elif as_of is not None and source == "database":
        why, step = "as_of is a matter of snapshots; the database knows one state only.", 'Use source="snapshots".'
    elif question.folder == "history" and source == "database":
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
