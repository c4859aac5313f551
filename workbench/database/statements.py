"""Write a statement of `sql/` with psycopg's placeholders."""

from __future__ import annotations

import re


def psycopg_sql(statement: str) -> str:
    """The statement with `%(name)s` for every `$name`, and every other `%` doubled."""
    return re.sub(r"\$(\w+)", r"%(\1)s", statement.replace("%", "%%"))
