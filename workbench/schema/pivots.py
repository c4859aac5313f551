"""Every demographic pivot once, in the order in which a sync asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pivot:
    """A property by which LinkedIn divides an audience.

    Attributes:
        name: LinkedIn's.
        label: its name for people.
        place: where it stands in a menu; people ask for some more often than for others.
        most_segments: how many segments there can be, where that is known. An answer of this length is whole.
    """

    name: str
    label: str
    place: int
    most_segments: int | None = None


PIVOTS: Sequence[Pivot] = (
    Pivot("MEMBER_JOB_TITLE", "Job title", 3),
    Pivot("MEMBER_JOB_FUNCTION", "Job function", 1),
    Pivot("MEMBER_INDUSTRY", "Industry", 4),
    Pivot("MEMBER_SENIORITY", "Seniority", 2, most_segments=10),
    Pivot("MEMBER_COMPANY_SIZE", "Company size", 5, most_segments=9),
    Pivot("MEMBER_COUNTRY_V2", "Country", 7),
    Pivot("MEMBER_COMPANY", "Company", 6),
    Pivot("MEMBER_REGION_V2", "Region", 8),
)
BY_NAME: Mapping[str, Pivot] = {pivot.name: pivot for pivot in PIVOTS}
ASKED = tuple(BY_NAME)
"""The pivots in the order of a snapshot's parts."""
SHOWN = tuple(pivot.name for pivot in sorted(PIVOTS, key=lambda pivot: pivot.place))
"""The pivots in the order in which people ask for them."""
