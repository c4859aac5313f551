"""The pieces about reach: how often each person saw the ads, and how many new people are still reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import formatting, wording
from workbench.answers.registry import Found
from workbench.pages.audience_filters import Audience
from workbench.pages.components import messages
from workbench.pages.components.comparison_table import remark
from workbench.pages.components.exports import Origin, exports, exports_view
from workbench.pages.components.links import Link, about
from workbench.pages.components.navigation import section
from workbench.pages.components.style import styled
from workbench.pages.components.tables import small_table

HOW = (
    "LinkedIn’s estimate of how many different people saw the ads. Figures of several windows or ad sets cannot be "
    "added up. How many of the next 1,000 impressions reach a new person is a range from a model: it depends on how "
    "evenly LinkedIn shows the ads. "
    "LinkedIn’s own penetration is the share of the audience that it says was reached."
)
_NEW, _NEXT, _SHARE = "New people per 1,000 impressions", "Of the next 1,000", "Reached of the audience"
_EXPORTED = {
    "level": "Level",
    "entity_id": "ID",
    "name": "Name",
    "window_start": "First day",
    "window_end": "Last day",
    "days": "Days",
    "impressions": "Impressions",
    "approximate_member_reach": "People reached",
    "audience_penetration": _SHARE,
    "frequency": "Times each saw it",
    "cost_per_1000_reached": "Cost per 1,000 reached",
    "new_per_1000": _NEW,
    "pool_low": "People who can be reached, from",
    "pool_high": "People who can be reached, to",
    "next_per_1000_low": f"{_NEXT}, from",
    "next_per_1000_high": f"{_NEXT}, to",
}


def reach(audience: Audience) -> tuple[Found, pl.DataFrame]:
    """The answer `saturation` about the account, and the same frame with the names of what it is about.

    A failure ends the cell.
    """
    found = audience.found("saturation")
    (settings,) = audience.answers("campaign_settings")
    return found, named(found.frame, settings, audience.name)


def named(frame: pl.DataFrame, settings: pl.DataFrame, account: str) -> pl.DataFrame:
    """The windows of `saturation` with `name`: of the account, its campaign groups and campaigns.

    Args:
        settings: `campaign_settings` of the account.
    """
    sets = dict(settings.select("campaign_id", "name").iter_rows())
    groups = dict(settings.select("campaign_group_id", "campaign_group_name").iter_rows())
    known: Mapping[str, Mapping[int, str | None]] = {"CAMPAIGN": sets, "CAMPAIGN_GROUP": groups}
    names = [
        account if level == "ACCOUNT" else known.get(level, {}).get(entity_id) or f"Not listed · {entity_id}"
        for level, entity_id in frame.select("level", "entity_id").iter_rows()
    ]
    return frame.with_columns(pl.Series("name", names, pl.String))


def files(audience: Audience, frame: pl.DataFrame) -> mo.ui.dictionary:
    """Every window as files, with ids."""
    span = (frame["window_start"].min(), frame["window_end"].max()) if frame.height else (None, None)
    first, last = (day if isinstance(day, date) else None for day in span)
    snapshots = audience.ask("covered_windows").filter(pl.col("resource") == "reach_windows")["snapshot"]
    newest = str(snapshots.max() or formatting.NOT_AVAILABLE)
    of = Origin(first=first, last=last, snapshot=lambda: newest, facts=lambda: {"Made from": HOW})
    return mo.ui.dictionary(exports(frame, _EXPORTED, name="reach", currency=audience.currency, origin=of))


def view(
    found: Found, frame: pl.DataFrame, files: mo.ui.dictionary, account_id: int, chosen: Mapping[str, str]
) -> mo.Html:
    """What was observed of the account in a sentence, then campaigns, and ad sets to unfold.

    Args:
        chosen: what links to other pages carry.
    """
    heading = section("Reach", "is the audience used up?")
    said = [one.text for one in found.sentences if one.entity_id in (None, account_id)]
    if frame.is_empty():
        return mo.vstack([heading, messages.note("Reach is not known yet.", *said, kind="plain")])
    last: Any = frame["window_end"].max()
    groups, sets = (rows(frame, level, chosen) for level in ("CAMPAIGN_GROUP", "CAMPAIGN"))
    numbers = frozenset((groups or sets or [{}])[0]) - {"Campaign", "Ad set"}
    shown = [small_table(groups, numbers=numbers)] if groups else []
    shown += [mo.accordion({wording.counted(len(sets), "ad set"): small_table(sets, numbers=numbers)})] if sets else []
    ends = f"Windows end on {formatting.day(last)}; most impressions first. {HOW}"
    return mo.vstack([heading, _said(" ".join(said)), *shown, remark(ends), exports_view(files)])


def rows(frame: pl.DataFrame, level: str, chosen: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """One row per campaign group or campaign as finished text, most impressions first; none that ended before.

    Args:
        frame: as `named` leaves it.
    """
    newest = pl.lit(frame["window_end"].max())
    mine = frame.filter(pl.col("level") == level, pl.col("window_end") == newest)
    lengths = sorted(mine["days"].unique().to_list())
    parts = mine.sort(pl.col("impressions").max().over("entity_id"), "entity_id", descending=[True, False])
    return [
        _row(part.sort("days").to_dicts(), lengths, level, chosen)
        for part in parts.partition_by("entity_id", maintain_order=True)
    ]


def _said(sentence: str) -> mo.Html:
    return mo.Html(styled(f'<p style="margin:2px 0 6px;max-width:72ch">{formatting.text(sentence)}</p>'))


def _row(windows: list[dict[str, Any]], lengths: list[int], level: str, chosen: Mapping[str, str]) -> Mapping[str, Any]:
    by_days, longest = {one["days"]: one for one in windows}, windows[-1]
    of_group = level == "CAMPAIGN_GROUP"
    there = {("campaign_group" if of_group else "ad_set"): longest["entity_id"], "currency": longest["currency"]}
    kept = {name: value for name, value in chosen.items() if name not in ("objective", "campaign_group")}
    step = next((one for one in windows if one["new_per_1000"] is not None), None)
    new = None if step is None else max(0.0, step["new_per_1000"])
    return {
        ("Campaign" if of_group else "Ad set"): Link.to("campaigns", longest["name"], about(kept, **there)),
        f"People in {lengths[-1]} days": formatting.number(
            by_days.get(lengths[-1], {}).get("approximate_member_reach")
        ),
        **{f"Times seen in {days} days": _times(by_days.get(days)) for days in lengths},
        _NEW: formatting.number(new),
        _NEXT: _range(longest["next_per_1000_low"], longest["next_per_1000_high"]),
        _SHARE: formatting.percent(longest["audience_penetration"], 0),
    }


def _times(window: Mapping[str, Any] | None) -> str:
    return formatting.number(window["frequency"] if window else None, 1)


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "not known yet"
    ends = [formatting.number(one) for one in sorted((low, high))]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"
