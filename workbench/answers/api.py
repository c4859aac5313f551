"""The front of questions and answers alike: one name, one source, one polars frame.

    query("campaign_days", account_id=…, campaign_id=…, first_day=…, last_day=…)     a question of `sql/`
    query("pacing", source="snapshots", as_of=date(2026, 11, 1))                     an answer
    answer("pacing").sentences                                                       what it says in words

No name is both a question's and an answer's. Answers are looked up only when no file of `sql/` has the name, so that
a plain question costs no import of methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import ValidationError
from workbench.queries import api
from workbench.queries.sql_files import catalogue

if TYPE_CHECKING:
    import polars as pl

    from workbench.answers.registry import Found
    from workbench.app_context import Source
    from workbench.queries.snapshot_source import AsOf


def query(name: str, *, source: Source = "database", as_of: AsOf = None, **params: Any) -> pl.DataFrame:
    """The frame of a question or of an answer.

    Args:
        name: a file of `sql/` (see `workbench.queries.api.query`), an answer, or one of an answer's further frames,
            such as `pacing_causes`.
        source: where the figures come from.
        as_of: with `snapshots`, the state as it was known then; a date means the end of that UTC day.
        params: of the question or answer; those that may be null may be left out.

    Returns:
        A frame with the columns that the question's header or the answer's `outputs` name.

    Raises:
        ValidationError: there is no such name, or it cannot be asked like that.
        StorageError: the source cannot be read; `nothing_synced` if there is nothing to read yet.
    """
    if name in catalogue():
        return api.query(name, source=source, as_of=as_of, **params)
    return _found(name, source, as_of, params).frames[name]


def answer(name: str, *, source: Source = "database", as_of: AsOf = None, **params: Any) -> Found:
    """All frames of an answer and its sentences.

    Args:
        name: of an answer or of one of its frames.
        source, as_of, params: as for `query`.

    Raises:
        ValidationError, StorageError: as for `query`.
    """
    return _found(name, source, as_of, params)


def _found(name: str, source: Source, as_of: AsOf, params: dict[str, Any]) -> Found:
    from workbench.answers.catalogue import ANSWERS, FRAMES
    from workbench.answers.inputs import Asker

    if name not in FRAMES:
        raise ValidationError(
            f"There is no question or answer {name!r}.",
            why="No file of that name is in sql/questions, sql/history or sql/database, and no answer has it.",
            next_step=f"Ask one of {', '.join(sorted({*catalogue(), *FRAMES}))}.",
        )
    chosen = ANSWERS[FRAMES[name]]
    if chosen.snapshots_only and source != "snapshots":
        raise ValidationError(
            f"The answer {chosen.name} cannot be asked of {source!r}.",
            why="Only snapshots remember what was said when.",
            next_step='Use source="snapshots".',
        )
    if source not in api.SOURCES:
        raise ValidationError(
            f"The answer {chosen.name} cannot be asked of {source!r}.",
            why=f"{source!r} is not a source.",
            next_step=f"Use one of {', '.join(api.SOURCES)}.",
        )
    return chosen.method(Asker(source, as_of), chosen.bind(params))
