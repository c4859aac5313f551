"""The advisory locks of this workbench in PostgreSQL: one key for each purpose, as `(classid, objid)` in `pg_locks`.

`sql/database/newest_sync.sql` repeats `WRITE_LOCK` as a literal; a test compares the two.
"""

from __future__ import annotations

AdvisoryKey = tuple[int, int]

_WORKBENCH = 20_030_505

WRITE_LOCK: AdvisoryKey = (_WORKBENCH, 1)
"""Held by the one sync or load that may write, for as long as it runs."""

OPEN_WRITES: AdvisoryKey = (_WORKBENCH, 2)
"""Shared by each transaction of a holder of `WRITE_LOCK`; the next holder waits until none is left."""

READER_GRANT: AdvisoryKey = (_WORKBENCH, 3)
"""Held while the reader role gets its rights: one grant at a time, beside a running sync."""
