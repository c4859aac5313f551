"""Keys of the advisory locks that the workbench takes in PostgreSQL: one number for all (classid), one a lock (objid).

`sql/database/newest_sync.sql` names `SYNC` as two literals; a test keeps them equal.
"""

from __future__ import annotations

from datetime import timedelta

CLASS_ID = 20_030_505

SYNC = (CLASS_ID, 1)
"""Held by the one process that syncs or loads, for as long as its session lasts."""
TRANSACTION = (CLASS_ID, 2)
"""Shared by every loading transaction of that process, so that a new holder waits for the last of them."""
GRANT = (CLASS_ID, 3)
"""Held by a transaction that creates or refreshes the reader role: one at a time, beside a running sync."""

SILENCE = timedelta(minutes=2)
"""How long the holder of `SYNC` may be silent before others count it as dead and may take over."""
