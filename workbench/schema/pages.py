"""Every page once, in the order of the navigation. A page is `notebooks/<name>.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Group = Literal["daily", "weekly", "monthly", "data"]


@dataclass(frozen=True)
class Page:
    """One notebook that the app serves.

    Attributes:
        name: its file, and its path in the app.
        label: its link.
        group: how often it is read, or `data`: where the figures come from, and whether they are up to date.
        for_readers: whether pages served to others have it too.
    """

    name: str
    label: str
    group: Group
    for_readers: bool


PAGES: Sequence[Page] = (
    Page("today", "Today", "daily", for_readers=True),
    Page("budget", "Budget", "daily", for_readers=True),
    Page("overview", "Results", "weekly", for_readers=True),
    Page("campaigns", "Ad sets", "weekly", for_readers=True),
    Page("creatives", "Ads", "weekly", for_readers=True),
    Page("audiences", "Audience", "weekly", for_readers=True),
    Page("setup", "Setup", "monthly", for_readers=True),
    Page("report", "Report", "monthly", for_readers=True),
    Page("snapshots", "History", "data", for_readers=False),
    Page("sync", "Sync", "data", for_readers=False),
    Page("status", "Status", "data", for_readers=True),
    Page("start", "Start", "data", for_readers=False),
)
GROUP_LABELS: Mapping[Group, str] = {"daily": "Daily", "weekly": "Weekly", "monthly": "Monthly", "data": "Data"}
LABELS: Mapping[str, str] = {page.name: page.label for page in PAGES}
NAMES = tuple(LABELS)
OWN_NAME = re.compile(r"[a-z][a-z_]{0,40}")
"""What a notebook of the installation's own may be called: part of an address."""
READER_NAMES = tuple(page.name for page in PAGES if page.for_readers)
