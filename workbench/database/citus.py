"""Distribute the tables of data by account on a Citus coordinator; refuse the address of a Citus worker.

Run by `workbench db distribute`. Bookkeeping (`coverage`, `sync_log`, `sync_steps` and the others) stays local to the
coordinator, where all its joins are made.
"""

from __future__ import annotations

import psycopg

from workbench.errors import ConfigurationError
from workbench.schema.tables import LOADED

DISTRIBUTED = tuple(table.name for table in LOADED)
"""The tables that are distributed by `account_id`: everything that a snapshot fills."""

_HAS_CITUS = "select exists (select from pg_extension where extname = 'citus')"
_NOT_DISTRIBUTED = """
    select name from unnest(%s::text[]) with ordinality as t(name, place)
    where not exists (select from pg_dist_partition where logicalrelid = to_regclass(name))
    order by place
"""
_DISTRIBUTE = "select create_distributed_table(%s::text::regclass, 'account_id')"


def refuse_worker(connection: psycopg.Connection, label: str) -> None:
    """Refuse a connection to a worker of a Citus cluster: its tables are shards, and the coordinator owns them.

    Raises:
        ConfigurationError: the server is a worker.
    """
    catalog = connection.execute("select to_regclass('pg_dist_local_group')").fetchone()
    if not catalog or catalog[0] is None:
        return
    group = connection.execute("select max(groupid) from pg_dist_local_group").fetchone()
    if group and group[0]:
        raise ConfigurationError(
            f"The database {label} is a worker of a Citus cluster.",
            why="Only the coordinator holds whole tables and the lock of a sync; a worker holds shards.",
            next_step="Point DATABASE_URL at the coordinator, then try again.",
        )


def distribute(connection: psycopg.Connection, label: str) -> list[str]:
    """Distribute every table of data by account, all or none; the names of those that were not distributed before.

    Args:
        connection: to a coordinator, in a transaction; the write lock is held and the tables are migrated.

    Raises:
        ConfigurationError: the database lacks the extension `citus`.
    """
    row = connection.execute(_HAS_CITUS).fetchone()
    if not row or not row[0]:
        raise ConfigurationError(
            f"The tables of {label} cannot be distributed.",
            why="The database lacks the extension citus.",
            next_step="Run `create extension citus` on the coordinator as an administrator, add its workers, then try"
            " again. Without Citus nothing needs to be distributed.",
        )
    names = [name for (name,) in connection.execute(_NOT_DISTRIBUTED, [list(DISTRIBUTED)]).fetchall()]
    for name in names:
        connection.execute(_DISTRIBUTE, [name])
    return names
