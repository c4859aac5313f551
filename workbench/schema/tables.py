"""The PostgreSQL tables: names, types, keys. The same columns stand in `sql/views/`, in the same order.

Keys start with `account_id` and no foreign key crosses accounts or joins facts to entities: the schema can be
distributed by account, and a metric row whose campaign LinkedIn no longer lists is kept.
Money is `numeric(38,18)` in the account's currency; `date` is LinkedIn's reporting day, which is UTC.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Column, Date, MetaData, Numeric, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

from workbench.schema.metrics import BY_DEMOGRAPHIC, STORED, Stored
from workbench.schema.resources import TABLES, of_kind

metadata = MetaData(naming_convention={"pk": "%(table_name)s_pkey", "uq": "%(table_name)s_key"})

MONEY = Numeric(38, 18)
MOMENT = TIMESTAMP(timezone=True)


def _key(*columns: str) -> list[Column[int]]:
    return [Column(name, BigInteger, primary_key=True, autoincrement=False) for name in columns]


def _metrics(metrics: Iterable[Stored]) -> list[Column[object]]:
    return [Column(one.name, MONEY if one.type == "money" else BigInteger, nullable=False) for one in metrics]


def _house() -> list[Column[object]]:
    """Of entities: still listed? the snapshot they were last seen in; when their values last changed."""
    return [
        Column("listed", Boolean, nullable=False),
        Column("snapshot", Text, nullable=False),
        Column("synced_at", MOMENT, nullable=False),
    ]


ad_accounts = Table(
    "ad_accounts",
    metadata,
    *_key("account_id"),
    Column("name", Text),
    Column("currency", Text),
    Column("type", Text),
    Column("status", Text),
    Column("serving_statuses", ARRAY(Text)),
    Column("reference", Text),
    Column("test", Boolean),
    Column("created_at", MOMENT),
    Column("last_modified_at", MOMENT),
    *_house(),
)

campaign_groups = Table(
    "campaign_groups",
    metadata,
    *_key("account_id", "campaign_group_id"),
    Column("name", Text),
    Column("status", Text),
    Column("total_budget", MONEY),
    Column("daily_budget", MONEY),
    Column("run_schedule_start", MOMENT),
    Column("run_schedule_end", MOMENT),
    Column("objective_type", Text),
    Column("created_at", MOMENT),
    Column("last_modified_at", MOMENT),
    *_house(),
)

campaigns = Table(
    "campaigns",
    metadata,
    *_key("account_id", "campaign_id"),
    Column("campaign_group_id", BigInteger),
    Column("name", Text),
    Column("status", Text),
    Column("serving_statuses", ARRAY(Text)),
    Column("type", Text),
    Column("format", Text),
    Column("objective_type", Text),
    Column("cost_type", Text),
    Column("unit_cost", MONEY),
    Column("daily_budget", MONEY),
    Column("total_budget", MONEY),
    Column("currency", Text),
    Column("optimization_target_type", Text),
    Column("creative_selection", Text),
    Column("pacing_strategy", Text),
    Column("offsite_delivery_enabled", Boolean),
    Column("audience_expansion_enabled", Boolean),
    Column("run_schedule_start", MOMENT),
    Column("run_schedule_end", MOMENT),
    Column("targeting_criteria", JSONB),
    Column("test", Boolean),
    Column("created_at", MOMENT),
    Column("last_modified_at", MOMENT),
    *_house(),
)

creatives = Table(
    "creatives",
    metadata,
    *_key("account_id", "creative_id"),
    Column("campaign_id", BigInteger),
    Column("name", Text),
    Column("name_source", Text),
    Column("intended_status", Text),
    Column("is_serving", Boolean),
    Column("serving_hold_reasons", ARRAY(Text)),
    Column("review_status", Text),
    Column("content_reference", Text),
    Column("content_type", Text),
    Column("created_at", MOMENT),
    Column("last_modified_at", MOMENT),
    *_house(),
)

campaign_daily_metrics = Table(
    "campaign_daily_metrics",
    metadata,
    *_key("account_id", "campaign_id"),
    Column("date", Date, primary_key=True),
    *_metrics(STORED),
    Column("synced_at", MOMENT, nullable=False),
)

creative_daily_metrics = Table(
    "creative_daily_metrics",
    metadata,
    *_key("account_id", "creative_id"),
    Column("date", Date, primary_key=True),
    *_metrics(STORED),
    Column("synced_at", MOMENT, nullable=False),
)

audience_demographics = Table(
    "audience_demographics",
    metadata,
    *_key("account_id"),
    Column("pivot", Text, primary_key=True),
    Column("segment_urn", Text, primary_key=True),
    Column("window_start", Date, primary_key=True),
    Column("window_end", Date, primary_key=True),
    Column("segment_name", Text),
    *_metrics(BY_DEMOGRAPHIC),
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
    UniqueConstraint(
        "account_id", "resource", "window_start", "window_end", "snapshot", postgresql_nulls_not_distinct=True
    ),
)

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


def _tables(names: Iterable[str]) -> tuple[Table, ...]:
    return tuple(metadata.tables[name] for name in names)


ENTITIES = _tables(of_kind("entities"))
METRICS = _tables(of_kind("daily"))
LOADED = _tables(resource.name for resource in TABLES)
"""What a snapshot fills, in the order of loading."""
OF_ACCOUNT = _tables(resource.name for resource in TABLES if resource.scope == "account")
OF_ALL = _tables(resource.name for resource in TABLES if resource.scope == "global")
"""What belongs to an account, and what belongs to none."""


def key_of(table: Table) -> tuple[str, ...]:
    """The key's columns, `account_id` first."""
    return tuple(column.name for column in table.primary_key.columns)


def values_of(table: Table) -> tuple[str, ...]:
    """The columns whose change makes a row another one: neither key nor bookkeeping."""
    house = {*key_of(table), "listed", "snapshot", "synced_at"}
    return tuple(column.name for column in table.columns if column.name not in house)


def view_columns(table: Table) -> tuple[str, ...]:
    """The columns a snapshot view has: all but what only PostgreSQL knows."""
    return tuple(column.name for column in table.columns if column.name != "synced_at")
