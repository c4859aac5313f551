"""The advisory locks that one writer takes: of all accounts, or of one shard of them (`sync --shard 2/4`).

All accounts: `WRITE_LOCK`, exclusively. A shard: `WRITE_LOCK` together with other shards, and its own key exclusively.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.database.advisory_keys import (
    OPEN_WRITES,
    SHARD_WRITES,
    WRITE_LOCK,
    AdvisoryKey,
    key_in,
    of_other_counts,
    of_shard,
)
from workbench.schema.shards import Shard


@dataclass(frozen=True)
class LockKeys:
    """What a writer holds, in the order in which it takes it.

    Attributes:
        taken: of its session; and whether other sessions may share it.
        writes: shared by each of its transactions that write.
        awaited: what a new holder waits for: transactions that earlier holders of its accounts have not ended.
        others: of a shard: the two keys, and the classids of shards of another count, which must not run beside it.
    """

    taken: tuple[tuple[AdvisoryKey, bool], ...]
    writes: tuple[AdvisoryKey, ...]
    awaited: tuple[AdvisoryKey, ...]
    others: tuple[int, ...] = ()

    @classmethod
    def of(cls, schema: str, shard: Shard | None) -> LockKeys:
        """The keys in one schema."""
        write_lock, open_writes, of_shards = (key_in(schema, key) for key in (WRITE_LOCK, OPEN_WRITES, SHARD_WRITES))
        if shard is None:
            return cls(((write_lock, False),), (open_writes,), (open_writes, of_shards))
        own, own_writes = of_shard(shard, write_lock), of_shard(shard, open_writes)
        return cls(
            ((write_lock, True), (own, False)),
            (of_shards, own_writes),
            (open_writes, own_writes),
            (write_lock[1], open_writes[1], *of_other_counts(shard)),
        )
