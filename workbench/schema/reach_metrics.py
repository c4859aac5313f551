"""What LinkedIn sends by window and entity: figures that do not add up, and averages that it returns ready-made."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.schema.metrics import ANCHOR, STORED, Stored, stored

REACHED: Sequence[Stored] = (
    *(metric for metric in STORED if metric.name in (ANCHOR, "cost_in_local_currency")),
    stored(
        "approximate_member_reach",
        "approximateMemberReach",
        "Reach",
        "Different members who saw an ad, LinkedIn's estimate; never added up",
        group="reach",
    ),
    stored(
        "audience_penetration",
        "audiencePenetration",
        "Audience penetration",
        "Reach ÷ target audience, by LinkedIn; never added up",
        unit="share",
        group="reach",
    ),
    stored(
        "average_dwell_time",
        "averageDwellTime",
        "Average dwell time",
        "Average time with at least half of the ad in view, by LinkedIn; never added up",
        unit="seconds",
        group="reach",
    ),
    stored(
        "average_video_watch_time",
        "averageVideoWatchTime",
        "Average watch time",
        "Average time a video was watched, by LinkedIn; never added up",
        unit="seconds",
        group="reach",
    ),
    stored(
        "cost_per_qualified_lead",
        "costPerQualifiedLead",
        "Cost per qualified lead",
        "Cost per qualified lead in the account's currency, by LinkedIn; never added up",
        unit="money",
        good="down",
        group="reach",
    ),
)
"""What is stored by window, in the order of the columns of `reach_windows`: one request, as it fits into a group."""
NEVER_ADDED = tuple(metric.name for metric in REACHED[2:])
"""The columns that no statement may add up, average or otherwise combine over rows."""
REACH_FIELDS = tuple(metric.field for metric in REACHED)
