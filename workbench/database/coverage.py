"""Read from PostgreSQL what it covers completely, which accounts it has, and which are fresh.

A large installation has millions of rows of `coverage`. Each function reads those that can matter, found by snapshot or
by account, and merges windows in the database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import starmap
from typing import TYPE_CHECKING

from workbench.database.statements import psycopg_sql
from workbench.paths import shipped
from workbench.schema.metric_groups import asked_groups
from workbench.schema.resources import (
    CONVERSION_DAYS,
    CORE_DAYS,
    DAILY,
    ENTITY_DEMOGRAPHICS,
    LISTINGS,
    RESOURCES,
    WINDOWED,
    CoverageRow,
)
from workbench.schema.windows import Window

if TYPE_CHECKING:
    import psycopg

_COLUMNS = ", ".join(CoverageRow._fields)
_PLACES = ", ".join("%s" for _ in CoverageRow._fields)
_SUM_UP = """
    insert into coverage_summary (account_id, resource, days, complete_through, newest_snapshot)
    select account_id, resource,
           range_agg(daterange(window_start, window_end, '[]')) filter (where is_daily),
           max(least(window_end, to_date(left(snapshot, 8), 'YYYYMMDD') - 1)) filter (where is_daily),
           max(snapshot)
    from unnest(%s::bigint[], %s::text[], %s::date[], %s::date[], %s::text[])
        as c(account_id, resource, window_start, window_end, snapshot)
    cross join lateral (select window_start is not null and resource = any(%s) as is_daily) as d
    group by account_id, resource
    on conflict (account_id, resource) do update set
        days = coalesce(coverage_summary.days + excluded.days, coverage_summary.days, excluded.days),
        complete_through = greatest(coverage_summary.complete_through, excluded.complete_through),
        newest_snapshot = greatest(coverage_summary.newest_snapshot, excluded.newest_snapshot)
"""
_OF_SNAPSHOT = f"select {_COLUMNS} from coverage where snapshot = %s and resource = any(%s)"
_SETTLED = """
    with recursive accounts (account_id) as (
        select min(account_id) from coverage
        union all
        select (select min(c.account_id) from coverage as c where c.account_id > a.account_id)
        from accounts as a where a.account_id is not null
    ),
    doubted as (
        select * from unnest(
            %(accounts)s::bigint[], %(resources)s::text[], %(firsts)s::date[], %(snapshots)s::text[], %(pivots)s::text[]
        ) as d(account_id, resource, window_start, snapshot, pivot)
    ),
    recent as (
        select c.account_id, c.resource, max(c.snapshot) as snapshot,
               range_agg(daterange(c.window_start, least(c.window_end, s.day), '[]')) as days
        from coverage as c
        cross join lateral (
            select to_date(left(c.snapshot, 8), 'YYYYMMDD')
                - case when c.resource = %(by_rule)s then %(rule_days)s else %(lookback)s end::integer as day
        ) as s
        where c.snapshot >= to_char(%(floor)s::date, 'YYYYMMDD') and c.window_end >= %(floor)s::date
          and s.day >= %(floor)s::date and c.window_start <= s.day and c.resource = any(%(daily)s)
          and c.snapshot <> all(%(unfinished)s)
          and (c.resource <> all(%(core)s) or string_to_array(coalesce(c.pivot, ''), ',') @> %(groups)s::text[])
          and not exists (select from doubted as d where (d.account_id, d.resource, d.window_start, d.snapshot, d.pivot)
              = (c.account_id, c.resource, c.window_start, c.snapshot, coalesce(c.pivot, '')))
        group by c.account_id, c.resource
    )
    select r.account_id, r.resource, lower(m.days), upper(m.days) - 1, r.snapshot,
           case when r.resource = any(%(core)s) then %(pivot)s::text end
    from recent as r cross join lateral unnest(r.days) as m(days)
    union all
    select a.account_id, d.resource, o.first_day, o.last_day, o.snapshot,
           case when d.resource = any(%(core)s) then %(pivot)s::text end
    from accounts as a
    cross join unnest(%(daily)s::text[]) as d(resource)
    cross join lateral (
        select c.window_start as first_day, least(c.window_end, s.day) as last_day, c.snapshot
        from coverage as c
        cross join lateral (
            select to_date(left(c.snapshot, 8), 'YYYYMMDD')
                - case when c.resource = %(by_rule)s then %(rule_days)s else %(lookback)s end::integer as day
        ) as s
        where c.account_id = a.account_id and c.resource = d.resource and c.window_start <= s.day
          and c.snapshot <> all(%(unfinished)s)
          and (c.resource <> all(%(core)s) or string_to_array(coalesce(c.pivot, ''), ',') @> %(groups)s::text[])
          and not exists (select from doubted as x where (x.account_id, x.resource, x.window_start, x.snapshot, x.pivot)
              = (c.account_id, c.resource, c.window_start, c.snapshot, coalesce(c.pivot, '')))
        order by least(c.window_end, s.day) desc limit 1
    ) as o
    where a.account_id <> 0 and not exists (
        select from recent as r where r.account_id = a.account_id and r.resource = d.resource
    )
"""
_BESIDE = f"""
    select {_COLUMNS} from coverage
    where snapshot > %(snapshot)s and account_id = any(%(accounts)s) and resource <> all(%(windowed)s)
      and window_start <= %(last)s::date and window_end >= %(first)s::date
    union all
    select {_COLUMNS} from coverage where account_id = 0 and account_id = any(%(accounts)s) and window_start is null
    union all
    select a.account_id, l.resource, null, null, m.snapshot, null
    from unnest(%(accounts)s::bigint[]) as a(account_id)
    cross join unnest(%(listings)s::text[]) as l(resource)
    cross join lateral (
        select c.snapshot from coverage as c
        where c.account_id = a.account_id and c.resource = l.resource
          and c.window_start is null and c.window_end is null
        order by c.window_start desc nulls first, c.window_end desc nulls first, c.snapshot desc limit 1  -- the key
    ) as m
    union all
    (
        select distinct on (account_id, resource, pivot) {_COLUMNS} from coverage
        where snapshot >= to_char(%(newest_from)s::date, 'YYYYMMDD') and window_end >= %(newest_from)s::date
          and account_id = any(%(accounts)s) and resource = any(%(windowed)s)
        order by account_id, resource, pivot, window_end desc, snapshot desc, window_start
    )
"""
_RULE_DAYS = """
    select least(coalesce(max(
        greatest(post_click_attribution_window_size, view_through_attribution_window_size)
    ), 0), 366) from conversions where listed
"""


def add_coverage(cursor: psycopg.Cursor, rows: Sequence[CoverageRow]) -> None:
    """Add rows to `coverage`, and to its summary; rows that are there already change nothing."""
    cursor.executemany(f"insert into coverage ({_COLUMNS}) values ({_PLACES}) on conflict do nothing", rows)
    cursor.execute(_SUM_UP, [*([row[place] for row in rows] for place in range(5)), list(DAILY)])


def coverage_of_snapshot(connection: psycopg.Connection, snapshot: str) -> list[CoverageRow]:
    """The rows of `coverage` that one snapshot brought for figures by day."""
    return list(starmap(CoverageRow, connection.execute(_OF_SNAPSHOT, (snapshot, list(DAILY)))))


def settled_coverage(
    connection: psycopg.Connection,
    *,
    floor: date,
    lookback_days: int,
    rule_days: int = 0,
    groups: Collection[str] = (),
    unfinished: Collection[str] = (),
    doubted: Sequence[CoverageRow] = (),
) -> list[CoverageRow]:
    """Which days of figures are covered and final: by account and resource the merged windows that end after `floor`.

    Where none does, the one that ends last. A merged window names its newest snapshot; days that were younger than the
    lookback when a snapshot was taken are not in it.

    Args:
        floor: the first day that may have to be asked for.
        rule_days: the lookback of conversions by rule, where it is longer than `lookback_days`.
        groups: of metrics beyond the core, without which days of campaigns and creatives do not count.
        unfinished: snapshots that do not count.
        doubted: rows that do not count.
    """
    facts = {
        "floor": floor,
        "lookback": max(lookback_days, 1),
        "rule_days": max(lookback_days, rule_days, 1),
        "by_rule": CONVERSION_DAYS,
        "daily": list(DAILY),
        "core": list(CORE_DAYS),
        "groups": list(groups),
        "pivot": ",".join(groups) or None,
        "unfinished": list(unfinished),
        "accounts": [row.account_id for row in doubted],
        "resources": [row.resource for row in doubted],
        "firsts": [row.window_start for row in doubted],
        "snapshots": [row.snapshot for row in doubted],
        "pivots": [row.pivot or "" for row in doubted],
    }
    return list(starmap(CoverageRow, connection.execute(_SETTLED, facts)))


def coverage_beside(
    connection: psycopg.Connection, snapshot: str, own: Sequence[CoverageRow], accounts: Collection[int]
) -> list[CoverageRow]:
    """The rows of `coverage` that may take a decision away from a snapshot, and the newest listing of each account.

    Args:
        own: what the snapshot covers itself: only newer windows that meet one of its windows are read.
        accounts: the accounts that are loaded from it.
    """
    days = [row for row in own if row.window_start is not None and row.window_end is not None]
    facts = {
        "snapshot": snapshot,
        "accounts": list(accounts),
        "first": min((row.window_start for row in days if row.window_start), default=None),
        "last": max((row.window_end for row in days if row.window_end), default=None),
        "newest_from": min(
            (row.window_end for row in days if row.resource in WINDOWED and row.window_end), default=None
        ),
        "windowed": list(WINDOWED),
        "listings": list(LISTINGS),
    }
    return list(starmap(CoverageRow, connection.execute(_BESIDE, facts)))


def known_accounts(connection: psycopg.Connection) -> tuple[int, ...]:
    """The accounts that the newest listing had."""
    rows = connection.execute("select account_id from ad_accounts where listed order by account_id").fetchall()
    return tuple(account_id for (account_id,) in rows)


def rule_days(connection: psycopg.Connection) -> int:
    """The longest window of any listed conversion rule in days, 0 without any, a year at most."""
    row = connection.execute(_RULE_DAYS).fetchone()
    return int(row[0]) if row else 0


def loaded_snapshots(connection: psycopg.Connection) -> set[str]:
    """The names of the snapshots that the database has loaded, or that a sync or load is bringing now."""
    rows = connection.execute("select sync_id from sync_log where status in ('done', 'partial', 'running')").fetchall()
    return {name for (name,) in rows}


def newest_snapshot(connection: psycopg.Connection, but: Collection[str] = ()) -> str:
    """The newest snapshot that any machine has begun or loaded here, some excepted; "" where there is none."""
    row = connection.execute(
        "select greatest((select max(snapshot) from coverage where snapshot <> all(%(but)s)),"
        " (select max(sync_id) from sync_log where sync_id <> all(%(but)s)))",
        {"but": list(but)},
    ).fetchone()
    return (row and row[0]) or ""


def fresh_accounts(
    connection: psycopg.Connection,
    youngest: datetime,
    window: Window,
    groups: Collection[str] = (),
    *,
    of_entities: bool = False,
    others: Collection[str] = (),
) -> set[int]:
    """The accounts whose last complete sync ended after `youngest`, covers the window and has these groups.

    Args:
        of_entities: whether it must have audiences of campaign groups or campaigns, too.
        others: snapshots that do not count, as their syncs asked for less.
    """
    asked = [
        one.name
        for one in RESOURCES
        if one.group in groups and not one.optional and one.kind not in ("monthly", "window")
    ]
    facts = {
        "youngest": youngest,
        "first_day": window.first,
        "last_day": window.last,
        "groups": list(asked_groups(groups)),
        "resources": [*asked, *([ENTITY_DEMOGRAPHICS] if of_entities else [])],
        "others": list(others),
    }
    sql = psycopg_sql(shipped("sql", "database", "fresh_accounts.sql").read_text("utf-8"))
    return {account_id for account_id, _ in connection.execute(sql, facts).fetchall()}
