"""How a campaign's figures spread over the values of a demographic pivot: the rules of every world.

LinkedIn keeps at most 100 values per creative and day, drops values with fewer than three events, is a day late and
remembers two years. Source: LinkedIn docs "Ads reporting", "Restrictions".
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from workbench.sandbox.world.currencies import whole
from workbench.sandbox.world.model import MetricsRow, Slice

MINIMUM_EVENTS = 3
TOP_VALUES = 100
LAG_DAYS = 2
"""The newest day with demographics: a day is complete 24 hours after it closed."""
HORIZON = timedelta(days=730)

_MILLION = 1_000_000


def known_window(first: date, last: date, today: date) -> tuple[date, date]:
    """The part of a window for which demographics exist; may be empty (first after last)."""
    return max(first, today - HORIZON), min(last, today - timedelta(days=LAG_DAYS))


@lru_cache(maxsize=8_192)
def portion(row: MetricsRow, part: Slice, whole_money: bool) -> MetricsRow:
    """The part of a campaign's figures that falls on one value: rounded one by one, so parts do not add up."""
    seen = _times(row, part.share, _MILLION, part.chance)  # shown and paid for, whatever the response
    acted = _times(row, part.share * part.response, _MILLION * 100, part.chance)
    leads = acted
    if part.lead_response != part.response:
        leads = _times(row, part.share * part.lead_response, _MILLION * 100, part.chance)
    cost = seen.cost_in_local_currency
    return acted._replace(
        impressions=seen.impressions,
        cost_in_local_currency=whole(cost, whole_money),
        cost_in_usd=seen.cost_in_usd,
        one_click_leads=leads.one_click_leads,
        one_click_lead_form_opens=leads.one_click_lead_form_opens,
        sends=seen.sends,
    )


def _times(row: MetricsRow, part: int, denominator: int, chance: int) -> MetricsRow:
    if not chance:
        return row.times(part, denominator)
    up = denominator // _MILLION * chance
    return MetricsRow._make([(figure * part + up) // denominator for figure in row])
