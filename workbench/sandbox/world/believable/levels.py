"""The kinds of ad sets and how each performs in the Americas, and what other regions change.

Levels are those of a settled day before fatigue. Sources, by kind: "ZenABM" = ZenABM's LinkedIn Ads benchmarks 2026
(936 and 342 campaigns); "Yirla" = Yirla, from LinkedIn's figures of December 2025; "stackmatix", "B2B House" and
"optimizelinkedinads" as named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One format with one objective; money in US dollars.

    Attributes:
        code, goal: how names of ad sets spell format and objective.
        prefix: how names of ads spell the format.
        cpm: cost of 1,000 impressions; of 1,000 sends for messages.
        ctr: clicks per impression, in percent; per open for messages.
        opens: lead forms opened per click.
        completion: leads per opened form.
        by_click: website conversions per click.
        by_view: website conversions per million impressions.
        landing: landing-page clicks per click.
        social: reactions per million impressions.
    """

    code: str
    goal: str
    prefix: str
    objective: str
    type: str
    format: str | None
    target: str
    content: str
    cost_type: str = "CPM"
    cpm: float
    ctr: float
    opens: float = 0.0
    completion: float = 0.0
    by_click: float = 0.0
    by_view: float = 25.0
    landing: float = 0.6
    social: int = 900


_UPDATES = "SPONSORED_UPDATES"
KINDS: Mapping[str, Kind] = {
    # CTR 0.30–0.60 %, CPM $45–85 (ZenABM); CPL $371 in the Americas (Yirla)
    "image": Kind(
        code="SC-IMG",
        goal="LG",
        prefix="IMG",
        objective="LEAD_GENERATION",
        type=_UPDATES,
        format="STANDARD_UPDATE",
        target="MAX_LEAD",
        content="share",
        cpm=62,
        ctr=0.47,
        opens=0.85,
        completion=0.046,
        landing=0.06,
    ),
    # CTR 0.30–0.50 %, CPC $9–13, CPM $60–80 (ZenABM); CPL $290 (Yirla)
    "document": Kind(
        code="SC-DOC",
        goal="LG",
        prefix="DOC",
        objective="LEAD_GENERATION",
        type=_UPDATES,
        format="SPONSORED_UPDATE_NATIVE_DOCUMENT",
        target="MAX_LEAD",
        content="ugcPost",
        cpm=66,
        ctr=0.51,
        opens=0.85,
        completion=0.055,
        landing=0.04,
    ),
    # CTR 0.15–0.35 % (0.24), CPC $12–20, CPM $30–49 (ZenABM, Yirla)
    "video": Kind(
        code="SC-VID",
        goal="VV",
        prefix="VID15",
        objective="VIDEO_VIEWS",
        type=_UPDATES,
        format="SINGLE_VIDEO",
        target="MAX_VIDEO_VIEW",
        content="ugcPost",
        cost_type="CPV",
        cpm=40,
        ctr=0.265,
        social=1_300,
    ),
    # as single images: CTR 0.30–0.60 %, CPM $45–85 (ZenABM)
    "website": Kind(
        code="SC-IMG",
        goal="WC",
        prefix="IMG",
        objective="WEBSITE_CONVERSIONS",
        type=_UPDATES,
        format="STANDARD_UPDATE",
        target="MAX_CONVERSION",
        content="share",
        cpm=58,
        ctr=0.48,
        by_click=0.08,
        by_view=110,
        landing=0.82,
    ),
    # CTR 0.25–0.45 % (0.32), CPC $11–15, CPM $40–50 (ZenABM)
    "carousel": Kind(
        code="SC-CAR",
        goal="WC",
        prefix="CAR",
        objective="WEBSITE_CONVERSIONS",
        type=_UPDATES,
        format="CAROUSEL",
        target="MAX_CONVERSION",
        content="ugcPost",
        cpm=46,
        ctr=0.36,
        by_click=0.06,
        by_view=90,
        landing=0.8,
    ),
    # $0.40–0.90 a send, opens 40–55 %, 3–7 % of opens click (stackmatix, B2B House, optimizelinkedinads);
    # CPL $188 (Yirla)
    "message": Kind(
        code="MSG",
        goal="LG",
        prefix="MSG",
        objective="LEAD_GENERATION",
        type="SPONSORED_INMAILS",
        format="SPONSORED_MESSAGE",
        target="MAX_LEAD",
        content="adInMailContent",
        cost_type="CPV",
        cpm=600,
        ctr=5.0,
        opens=0.85,
        completion=0.16,
        by_view=0,
        landing=0.05,
        social=0,
    ),
    # CTR 1.5–3.5 %, CPC $2–4 (2.29), CPM $40–60 (ZenABM)
    "leader": Kind(
        code="TLA",
        goal="ENG",
        prefix="TLA",
        objective="ENGAGEMENT",
        type=_UPDATES,
        format="STANDARD_UPDATE",
        target="MAX_CLICK",
        content="share",
        cpm=52,
        ctr=2.35,
        landing=0.72,
        social=5_200,
    ),
    # bought for reach: cheaper and less clicked than images for leads; our own level
    "awareness": Kind(
        code="SC-IMG",
        goal="BA",
        prefix="IMG",
        objective="BRAND_AWARENESS",
        type=_UPDATES,
        format="STANDARD_UPDATE",
        target="MAX_IMPRESSION",
        content="share",
        cpm=29,
        ctr=0.31,
        social=700,
    ),
    # our own level
    "jobs": Kind(
        code="JOB",
        goal="JA",
        prefix="JOB",
        objective="JOB_APPLICANTS",
        type="DYNAMIC",
        format="JOBS",
        target="MAX_CLICK",
        content="jobs",
        cpm=40,
        ctr=0.42,
        by_view=0,
        landing=0.95,
        social=0,
    ),
    # CTR 0.08 %, CPC $3–6, CPM $1–4 (ZenABM, B2B House)
    "spotlight": Kind(
        code="SPT",
        goal="WV",
        prefix="SPT",
        objective="WEBSITE_VISITS",
        type="DYNAMIC",
        format="SPOTLIGHT",
        target="MAX_CLICK",
        content="spotlight",
        cost_type="CPC",
        cpm=3.4,
        ctr=0.085,
        by_view=0,
        landing=0.95,
        social=0,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Region:
    """What a region's figures are, times those of the Americas."""

    cpm: float
    ctr: float
    completion: float


# CPL of the same format: EMEA about 0.55 and Asia 0.21 times the Americas (Yirla); the split into causes is ours.
REGIONS: Mapping[str, Region] = {
    "AMER": Region(cpm=1.0, ctr=1.0, completion=1.0),
    "EMEA": Region(cpm=0.92, ctr=1.0, completion=1.67),
    "APAC": Region(cpm=0.85, ctr=1.05, completion=3.85),
}

OPENS_PER_SEND = 0.47
"""40–55 % (stackmatix, B2B House; older sources 30 %)."""
CONVERSION_VALUE = 140
"""What a website conversion is worth, in dollars: our own."""
