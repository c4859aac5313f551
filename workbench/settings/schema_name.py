"""The schema of the database that holds our tables: its default, and which names it may have."""

from __future__ import annotations

import re

DEFAULT_SCHEMA = "linkedin_ads"
_LONGEST = 48
"""PostgreSQL cuts names after 63 bytes; names that are made of this one stay shorter."""


def schema_name(text: str) -> str:
    """The name, which needs no quotes in any statement.

    Raises:
        ValueError: PostgreSQL would read it as another name, or keeps it for itself.
    """
    name = text.strip()
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) or len(name) > _LONGEST:
        raise ValueError(f"it must be lower-case letters, digits and underscores, at most {_LONGEST} of them")
    if name.startswith("pg_") or name == "information_schema":
        raise ValueError("it must not be a schema of PostgreSQL's own")
    return name
