"""Pacing as rows for a table, and as the sentences of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from workbench.analytics import pacing_causes, wording
from workbench.analytics.currency import one_of
from workbench.analytics.pacing import Pacing
from workbench.analytics.pacing_causes import Cause
from workbench.errors import capitalized

NO_SPEND_KNOWN = "No day of spend is known, so nothing can be said about the budget."
_NUMBERS: tuple[str, ...] = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_MONEY = pl.Decimal(38, 6)

PACING: Mapping[str, pl.DataType] = {
    "level": pl.String(),
    "id": pl.Int64(),
    "currency": pl.String(),
    "period_first": pl.Date(),
    "period_last": pl.Date(),
    "budget": _MONEY,
    "spent": _MONEY,
    "unknown_days": pl.Int64(),
    "days_left": pl.Int64(),
    "pace_index": pl.Float64(),
    "needed_daily": _MONEY,
    "forecast": _MONEY,
    "forecast_low": _MONEY,
    "forecast_high": _MONEY,
    "p_over": pl.Float64(),
    "daily_rate": pl.Float64(),
    "used_up_on": pl.Date(),
    "state": pl.String(),
}


@dataclass(frozen=True)
class PacedLevel:
    """The pacing of one level.

    Attributes:
        level: account, campaign_group or campaign.
        id: of the account, campaign group or campaign.
        currency: of all its money.
        first, last: the period.
        budget: of the period, in the account's currency, or None.
        found: what `pacing` says of it.
    """

    level: str
    id: int
    currency: str | None
    first: date
    last: date
    budget: float | None
    found: Pacing


def pacing_frame(levels: Iterable[PacedLevel]) -> pl.DataFrame:
    """`PACING`, one row per level, sorted by level and id.

    Raises:
        ValidationError: levels of two currencies.
    """
    rows = list(levels)
    one_of((row.currency for row in rows), "currency")
    made = [
        {**vars(row.found), **vars(row), "period_first": row.first, "period_last": row.last, "budget": row.budget}
        for row in rows
    ]
    floats = {name: pl.Float64() if kind == _MONEY else kind for name, kind in PACING.items()}
    frame = pl.DataFrame([{name: row[name] for name in PACING} for row in made], schema=floats)
    return frame.select(pl.col(name).cast(kind) for name, kind in PACING.items()).sort("level", "id")


def sentence(row: PacedLevel, causes: Iterable[Cause] = ()) -> str:
    """Where spend will end, what is needed and why it is behind; or why that cannot be said yet.

    Args:
        causes: of the level's ad sets, most money first.
    """
    said = [_body(row)]
    gap = _gap(row)
    if row.found.state == "forecast" and gap is not None and gap > 0:
        said.append(pacing_causes.sentence(causes, gap, row.currency))
    if row.found.level_after:
        said.append(f"The forecast starts anew after the change of {wording.day(row.found.level_after)}.")
    if row.found.unknown_days:
        known = wording.counted(row.found.unknown_days, "day")
        said.append(f"{known} {'is' if row.found.unknown_days == 1 else 'are'} unknown and not in these figures.")
    return " ".join(part for part in said if part)


def _body(row: PacedLevel) -> str:
    found = row.found
    if found.state == "not_running":
        return f"Not running: {_spent(row)} spent; nothing more will be."
    if found.state == "over":
        left = f", {wording.counted(found.days_left, 'day')} before its end" if found.days_left > 0 else ""
        return f"The budget of {_money(row, row.budget or 0.0)} is spent{left}: {_money(row, found.spent)} so far."
    if found.state == "too_little":
        return _too_little(row)
    if found.state == "stopped":
        since = f"since {wording.day(found.last_spend_day)}" if found.last_spend_day else "at all"
        return f"Nothing was spent {since}. If it stays so, {_spent(row)} will be spent."
    return " ".join(part for part in (_forecast(row), _used_up(row), _need(row)) if part)


def _forecast(row: PacedLevel) -> str:
    found = row.found
    low, high = found.forecast_low or 0.0, found.forecast_high or 0.0
    said = f"{_spent(row)} spent. By {wording.day(row.last)} it will most likely be "
    said += f"{wording.money_range(low, high, row.currency)}"
    gap = _gap(row)
    if gap is None:
        return f"{said}."
    amount = _money(row, abs(gap))
    if not any(digit in "123456789" for digit in amount):
        return f"{said}: on budget."
    return f"{said}: about {amount} {'under' if gap > 0 else 'over'}."


def _used_up(row: PacedLevel) -> str:
    day = row.found.used_up_on
    if day is None:
        return ""
    early = (row.last - day).days
    before = f", {_number(early)} {'day' if early == 1 else 'days'} early" if early else ""
    return f"The total budget will be used up around {wording.day(day)}{before}."


def _need(row: PacedLevel) -> str:
    found = row.found
    if found.needed_daily is None or found.daily_rate is None or found.daily_rate >= found.needed_daily:
        return ""
    needed = _money(row, found.needed_daily)
    return f"{needed} a day would be needed; it runs at {_money(row, found.daily_rate)}."


def _too_little(row: PacedLevel) -> str:
    found = row.found
    count = capitalized(_number(found.known_days))
    days = "day is" if found.known_days == 1 else "days are"
    said = f"{count} {days} too few to forecast from"
    if found.needed_daily is None:
        return f"{said}."
    return f"{said}; {_money(row, found.needed_daily)} a day are needed to spend the budget."


def _gap(row: PacedLevel) -> float | None:
    """What the forecast leaves of the budget; below 0 where it passes it."""
    if row.budget is None or row.found.forecast is None:
        return None
    return row.budget - row.found.forecast


def _spent(row: PacedLevel) -> str:
    spent = _money(row, row.found.spent)
    return spent if row.budget is None else f"{spent} of {_money(row, row.budget)}"


def _money(row: PacedLevel, amount: float) -> str:
    return wording.money(amount, row.currency, like=max(row.budget or 0.0, row.found.spent, abs(amount)))


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"
