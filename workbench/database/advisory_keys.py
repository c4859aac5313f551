"""The advisory locks of this workbench in PostgreSQL: one key for each purpose, as `(classid, objid)` in `pg_locks`.

Each schema has keys of its own, so that two installations in one database do not wait for each other.
`sql/database/newest_sync.sql` repeats `key_in` for `WRITE_LOCK`; a test compares the two.
"""

from __future__ import annotations

import hashlib

from workbench.schema.shards import MOST, Shard
from workbench.settings.schema_name import DEFAULT_SCHEMA

AdvisoryKey = tuple[int, int]

_WORKBENCH = 20_030_505
_SHARDS = 20_100_000  # above it, a classid for each shard of each count: 20,100,402 is that of 2/4
_PURPOSES = 16  # room for as many

WRITE_LOCK: AdvisoryKey = (_WORKBENCH, 1)
"""Held by the one sync or load that may write, for as long as it runs; shared by syncs of one shard each."""

OPEN_WRITES: AdvisoryKey = (_WORKBENCH, 2)
"""Shared by each transaction of a holder of `WRITE_LOCK`; the next holder waits until none is left."""

READER_GRANT: AdvisoryKey = (_WORKBENCH, 3)
"""Held while the reader role gets its rights: one grant at a time, beside a running sync."""

SHARD_WRITES: AdvisoryKey = (_WORKBENCH, 4)
"""Shared by each transaction of any shard; the next holder of all accounts waits until none is left."""

MIGRATION: AdvisoryKey = (_WORKBENCH, 5)
"""Held by a transaction that brings the tables up to date: several shards may begin at once."""

ACCOUNT_LIST: AdvisoryKey = (_WORKBENCH, 6)
"""Held by a transaction that loads the list of accounts, which every shard does."""


def key_in(schema: str, purpose: AdvisoryKey) -> AdvisoryKey:
    """The key of a purpose in one schema.

    In the default schema it is the purpose itself: the first version used it too, and tables are never moved from
    `public` while a sync of that version runs.
    """
    workbench, number = purpose
    if schema == DEFAULT_SCHEMA:
        return purpose
    return workbench, number + _PURPOSES * int(hashlib.sha256(schema.encode()).hexdigest()[:6], 16)


def of_shard(shard: Shard, key: AdvisoryKey) -> AdvisoryKey:
    """The key of one shard, from the key that its purpose has in its schema."""
    return _SHARDS + shard.count * 100 + shard.number, key[1]


def of_other_counts(shard: Shard) -> tuple[int, int, int, int]:
    """The classids of every shard, first and last, and those of shards of as many, first and last."""
    own = _SHARDS + shard.count * 100
    return _SHARDS, _SHARDS + 100 * (MOST + 1) - 1, own, own + 99
