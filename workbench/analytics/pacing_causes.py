"""Why a level falls behind its budget: which ad sets with a daily budget do not spend it, and for what reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.analytics.pacing import ENOUGH_DAYS

SPENDS_LESS = 0.8
"""A running ad set whose forecast is below this part of its daily budget spends less than it may."""
RUNNABLE = "RUNNABLE"
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
    """What one ad set leaves unspent: `gap` in the account's currency, `reasons` are LinkedIn's serving statuses."""

    id: int
    why: str
    gap: float
    reasons: tuple[str, ...]


def causes(campaigns: Iterable[CampaignPace], days_left: int) -> list[Cause]:
    """The ad sets that leave budget unspent in the days left, most money first."""
    found = [cause for campaign in campaigns if (cause := _cause(campaign, days_left)) is not None]
    return sorted(found, key=lambda cause: (-cause.gap, cause.id))


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
    return Cause(campaign.id, why, gap, reasons) if gap > 0 else None


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
