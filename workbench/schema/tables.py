"""The PostgreSQL tables: names, types, keys. The same columns stand in `sql/views/`, in the same order.

Entities have the columns of the catalogue of resources, figures those of the catalogue of metrics.

Keys start with `account_id` and no foreign key crosses accounts or joins facts to entities: the schema can be
distributed by account, and a metric row whose campaign LinkedIn no longer lists is kept.
Money is `numeric(38,18)` in the account's currency; `date` is LinkedIn's reporting day, which is UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, MetaData, Numeric, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, DATEMULTIRANGE, JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from workbench.schema import descriptions
from workbench.schema.metrics import BY_CONVERSION, BY_DEMOGRAPHIC, CORE, STORED, Stored
from workbench.schema.reach_metrics import REACHED
from workbench.schema.resources import (
    ACTIVE_DAYS,
    CAMPAIGN_DAYS,
    CONVERSION_DAYS,
    DEMOGRAPHICS,
    ENTITY_DEMOGRAPHICS,
    MONTHS,
    REACH,
    RESOURCES,
    TABLES,
    Resource,
    of_kind,
)

metadata = MetaData(naming_convention={"pk": "%(table_name)s_pkey", "uq": "%(table_name)s_key"})

MONEY = Numeric(38, 18)
MOMENT = TIMESTAMP(timezone=True)
_TYPES: Mapping[str, TypeEngine[Any]] = {
    "text": Text(), "bigint": BigInteger(), "numeric": MONEY, "boolean": Boolean(), "text[]": ARRAY(Text),
    "timestamptz": MOMENT, "jsonb": JSONB(), "date": Date(),
}  # fmt: skip
"""The types of the catalogue's columns."""


def _key(*columns: str) -> list[Column[int]]:
    return [Column(name, BigInteger, primary_key=True, autoincrement=False) for name in columns]


def _metrics(metrics: Iterable[Stored]) -> list[Column[object]]:
    """The metrics' columns; one that came later is null in rows of snapshots that did not ask for it."""
    return [_metric(one) for one in metrics]


def _metric(metric: Stored) -> Column[object]:
    return Column(metric.name, MONEY if metric.type == "money" else BigInteger, nullable=not metric.original)


def _house() -> list[Column[object]]:
    """The columns that every entity has: whether it is listed, its newest snapshot, when its values last changed."""
    return [
        Column("listed", Boolean, nullable=False),
        Column("snapshot", Text, nullable=False),
        Column("synced_at", MOMENT, nullable=False),
    ]


def _entities(resource: Resource) -> Table:
    columns = [Column(name, _TYPES[kind]) for name, kind in resource.types.items()]
    later = [Column(name, _TYPES[kind]) for name, kind in resource.later_types.items()]
    return Table(resource.name, metadata, *_key(*resource.key), *columns, *_house(), *later)


def _part_of_key(name: str, kind: str) -> Column[Any]:
    return Column(name, _TYPES[kind], primary_key=True, autoincrement=False)


def _daily(resource: Resource) -> Table:
    """Figures by UTC day of the entities that the resource names; columns that came later stand behind `synced_at`."""
    return Table(
        resource.name,
        metadata,
        *_key(*resource.key),
        *([_part_of_key(*resource.divided_by)] if resource.divided_by else []),
        Column("date", Date, primary_key=True),
        *_metrics(BY_CONVERSION if resource.name == CONVERSION_DAYS else CORE),
        Column("synced_at", MOMENT, nullable=False),
        *([] if resource.divided_by else _metrics(metric for metric in STORED if not metric.original)),
    )


def _monthly(resource: Resource) -> Table:
    """Core figures by calendar month of the entities that the resource names."""
    month = Column("month_start", Date, primary_key=True)
    synced_at: Column[object] = Column("synced_at", MOMENT, nullable=False)
    return Table(resource.name, metadata, *_key(*resource.key), month, *_metrics(CORE), synced_at)


for _resource in RESOURCES:
    if _resource.kind == "monthly":
        _monthly(_resource)
    if _resource.kind == "entities":
        _entities(_resource)
    elif _resource.kind == "daily":
        _daily(_resource)


def _demographics(name: str, *entity: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        *_key("account_id"),
        *entity,
        Column("pivot", Text, primary_key=True),
        Column("segment_urn", Text, primary_key=True),
        Column("window_start", Date, primary_key=True),
        Column("window_end", Date, primary_key=True),
        Column("segment_name", Text),
        *_metrics(BY_DEMOGRAPHIC),
        Column("synced_at", MOMENT, nullable=False),
    )


audience_demographics = _demographics(DEMOGRAPHICS)
entity_demographics = _demographics(ENTITY_DEMOGRAPHICS, Column("level", Text, primary_key=True), *_key("entity_id"))

reach_windows = Table(
    REACH,
    metadata,
    *_key("account_id"),
    Column("level", Text, primary_key=True),
    *_key("entity_id"),
    Column("window_start", Date, primary_key=True),
    Column("window_end", Date, primary_key=True),
    *_metrics(REACHED),
    Column("synced_at", MOMENT, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("account_id", BigInteger, nullable=False),
    Column("resource", Text, nullable=False),
    Column("window_start", Date),  # both null: a complete, unfiltered listing
    Column("window_end", Date),
    Column("snapshot", Text, nullable=False),
    Column("pivot", Text),  # of demographics; null: every pivot that was asked for
    UniqueConstraint(
        "account_id",
        "resource",
        "window_start",
        "window_end",
        "snapshot",
        "pivot",
        postgresql_nulls_not_distinct=True,
    ),
    Index("coverage_snapshot", "snapshot"),
)

coverage_summary = Table(
    "coverage_summary",
    metadata,
    *_key("account_id"),
    Column("resource", Text, primary_key=True),
    Column("days", DATEMULTIRANGE),  # null: of what never adds up, and of listings
    Column("complete_through", Date),
    Column("newest_snapshot", Text, nullable=False),
)

account_loads = Table("account_loads", metadata, *_key("account_id"), Column("loads", BigInteger, nullable=False))

data_origin = Table("data_origin", metadata, Column("origin", Text, primary_key=True))

sync_log = Table(
    "sync_log",
    metadata,
    Column("sync_id", Text, primary_key=True),
    Column("trigger", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("heartbeat_at", MOMENT),
    Column("finished_at", MOMENT),
    Column("window_start", Date),
    Column("window_end", Date),
    Column("snapshot", Text),
    Column("api_calls", BigInteger, nullable=False, server_default="0"),
    Column("error", JSONB),
    Column("steps_pruned", Boolean, nullable=False, server_default="false"),
    *(Column(name, BigInteger) for name in ("accounts", "fetched", "rejected", "inserted", "updated", "deleted")),
    Column("shard", Text),
)

sync_steps = Table(
    "sync_steps",
    metadata,
    Column("sync_id", Text, primary_key=True),
    *_key("account_id"),
    Column("resource", Text, primary_key=True),
    Column("status", Text, nullable=False),
    *(
        Column(name, BigInteger, nullable=False, server_default="0")
        for name in ("api_calls", "fetched", "rejected", "inserted", "updated", "deleted", "unchanged")
    ),
    Column("complete_through", Date),
    Column("error", JSONB),
    Column("started_at", MOMENT),
    Column("finished_at", MOMENT),
)


for _table in metadata.tables.values():
    _table.comment = f"{descriptions.of_table(_table.name)}."
    for _column in _table.columns:
        _column.comment = descriptions.of_column(_table.name, _column.name).comment


def _tables(names: Iterable[str]) -> tuple[Table, ...]:
    return tuple(metadata.tables[name] for name in names)


campaign_daily_metrics = metadata.tables[CAMPAIGN_DAYS]
ENTITIES = _tables(of_kind("entities"))
METRICS = _tables(of_kind("daily"))
ACTIVE = _tables(ACTIVE_DAYS)
"""The tables of figures by day that are loaded while other accounts are being fetched."""
MONTHLY = metadata.tables[MONTHS]
LOADED = _tables(resource.name for resource in TABLES)
"""What a snapshot fills, in the order of loading."""
OF_ACCOUNT = _tables(resource.name for resource in TABLES if resource.scope == "account")
OF_ALL = _tables(resource.name for resource in TABLES if resource.scope == "global")
"""What belongs to an account, and what belongs to none."""


def day_of(table: Table) -> str:
    """Of figures, the column that says which day, month or window a row is of; coverage is compared with it."""
    return "date" if table in METRICS else "month_start" if table is MONTHLY else "window_end"


def key_of(table: Table) -> tuple[str, ...]:
    """The key's columns, `account_id` first."""
    return tuple(column.name for column in table.primary_key.columns)


def values_of(table: Table) -> tuple[str, ...]:
    """The columns whose change makes a row another one: neither key nor bookkeeping."""
    house = {*key_of(table), "listed", "snapshot", "synced_at"}
    return tuple(column.name for column in table.columns if column.name not in house)


def view_columns(table: Table) -> tuple[str, ...]:
    """The columns of the snapshot view: all but those that only PostgreSQL has."""
    return tuple(column.name for column in table.columns if column.name != "synced_at")
