"""Numbers as the sentences of answers write them: percents, money, ranges, chances, short dates. Pure.

Tables use `workbench.formats`; a sentence rounds more. A number that rounds to nothing has no sign.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date

from workbench.analytics import formatting

WHOLE_MONEY_FROM = 10
"""A sentence whose largest amount reaches this writes all its amounts without decimals."""


def probability(share: float) -> str:
    """`39 %`, `under 1 %`, `over 99 %`; whole percents."""
    points = round(share * 100)
    if share < 0.01 or points < 1:
        return "under 1 %"
    return "over 99 %" if share > 0.99 or points > 99 else f"{points} %"


def one_in(share: float) -> str:
    """`1 in 140`: a small probability in two significant digits."""
    return f"1 in {about(1 / share, digits=2)}" if share > 0 else "under 1 in 1,000,000"


def percent(share: float, decimals: int = 0) -> str:
    """`53 %`, `−5 %`; a share of 1 is 100 %."""
    return _signed(share * 100, decimals, plus=False) + " %"


def change(share: float) -> str:
    """`+29 %`, `−23 %`, `0 %`."""
    return _signed(share * 100, 0, plus=True) + " %"


def percent_range(low: float, high: float, decimals: int = 0) -> str:
    """`35–66 %`; `−2 to 5 %` where an end is negative."""
    ends = [_signed(end * 100, decimals, plus=False) for end in (low, high)]
    return _between(*ends) + " %"


def rate(share: float) -> str:
    """A rate such as a CTR, with two decimals, or three below 0.1 %: `0.61 %`, `0.052 %`."""
    return percent(share, rate_decimals(share))


def rate_range(low: float, high: float, like: float) -> str:
    """`0.52–0.71 %`, with as many decimals as `rate(like)`."""
    return percent_range(low, high, rate_decimals(like))


def rate_decimals(share: float) -> int:
    """Decimals of a rate in percent."""
    return 2 if abs(share) >= 0.001 or share == 0 else 3


def factor(value: float) -> str:
    """`1.8`; two decimals below 1: `0.23`."""
    return f"{value:.2f}" if value < 1 else f"{value:.1f}"


def factor_range(low: float, high: float) -> str:
    """`1.8–4.0`, `0.11–0.43`; both ends with as many decimals as the lower one has."""
    decimals = 2 if low < 1 else 1
    return f"{low:.{decimals}f}–{high:.{decimals}f}"


def money(amount: formatting.Number, currency: str | None, *, like: formatting.Number | None = None) -> str:
    """`€148`, `−€212`, `€4.32`.

    Args:
        like: the largest amount of the sentence; all its amounts have as many decimals as that one.
    """
    return formatting.money(amount, currency, decimals=_money_decimals(amount if like is None else like, currency))


def signed_money(amount: formatting.Number, currency: str | None, *, like: formatting.Number | None = None) -> str:
    """`+€13`, `−€50`, `€0`."""
    text = money(amount, currency, like=like)
    nothing = not any(digit in "123456789" for digit in text)
    return text if nothing or text.startswith("−") else f"+{text}"


def money_range(low: formatting.Number, high: formatting.Number, currency: str | None) -> str:
    """`€2,924–3,022`, or one amount where both ends read the same; `−€50 to €95` where an end is negative."""
    ends = [money(end, currency, like=max(abs(float(low)), abs(float(high)))) for end in (low, high)]
    if ends[0] == ends[1]:
        return ends[0]
    if low < 0:
        return " to ".join(ends)
    return f"{ends[0]}–{re.sub(r'^[^0-9]+', '', ends[1])}"


def about(value: float, *, digits: int = 3) -> str:
    """A whole number rounded to `digits` significant digits, with thousands: `168,000`."""
    if value == 0:
        return "0"
    size = 10.0 ** max(0, math.floor(math.log10(abs(value))) + 1 - digits)
    return f"{round(value / size) * size:,.0f}".replace("-", "−")


def about_money(amount: float, currency: str | None) -> str:
    """An amount rounded to three significant digits: `€8,150`."""
    size = 10.0 ** max(0, math.floor(math.log10(abs(amount))) - 2) if amount else 1.0
    return money(round(amount / size) * size if size > 1 else amount, currency)


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """`1 day`, `9 days`, `2,000 results`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def day(moment: date) -> str:
    """`16 Nov`."""
    return formatting.day(moment).rsplit(" ", 1)[0]


def days(first: date, last: date) -> str:
    """`3–9 Nov`, `28 Oct – 3 Nov`; with years where the two differ."""
    text = formatting.days(first, last)
    return text if first.year != last.year else text.rsplit(" ", 1)[0]


def _money_decimals(amount: formatting.Number, currency: str | None) -> int:
    return 0 if abs(float(amount)) >= WHOLE_MONEY_FROM else formatting.currency_decimals(currency)


def _signed(value: float, decimals: int, *, plus: bool) -> str:
    text = f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):
        return text
    return f"−{text}" if value < 0 else f"+{text}" if plus else text


def _between(low: str, high: str) -> str:
    if low == high:
        return low
    return f"{low} to {high}" if "−" in low + high else f"{low}–{high}"
