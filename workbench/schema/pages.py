"""Every page once, in the order of the navigation. A page is `notebooks/<name>.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Group = Literal["set-up", "reports", "data"]


@dataclass(frozen=True)
class Page:
    """One notebook that the app serves.

    Attributes:
        name: its file, and its path in the app.
        label: its link.
        group: what it is for: to sign in and sync, to read figures, to look into the data itself.
        for_readers: whether pages served to others have it too.
    """

    name: str
    label: str
    group: Group
    for_readers: bool


PAGES: Sequence[Page] = (
    Page("start", "Start", "set-up", for_readers=False),
    Page("sync", "Sync", "set-up", for_readers=False),
    Page("overview", "Overview", "reports", for_readers=True),
    Page("campaigns", "Ad sets", "reports", for_readers=True),
    Page("creatives", "Ads", "reports", for_readers=True),
    Page("audiences", "Audiences", "reports", for_readers=True),
    Page("snapshots", "Snapshots", "data", for_readers=False),
    Page("status", "Status", "data", for_readers=True),
)
LABELS: Mapping[str, str] = {page.name: page.label for page in PAGES}
NAMES = tuple(LABELS)
READER_NAMES = tuple(page.name for page in PAGES if page.for_readers)
