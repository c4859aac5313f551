"""The metric fields of adAnalytics; those beyond the core are computed from the core."""

from __future__ import annotations

from collections.abc import Callable

from workbench.sandbox.world import reach
from workbench.sandbox.world.model import CORE, MONEY, MetricsRow

_DERIVED: dict[str, Callable[[MetricsRow], int]] = {
    "reactions": lambda row: row.likes,
    "otherEngagements": lambda row: (
        row.total_engagements - row.clicks - row.likes - row.comments - row.shares - row.follows
    ),
    "companyPageClicks": lambda row: row.clicks // 9,
    "actionClicks": lambda row: row.opens // 5,
    "textUrlClicks": lambda row: row.opens // 8,
    "adUnitClicks": lambda row: row.opens // 20,
    "commentLikes": lambda row: row.comments // 3,
    "validWorkEmailLeads": lambda row: row.one_click_leads * 4 // 5,
    "qualifiedLeads": lambda row: reach.qualified_leads(row.one_click_leads),
    "costPerQualifiedLead": lambda row: (
        row.cost_in_local_currency // max(reach.qualified_leads(row.one_click_leads), 1)
        if row.one_click_leads >= 3
        else 0
    ),
    "leadGenerationMailContactInfoShares": lambda row: row.one_click_leads if row.sends else 0,
    "leadGenerationMailInterestedClicks": lambda row: row.one_click_lead_form_opens if row.sends else 0,
    "videoStarts": lambda row: row.video_impressions * 3 // 5,
    "videoViews": lambda row: row.video_impressions * 3 // 10,
    "videoFirstQuartileCompletions": lambda row: row.video_impressions // 5,
    "videoMidpointCompletions": lambda row: row.video_impressions // 8,
    "videoThirdQuartileCompletions": lambda row: row.video_impressions // 11,
    "videoCompletions": lambda row: row.video_impressions // 15,
    "fullScreenPlays": lambda row: row.video_impressions // 400,
    "videoWatchTime": lambda row: row.video_impressions * 4,
    "documentFirstQuartileCompletions": lambda row: row.document_impressions // 9,
    "documentMidpointCompletions": lambda row: row.document_impressions // 14,
    "documentThirdQuartileCompletions": lambda row: row.document_impressions // 21,
    "documentCompletions": lambda row: row.document_impressions // 30,
    "downloadClicks": lambda row: row.document_impressions // 90,
    "registrations": lambda row: row.clicks // 60,
    "viralOneClickLeads": lambda row: row.one_click_leads // 20,
    "viralTotalEngagements": lambda row: row.total_engagements // 50,
    "cardImpressions": lambda row: row.impressions * 2,
    "cardClicks": lambda row: row.clicks,
    "viralImpressions": lambda row: row.impressions // 50,
    "viralClicks": lambda row: row.clicks // 50,
    "approximateMemberReach": lambda row: reach.reach(row.impressions),
    "audiencePenetration": lambda row: reach.penetration(row.impressions),
    "averageDwellTime": lambda row: reach.dwell_time(row.impressions),
    "averageVideoWatchTime": lambda row: reach.watch_time(row.impressions),
}

_ALWAYS_ZERO = (
    *("subscriptionClicks", "talentLeads", "headlineImpressions", "headlineClicks"),
    *(f"viral{what}" for what in ("LandingPageClicks", "CompanyPageClicks", "Likes", "Reactions", "Comments")),
    *(f"viral{what}" for what in ("CommentLikes", "Shares", "Follows", "OtherEngagements")),
    *(f"viralExternalWebsite{kind}Conversions" for kind in ("", "PostClick", "PostView")),
    "viralOneClickLeadFormOpens",
    *("viralVideoStarts", "viralVideoViews", "viralVideoCompletions"),
    *("eventViews", "eventWatchTime"),
    *("jobApplications", "jobApplyClicks"),
)

NOT_BY_MEMBER = frozenset(
    {
        "conversionValueInLocalCurrency",
        "approximateMemberReach",
        "audiencePenetration",
        "cardImpressions",
        "cardClicks",
        "viralCardImpressions",
        "viralCardClicks",
    }
)
"""Fields that do not go with demographic pivots."""
UP_TO_92_DAYS = frozenset({"approximateMemberReach", "audiencePenetration"})
PENETRATION_PIVOTS = ("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN")
"""The pivots that `audiencePenetration` goes with."""
KEYS = ("dateRange", "pivotValues")


def _zero(row: MetricsRow) -> int:
    return 0


METRICS: dict[str, Callable[[MetricsRow], int]] = (
    dict.fromkeys(_ALWAYS_ZERO, _zero)
    | _DERIVED
    | {name: (lambda row, index=index: row[index]) for index, name in enumerate(CORE)}
)
"""By field name, the figure of a row; money in units of 10⁻⁵."""

FIELDS = frozenset({*METRICS, *KEYS})


def is_money(name: str) -> bool:
    return name in MONEY or name == "costPerQualifiedLead"


def is_share(name: str) -> bool:
    """Whether a field is a share: a JSON number with places, counted in millionths here."""
    return name == "audiencePenetration"


def is_decimal(name: str) -> bool:
    """Whether a field is a count that LinkedIn sends as a decimal string."""
    return name in ("jobApplications", "jobApplyClicks", "registrations")
