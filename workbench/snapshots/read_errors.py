"""Turn errors of DuckDB and PostgreSQL about a snapshot's content into errors with a next step.

They occur although checksums match: a person who can write the folder can write file and manifest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from workbench.errors import StorageError, ValidationError
from workbench.snapshots.manifest import unusable

_ROWS = (psycopg.DataError, psycopg.errors.CardinalityViolation, psycopg.errors.UniqueViolation)
_FILE = re.compile(r'(?:in|reading) file "([^"\n]*)"(?:, [a-z 0-9]*line (\d+))?')


@contextmanager
def readable(name: str = "") -> Iterator[None]:
    """Explain why the snapshot of this name cannot be read; without a name, the one that the engine names.

    Raises:
        ValidationError: a line is not what a snapshot holds, or a row comes twice.
        StorageError: DuckDB lacks memory or space.
    """
    import duckdb  # late, as in `views`

    try:
        yield
    except StorageError as error:
        if not isinstance(error.__cause__, _ROWS):
            raise
        why = "it holds rows that no table can: one key has different rows, or a number is out of range"
        raise unusable(name, why) from error
    except (duckdb.InvalidInputException, duckdb.DataError) as error:
        raise _said_of(str(error), name) from error
    except OSError as error:
        raise unusable(name or "folder", f"a file cannot be read ({error.strerror})") from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise StorageError(
            f"Snapshot {name} cannot be read." if name else "The snapshots cannot be read.",
            why=f"DuckDB says: {str(error).partition(chr(10))[0][:200]}",
            next_step="Free memory, or space in the folder for temporary files, then try again; nothing is lost.",
        ) from error


def _said_of(said: str, name: str) -> ValidationError:
    """An error with the file and line that DuckDB names, without their content."""
    found = _FILE.search(said)
    if not found:
        return unusable(name or "folder", "a file holds something that no sync writes")
    path = Path(found[1])
    line = f"line {found[2]}" if found[2] else "a line"
    return unusable(name or path.parents[1].name, f"{line} of {path.parent.name}/{path.name} is not what a sync writes")
