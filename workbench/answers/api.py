"""Ask for a question or an answer by name, through one `Queries`.

No name is both a question's and an answer's. Answers are looked up only when no file of `sql/` has the name, so that
a plain question costs no import of methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import ValidationError
from workbench.queries.sources import SOURCES, known_at
from workbench.queries.sql_files import catalogue

if TYPE_CHECKING:
    import polars as pl

    from workbench.answers.registry import Found
    from workbench.queries.api import Queries
    from workbench.queries.sources import GivenAsOf, Source


def frame_by_name(
    queries: Queries, name: str, source: Source, as_of: GivenAsOf, params: dict[str, Any]
) -> pl.DataFrame:
    """The frame of a question, of an answer, or one of an answer's further frames.

    Raises:
        ValidationError: there is no such name, or it cannot be asked like that.
        StorageError: the source cannot be read; `nothing_synced` if there is nothing to read yet.
    """
    if name in catalogue() or _is_own(queries, name):
        return queries.query(name, source=source, as_of=as_of, **params)
    return found_by_name(queries, name, source, as_of, params).frames[name]


def found_by_name(queries: Queries, name: str, source: Source, as_of: GivenAsOf, params: dict[str, Any]) -> Found:
    """All frames of an answer and its sentences, by the name of the answer or of one of its frames.

    Raises:
        ValidationError, StorageError: as for `frame_by_name`.
    """
    from workbench.answers.catalogue import ANSWERS, FRAMES
    from workbench.answers.inputs import Asker

    if name not in FRAMES:
        raise ValidationError(
            f"There is no question {name!r}.",
            why="No file of that name is in sql/questions, sql/history or sql/database, and no answer has it.",
            next_step=f"Ask one of {', '.join(sorted({*catalogue(), *FRAMES}))}.",
        )
    chosen = ANSWERS[FRAMES[name]]
    if source not in SOURCES:
        raise ValidationError(
            f"The answer {chosen.name} cannot be asked of {source!r}.",
            why=f"{source!r} is not a source.",
            next_step=f"Use one of {', '.join(SOURCES)}.",
        )
    return chosen.method(Asker(queries, source, known_at(as_of)), chosen.bind(params))


def _is_own(queries: Queries, name: str) -> bool:
    """Whether a name is of a question of the installation's own; an answer of the same name goes first."""
    from workbench.answers.catalogue import FRAMES

    return name not in FRAMES and queries.has_own(name)
