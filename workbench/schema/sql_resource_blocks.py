"""Lines of SQL that the catalogue of resources decides: tables, steps, coverage, settings; `sql_blocks` has metrics."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.schema.resources import BY_DAY, BY_NAME, CORE_DAYS, OF_ACCOUNT, RESOURCES, TABLES, Resource, of_kind


def table_counts() -> str:
    """The rows of each table that is loaded, and of `coverage`."""
    tables = sorted([*(resource.name for resource in TABLES), "coverage"])
    return "\nunion all\n".join(
        f"select '{name}' as table_name, cast(count(*) as bigint) as row_count from {name}" for name in tables
    )


def newest_changes() -> str:
    """When the values of any entity last changed."""
    changes = ",\n".join(f"    (select max(synced_at) from {name})" for name in of_kind("entities"))
    return f"greatest(\n{changes}\n) as changed_at,"


def steps_of_a_complete_sync() -> str:
    """How many steps of an account and of what belongs to none a complete sync has ended."""
    return f"and {len(_always_asked()) + len(_always_named())} = ("


def steps_of_none() -> str:
    """Which steps a complete sync has ended: an account's, and those of no account besides the list of accounts."""
    of_account = f"t.account_id = s.account_id and t.resource in ({_quoted(_always_asked())})"
    return f"and (({of_account})\n  or (t.account_id = 0 and t.resource in ({_quoted(_always_named())})))"


def _always_asked() -> list[str]:
    """What every sync asks of an account, whatever its groups and permissions."""
    return [one.name for one in OF_ACCOUNT if not (one.group or one.permission or one.optional)]


def _always_named() -> list[str]:
    """The names that every sync asks for and that belong to no account."""
    return [one.name for one in RESOURCES if one.kind == "names" and one.scope == "global" and not one.optional]


def covered_resources() -> str:
    """How many resources with figures by day every sync asks for."""
    return f"and {len(CORE_DAYS)} = ("


def daily_resources() -> str:
    """The resources with figures by day that every sync asks for."""
    return f"and c.resource in ({_quoted(CORE_DAYS)})"


def metric_days() -> str:
    """Which lines of coverage are days of figures."""
    return f"where resource in ({_quoted(BY_DAY)}) and first_day is not null"


def newest_windows() -> str:
    """Which lines of coverage are windows of which only the newest of a pivot counts."""
    return f'where resource in ({_quoted(of_kind("window"))}) and "pivot" is not null'


def settings(state: str) -> str:
    """Of every entity of a state, a row for each setting: its name, and its value as text."""
    return "\nunion all\n".join(_settings(BY_NAME[name], state) for name in of_kind("entities"))


def _settings(resource: Resource, state: str) -> str:
    left_out = {"test", "created_at", "last_modified_at", *resource.no_settings}
    types = {name: kind for name, kind in resource.types.items() if name not in left_out} | {"listed": "boolean"}
    values = [f"    {{field: '{name}', value: {_as_text(f'x.{name}', kind)}}}" for name, kind in types.items()]
    name = "x.name" if "name" in types else "cast(null as varchar) as name"
    head = f"select x.account_id, '{resource.entity}' as entity, x.{resource.key[-1]} as entity_id, {name}, unnest(["
    return "\n".join([head, ",\n".join(values), "], recursive := true)", f"from {state}.{resource.name} as x"])


def _as_text(column: str, kind: str) -> str:
    if kind == "text[]":
        return f"array_to_string({column}, ', ')"
    if kind == "timestamptz":
        return f"strftime({column}, '%Y-%m-%d %H:%M')"
    value = f"cast({column} as varchar)"
    return f"rtrim(rtrim({value}, '0'), '.')" if kind == "numeric" else value


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
