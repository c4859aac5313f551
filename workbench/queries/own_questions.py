"""Read the installation's own questions: SQL files of one folder, beside those that ship with the workbench.

A file that cannot be used does not affect the others: its error is raised where it is asked, and listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import polars as pl

from workbench.errors import ConfigurationError, ValidationError
from workbench.paths import is_file, is_folder
from workbench.queries.headers import HeaderError
from workbench.queries.never_added import NO_SUM, added_up
from workbench.queries.sql_files import Question, catalogue, parse
from workbench.queries.sql_files import find as find_shipped
from workbench.settings.env_file import refuse_foreign


def own_catalogue(folder: Path) -> Mapping[str, Question | ValidationError]:
    """The questions in a folder by name, or why a file of it cannot be used; empty if there is no such folder."""
    files = sorted(folder.glob("*.sql")) if is_folder(folder) else []
    return {file.stem: _read(file) for file in files}


def find_own(name: str, folder: Path) -> Question | None:
    """The question of a name in a folder; None if there is no such file.

    Raises:
        ValidationError: its file cannot be used; the message names file and line.
    """
    file = folder / f"{name}.sql"
    if not name.isidentifier() or not is_file(file):
        return None
    found = _read(file)
    if isinstance(found, ValidationError):
        raise found
    return found


def find(name: str, folder: Path) -> Question:
    """The question of a name: one that ships with the workbench, else one of a folder.

    Raises:
        ValidationError: there is none, or its file cannot be used.
    """
    if name not in catalogue() and (own := find_own(name, folder)) is not None:
        return own
    return find_shipped(name)


@contextmanager
def explained_statement(question: Question) -> Iterator[None]:
    """Turn an engine's error about a user's statement into an error that names its file."""
    if question.file is None:
        yield
        return
    import duckdb
    import psycopg

    try:
        yield
    except KeyError as error:  # from PostgreSQL the answer comes with its names first
        why = f"The statement returns a column {error}, and Columns: does not name it."
        raise _unusable(question.file, why) from error
    except (duckdb.Error, psycopg.ProgrammingError, psycopg.DataError, pl.exceptions.PolarsError) as error:
        raise _unusable(question.file, f"Its statement cannot be run: {' '.join(str(error).split())}") from error


def check_columns(question: Question, answer: pl.DataFrame) -> None:
    """Refuse an answer of a user's question whose columns differ from its header.

    Raises:
        ValidationError: names file, columns and types.
    """
    if question.file is None or answer.schema == question.schema:
        return
    if list(answer.columns) != list(question.columns):
        why = f"The statement returns {', '.join(answer.columns)}. Columns: names {', '.join(question.columns)}."
        raise _unusable(question.file, why)
    wrong = [
        f"{name} is {kind}, and Columns: says {question.columns[name].type}"
        for name, kind in answer.schema.items()
        if kind != question.schema[name]
    ]
    raise _unusable(question.file, f"{'; '.join(wrong)}. Cast it in the statement, such as cast(… as bigint).")


def _read(file: Path) -> Question | ValidationError:
    try:
        refuse_foreign(file, what="statements", verb="run")
        facts = file.stat()
    except ConfigurationError as error:
        return _unusable(file, error.why, error.next_step)
    except OSError as error:
        return _unusable(file, f"It cannot be read: {error.strerror or error}.")
    return _read_version(file, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=256)
def _read_version(file: Path, changed: int, size: int) -> Question | ValidationError:
    if file.stem in catalogue():
        return _unusable(file, f"The workbench has a question {file.stem} itself.", "Give the file another name.")
    try:
        text = file.read_text("utf-8")
        if column := added_up(text):
            return _unusable(file, f"It adds up {column}, which has no sum.", NO_SUM)
        return parse(file.stem, None, text, file=file)
    except HeaderError as error:
        return _unusable(file, f"Line {error.line}: {error}")
    except (OSError, UnicodeDecodeError):
        return _unusable(file, "It cannot be read as UTF-8 text.")


def _unusable(file: Path, why: str, next_step: str = "") -> ValidationError:
    step = next_step or "Correct it; `workbench new question NAME` writes a file that works, to compare with."
    return ValidationError(f"The question in {file} cannot be asked.", why=why, next_step=step)
