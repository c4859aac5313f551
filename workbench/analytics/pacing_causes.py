"""Why a level falls behind its budget: which ad sets with a daily budget do not spend it, and for what reason."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from workbench.analytics import wording
from workbench.analytics.pacing import ENOUGH_DAYS

SPENDS_LESS = 0.8
"""A running ad set whose forecast is below this part of its daily budget spends less than it may."""
RUNNABLE = "RUNNABLE"
PACING_CAUSES: Mapping[str, pl.DataType] = {
    "id": pl.Int64(),
    "why": pl.String(),
    "gap": pl.Float64(),
    "reasons": pl.List(pl.String()),
}
REASONS = ("not_active", "held", "stopped", "new", "spends_less")


@dataclass(frozen=True)
class CampaignPace:
    """One ad set; money in the account's currency.

    Attributes:
        daily_budget: None where it has none; it then causes nothing.
        daily_rate: forecast of a day; None where there is none.
        serving: LinkedIn's serving statuses.
        known_days: of its history.
        stopped: whether its last 3 known days spent nothing.
    """

    id: int
    daily_budget: float | None
    daily_rate: float | None
    status: str | None = "ACTIVE"
    serving: tuple[str, ...] = (RUNNABLE,)
    known_days: int = ENOUGH_DAYS
    stopped: bool = False


@dataclass(frozen=True)
class Cause:
    """What one ad set leaves unspent.

    Attributes:
        why: one of `REASONS`.
        gap: in the account's currency, over the days left.
        reasons: LinkedIn's serving statuses other than RUNNABLE.
        share: the part of its daily budget that it is forecast to spend, 0 to 1.
    """

    id: int
    why: str
    gap: float
    reasons: tuple[str, ...]
    share: float = 0.0


def causes(campaigns: Iterable[CampaignPace], days_left: int) -> list[Cause]:
    """The ad sets that leave budget unspent in the days left, most money first."""
    found = [cause for campaign in campaigns if (cause := _cause(campaign, days_left)) is not None]
    return sorted(found, key=lambda cause: (-cause.gap, cause.id))


def causes_frame(found: Iterable[Cause]) -> pl.DataFrame:
    """`PACING_CAUSES`, one row per cause in the order given; gap in the account's currency."""
    rows = [{"id": one.id, "why": one.why, "gap": one.gap, "reasons": list(one.reasons)} for one in found]
    return pl.DataFrame(rows, schema=dict(PACING_CAUSES))


def named(found: Iterable[Cause], gap: float) -> list[Cause]:
    """The causes that a sentence names: in order, while their sum does not pass the gap of the whole level."""
    kept, total = [], 0.0
    for cause in found:
        total += cause.gap
        if total > gap:
            break
        kept.append(cause)
    return kept


def _cause(campaign: CampaignPace, days_left: int) -> Cause | None:
    if campaign.daily_budget is None:
        return None
    why = _why(campaign)
    if why is None:
        return None
    idle = why in ("not_active", "held", "stopped")
    rate = 0.0 if idle or campaign.daily_rate is None else campaign.daily_rate
    gap = (campaign.daily_budget - rate) * days_left
    reasons = tuple(status for status in campaign.serving if status != RUNNABLE)
    return Cause(campaign.id, why, gap, reasons, rate / campaign.daily_budget) if gap > 0 else None


def _why(campaign: CampaignPace) -> str | None:
    """The first reason that holds."""
    if campaign.status != "ACTIVE":
        return "not_active"
    if any(status != RUNNABLE for status in campaign.serving):
        return "held"
    if campaign.stopped:
        return "stopped"
    if campaign.known_days < ENOUGH_DAYS:
        return "new"
    rate, budget = campaign.daily_rate or 0.0, campaign.daily_budget or 0.0
    return "spends_less" if rate < SPENDS_LESS * budget else None


def sentence(found: Iterable[Cause], gap: float, currency: str | None) -> str:
    """`Behind because 2 ad sets are held back (€720) and 1 spends a quarter of its budget (€342).`, or "".

    Args:
        found: as `causes` returns them.
        gap: what the level is forecast to leave unspent, in the account's currency; causes past it are not named.
    """
    groups: dict[str, list[Cause]] = {}
    for cause in named(found, gap):
        groups.setdefault(cause.why, []).append(cause)
    if not groups:
        return ""
    largest = max(math.fsum(one.gap for one in some) for some in groups.values())
    parts: list[str] = []
    for why, some in groups.items():
        amount = wording.money(math.fsum(one.gap for one in some), currency, like=largest)
        noun = ("ad set " if len(some) == 1 else "ad sets ") if not parts else ""
        parts.append(f"{len(some)} {noun}{_verb(why, some)} ({amount})")
    return f"Behind because {wording.listed(parts)}."


def _verb(why: str, some: list[Cause]) -> str:
    one = len(some) == 1
    if why == "spends_less":
        return f"spends {_part(some[0].share)} of its budget" if one else "spend less than their budgets"
    words = {
        "not_active": ("is not active", "are not active"),
        "held": ("is held back", "are held back"),
        "stopped": ("stopped spending", "stopped spending"),
        "new": ("is new", "are new"),
    }
    return words[why][0 if one else 1]


def _part(share: float) -> str:
    """A share in words, rounded to quarters, thirds and halves."""
    parts = {0.25: "a quarter", 1 / 3: "a third", 0.5: "half", 2 / 3: "two thirds", 0.75: "three quarters"}
    nearest = min(parts, key=lambda part: (abs(part - share), part))
    return parts[nearest] if abs(nearest - share) <= 0.04 else wording.percent(share)
