"""Wild histories of snapshots, and a small model in Python of what is current at their ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import made_snapshots
from hypothesis import strategies as st
from made_snapshots import PIVOTS, Made

from workbench.snapshots.manifest import COMPLETE_LISTING, Snapshot
from workbench.snapshots.views import Views

FIRST = date(2026, 11, 10)
NAMES = [f"202611{day}T060000Z" for day in range(20, 26)]
ONE, TWO = 512000001, 512000002


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def metric(campaign: int, on: date, impressions: int, cost: str = "1.5") -> dict[str, Any]:
    written = {"year": on.year, "month": on.month, "day": on.day}
    return {
        "pivotValues": [f"urn:li:sponsoredCampaign:{campaign}"],
        "dateRange": {"start": written, "end": written},
        "impressions": impressions,
        "costInLocalCurrency": cost,
    }


@dataclass(frozen=True)
class Content:
    """What one snapshot says of one account."""

    account_id: int
    campaigns: dict[int, str]
    listing: str  # complete, partial or none
    window: tuple[int, int]
    covered: bool
    rows: dict[tuple[int, int], int]
    audience: dict[int, int] | None
    pivots: int

    def parts(self) -> Iterator[Made]:
        if self.listing != "none":
            lines = [{"id": key, "name": name} for key, name in self.campaigns.items()]
            covers = COMPLETE_LISTING if self.listing == "complete" else ()
            yield Made("campaigns", self.account_id, lines, covers)
        first, last = self.window
        lines = [metric(campaign, day(on), value) for (campaign, on), value in self.rows.items() if first <= on <= last]
        yield Made("campaign_daily_metrics", self.account_id, lines, self.covers())
        if self.audience is not None:
            window = (day(first), day(last))
            context = {"window_start": str(window[0]), "window_end": str(window[1])}
            people = [{"pivotValues": [f"urn:li:title:{key}"], "impressions": n} for key, n in self.audience.items()]
            for pivot in PIVOTS[: self.pivots]:
                covers = (window,)
                yield Made("audience_demographics", self.account_id, people, covers, pivot, {**context, "pivot": pivot})

    def covers(self) -> tuple[tuple[date, date], ...]:
        return ((day(self.window[0]), day(self.window[1])),) if self.covered else ()


WINDOW = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda ends: (min(ends), max(ends)))
CONTENTS = st.builds(
    Content,
    st.sampled_from([ONE, TWO]),
    st.dictionaries(st.integers(1, 4), st.sampled_from(["A", "B", "Z"])),
    st.sampled_from(["complete", "complete", "partial", "none"]),
    WINDOW,
    st.sampled_from([True, True, False]),
    st.dictionaries(st.tuples(st.integers(1, 2), st.integers(0, 9)), st.integers(0, 99), max_size=12),
    st.none() | st.dictionaries(st.integers(1, 3), st.integers(1, 9)),
    st.integers(1, 2),
)
HISTORIES = st.lists(
    st.lists(CONTENTS, max_size=2, unique_by=lambda content: content.account_id), min_size=1, max_size=4
)


def model_of_metrics(history: list[list[Content]]) -> set[tuple[int, int, date, int]]:
    now: dict[tuple[int, int], dict[int, int]] = {}
    for snapshot in history:
        for content in snapshot:
            for on in range(content.window[0], content.window[1] + 1) if content.covered else ():
                now[content.account_id, on] = {
                    campaign: n for (campaign, when), n in content.rows.items() if when == on
                }
    return {(account, campaign, day(on), n) for (account, on), rows in now.items() for campaign, n in rows.items()}


def model_of_campaigns(history: list[list[Content]]) -> set[tuple[int, int, str, bool, str]]:
    now: dict[tuple[int, int], tuple[str, bool, str]] = {}
    for name, snapshot in zip(NAMES, history, strict=False):
        for content in snapshot:
            if content.listing == "complete":
                for key, (label, _, seen) in list(now.items()):
                    if key[0] == content.account_id:
                        now[key] = (label, False, seen)
            if content.listing != "none":
                now |= {(content.account_id, key): (label, True, name) for key, label in content.campaigns.items()}
    return {(*key, *value) for key, value in now.items()}


def model_of_audiences(history: list[list[Content]]) -> set[tuple[int, str, str, date, date, int]]:
    newest: dict[tuple[int, str], Content] = {}
    for snapshot in history:
        for content in snapshot:
            for pivot in PIVOTS[: content.pivots] if content.audience is not None else ():
                owner = content.account_id, pivot
                if owner not in newest or content.window[1] >= newest[owner].window[1]:
                    newest[owner] = content
    return {
        (account, pivot, f"urn:li:title:{key}", day(content.window[0]), day(content.window[1]), n)
        for (account, pivot), content in newest.items()
        for key, n in (content.audience or {}).items()
    }


def current(views: Views) -> tuple[set[Any], set[Any], set[Any]]:
    def rows(select: str) -> set[Any]:
        found = views.connection.execute(select).fetchall()
        assert len(found) == len(set(found))
        return set(found)

    return (
        rows("select account_id, campaign_id, date, impressions from campaign_daily_metrics"),
        rows("select account_id, campaign_id, name, listed, snapshot from campaigns"),
        rows("""select account_id, "pivot", segment_urn, window_start, window_end, impressions
                from audience_demographics"""),
    )


def model(history: list[list[Content]]) -> tuple[set[Any], set[Any], set[Any]]:
    return model_of_metrics(history), model_of_campaigns(history), model_of_audiences(history)


def write(folder: Path, history: list[list[Content]]) -> list[Snapshot]:
    """The history as a folder of snapshots, one a day."""
    return [
        made_snapshots.snapshot(folder, name, [part for content in snapshot for part in content.parts()])
        for name, snapshot in zip(NAMES, history, strict=False)
    ]
