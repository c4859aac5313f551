"""When conversions and leads become visible: each has a delay of its own.

Only the 30-day window is LinkedIn's (Help a426359). The rest is our design: the delay after the click is roughly
geometric with a median of four days, and leads are there at once, of which 2 % are removed later.
"""

from __future__ import annotations

from itertools import pairwise

from workbench.sandbox.world.believable import noise
from workbench.sandbox.world.currencies import whole
from workbench.sandbox.world.figures import partial
from workbench.sandbox.world.model import MetricsRow

WINDOW = 30
USUAL = ((0, 0.12), (1, 0.35), (7, 0.71), (14, 0.90), (WINDOW, 1.0))
"""(days later, share of conversions that is visible); straight lines between."""
SLOW = ((0, 0.05), (1, 0.14), (5, 0.32), (7, 0.62), (10, 0.93), (14, 0.98), (WINDOW, 1.0))
"""Buyers who decide in a committee: most conversions come in the second week."""
_REMOVED = 0.02
_REMOVED_AFTER = 3
_BY_VIEW, _LEAD = 1_000, 2_000

Curve = tuple[tuple[int, float], ...]


def visible_share(curve: Curve, age: int) -> float:
    """The share of a day's conversions that is visible `age` days later."""
    for (early, low), (late, high) in pairwise(curve):
        if age < late:
            return low + (high - low) * (age - early) / (late - early)
    return 1.0


def visible(row: MetricsRow, seed: int, day: int, age: int, curve: Curve, whole_money: bool) -> MetricsRow:
    """What of a settled day is visible `age` days later; of today it is half."""
    if age == 0:
        row = _half(row, seed, day, whole_money)
    if row.one_click_leads and age > _REMOVED_AFTER:
        row = row._replace(one_click_leads=_left(row.one_click_leads, seed, day, 1 - _REMOVED))
    if row.external_website_conversions and age < WINDOW:
        row = _arrived(row, seed, day, visible_share(curve, age), whole_money)
    return row


def _half(row: MetricsRow, seed: int, day: int, whole_money: bool) -> MetricsRow:
    """Half of a day. Leads and conversions are single events: each is in it or not."""
    half = partial(row, whole_money)
    leads = min(half.one_click_lead_form_opens, _left(row.one_click_leads, seed, day, 0.5))
    return half._replace(
        one_click_leads=leads,
        external_website_conversions=row.external_website_conversions,
        external_website_post_click_conversions=row.external_website_post_click_conversions,
        external_website_post_view_conversions=row.external_website_post_view_conversions,
        conversion_value_in_local_currency=row.conversion_value_in_local_currency,
    )


def _arrived(row: MetricsRow, seed: int, day: int, share: float, whole_money: bool) -> MetricsRow:
    by_click = sum(
        noise.unit(seed, day, number) < share for number in range(row.external_website_post_click_conversions)
    )
    by_view = sum(
        noise.unit(seed, day, _BY_VIEW + number) < share for number in range(row.external_website_post_view_conversions)
    )
    value = row.conversion_value_in_local_currency * (by_click + by_view) // row.external_website_conversions
    return row._replace(
        external_website_conversions=by_click + by_view,
        external_website_post_click_conversions=by_click,
        external_website_post_view_conversions=by_view,
        conversion_value_in_local_currency=whole(value, whole_money),
    )


def _left(leads: int, seed: int, day: int, share: float) -> int:
    return sum(noise.unit(seed, day, _LEAD + number) < share for number in range(leads))
