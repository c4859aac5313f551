"""How often people saw the ads, how many new people further impressions reached, and how large the pool may be.

Reach is LinkedIn's estimate of different people; it is never added up. The pool model allows any evenness of delivery
between very uneven (`EVENNESS` 0.5) and even (infinite), so what it says of the next impressions is always a range.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import polars as pl

from workbench.analytics import formatting

LONGEST_WINDOW = 92
"""Days; LinkedIn tells no reach for longer windows."""
EVENNESS = (0.5, math.inf)
"""The ends of k in R = A(1 − (1 + I/(Ak))⁻ᵏ): people who are shown ads very unevenly, and evenly."""
TOO_LONG = f"Reach is not collected for windows over {LONGEST_WINDOW} days."
NO_REACH = "LinkedIn reported no reach for these days, so nothing can be said about the audience."
NO_POOL = "Nearly every impression reached a new person: how large the audience is cannot be known yet."

SCHEMA = {
    "account_id": pl.Int64,
    "level": pl.String,
    "entity_id": pl.Int64,
    "window_start": pl.Date,
    "window_end": pl.Date,
    "days": pl.Int64,
    "impressions": pl.Int64,
    "approximate_member_reach": pl.Int64,
    "audience_penetration": pl.Float64,
    "frequency": pl.Float64,
    "cost_per_1000_reached": pl.Float64,
    "new_per_1000": pl.Float64,
    "pool": pl.Float64,
    "pool_low": pl.Float64,
    "pool_high": pl.Float64,
    "next_per_1000_low": pl.Float64,
    "next_per_1000_high": pl.Float64,
}
"""The columns of `saturation_table`."""


@dataclass(frozen=True)
class Window:
    """The days of one window that ends with the others, and what LinkedIn said of them.

    Attributes:
        days: its length.
        impressions: times an ad was shown; None where unknown.
        reach: different people, approximate; None where unknown.
        cost: spend in the account's currency; None where unknown.
    """

    days: int
    impressions: int | None
    reach: int | None
    cost: Decimal | float | None

    @property
    def frequency(self) -> float | None:
        """Impressions per person; None without reach."""
        return self.impressions / self.reach if self.impressions is not None and self.reach else None

    @property
    def cost_per_1000_reached(self) -> float | None:
        """Spend per 1,000 different people; None without reach or spend."""
        return 1000 * float(self.cost) / self.reach if self.cost is not None and self.reach else None


@dataclass(frozen=True)
class Marginal:
    """New people per 1,000 further impressions, between a window and the next longer one."""

    first_days: int
    last_days: int
    new_per_1000: float


@dataclass(frozen=True)
class Pool:
    """The people who can be reached as one evenness of delivery would have it; all None where they cannot be known.

    Attributes:
        pool: people.
        penetration: the share of them that was reached, 0 to 1.
        next_per_1000: new people among the next 1,000 impressions.
    """

    pool: float | None = None
    penetration: float | None = None
    next_per_1000: float | None = None


@dataclass(frozen=True)
class Saturation:
    """The windows of one entity, shortest first; between them; and the pool by the model and at its two ends."""

    windows: tuple[Window, ...]
    marginal: tuple[Marginal, ...]
    model: Pool
    range: tuple[Pool, Pool]


def saturation(windows: Iterable[Window]) -> Saturation:
    """Frequency, new people between windows, and the pool, of windows that end on the same day.

    Args:
        windows: at most one of each length, in any order.
    """
    ordered = tuple(sorted(windows, key=lambda window: window.days))
    known = [window for window in ordered if window.impressions is not None and window.reach is not None]
    longest = known[-1] if known else Window(0, None, None, None)
    uneven, even = (pool(longest.impressions, longest.reach, evenness) for evenness in EVENNESS)
    return Saturation(ordered, tuple(_marginals(known)), pool(longest.impressions, longest.reach), (uneven, even))


def pool(impressions: int | None, reach: int | None, evenness: float = 1.0) -> Pool:
    """The pool A that solves R = A(1 − (1 + I/(Ak))⁻ᵏ) with k = `evenness`; empty where I ≤ R or R is 0."""
    if not impressions or not reach or impressions <= reach:
        return Pool()
    low, high = float(reach), 2.0 * reach
    while _reached(high, impressions, evenness) < reach:
        low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _reached(middle, impressions, evenness) < reach else (low, middle)
    size = (low + high) / 2
    return Pool(size, reach / size, 1000 * _new_share(size, impressions, evenness))


def saturation_table(reach_windows: pl.DataFrame) -> pl.DataFrame:
    """One row per entity and window that ends with its newest one, shortest first, with observed and modelled figures.

    Args:
        reach_windows: account_id, level, entity_id, window_start, window_end (both inclusive), impressions,
            cost_in_local_currency, approximate_member_reach, audience_penetration.

    Returns:
        `SCHEMA`: frequency (impressions a person), cost_per_1000_reached (account currency), new_per_1000 (people per
        1,000 further impressions since the next shorter window; null for the shortest), and on the longest known window
        the pool (people) with its range and the range of new people among the next 1,000 impressions.
    """
    if reach_windows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    made = [line for rows in _by_entity(reach_windows).values() for line in _lines(rows)]
    return pl.DataFrame(made, schema=SCHEMA)


def saturations(reach_windows: pl.DataFrame) -> dict[tuple[int, str, int], Saturation]:
    """By account, level and entity, the windows that end with the newest one; in order.

    Args:
        reach_windows: as for `saturation_table`.
    """
    return {key: saturation(_windows(rows).values()) for key, rows in _by_entity(reach_windows).items()}


def _by_entity(reach_windows: pl.DataFrame) -> dict[tuple[int, str, int], list[Mapping[str, Any]]]:
    rows: dict[tuple[int, str, int], list[Mapping[str, Any]]] = {}
    for row in reach_windows.iter_rows(named=True):
        rows.setdefault((row["account_id"], row["level"], row["entity_id"]), []).append(row)
    return {key: rows[key] for key in sorted(rows)}


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """The rows of the windows that end with the newest one, by their length in days."""
    newest: date = max(row["window_end"] for row in rows)
    return {_days(row): row for row in rows if row["window_end"] == newest}


def _windows(rows: Sequence[Mapping[str, Any]]) -> dict[int, Window]:
    return {
        days: Window(days, row["impressions"], row["approximate_member_reach"], row["cost_in_local_currency"])
        for days, row in _together(rows).items()
    }


def saturation_sentences(found: Saturation) -> str:
    """What was observed, then what the model allows, then what is not known; plain text."""
    if any(window.days > LONGEST_WINDOW for window in found.windows):
        return TOO_LONG
    read = [window for window in found.windows if window.frequency is not None]
    if not read:
        return NO_REACH
    last = found.marginal[0].last_days if found.marginal else read[-1].days
    shown = next((window for window in read if window.days == last), read[-1])
    seen = f"Each person saw the ads {formatting.number(shown.frequency, 1)} times in {shown.days} days."
    return " ".join([seen, *_new_people(found)])


def _new_people(found: Saturation) -> list[str]:
    said = []
    if found.marginal:
        step = found.marginal[0]
        new = formatting.number(max(0.0, step.new_per_1000))
        said.append(
            f"Of 1,000 impressions {new} reached a new person between day {step.first_days + 1} and {step.last_days}"
        )
    ends = [end.next_per_1000 for end in found.range if end.next_per_1000 is not None]
    if not ends:
        return [*(f"{sentence}." for sentence in said), NO_POOL]
    low, high = formatting.number(min(ends)), formatting.number(max(ends))
    amount = low if low == high else f"between {low} and {high}"
    return [
        f"{said[0]}; the next 1,000 will reach {amount}."
        if said
        else f"The next 1,000 impressions will reach {amount} new people."
    ]


def _reached(size: float, impressions: int, evenness: float) -> float:
    if math.isinf(evenness):
        return -size * math.expm1(-impressions / size)
    return -size * math.expm1(-evenness * math.log1p(impressions / (size * evenness)))


def _new_share(size: float, impressions: int, evenness: float) -> float:
    if math.isinf(evenness):
        return math.exp(-impressions / size)
    return float((1 + impressions / (size * evenness)) ** (-evenness - 1))


def _marginals(known: Sequence[Window]) -> list[Marginal]:
    found = []
    for shorter, longer in pairwise(known):
        people = (longer.reach or 0) - (shorter.reach or 0)
        shown = (longer.impressions or 0) - (shorter.impressions or 0)
        if shown > 0:
            found.append(Marginal(shorter.days, longer.days, 1000 * people / shown))
    return found


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    together = _together(rows)
    found = saturation(_windows(rows).values())
    modelled = [window.days for window in found.windows if window.impressions is not None and window.reach is not None]
    since = {step.last_days: step.new_per_1000 for step in found.marginal}
    return [
        {
            **{name: together[window.days][name] for name in SCHEMA if name in together[window.days]},
            "days": window.days,
            "frequency": window.frequency,
            "cost_per_1000_reached": window.cost_per_1000_reached,
            "new_per_1000": since.get(window.days),
            **(_modelled(found) if modelled and window.days == modelled[-1] else {}),
        }
        for window in found.windows
    ]


def _modelled(found: Saturation) -> dict[str, float | None]:
    uneven, even = found.range
    return {
        "pool": found.model.pool,
        "pool_low": even.pool,
        "pool_high": uneven.pool,
        "next_per_1000_low": even.next_per_1000,
        "next_per_1000_high": uneven.next_per_1000,
    }


def _days(row: Mapping[str, Any]) -> int:
    first, last = row["window_start"], row["window_end"]
    return int((last - first).days) + 1
