"""What is fetched of an account, and how people call it."""

from __future__ import annotations

from datetime import date
from typing import Any

LABELS = {
    "campaign_groups": "Campaigns",
    "campaigns": "Ad sets",
    "creatives": "Ads",
    "campaign_daily_metrics": "Ad set days",
    "creative_daily_metrics": "Ad days",
    "audience_demographics": "Audiences",
}

CoverageRow = tuple[int, str, date | None, date | None, str]
"""Account, resource, first and last UTC day (None: all), snapshot: one row of the table `coverage`."""


def entity_id(element: Any) -> int:
    """The number at the end of an entity's `id`, which LinkedIn sends as a number or as a URN."""
    return int(str(element["id"]).rpartition(":")[2])
