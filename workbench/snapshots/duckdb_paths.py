"""Write paths for DuckDB, which reads each as a pattern: `*`, `?` and `[` in a folder's name would match others."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.errors import ConfigurationError

_PATTERN = re.compile(r"[*?\[]")


def exact(path: str | Path) -> str:
    """A pattern that a path alone matches; almost always the path itself.

    Raises:
        ConfigurationError: DuckDB has no pattern for it: it has a backslash beside such a character.
    """
    text = str(path)
    if not _PATTERN.search(text):
        return text
    if "\\" in text:
        raise ConfigurationError(
            f"Nothing can be read from the folder {Path(text).parent}.",
            why="Its path holds a backslash beside one of the characters * ? [, and DuckDB cannot name such a file.",
            next_step="Rename the folder, or set SNAPSHOT_DIR (WORKBENCH_HOME) to another one.",
        )
    return _PATTERN.sub(r"[\g<0>]", text)


def literal(path: str | Path) -> str:
    """The path as a string of SQL, as it stands: what `copy … to` writes."""
    quoted = str(path).replace("'", "''")
    return f"'{quoted}'"
