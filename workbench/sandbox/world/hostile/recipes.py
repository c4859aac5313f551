"""The kinds of campaign the sandbox invents: LinkedIn's settings for each, and how such a campaign performs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One kind of campaign. `content` is the key of its creatives' content union, or the kind of their reference."""

    objective: str | None
    type: str
    format: str | None
    cost_type: str
    target: str
    content: str
    impressions: int
    click_rate: int
    cpm: int = 0
    """Cost of 1,000 impressions in cents of the currency."""
    cpc: int = 0
    engagement_rate: int = 2_000
    lead_rate: int = 0
    conversion_rate: int = 0
    view_conversion_rate: int = 0
    landing_share: int = 700_000


RECIPES = (
    Recipe(
        objective="LEAD_GENERATION",
        type="SPONSORED_UPDATES",
        format="STANDARD_UPDATE",
        cost_type="CPM",
        target="MAX_LEAD",
        content="share",
        impressions=1_800,
        click_rate=7_500,
        cpm=4_150,
        lead_rate=110_000,
    ),
    Recipe(
        objective="WEBSITE_CONVERSIONS",
        type="SPONSORED_UPDATES",
        format="CAROUSEL",
        cost_type="CPM",
        target="MAX_CONVERSION",
        content="ugcPost",
        impressions=2_600,
        click_rate=6_000,
        cpm=3_400,
        conversion_rate=60_000,
        view_conversion_rate=180,
    ),
    Recipe(
        objective="BRAND_AWARENESS",
        type="SPONSORED_UPDATES",
        format="STANDARD_UPDATE",
        cost_type="CPM",
        target="MAX_IMPRESSION",
        content="share",
        impressions=6_500,
        click_rate=2_200,
        cpm=1_900,
    ),
    Recipe(
        objective="WEBSITE_CONVERSIONS",
        type="SPONSORED_UPDATES",
        format="STANDARD_UPDATE",
        cost_type="CPC",
        target="NONE",
        content="share",
        impressions=1_500,
        click_rate=5_000,
        cpc=620,
    ),
    Recipe(
        objective="VIDEO_VIEWS",
        type="SPONSORED_UPDATES",
        format="SINGLE_VIDEO",
        cost_type="CPV",
        target="MAX_VIDEO_VIEW",
        content="ugcPost",
        impressions=4_200,
        click_rate=1_900,
        cpm=1_500,
        landing_share=250_000,
    ),
    Recipe(
        objective="WEBSITE_VISITS",
        type="TEXT_AD",
        format=None,
        cost_type="CPC",
        target="MAX_CLICK",
        content="textAd",
        impressions=9_000,
        click_rate=350,
        cpc=410,
        engagement_rate=0,
        landing_share=960_000,
    ),
    Recipe(
        objective="LEAD_GENERATION",
        type="SPONSORED_INMAILS",
        format="SPONSORED_MESSAGE",
        cost_type="CPV",
        target="MAX_LEAD",
        content="adInMailContent",
        impressions=320,
        click_rate=31_000,
        cpm=52_000,
        engagement_rate=0,
        lead_rate=90_000,
    ),
    Recipe(
        objective="ENGAGEMENT",
        type="SPONSORED_UPDATES",
        format="SPONSORED_UPDATE_NATIVE_DOCUMENT",
        cost_type="CPM",
        target="MAX_CLICK",
        content="document",
        impressions=2_100,
        click_rate=8_800,
        cpm=2_800,
        engagement_rate=9_000,
    ),
    Recipe(
        objective="WEBSITE_VISITS",
        type="DYNAMIC",
        format="SPOTLIGHT",
        cost_type="CPC",
        target="CAP_COST_AND_MAXIMIZE_CLICKS",
        content="spotlight",
        impressions=3_300,
        click_rate=900,
        cpc=350,
        engagement_rate=0,
    ),
    Recipe(
        objective="JOB_APPLICANTS",
        type="DYNAMIC",
        format="JOBS",
        cost_type="CPC",
        target="NONE",
        content="jobs",
        impressions=1_400,
        click_rate=4_000,
        cpc=280,
        engagement_rate=0,
    ),
    Recipe(
        objective="ENGAGEMENT",
        type="DYNAMIC",
        format="FOLLOW_COMPANY_V2",
        cost_type="CPM",
        target="MAX_IMPRESSION",
        content="follow",
        impressions=2_000,
        click_rate=1_300,
        cpm=1_100,
    ),
    Recipe(
        objective=None,
        type="TEXT_AD",
        format=None,
        cost_type="CPM",
        target="NONE",
        content="textAd",
        impressions=5_000,
        click_rate=250,
        cpm=240,
        engagement_rate=0,
        landing_share=960_000,
    ),
    Recipe(
        objective="TALENT_LEADS",
        type="SPONSORED_UPDATES",
        format="SINGLE_VIDEO",
        cost_type="CPM",
        target="TARGET_COST_PER_IMPRESSION",
        content="eventAd",
        impressions=1_200,
        click_rate=5_200,
        cpm=3_900,
    ),
)

CAMPAIGN_STATUSES = (
    "ACTIVE",
    "ACTIVE",
    "PAUSED",
    "ACTIVE",
    "COMPLETED",
    "ACTIVE",
    "ACTIVE",
    "ARCHIVED",
    "ACTIVE",
    "DRAFT",
    "PAUSED",
    "ACTIVE",
    "CANCELED",
    "ACTIVE",
    "PENDING_DELETION",
    "ACTIVE",
    "REMOVED",
    "COMPLETED",
    "ACTIVE",
)
SMALL_STATUSES = (
    "ACTIVE",
    "ACTIVE",
    "PAUSED",
    "ACTIVE",
    "COMPLETED",
    "ACTIVE",
    "ACTIVE",
    "ARCHIVED",
    "CANCELED",
    "DRAFT",
    "PENDING_DELETION",
    "REMOVED",
)
"""The dozen campaigns of the small world show every status."""

GROUP_STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "ACTIVE", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED")
CREATIVE_STATUSES = (
    "ACTIVE",
    "ACTIVE",
    "PAUSED",
    "ACTIVE",
    "ARCHIVED",
    "ACTIVE",
    "DRAFT",
    "ACTIVE",
    "CANCELED",
    "ACTIVE",
    "PENDING_DELETION",
    "ACTIVE",
    "REMOVED",
)
CAMPAIGN_HOLDS = (
    "CAMPAIGN_TOTAL_BUDGET_HOLD",
    "CAMPAIGN_AUDIENCE_COUNT_HOLD",
    "CAMPAIGN_GROUP_TOTAL_BUDGET_HOLD",
    "CAMPAIGN_GROUP_STATUS_HOLD",
    "ACCOUNT_SERVING_HOLD",
    "BILLING_HOLD",
)
CREATIVE_HOLDS = (
    "UNDER_REVIEW",
    "REJECTED",
    "FORM_HOLD",
    "PROCESSING_FAILED",
    "REFERRED_CONTENT_QUALITY_HOLD",
    "JOB_POSTING_ON_HOLD",
)
