"""Read the database's state: schema, rows, syncs, coverage; in one read-only transaction with a time limit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.database import own_schema, schema_version
from workbench.database.coverage import loaded_snapshots
from workbench.database.data_origin import data_origin
from workbench.database.heartbeat import SILENCE
from workbench.diagnostics.status.coverage import Summary, summaries
from workbench.diagnostics.status.facts import DatabaseFacts, StepFacts, SyncFacts, TableFacts, Trouble
from workbench.errors import StorageError, WorkbenchError
from workbench.schema.literals import Origin
from workbench.schema.resources import DAILY, FIGURES, TABLES
from workbench.schema.shards import MOST
from workbench.settings.fields import ReaderSettings

if TYPE_CHECKING:
    import psycopg

COUNTED_UP_TO = 1_000_000
_NEWEST = 5
_LOOKED_AT = 4 * MOST  # syncs, in which the newest of each shard is looked for
_COVERAGE = 'select account_id, resource, window_start, window_end, snapshot, "pivot" from coverage'
_SUMMARY = """
    select s.account_id, s.resource, lower(m.days), upper(m.days) - 1, s.complete_through, s.newest_snapshot
    from coverage_summary as s left join lateral unnest(s.days) as m(days) on true
    where s.resource <> all(%(resources)s)
    order by s.account_id, s.resource, m.days
"""
_WINDOWS = """
    select w.account_id, w.resource, w.window_start, w.window_end, w.snapshot, w.pivot
    from coverage_summary as s cross join lateral (
        select distinct on (c.pivot) c.* from coverage as c
        where c.account_id = s.account_id and c.resource = s.resource
        order by c.pivot, c.window_end desc, c.snapshot desc, c.window_start
    ) as w
    where s.resource = any(%(resources)s)
    union all
    select account_id, resource, null, null, newest_snapshot, null
    from coverage_summary where resource = any(%(resources)s)
"""
"""Of windows that never add up, the newest of each pivot; and the newest snapshot."""
_TIME_LIMIT = "10s"
_TABLES = (*(resource.name for resource in TABLES), "coverage", "coverage_summary", "sync_log", "sync_steps")
_NEVER_ADDED = tuple(name for name in FIGURES if name not in DAILY)
_SYNCS = """
    select sync_id, trigger, status, started_at, heartbeat_at, finished_at, window_start, window_end, api_calls, error,
           to_jsonb(l) ->> 'shard',  -- older tables do not have it
           status = 'running' and coalesce(now() - heartbeat_at > %s, true)
    from sync_log as l
    where status = 'running' or sync_id in (
        select n.sync_id from (
            select sync_id, shard,
                   row_number() over (order by started_at desc, sync_id desc) as place,
                   row_number() over (partition by shard order by started_at desc, sync_id desc) as of_shard
            from (
                select sync_id, started_at, to_jsonb(a) ->> 'shard' as shard from sync_log as a
                order by started_at desc, sync_id desc limit %s
            ) as s
        ) as n
        where n.place <= %s or (n.shard is not null and n.of_shard = 1)
    )
    order by started_at desc, sync_id desc
"""
_STATUSES = """
    select sync_id, status, count(*) from sync_steps where sync_id = any(%s)
    group by sync_id, status order by min(account_id), min(started_at), status
"""
_STEPS = """
    select sync_id, account_id, resource, status, fetched, rejected, error
    from sync_steps where sync_id = any(%s) and status <> 'done' order by account_id, started_at nulls last, resource
"""


@dataclass(frozen=True)
class Found:
    """What was read from the database: facts, rows of `coverage`, its summary, and names of listed accounts.

    Attributes:
        summaries: of the days and listings that `coverage` leaves out.
        loaded: names of the snapshots it has; None where it cannot be asked.
        origin: whose data it holds, where that is known.
    """

    facts: DatabaseFacts | None = None
    syncs: tuple[SyncFacts, ...] = ()
    coverage: list[tuple[Any, ...]] = field(default_factory=list)
    summaries: list[Summary] = field(default_factory=list)
    accounts: dict[int, str | None] = field(default_factory=dict)
    loaded: Collection[str] | None = None
    origin: Origin | None = None


def look_into(settings: ReaderSettings, *, readers: bool = False, accounts: frozenset[int] | None = None) -> Found:
    """The state of the configured database, or the reason why it cannot be read."""
    head = schema_version.head()
    try:
        if _was_never_made(settings):
            return Found(DatabaseFacts("embedded", embedded=True, state="missing", head=head), loaded=())
    except StorageError as error:
        return Found(DatabaseFacts("embedded", True, "unreachable", head, trouble=Trouble.of(error)))
    from workbench.database import embedded
    from workbench.database.connection import Database, explained

    database = Database.of(settings, role=embedded.READER if readers else None)
    about: dict[str, Any] = {
        "label": database.label,
        "embedded": database.is_embedded,
        "head": head,
        "schema": database.schema,
    }
    try:
        with database.connect(prepare_threshold=None) as connection, explained(database.label):
            connection.read_only = True
            with connection.transaction():
                return _read(connection, about, accounts)
    except WorkbenchError as error:
        return Found(DatabaseFacts(**about, state="unreachable", trouble=Trouble.of(error)))


def _was_never_made(settings: ReaderSettings) -> bool:
    """Whether this is the embedded database, before its first use: looking must not make it."""
    if settings.DATABASE_URL is not None or settings.POSTGRES_HOST is not None:
        return False
    from workbench.database.embedded.cluster import data_version
    from workbench.database.embedded.layout import Home, default_home

    return data_version(Home(default_home(settings.home))) is None


def _read(connection: psycopg.Connection, about: Mapping[str, Any], accounts: frozenset[int] | None) -> Found:
    connection.execute(f"set local statement_timeout = '{_TIME_LIMIT}'")
    found = own_schema.standing(connection, about["schema"])
    about = {
        **about,
        "server_version": _value(connection, "show server_version").partition(" ")[0],
        "elsewhere": own_schema.said_of_others(found),
    }
    if found.foreign:
        trouble = Trouble.of(own_schema.foreign_tables(about["label"], found))
        return Found(DatabaseFacts(**about, state="foreign", trouble=trouble))
    version = _value(connection, "select max(version_num) from alembic_version") if found.ours else None
    if version is None:
        return Found(DatabaseFacts(**about, state="behind" if found.first_version else "empty"), loaded=())
    about = {**about, "schema_version": version}
    if version not in schema_version.versions():
        return Found(DatabaseFacts(**about, state="newer", trouble=Trouble.of(schema_version.newer_database(version))))
    rows = tuple(_count(connection, table, accounts) for table in _TABLES)
    coverage, summed_up = _coverage(connection, accounts, is_current=version == about["head"])
    return Found(
        DatabaseFacts(**about, state="current" if version == about["head"] else "behind", tables=rows),
        syncs=_syncs(connection, accounts),
        coverage=coverage,
        summaries=summed_up,
        loaded=loaded_snapshots(connection),
        origin=_origin(connection),
        accounts=dict(
            connection.execute(_visible("select account_id, name from ad_accounts where listed", accounts)).fetchall()
        ),
    )


def _coverage(
    connection: psycopg.Connection, accounts: frozenset[int] | None, *, is_current: bool
) -> tuple[list[tuple[Any, ...]], list[Summary]]:
    """Rows of `coverage`, and what its summary says of the others."""
    if not is_current:
        return connection.execute(_visible(_COVERAGE.replace('"pivot"', "null"), accounts)).fetchall(), []
    never_added = {"resources": list(_NEVER_ADDED)}
    rows = connection.execute(_visible(_WINDOWS, accounts), never_added).fetchall()
    return rows, list(summaries(connection.execute(_visible(_SUMMARY, accounts), never_added)))


def _origin(connection: psycopg.Connection) -> Origin | None:
    """Whose data it holds; None too before the migration, and for a role that was granted less."""
    readable = "select has_table_privilege(to_regclass('data_origin'), 'select')"
    return data_origin(connection) if _value(connection, readable) else None


def _visible(statement: str, accounts: frozenset[int] | None) -> str:
    """A select as the present viewer may see it."""
    if accounts is None:
        return statement
    from workbench.database.account_filter import filtered, literal  # late: it imports SQLAlchemy

    return filtered(statement, literal(accounts))


def _count(connection: psycopg.Connection, table: str, accounts: frozenset[int] | None) -> TableFacts:
    import psycopg

    estimate = _value(connection, f"select reltuples::bigint from pg_class where oid = to_regclass('{table}')")
    if estimate is not None and estimate > COUNTED_UP_TO and accounts is None:
        return TableFacts(table, estimate, exact=False)
    try:
        with connection.transaction():
            return TableFacts(
                table, _value(connection, _visible(f"select count(*) from {table}", accounts)), exact=True
            )
    except (psycopg.errors.QueryCanceled, psycopg.errors.UndefinedTable):
        return TableFacts(table, None, exact=False)


def _syncs(connection: psycopg.Connection, accounts: frozenset[int] | None) -> tuple[SyncFacts, ...]:
    rows = connection.execute(_visible(_SYNCS, accounts), (SILENCE, _LOOKED_AT, _NEWEST)).fetchall()
    steps: dict[str, list[StepFacts]] = {row[0]: [] for row in rows}
    statuses: dict[str, dict[str, int]] = {row[0]: {} for row in rows}
    for sync_id, status, count in connection.execute(_visible(_STATUSES, accounts), [list(steps)]):
        statuses[sync_id][status] = count
    for sync_id, account_id, resource, status, fetched, rejected, error in connection.execute(
        _visible(_STEPS, accounts), [list(steps)]
    ):
        steps[sync_id].append(StepFacts(account_id, resource, status, fetched, rejected, _trouble(error)))
    return tuple(_sync(row, statuses[row[0]], steps[row[0]]) for row in rows)


def _sync(row: tuple[Any, ...], statuses: dict[str, int], unfinished: list[StepFacts]) -> SyncFacts:
    sync_id, trigger, status, started_at, heartbeat_at, finished_at, first, last, api_calls, error, shard, silent = row
    return SyncFacts(
        sync_id,
        trigger,
        status,
        started_at,
        heartbeat_at,
        finished_at,
        window=(first, last) if first and last else None,
        api_calls=api_calls,
        silent=silent,
        steps=statuses,
        unfinished_steps=tuple(unfinished),
        error=_trouble(error),
        shard=shard,
    )


def _trouble(error: Mapping[str, Any] | None) -> Trouble | None:
    return Trouble(error.get("what", ""), error.get("why", ""), error.get("next", "")) if error else None


def _value(connection: psycopg.Connection, statement: str) -> Any:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None
