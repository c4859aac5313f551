"""Make tiles: a figure, its change against the equal period before, and its formula; one row per currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import marimo as mo
import polars as pl

from workbench.analytics import formatting, metrics
from workbench.analytics.equal_age import COMPARED, at_equal_age
from workbench.analytics.formatting import text
from workbench.pages.components.style import styled
from workbench.schema.metrics import LATE_METRICS

_LARGE = 10_000
SHOWN = ("cost_in_local_currency", "impressions", "clicks", "ctr", "cpc", "cpm")


@dataclass(frozen=True)
class Tile:
    """One figure as finished text.

    Attributes:
        value, previous: in full.
        short: the value as it is drawn; large amounts without their cents.
        good: whether its move is good news; None where it is neither, or nothing moved.
        formula: how it is made.
    """

    label: str
    value: str
    short: str
    change: str
    previous: str
    formula: str
    good: bool | None = None

    def __str__(self) -> str:
        return f"{self.label}: {self.value} ({self.change}; before {self.previous})"


def tiles(kpis: pl.DataFrame, objective: str | None = None, equal: pl.DataFrame | None = None) -> dict[str, list[Tile]]:
    """The tiles of each currency; with an objective its key result and what one costs too.

    Args:
        kpis: `kpis`, one row per currency and period.
        equal: `equal_age_results`, with which late results are compared; without it they are not.
    """
    paired = at_equal_age(metrics.against_previous(kpis, ["currency"]), equal, ["currency"]).with_columns(
        pl.lit(objective).alias("objective_type")
    )
    rows = metrics.add_key_result(metrics.add_ratios(paired))
    return {row["currency"] or "unknown currency": _tiles(row, objective) for row in rows.iter_rows(named=True)}


def tiles_view(by_currency: dict[str, list[Tile]], accounts: pl.DataFrame | None = None) -> mo.Html:
    """A row of tiles per currency, each headed by it."""
    parts = [_heading(currency, accounts) + _row(shown) for currency, shown in by_currency.items()]
    return mo.Html(styled("".join(parts)))


def tiles_text(by_currency: dict[str, list[Tile]]) -> str:
    """The same figures as lines for a terminal."""
    return "\n".join("\n".join([currency, *(f"  {tile}" for tile in shown)]) for currency, shown in by_currency.items())


def tile(name: str, row: dict[str, object], currency: str | None, *, label: str = "", note: str = "") -> Tile:
    """One metric of a row that `metrics.against_previous` made, as a tile."""
    kind = metrics.METRICS[name]
    now, before = row.get(name), row.get(f"previous_{name}")
    moved = _moved(now, before)
    good = None if not moved or kind.good is None else (moved > 0) == (kind.good == "up")
    return Tile(
        label or kind.label,
        formatting.metric(name, now, currency),  # type: ignore[arg-type]  # a number or None
        _short(name, now, currency),
        formatting.change(moved),
        formatting.metric(name, before, currency),  # type: ignore[arg-type]
        " ".join(filter(None, (kind.formula + ".", note))),
        good,
    )


def _tiles(row: dict[str, object], objective: str | None) -> list[Tile]:
    currency = row["currency"]
    assert currency is None or isinstance(currency, str)  # noqa: S101  (a text column)
    shown = [tile(name, row, currency) for name in SHOWN]
    if objective is None:
        return shown
    result = metrics.key_result(objective)
    note = " ".join(filter(None, (result.note, COMPARED if result.metric in LATE_METRICS else "")))
    if result.metric and result.metric not in SHOWN:
        shown.append(tile(result.metric, row, currency, label=result.label, note=note))
    per = f"Cost per {'1,000 ' if result.scale == 1000 else ''}{_singular(result)}"
    shown.append(tile("cost_per_key_result", row, currency, label=per, note=note))
    return [*shown, *(tile(name, row, currency) for name in result.beside if row.get(name))]


def _short(name: str, value: object, currency: str | None) -> str:
    large = metrics.METRICS[name].unit == "money" and value is not None and float(value) >= _LARGE  # type: ignore[arg-type]
    if large:
        return formatting.money(value, currency, decimals=0)  # type: ignore[arg-type]  # a number
    return formatting.metric(name, value, currency)  # type: ignore[arg-type]


def _singular(result: metrics.KeyResult) -> str:
    word = result.label.lower()
    return word if result.scale > 1 else word.removesuffix("s")


def _moved(now: object, before: object) -> float | None:
    if now is None or before is None or not float(before):  # type: ignore[arg-type]  # numbers
        return None
    return float(now) / float(before) - 1  # type: ignore[arg-type]


def _heading(currency: str, accounts: pl.DataFrame | None) -> str:
    if accounts is None:
        return f"<h2>{text(currency)}</h2>"
    names = accounts.filter(pl.col("currency") == currency)["name"].fill_null("unnamed").to_list()
    said = ", ".join(names) if len(names) <= 3 else f"{len(names)} accounts"
    return f"<h2>{text(currency)} <small>{text(said)}</small></h2>"


def _row(shown: Sequence[Tile]) -> str:
    eight = " eight" if len(shown) > len(SHOWN) else ""
    return f'<div class="wb-tiles{eight}">{"".join(map(_card, shown))}</div>'


def _card(shown: Tile) -> str:
    tone = {True: "good", False: "bad", None: ""}[shown.good]
    long = " long" if len(shown.short) > 9 else ""
    arrow = {"+": "↑ ", "−": "↓ "}.get(shown.change[:1], "")
    return (
        f'<dl class="wb-tile" style="margin:0"><dt title="{text(shown.formula)}">{text(shown.label)}</dt>'
        f'<dd class="v{long}" title="{text(shown.value)}">{text(shown.short)}</dd>'
        f'<dd class="c"><b class="{tone}">{arrow}{text(shown.change)}</b></dd>'
        f'<dd class="c">before {text(shown.previous)}</dd></dl>'
    )
