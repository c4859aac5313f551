"""Write report rows as JSON text, fast: one template per request, filled row by row.

Money is a decimal string. As on the live API it carries the dust of binary arithmetic behind the ninth decimal, and
the dust differs from request to request.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter

from workbench.sandbox.api.grouping import Grouped
from workbench.sandbox.api.metrics import KEYS, METRICS, is_decimal, is_money, is_share
from workbench.sandbox.world.model import CORE, UNITS, MetricsRow
from workbench.sandbox.world.reach import PARTS

_DUST = 10**13
"""How many 10⁻¹⁸ are in the unit money is counted in."""
_MESSAGE_ONLY = frozenset({"opens", "sends"})


def elements(grouped: Iterable[Grouped], fields: Sequence[str], residue_seed: str | None) -> list[str]:
    """The elements of a report as JSON objects; rows in which every metric asked for is zero are left out.

    `opens` and `sends` are absent where nothing was sent, as fields that do not apply are.

    Args:
        grouped: the rows.
        fields: the projection.
        residue_seed: what the dust on money depends on; None for none.
    """
    metrics = [name for name in fields if name in METRICS]
    keys = [name for name in KEYS if name in fields]
    full = _Layout(metrics)
    short = _Layout([name for name in metrics if name not in _MESSAGE_ONLY])
    seed = None if residue_seed is None else zlib.crc32(residue_seed.encode())
    shown = []
    for entry in grouped:
        layout = full if entry.row.sends else short
        picked = layout.pick(entry.row)
        if any(picked):
            figures: list[object] = list(picked)
            for place in layout.money:
                figures[place] = _money(picked[place], seed, entry.first)
            for place in layout.shares:
                figures[place] = f"{picked[place] // PARTS}.{picked[place] % PARTS:06d}"
            members = [_KEY_TEXT[key](entry) for key in keys]
            if layout.template:
                members.append(layout.template % tuple(figures))
            shown.append("{" + ",".join(members) + "}")
    return shown


class _Layout:
    """Where each metric goes in an element."""

    def __init__(self, metrics: Sequence[str]) -> None:
        self.pick = _picker(metrics)
        self.money = [place for place, name in enumerate(metrics) if is_money(name)]
        self.shares = [place for place, name in enumerate(metrics) if is_share(name)]
        self.template = ",".join(
            f'"{name}":'
            + ('"%s"' if is_money(name) else "%s" if is_share(name) else '"%d.0"' if is_decimal(name) else "%d")
            for name in metrics
        )


def _picker(metrics: Sequence[str]) -> Callable[[MetricsRow], Sequence[int]]:
    """The figures of `metrics` in a row; those of the core at the speed of C."""
    if len(metrics) > 1 and set(metrics) <= set(CORE):
        return itemgetter(*(CORE.index(name) for name in metrics))
    figures = [METRICS[name] for name in metrics]
    return lambda row: [figure(row) for figure in figures]


def _money(amount: int, seed: int | None, day: int) -> str:
    """`amount` units of 10⁻⁵ as a decimal string; with dust where request, day and amount have it so."""
    dust = 0 if seed is None else (seed ^ day * 2_654_435_761 ^ amount * 40_503) % 4_001
    if dust % 3 or not dust:
        return _plain(amount)
    if amount == 0:
        return f"-{dust % 9 + 1}E-18"
    exact = amount * _DUST + (-dust if dust % 2 else dust)
    return f"{exact // 10**18}.{exact % 10**18:018d}"


def _plain(amount: int) -> str:
    if amount % UNITS == 0:
        return f"{amount // UNITS}" if amount else "0.0"
    return f"{amount // UNITS}.{amount % UNITS:05d}"


@lru_cache(maxsize=4_096)
def _range_text(first: int, last: int) -> str:
    return f'"dateRange":{{"start":{_day_text(first)},"end":{_day_text(last)}}}'


@lru_cache(maxsize=16_384)
def _values_text(values: tuple[str, ...]) -> str:
    return f'"pivotValues":{json.dumps(values)}'


def _day_text(ordinal: int) -> str:
    day = date.fromordinal(ordinal)
    return f'{{"year":{day.year},"month":{day.month},"day":{day.day}}}'


_KEY_TEXT: dict[str, Callable[[Grouped], str]] = {
    "dateRange": lambda entry: _range_text(entry.first, entry.last),
    "pivotValues": lambda entry: _values_text(entry.values),
}
