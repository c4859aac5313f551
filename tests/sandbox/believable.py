"""Figures of the believable world, added up from the truth that the sandbox tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from workbench.sandbox.clock import Clock
from workbench.sandbox.expected.truth import Truth
from workbench.sandbox.world.world import World

TODAY = date(2026, 11, 22)
EMEA, AMERICAS, JAPAN = "Northwind Robotics · EMEA", "Northwind Robotics · North America", "Kestrel Software K.K."
DACH = "SC-IMG | LG | Plant managers | DACH"
UK = "SC-IMG | LG | Plant managers | UK&I"
CAPPED = "SC-DOC | LG | Quality leads | UK&I"
NETWORK = "SC-IMG | LG | Head of ops 501+ | US"
FIGURES = (
    "impressions",
    "clicks",
    "one_click_leads",
    "one_click_lead_form_opens",
    "external_website_conversions",
    "sends",
    "opens",
)


class KnownWorld:
    """A world with its truth; the same arguments give the same object, so that days are computed once."""

    def __init__(self, size: str, today: date, stories: bool, anchor: date | None) -> None:
        self.today = today
        self.world = World(
            world="believable",
            size=size,
            clock=Clock(today),
            anchor=anchor,
            stories=None if stories else frozenset(),
        )
        self.truth = Truth(self.world)
        self.accounts = {row["account_id"]: row for row in self.truth.ad_accounts()}
        self.ids = {row["name"]: key for key, row in self.accounts.items()}
        self.ad_sets = {row["campaign_id"]: row for row in self.truth.campaigns()}
        self.ads = {row["creative_id"]: row for row in self.truth.creatives()}
        self._rows: dict[tuple[int, int], list[dict[str, Any]]] = {}

    def ad_set(self, name: str) -> dict[str, Any]:
        return next(row for row in self.ad_sets.values() if row["name"] == name)

    def rows(self, first: int, last: int) -> list[dict[str, Any]]:
        """Ad sets' days from `first` to `last` days before today."""
        if (first, last) not in self._rows:
            bounds = (self.today - timedelta(days=days) for days in (first, last))
            self._rows[first, last] = self.truth.campaign_daily_metrics(*bounds)
        return self._rows[first, last]

    def sums(self, first: int, last: int, key: Callable[[dict[str, Any]], Any]) -> dict[Any, Counter[str]]:
        """Sums by `key` of a row (None: left out), money as floats."""
        found: dict[Any, Counter[str]] = {}
        for row in self.rows(first, last):
            chosen = key(row)
            if chosen is not None:
                sums = found.setdefault(chosen, Counter())
                sums.update({name: row[name] for name in FIGURES})
                sums["cost"] += float(row["cost_in_local_currency"])  # type: ignore[assignment]
                sums["usd"] += float(row["cost_in_usd"])  # type: ignore[assignment]
        return found

    def by_account(self, first: int, last: int) -> dict[str, Counter[str]]:
        return self.sums(first, last, lambda row: self.accounts[row["account_id"]]["name"])

    def total(self, first: int, last: int, names: set[str]) -> Counter[str]:
        """The sum over the ad sets with these names."""
        found = self.sums(first, last, lambda row: self.ad_sets[row["campaign_id"]]["name"] in names or None)
        return found.get(True, Counter())


@lru_cache(maxsize=8)
def known_world(
    size: str = "medium", today: date = TODAY, *, stories: bool = True, anchor: date | None = None
) -> KnownWorld:
    return KnownWorld(size, today, stories, anchor)
