"""How days of campaigns are divided further: by serving location, and by conversion rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from workbench.linkedin import ad_analytics
from workbench.linkedin.ad_analytics_models import CONVERSION_METRICS, PLACEMENT_METRICS
from workbench.linkedin.kinds import Kind
from workbench.linkedin.validation import Page
from workbench.schema.metric_groups import CONVERSION_FIELDS, CORE_GROUPS
from workbench.schema.resources import CONVERSION_DAYS, PLACEMENT_DAYS

PLACES = 2
"""Serving locations that a campaign can have a day: on LinkedIn and off it."""
Finder = Callable[..., Awaitable[Page]]
"""A finder of figures, called with a window, metrics and campaigns."""


class DividedDays(NamedTuple):
    """How days of campaigns are divided further.

    Attributes:
        rows: rows that a campaign can have a day; where it has more, the answer that is cut is asked for in halves.
    """

    finder: Finder
    kind: Kind[Any]
    groups: Sequence[Sequence[str]]
    rows: int


DIVIDED: Mapping[str, DividedDays] = {
    PLACEMENT_DAYS: DividedDays(ad_analytics.placements, PLACEMENT_METRICS, CORE_GROUPS, PLACES),
    CONVERSION_DAYS: DividedDays(ad_analytics.conversion_days, CONVERSION_METRICS, (CONVERSION_FIELDS,), 1),
}
