"""The key result of each objective: the metric that counts what the objective is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class KeyResult:
    """The key result of an objective.

    Attributes:
        metric: the column that counts it, or None where none is collected.
        label: its name for people.
        scale: cost is shown per so many.
        note: a caveat for the reader, or "".
        beside: columns that are shown next to it where they count anything.
    """

    metric: str | None
    label: str
    scale: int = 1
    note: str = ""
    beside: tuple[str, ...] = ()


_LP_CLICKS = KeyResult("landing_page_clicks", "Landing-page clicks")
KEY_RESULTS: Mapping[str, KeyResult] = {
    "BRAND_AWARENESS": KeyResult(
        "impressions", "Impressions", 1000, "Reach is never added up; `awareness_reach` lists it."
    ),
    "WEBSITE_VISIT": _LP_CLICKS,
    "ENGAGEMENT": KeyResult("total_engagements", "Engagements"),
    "VIDEO_VIEW": KeyResult("video_views", "Video views"),
    "COMMUNITY_GROWTH": KeyResult("follows", "Follows", beside=("company_page_clicks",)),
    "LEAD_GENERATION": KeyResult("one_click_leads", "Leads", beside=("qualified_leads",)),
    "WEBSITE_CONVERSION": KeyResult("external_website_conversions", "Conversions"),
    "JOB_APPLICANT": _LP_CLICKS,
}
"""By objective, in the singular; LinkedIn spells some in the plural.

Source: LinkedIn Help, "Key results by objective" (a422642, a103035).
"""

PROVISIONAL_DAYS, PROVISIONAL_RESULT_DAYS = 2, 29
"""The oldest age in days at which figures are provisional: all of them; late metrics without a maturity curve.

Source: LinkedIn Help a426359 (results are attributed for 30 days and longer).
"""
