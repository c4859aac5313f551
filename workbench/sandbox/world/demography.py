"""Who saw a campaign: how its figures spread over the values of a demographic pivot.

LinkedIn keeps at most 100 values per creative and day, drops values with fewer than three events, is a day late and
remembers two years. Source: LinkedIn docs "Ads reporting", "Restrictions".
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import lru_cache

from workbench.sandbox.world.model import UNITS, MetricsRow
from workbench.sandbox.world.names import SEGMENTS

MINIMUM_EVENTS = 3
TOP_VALUES = 100
LAG_DAYS = 2
"""The newest day with demographics: a day is complete 24 hours after it closed."""
HORIZON = timedelta(days=730)

_WIDEST = 180
_MILLION = 1_000_000


def known_window(first: date, last: date, today: date) -> tuple[date, date]:
    """The part of a window for which demographics exist; may be empty (first after last)."""
    return max(first, today - HORIZON), min(last, today - timedelta(days=LAG_DAYS))


@lru_cache(maxsize=2_048)
def audience(seed: int, campaign_id: int, pivot: str) -> tuple[tuple[str, int, int], ...]:
    """The values a campaign reaches: (value, share of impressions per million, response in percent of average).

    Largest first, at most 100: as every creative of a campaign has the same audience every day, the top 100 of each
    creative and day are these. For `MEMBER_COMPANY` the shares kept add up to well under a million.
    """
    rng = random.Random(f"{seed}:{campaign_id}:{pivot}")
    values = SEGMENTS[pivot]
    reached = rng.sample(values, min(len(values), _WIDEST))
    draw = rng.random
    weights = [(0.6 + 0.8 * draw()) / (rank + 2) for rank in range(len(reached))]
    scale = _MILLION / sum(weights)
    spread = [
        (value, int(weight * scale), 50 + int(100 * draw())) for value, weight in zip(reached, weights, strict=True)
    ]
    return tuple(sorted(spread, key=lambda entry: (-entry[1], entry[0]))[:TOP_VALUES])


def portion(row: MetricsRow, share: int, response: int, whole_money: bool) -> MetricsRow:
    """The part of a campaign's figures that falls on one value: all rounded down, so parts do not add up."""
    seen = row.times(share, _MILLION)  # what is shown and what it costs does not depend on the response
    cost = seen.cost_in_local_currency
    return row.times(share * response, _MILLION * 100)._replace(
        impressions=seen.impressions,
        cost_in_local_currency=cost - cost % UNITS if whole_money else cost,
        cost_in_usd=seen.cost_in_usd,
        sends=seen.sends,
    )
