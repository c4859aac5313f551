"""How an ad set delivers: its budget, prices and rates, day by day, and the ads among which they are divided."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.sandbox.world.believable import conversions
from workbench.sandbox.world.believable.fatigue import REST
from workbench.sandbox.world.believable.levels import Kind, Region


@dataclass(kw_only=True)
class AdPlan:
    """One ad. Days are proleptic ordinals.

    Attributes:
        weight: its part of the ad set's delivery, against the others that run on the same day.
        quality: its CTR against the ad set's.
        pressure, rest: how it tires (`fatigue.freshness`).
    """

    id: int
    seed: int
    first: int
    last: int
    weight: float
    quality: float
    pressure: float
    rest: float = REST


@dataclass(frozen=True)
class Step:
    """From a day on, figures are these times what they were."""

    day: int
    budget: float = 1.0
    cpm: float = 1.0
    ctr: float = 1.0
    completion: float = 1.0


@dataclass(kw_only=True)
class AdSetPlan:
    """One ad set. Money is counted in units of 10⁻⁵ of its currency.

    Attributes:
        budget: what may be spent a day, before any step.
        demand: what it would spend a day, against its budget.
        steady: it spends its whole budget every day, weekends too.
        dollar: units of its currency that make a US dollar.
        off_site: the part of it that LinkedIn shows elsewhere (Audience Network).
        network_from: the day from which the Audience Network takes over, if any.
        curve: when its conversions become visible.
    """

    seed: int
    region_name: str
    region: Region
    kind: Kind
    first: int
    last: int
    budget: int
    dollar: int
    usd_per_million: int
    whole_money: bool
    demand: float = 0.97
    steady: bool = False
    completion: float = 1.0
    off_site: float = 0.0
    network_from: int | None = None
    curve: conversions.Curve = conversions.USUAL
    steps: list[Step] = field(default_factory=list)
    ads: list[AdPlan] = field(default_factory=list)

    @property
    def message(self) -> bool:
        return self.kind.type == "SPONSORED_INMAILS"

    def at(self, day: int) -> Step:
        """All steps until `day` taken together."""
        budget = cpm = ctr = completion = 1.0
        for step in self.steps:
            if step.day <= day:
                budget, cpm = budget * step.budget, cpm * step.cpm
                ctr, completion = ctr * step.ctr, completion * step.completion
        return Step(day, budget, cpm, ctr, completion)
