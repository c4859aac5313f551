"""Compute how long LinkedIn still answers an API version, from a table of published dates. No network.

LinkedIn publishes a version a month and supports each for at least a year. No header announces its end: after it,
every request is refused with 426.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

WARN_DAYS = 60

SUNSETS: dict[str, date] = {
    "202508": date(2026, 8, 17),
    "202509": date(2026, 9, 15),
    "202510": date(2026, 10, 15),
    "202511": date(2026, 11, 16),
    "202601": date(2027, 1, 15),
    "202602": date(2027, 2, 15),
    "202603": date(2027, 3, 16),
    "202604": date(2027, 4, 15),
    "202605": date(2027, 5, 15),
    "202606": date(2027, 6, 15),
    "202607": date(2027, 7, 15),
}
"""The last day of each version. There is no 202512.

Source: Microsoft Learn, LinkedIn Marketing API, "Versioning" and "Migrations", read in November 2026.
"""

Standing = Literal["supported", "ending", "gone", "unknown"]


@dataclass(frozen=True)
class Countdown:
    """The time left of an API version.

    Attributes:
        version: `YYYYMM`, as in the header `LinkedIn-Version`.
        sunset: its last day, or None if LinkedIn never published such a version as far as we know.
        published: whether LinkedIn named that day; if not, it is a year after the version's month.
        days_left: whole days until then, never below 0.
        standing: `ending` from 60 days before the end, `gone` after it.
    """

    version: str
    sunset: date | None
    published: bool
    days_left: int | None
    standing: Standing

    def as_dict(self) -> dict[str, Any]:
        """The countdown as JSON."""
        return {
            "version": self.version,
            "sunset": self.sunset.isoformat() if self.sunset else None,
            "published": self.published,
            "days_left": self.days_left,
            "standing": self.standing,
        }


def countdown(version: str, today: date) -> Countdown:
    """The time left of an API version on a UTC day."""
    sunset = SUNSETS.get(version) or _expected(version, today)
    if sunset is None:
        return Countdown(version, None, published=False, days_left=None, standing="unknown")
    days = max((sunset - today).days, 0)
    standing: Standing = "gone" if today > sunset else "ending" if days <= WARN_DAYS else "supported"
    return Countdown(version, sunset, published=version in SUNSETS, days_left=days, standing=standing)


def _expected(version: str, today: date) -> date | None:
    """The middle of the month a year later; None for a month that is not over, or that had no version."""
    year, month = int(version[:4]), int(version[4:])
    if version > f"{today:%Y%m}" or min(SUNSETS) < version < max(SUNSETS):
        return None
    return date(year + 1, month, 15)
