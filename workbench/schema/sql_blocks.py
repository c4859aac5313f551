"""Lines of SQL that the catalogue decides: `poe generate` writes them between the `cog` marks of `sql/`.

Each function returns lines; the last one of a list in a select has no comma, so metrics come last there.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence

from workbench.schema.key_results import KEY_RESULTS, PROVISIONAL_DAYS, PROVISIONAL_RESULT_DAYS
from workbench.schema.metrics import ANCHOR, RATIOS, SHOWN, STORED, Stored
from workbench.schema.metrics import BY_CONVERSION as BY_CONVERSION
from workbench.schema.metrics import BY_DEMOGRAPHIC as BY_DEMOGRAPHIC
from workbench.schema.metrics import CORE as CORE
from workbench.schema.metrics import LATE as LATE
from workbench.schema.metrics import SPEND_AND_LATE as SPEND_AND_LATE
from workbench.schema.reach_metrics import REACHED as REACHED

BRIEF: Sequence[Stored] = tuple(metric for metric in STORED if metric.brief)
SEGMENT: Sequence[Stored] = tuple(metric for metric in STORED if metric.demographic)
"""The metrics that demographics have, in the order of the daily tables."""
COUNTED: Sequence[Stored] = tuple(
    metric for metric in STORED if metric.name in {result.metric for result in KEY_RESULTS.values()}
)
"""What any objective counts."""

DAILY_KEY = ("pivotValues VARCHAR[]", 'dateRange STRUCT("start" STRUCT(year INTEGER, month INTEGER, day INTEGER))')
SEGMENT_KEY = ("pivotValues VARCHAR[]",)
"""What identifies an element, as DuckDB reads it."""

PER_MANY = 1000
"""The scale of costs of impressions."""

_WIDTH = 120
_TYPES = {"count": "bigint", "money": "numeric(38, 18)"}
_NOTES = {"count": "bigint", "money": "numeric, account currency", "usd": "numeric, USD"}


def columns(metrics: Iterable[Stored] = SHOWN, *, prefix: str = "", null: str = "") -> str:
    """The metrics in a header's `Columns`.

    Args:
        prefix: of the columns' names.
        null: what null means in them.
    """
    items = [f"{prefix}{metric.name} ({_note(metric, null)})" for metric in metrics]
    return _wrapped(items, "--          ")


def _note(metric: Stored, null: str) -> str:
    note = _NOTES[metric.unit]
    return note if not null else f"{note}{';' if ',' in note else ','} null: {null}"


def sums(table: str = "m", metrics: Iterable[Stored] = SHOWN) -> str:
    """Each metric added up, in the type that the header promises."""
    return _listed(
        metrics, lambda metric: f"cast(sum({table}.{metric.name}) as {_TYPES[metric.type]}) as {metric.name}"
    )


def sums_or_zero(table: str, metrics: Iterable[Stored] = SHOWN) -> str:
    """Each sum of an outer join, 0 where it has no row; null stays where a row has no known value."""

    def value(metric: Stored) -> str:
        name = f"{table}.{metric.name}"
        if metric.original:
            return f"coalesce({name}, 0)"
        return f"case when {table}.{ANCHOR} is null then 0 else {name} end"

    return _listed(metrics, lambda metric: f"cast({value(metric)} as {_TYPES[metric.type]}) as {metric.name}")


def weighted_sums(table: str, weight: str, metrics: Iterable[Stored] = SHOWN) -> str:
    """Each metric times a weight, added up."""
    return _listed(metrics, lambda metric: f"sum({weight} * {table}.{metric.name}) as {metric.name}")


def sums_if_known(table: str, known: str, metrics: Iterable[Stored] = SHOWN, *, prefix: str = "") -> str:
    """Each weighted sum of an outer join, 0 where it has no row, null where a condition does not hold."""

    def line(metric: Stored) -> str:
        value = f"coalesce({table}.{metric.name}, 0)"
        return f"cast(case when {known} then {value} end as numeric(38, 18))\n    as {prefix}{metric.name}"

    return _listed(metrics, line)


def fractions(metrics: Iterable[Stored] = SHOWN, *, prefix: str = "", null: str = "") -> str:
    """The metrics in a header's `Columns` where counts are parts of weighted sums."""
    units = {"count": "numeric"}
    items = [
        f"{prefix}{metric.name} ({units.get(metric.unit, _NOTES[metric.unit])}, null: {null})" for metric in metrics
    ]
    return _wrapped([item.replace("currency, null", "currency; null") for item in items], "--          ")


def names(table: str, metrics: Iterable[Stored] = SHOWN, *, prefix: str = "") -> str:
    """Each metric as it stands in a table."""
    return _listed(metrics, lambda metric: f"{table}.{metric.name}" + (f" as {prefix}{metric.name}" if prefix else ""))


def differences(whole: str, parts: str, metrics: Iterable[Stored] = SHOWN) -> str:
    """What the sum of parts lacks of each metric of a whole; negative where the parts are more."""

    def value(metric: Stored) -> str:
        return f"{whole}.{metric.name} - coalesce({parts}.{metric.name}, 0)"

    return _listed(metrics, lambda metric: f"cast({value(metric)} as {_TYPES[metric.type]}) as {metric.name}")


def differ(whole: str, parts: str, metrics: Iterable[Stored] = SHOWN) -> str:
    """Whether the sum of parts differs from a whole in any metric."""
    pairs = [f"{whole}.{metric.name} <> coalesce({parts}.{metric.name}, 0)" for metric in metrics]
    return "and (\n    " + "\n    or ".join(pairs) + "\n)"


def ratios(table: str) -> str:
    """Each ratio of two sums, null where the lower one is 0 or unknown."""
    lines = [
        f"{_quotient(f'{table}.{one.top}', f'{table}.{one.bottom}', one.scale)} as {name}"
        for name, one in RATIOS.items()
    ]
    return ",\n".join(lines) + ","


def ratio_columns() -> str:
    """The ratios in a header's `Columns`."""
    items = [f"{name} (numeric, {one.formula.replace(',', '')})" for name, one in RATIOS.items()]
    return _wrapped(items, "--          ") + ","


def key_result(objective: str) -> str:
    """The label of an objective's key result."""
    return _by_objective(objective, {one: f"'{result.label}'" for one, result in KEY_RESULTS.items()}, "key_result")


def key_result_metric(objective: str) -> str:
    """The name of the metric that counts an objective's key result; null where none is collected."""
    named = {one: f"'{result.metric}'" for one, result in KEY_RESULTS.items() if result.metric}
    return _by_objective(objective, named, "key_result_metric")


def key_results(objective: str, table: str) -> str:
    """The number of key results; null where none are collected, or the objective is unknown."""
    counted = {one: f"{table}.{result.metric}" for one, result in KEY_RESULTS.items() if result.metric}
    return _by_objective(objective, counted, "key_results")


def cost_per_key_result(table: str) -> str:
    """Spend by key result, by so many as is usual for it."""
    scaled = sorted({f"'{result.label}'" for result in KEY_RESULTS.values() if result.scale == PER_MANY})
    scale = f"case when {table}.key_result in ({', '.join(scaled)}) then {PER_MANY} else 1 end"
    cost = f"cast({table}.cost_in_local_currency as numeric)"
    return f"round({scale}\n    * {cost} / nullif({table}.key_results, 0), 9) as cost_per_key_result,"


def provisional(age: str) -> str:
    """Whether a day was fetched so early that LinkedIn may still correct its figures, or its results."""
    return (
        f"coalesce({age} <= {PROVISIONAL_DAYS}, true) as provisional,\n"
        f"coalesce({age} <= {PROVISIONAL_RESULT_DAYS}, true) as results_provisional,"
    )


def _by_objective(objective: str, values: Mapping[str, str], name: str) -> str:
    cases = [f"    when {objective} in ('{one}', '{one}S') then {value}" for one, value in values.items()]
    return "\n".join(["case", *cases, f"end as {name},"])


def _quotient(top: str, bottom: str, scale: int) -> str:
    times = f"{scale} * " if scale != 1 else ""
    return f"round({times}cast({top} as numeric) / nullif({bottom}, 0), 9)"


def values(table: str, metrics: Iterable[Stored] = SHOWN) -> str:
    """Each metric as a struct of its name and its value, in one type."""
    return _listed(
        metrics, lambda metric: f"{{metric: '{metric.name}', value: cast({table}.{metric.name} as numeric(38, 18))}}"
    )


def fields(metrics: Iterable[Stored] = STORED) -> str:
    """Each metric out of an element: 0 where LinkedIn leaves it out, null if the snapshot did not ask for it."""

    def field(metric: Stored) -> str:
        value = f"r.element.{metric.field}"
        missing = "0" if metric.original else f'case when k."{metric.field}" then 0 end'
        if metric.group == "reach":  # an average that LinkedIn leaves out is unknown, and not 0
            return f"{value if metric.type == 'count' else f'money({value})'} as {metric.name}"
        return f"coalesce({value if metric.type == 'count' else f'money({value})'}, {missing}) as {metric.name}"

    return _listed(metrics, field)


def element(*keys: str, metrics: Iterable[Stored] = STORED) -> str:
    """The struct that DuckDB reads of an element: members of its key, and its metrics; money is text."""
    kinds = {"count": "BIGINT", "money": "VARCHAR"}
    members = [f"{metric.field} {kinds[metric.type]}" for metric in metrics]
    inner = "\n".join([*(f"    {key}," for key in keys), _wrapped(members, "    ", _WIDTH - 8)])
    return f"element: 'STRUCT(\n{inner})'"


def campaign_filter() -> str:
    """The choice of an objective, in either spelling, and of a campaign group; `c` is `campaigns`."""
    return textwrap.dedent("""\
        and (
            cast($objective_type as text) is null
            or rtrim(c.objective_type, 'S') = rtrim(cast($objective_type as text), 'S')
        )
        and (cast($campaign_group_id as bigint) is null or c.campaign_group_id = cast($campaign_group_id as bigint))""")


def _listed(metrics: Iterable[Stored], line: Callable[[Stored], str]) -> str:
    return ",\n".join(map(line, metrics))


def _wrapped(items: Iterable[str], indent: str, width: int = _WIDTH) -> str:
    """Items with commas, in lines that break between items only."""
    text = ", ".join(item.replace(" ", "\0") for item in items)
    lines = textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
    return "\n".join(lines).replace("\0", " ")
