"""How a campaign's figures spread over the values of a demographic pivot: the rules of every world.

LinkedIn keeps at most 100 values per creative and day, drops values with fewer than three events, is a day late and
remembers two years. Source: LinkedIn docs "Ads reporting", "Restrictions".
"""

from __future__ import annotations

import zlib
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from workbench.sandbox.world.currencies import whole
from workbench.sandbox.world.model import MetricsRow, Slice

MINIMUM_EVENTS = 3
TOP_VALUES = 100
LAG_DAYS = 2
"""The newest day with demographics: a day is complete 24 hours after it closed."""
HORIZON = timedelta(days=730)

_ALL = 100 * 1_000_000
"""Shares are per million, responses in percent."""
_SHOWN = ("impressions", "sends", "opens", "cost_in_local_currency", "cost_in_usd")
"""Of these every value has its share; of the others more or less, by how it responds."""
_MONEY = ("cost_in_local_currency", "conversion_value_in_local_currency")
_NESTED = (("one_click_leads", "one_click_lead_form_opens"), ("one_click_lead_form_opens", "clicks"))
"""(what happens only after the other, the other), so that no value has leads without clicks."""


def known_window(first: date, last: date, today: date) -> tuple[date, date]:
    """The part of a window for which demographics exist; may be empty (first after last)."""
    return max(first, today - HORIZON), min(last, today - timedelta(days=LAG_DAYS))


@lru_cache(maxsize=1_024)
def portions(row: MetricsRow, slices: tuple[Slice, ...], seed: int, whole_money: bool) -> list[MetricsRow]:
    """The parts of a campaign's figures that fall on each value, in their order.

    Together they have at most what the campaign has, figure by figure: they are drawn as parts of it.

    Args:
        seed: decides to which values events go that cannot be divided.
    """
    weights = {name: [one.share * 100 for one in slices] for name in _SHOWN}
    weights["one_click_leads"] = [one.share * one.lead_response for one in slices]
    responding = [one.share * one.response for one in slices]

    def draw(name: str, figure: int) -> list[int]:
        return _divided(figure, weights.get(name, responding), zlib.crc32(f"{seed}:{name}".encode()))

    parts = {name: draw(name, figure) for name, figure in row._asdict().items()}
    for inner, outer in _NESTED:
        more = getattr(row, outer) - getattr(row, inner)
        if more >= 0:
            parts[outer] = _sums(parts[inner], draw(outer, more))
    parts["landing_page_clicks"] = list(map(min, parts["landing_page_clicks"], parts["clicks"]))
    parts["external_website_conversions"] = _sums(
        parts["external_website_post_click_conversions"], parts["external_website_post_view_conversions"]
    )
    for name in _MONEY:
        parts[name] = [whole(amount, whole_money) for amount in parts[name]]
    return [MetricsRow._make(figures) for figures in zip(*parts.values(), strict=True)]


def _divided(figure: int, weights: list[int], offset: int) -> list[int]:
    """`figure` divided by weights (systematic sampling).

    Each part is its exact share rounded up or down, and over all offsets it is that share on average.

    Args:
        offset: below 2³²; which of the parts are rounded up.
    """
    if not figure:
        return [0] * len(weights)
    everything = max(sum(weights), _ALL)
    reached = offset * everything >> 32
    ends = [reached := reached + figure * weight for weight in (0, *weights)]
    return [end // everything - begin // everything for begin, end in pairwise(ends)]


def _sums(one: list[int], other: list[int]) -> list[int]:
    return [left + right for left, right in zip(one, other, strict=True)]
