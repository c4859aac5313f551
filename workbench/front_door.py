"""The front door: one object that opens what an installation needs, and functions that use the process's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from workbench.answers import api as answers
from workbench.pipeline.progress import OnProgress, ignore
from workbench.queries import api
from workbench.queries.api import Queries
from workbench.queries.sources import SOURCES, Access

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    from sqlalchemy import Engine

    from workbench.answers.question_list import QuestionInfo
    from workbench.answers.registry import Found
    from workbench.pipeline.report import LoadReport, SyncReport
    from workbench.pipeline.request import SyncOptions
    from workbench.queries.sources import GivenAsOf, Source
    from workbench.settings.fields import Settings


class Workbench:
    """One installation: its settings, and what is opened for them.

        with Workbench(settings) as bench:
            frame = bench.query("accounts")

    Several may live side by side in one process, with different settings. Threads may share one.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        sources: Sequence[Source] = SOURCES,
        queries: Queries | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            settings: read from the environment and `.env` for every call if left out.
            sources: what may be asked: some of `database`, `snapshots` and `sample`.
            queries: used instead of ones of its own, with their settings and sources.
        """
        self._settings = settings
        if queries is not None:
            self._queries = queries
        elif settings is not None:
            self._queries = Queries(lambda: settings, Access(tuple(sources)))
        else:
            self._queries = Queries(access=Access(tuple(sources)))

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Close pools and snapshot sets, and forget answers. A later call opens them again.

        An embedded database server is used by the whole process, and stops when its last process ends.
        """
        self._queries.close()

    async def sync(self, **options: Unpack[SyncOptions]) -> SyncReport:
        """Fetch LinkedIn's answers into a new snapshot, then bring PostgreSQL up to date from it.

        The arguments, the report and the errors are those of `workbench.sync`.
        """
        from workbench.pipeline.api import sync

        return await sync(**options, settings=self._settings)

    def load(self, folders: Iterable[Path], *, on_progress: OnProgress = ignore) -> LoadReport:
        """Bring PostgreSQL up to date from snapshot folders, in any order.

        The arguments, the report and the errors are those of `workbench.load`.
        """
        from workbench.pipeline.api import load

        return load(folders, settings=self._settings, on_progress=on_progress)

    def query(self, name: str, *, source: Source = "database", as_of: GivenAsOf = None, **params: Any) -> pl.DataFrame:
        """The frame of a question or of an answer, as polars.

        Args:
            name: a question of `sql/`, an answer, or one of an answer's further frames, such as `pacing_causes`.
            source: `database` (the present, in PostgreSQL), `snapshots` (what was known at `as_of`, from disk) or
                `sample` (invented data that ships with the workbench).
            as_of: with `snapshots`, the state as it was known then; a date means the end of that UTC day.
            params: of the question or answer, as `questions()` lists them; optional ones may be left out.

        Returns:
            A frame with the columns, types and units that `questions()` lists. Money is `Decimal(38, 18)` in the
            account's currency, moments are UTC, and what is unknown is null.

        Raises:
            ValidationError: there is no such name, or a parameter is wrong: the message names it.
            StorageError: the source cannot be read; `nothing_synced` if there is nothing to read yet.
        """
        return answers.frame_by_name(self._queries, name, source, as_of, params)

    def answer(self, name: str, *, source: Source = "database", as_of: GivenAsOf = None, **params: Any) -> Found:
        """All frames of an answer, by name, and its sentences.

        Args:
            name: of an answer, or of one of its frames.
            source: as for `query`.
            as_of: as for `query`.
            params: as for `query`.

        Raises:
            ValidationError: as for `query`.
            StorageError: as for `query`.
        """
        return answers.found_by_name(self._queries, name, source, as_of, params)

    @overload
    def connect(self, source: Literal["database"] = "database", *, as_of: None = None) -> Engine: ...
    @overload
    def connect(self, source: Literal["snapshots"], *, as_of: GivenAsOf = None) -> duckdb.DuckDBPyConnection: ...
    @overload
    def connect(self, source: Literal["sample"], *, as_of: None = None) -> duckdb.DuckDBPyConnection: ...

    def connect(self, source: Source = "database", *, as_of: GivenAsOf = None) -> Engine | duckdb.DuckDBPyConnection:
        """A connection to the tables, for the caller's own SQL.

        Args:
            source: as for `query`.
            as_of: as for `query`.

        Returns:
            For `database` the SQLAlchemy engine that questions use too; it is closed with the workbench. For
            `snapshots` and `sample` a DuckDB connection in memory that belongs to the caller.

        Raises:
            ValidationError: there is no such source, or a snapshot is damaged.
            StorageError: the source cannot be read; `nothing_synced` if there is nothing to read yet.
        """
        return self._queries.connect(source, as_of=as_of)

    def questions(self) -> tuple[QuestionInfo, ...]:
        """Every question of `sql/`, every answer, and every question of the installation's own.

        Each with parameters, columns, types and units.
        """
        from workbench.answers.question_list import questions

        return questions(self._settings.question_dir if self._settings is not None else None)


default = Workbench(queries=api.default)
"""The process's own workbench. Module-wide for scripts and notebooks, which call
`workbench.query` without an object."""

query, answer, connect = default.query, default.answer, default.connect
