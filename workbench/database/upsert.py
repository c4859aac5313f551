"""One upsert for every table, generated from its columns: copy, compare, write only what is new or differs.

Unchanged rows are neither locked nor rewritten, so a repeated load leaves no dead rows and next to no WAL.
Rows go in by key order, so that two writers cannot wait for each other in a circle. An account's very first rows have
nothing to be compared with: they are copied straight in, for less than half the work.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import Cursor
from psycopg.errors import CardinalityViolation
from sqlalchemy import BigInteger, Date, Numeric, Table
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from workbench.schema.tables import day_of, key_of, values_of, view_columns

# Of an account that is new since the last analyze the planner expects one row, where there may be a million: in a
# nested loop each of them would be compared with every staged one.
_COMPARE_BY_HASH = "set local enable_nestloop = off; set local enable_hashjoin = on; set local enable_mergejoin = on"


@dataclass
class Counts:
    """Counts of the rows of one table in a load: staged, inserted, updated, deleted."""

    staged: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def unchanged(self) -> int:
        return self.staged - self.inserted - self.updated

    def as_dict(self) -> dict[str, int]:
        names = ("inserted", "updated", "deleted", "unchanged")
        return {name: getattr(self, name) for name in names}


def copy_select(table: Table, *, synced_at: datetime | None = None) -> str:
    """A select (DuckDB) of the view's columns as COPY reads CSV: arrays as array literals, JSON and moments as text.

    Identical rows are one.

    Args:
        synced_at: for `copy_first`, which needs this column too.
    """
    columns = [_copied(table.columns[name]) for name in view_columns(table)]
    columns += [f"'{synced_at.isoformat()}' as synced_at"] if synced_at else []
    return f"select distinct {', '.join(columns)} from {table.name}"


def has_rows(cursor: Cursor, table: Table, account_id: int) -> bool:
    """Whether a table has rows of an account."""
    row = cursor.execute(f"select exists (select from {table.name} where account_id = %s)", [account_id]).fetchone()
    return bool(row and row[0])


def copy_first(cursor: Cursor, table: Table, lines: Iterable[bytes]) -> int:
    """Copy CSV, `synced_at` included, into a table that has nothing of the account yet; how many rows there were.

    Raises:
        psycopg.errors.UniqueViolation: it has, or a key comes twice.
    """
    with cursor.copy(f"copy {table.name} ({', '.join((*view_columns(table), 'synced_at'))}) from stdin csv") as copy:
        for line in lines:
            copy.write(line)
    return cursor.rowcount


def stage(cursor: Cursor, table: Table, lines: Iterable[bytes]) -> int:
    """Copy CSV into a temporary table of the view's columns; how many rows there are.

    A session creates each of its stages once and finds them empty in every transaction: creating and dropping tables
    for every account would be most of what a repeated load writes. Whatever compares rows with them, until the
    transaction ends, hashes or merges.

    Raises:
        psycopg.errors.CardinalityViolation: a key comes twice.
    """
    name = _stage(table)
    columns = ", ".join(view_columns(table))
    cursor.execute("set local client_min_messages = 'warning'")  # that the table exists is no news
    cursor.execute(
        f"create temporary table if not exists {name} on commit delete rows"
        f" as select {columns} from {table.name} with no data"
    )
    with cursor.copy(f"copy {name} from stdin (format csv)") as copy:
        for line in lines:
            copy.write(line)
    # The plans need to know the keys; statistics of every column would be written to no end.
    cursor.execute(f"analyze {name} ({', '.join(key_of(table))})")
    cursor.execute(_COMPARE_BY_HASH)
    keys = ", ".join(key_of(table))
    if cursor.execute(f"select from {name} group by {keys} having count(*) > 1 limit 1").fetchone() is not None:
        raise CardinalityViolation(f"a key of {table.name} comes twice")
    row = cursor.execute(f"select count(*) from {name}").fetchone()
    return int(row[0]) if row else 0


def delete_vanished_days(cursor: Cursor, table: Table, account_id: int, days: list[date]) -> int:
    """Delete an account's rows of decided days that the snapshot no longer has."""
    cursor.execute(
        f"delete from {table.name} as t where account_id = %s and {day_of(table)} = any(%s::date[])"
        f" and {_not_staged(table)}",
        (account_id, days),
    )
    return cursor.rowcount


def delete_other_windows(cursor: Cursor, table: Table, account_id: int, pivots: list[str]) -> int:
    """Delete an account's rows of decided pivots that their newest window lacks: earlier windows, vanished segments."""
    cursor.execute(
        f"delete from {table.name} as t where account_id = %s and pivot = any(%s) and {_not_staged(table)}",
        (account_id, pivots),
    )
    return cursor.rowcount


def delete_vanished_of_windows(
    cursor: Cursor, table: Table, account_id: int, windows: list[tuple[str, date, date]]
) -> int:
    """Delete an account's rows of decided windows (level, first and last day) that the snapshot no longer has."""
    levels, firsts, lasts = ([window[place] for window in windows] for place in range(3))
    cursor.execute(
        f"delete from {table.name} as t using unnest(%s::text[], %s::date[], %s::date[]) as w(level, first, last)"
        " where t.account_id = %s and t.level = w.level and t.window_start = w.first and t.window_end = w.last"
        f" and {_not_staged(table)}",
        (levels, firsts, lasts, account_id),
    )
    return cursor.rowcount


def merge(cursor: Cursor, table: Table, account_id: int | None) -> tuple[int, int]:
    """Write the staged rows that are new or differ; how many were inserted and updated.

    Args:
        account_id: of all staged rows, where they have one in common: compared as a constant the join is far faster.
    """
    cursor.execute(_merge_sql(table, account_id is not None), [account_id] * (account_id is not None))
    inserted, updated = cursor.fetchone() or (0, 0)
    return inserted, updated


def advance(cursor: Cursor, table: Table) -> None:
    """Note on every staged entity that this snapshot has seen it, unless a newer one has."""
    cursor.execute(
        f"update {table.name} as t set snapshot = s.snapshot from {_stage(table)} as s"
        f" where {_same_key(table)} and t.snapshot < s.snapshot"
    )


def relist(cursor: Cursor, table: Table, account_id: int, listing: str) -> int:
    """Set `listed` by the newest complete listing; how many entities appeared or disappeared."""
    cursor.execute(
        f"update {table.name} set listed = (snapshot >= %(listing)s), synced_at = now()"
        f" where account_id = %(account_id)s and listed <> (snapshot >= %(listing)s)",
        {"account_id": account_id, "listing": listing},
    )
    return cursor.rowcount


def relist_accounts(
    cursor: Cursor, listings: Mapping[str, str], had: Callable[[str], Collection[int] | None] = lambda snapshot: None
) -> int:
    """Set `listed` of ad accounts by the listing that may judge the snapshot they were last seen in.

    Args:
        listings: that listing, by snapshot; accounts that were last seen in any other snapshot stay as they are.
        had: returns the accounts of a snapshot, None where that is not known. An account that it lacks was last seen
            in another machine's snapshot of the same name, and stays as it is.

    Returns: how many accounts appeared or disappeared.
    """
    judged = "unnest(%s::text[], %s::text[]) as m(snapshot, listing)"
    pairs = (list(listings), list(listings.values()))
    cursor.execute(
        f"select t.account_id, t.snapshot from ad_accounts as t join {judged} using (snapshot)"
        " where t.listed and t.snapshot < m.listing",
        pairs,
    )
    by_snapshot: dict[str, list[int]] = {}
    for account_id, snapshot in cursor.fetchall():
        by_snapshot.setdefault(snapshot, []).append(account_id)
    others: list[int] = []
    for snapshot, accounts in by_snapshot.items():
        own = had(snapshot)
        others += [] if own is None else [account_id for account_id in accounts if account_id not in own]
    cursor.execute(
        f"update ad_accounts as t set listed = (t.snapshot >= m.listing), synced_at = now() from {judged}"
        " where t.snapshot = m.snapshot and t.listed <> (t.snapshot >= m.listing)"
        " and t.account_id <> all(%s::bigint[])",
        (*pairs, others),
    )
    return cursor.rowcount


def _merge_sql(table: Table, one_account: bool) -> str:
    keys, values = key_of(table), values_of(table)
    names = view_columns(table)
    entity = "snapshot" in names
    join = [f"t.{key} = s.{key}" for key in keys if not (one_account and key == "account_id")]
    if one_account:
        join.insert(0, "t.account_id = %s")
    not_older = " and t.snapshot <= s.snapshot" if entity else ""
    updated = [name for name in names if name not in keys]
    return f"""
        with written as (
            insert into {table.name} ({", ".join(names)}, synced_at)
            select {", ".join(f"s.{name}" for name in names)}, now()
            from {_stage(table)} as s
            left join {table.name} as t on {" and ".join(join)}
            where t.account_id is null
               or (({", ".join(f"t.{name}" for name in values)})
                   is distinct from ({", ".join(f"s.{name}" for name in values)}){not_older})
            order by {", ".join(f"s.{key}" for key in keys)}
            on conflict ({", ".join(keys)}) do update
            set {", ".join(f"{name} = excluded.{name}" for name in updated)}, synced_at = excluded.synced_at
            returning (xmax = 0) as is_new
        )
        select count(*) filter (where is_new), count(*) filter (where not is_new) from written
    """


def _stage(table: Table) -> str:
    return f"stage_{table.name}"


def _not_staged(table: Table) -> str:
    """The condition that no staged row has the key of `t`.

    The subselect with `offset 0` is read as a whole: Citus cannot push a correlated subquery on a temporary table of
    the coordinator to its workers. PostgreSQL hashes or merges it like the table itself.
    """
    keys = ", ".join(key_of(table))
    staged = f"(select {keys} from {_stage(table)} offset 0)"
    return f"not exists (select from {staged} as s where {_same_key(table)})"


def _same_key(table: Table) -> str:
    return " and ".join(f"t.{key} = s.{key}" for key in key_of(table))


def _copied(column: object) -> str:
    name, kind = column.name, column.type  # type: ignore[attr-defined]  # a SQLAlchemy column
    quoted = f'"{name}"'
    if isinstance(kind, ARRAY):
        escaped = """list_transform(%s, lambda word: '"' || replace(replace(word, '\\', '\\\\'), '"', '\\"') || '"')"""
        return f"'{{' || array_to_string({escaped % quoted}, ',') || '}}' as {quoted}"
    if isinstance(kind, (BigInteger, Date, Numeric)):
        return quoted
    return f"cast({quoted} as varchar) as {quoted}" if isinstance(kind, TIMESTAMP) else _text(quoted, kind)


def _text(quoted: str, kind: object) -> str:
    return f"cast({quoted} as varchar) as {quoted}" if type(kind).__name__ == "JSONB" else quoted
