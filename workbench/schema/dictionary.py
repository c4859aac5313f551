"""The data dictionary as Markdown, for `sql/README.md`; `poe generate` writes it there."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from workbench.schema import descriptions
from workbench.schema.key_results import KEY_RESULTS
from workbench.schema.metrics import STORED
from workbench.schema.tables import ACTIVE, metadata

_HEAD = ("column", "type", "meaning", "unit", "LinkedIn's field")


def tables() -> str:
    """Every table with its columns; the metrics, which several tables share, once."""
    names = [{column.name for column in table.columns} for table in ACTIVE]
    shared = set.intersection(*names, set(descriptions.METRICS))
    parts = [_table(table, shared) for table in metadata.tables.values()]
    metrics = [column for column in ACTIVE[0].columns if column.name in shared]
    rows = _rows(ACTIVE[0].name, metrics)
    return "\n\n".join([*parts, f"### Metrics of the tables of days\n\n{rows}"])


def key_results() -> str:
    """The key result of each objective."""
    labels = {metric.name: metric.label for metric in STORED}
    lines = ["| objective | key result | column | shown beside it | note |", "|---|---|---|---|---|"]
    for objective, result in KEY_RESULTS.items():
        per = f", per {result.scale:,}" if result.scale > 1 else ""
        beside = ", ".join(labels[name] for name in result.beside)
        lines.append(f"| `{objective}` | {result.label}{per} | `{result.metric}` | {beside} | {result.note} |")
    return "\n".join(lines)


def _table(table: Table, shared: Iterable[str]) -> str:
    daily = table in ACTIVE
    columns = [column for column in table.columns if not (daily and column.name in shared)]
    more = ", and the metrics below" if daily else ""
    keys = ", ".join(f"`{column.name}`" for column in table.primary_key.columns)
    key = f" Key: {keys}." if keys else ""
    return f"### `{table.name}`\n\n{descriptions.of_table(table.name)}{more}.{key}\n\n{_rows(table.name, columns)}"


def _rows(table: str, columns: Iterable[Column[object]]) -> str:
    lines = [f"| {' | '.join(_HEAD)} |", "|---|---|---|---|---|"]
    for column in columns:
        said = descriptions.of_column(table, column.name)
        kind = column.type.compile(dialect=postgresql.dialect()).lower()  # type: ignore[no-untyped-call]
        kind = kind.replace("timestamp with time zone", "timestamptz").replace("(38, 18)", "")
        field = f"`{said.field}`" if said.field else ""
        cells = (f"`{column.name}`", kind, said.text, said.unit, field)
        lines.append(f"| {' | '.join(cells)} |".replace("  ", " ").replace("  ", " "))
    return "\n".join(lines)
