"""How many different members saw an ad so and so often: figures that do not add up.

Rules of every world: the same for an account, a campaign group, a campaign or a creative with as many impressions.
"""

from __future__ import annotations

AUDIENCE = 250_000
"""Members in every target audience."""
PARTS = 1_000_000
"""Shares are counted in millionths."""


def reach(impressions: int) -> int:
    """Different members, approximately."""
    return int(impressions**0.93)


def penetration(impressions: int) -> int:
    """The share of the audience that was reached, in millionths, rounded down."""
    return min(reach(impressions) * PARTS // AUDIENCE, PARTS)


def dwell_time(impressions: int) -> int:
    """Seconds for which an ad was looked at, on average."""
    return 3 + impressions % 4 if impressions else 0


def watch_time(impressions: int) -> int:
    """Seconds for which a video was watched, on average."""
    return 5 + impressions % 7 if impressions else 0


def qualified_leads(leads: int) -> int:
    """How many of the leads count as qualified."""
    return leads // 3
