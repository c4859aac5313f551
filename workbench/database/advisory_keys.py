"""The advisory locks of this workbench in PostgreSQL: one key for each purpose, as `(classid, objid)` in `pg_locks`.

Each schema has keys of its own, so that two installations in one database do not wait for each other.
`sql/database/newest_sync.sql` repeats `key_in` for `WRITE_LOCK`; a test compares the two.
"""

from __future__ import annotations

import hashlib

from workbench.settings.schema_name import DEFAULT_SCHEMA

AdvisoryKey = tuple[int, int]

_WORKBENCH = 20_030_505
_PURPOSES = 16  # room for as many

WRITE_LOCK: AdvisoryKey = (_WORKBENCH, 1)
"""Held by the one sync or load that may write, for as long as it runs."""

OPEN_WRITES: AdvisoryKey = (_WORKBENCH, 2)
"""Shared by each transaction of a holder of `WRITE_LOCK`; the next holder waits until none is left."""

READER_GRANT: AdvisoryKey = (_WORKBENCH, 3)
"""Held while the reader role gets its rights: one grant at a time, beside a running sync."""


def key_in(schema: str, purpose: AdvisoryKey) -> AdvisoryKey:
    """The key of a purpose in one schema.

    In the default schema it is the purpose itself: the first version used it too, and tables are never moved from
    `public` while a sync of that version runs.
    """
    workbench, number = purpose
    if schema == DEFAULT_SCHEMA:
        return purpose
    return workbench, number + _PURPOSES * int(hashlib.sha256(schema.encode()).hexdigest()[:6], 16)
