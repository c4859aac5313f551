"""The metric fields adAnalytics knows, and how those beyond the core follow from it."""

from __future__ import annotations

from collections.abc import Callable

from workbench.sandbox.world.model import CORE, MONEY, Row

_DERIVED: dict[str, Callable[[Row], int]] = {
    "reactions": lambda row: row[6],
    "otherEngagements": lambda row: row[5] - row[1] - row[6] - row[7] - row[8] - row[9],
    "companyPageClicks": lambda row: row[1] // 9,
    "actionClicks": lambda row: row[16] // 5,
    "textUrlClicks": lambda row: row[16] // 8,
    "adUnitClicks": lambda row: row[16] // 20,
    "commentLikes": lambda row: row[7] // 3,
    "validWorkEmailLeads": lambda row: row[10] * 4 // 5,
    "qualifiedLeads": lambda row: row[10] // 3,
    "leadGenerationMailContactInfoShares": lambda row: row[10] if row[17] else 0,
    "leadGenerationMailInterestedClicks": lambda row: row[11] if row[17] else 0,
    "videoStarts": lambda row: row[0] * 3 // 5,
    "videoViews": lambda row: row[0] * 3 // 10,
    "videoFirstQuartileCompletions": lambda row: row[0] // 5,
    "videoMidpointCompletions": lambda row: row[0] // 8,
    "videoThirdQuartileCompletions": lambda row: row[0] // 11,
    "videoCompletions": lambda row: row[0] // 15,
    "fullScreenPlays": lambda row: row[0] // 400,
    "cardImpressions": lambda row: row[0] * 2,
    "cardClicks": lambda row: row[1],
    "viralImpressions": lambda row: row[0] // 50,
    "viralClicks": lambda row: row[1] // 50,
    "approximateMemberReach": lambda row: int(row[0] ** 0.93),
    "averageDwellTime": lambda row: 3 if row[0] else 0,
}

_ALWAYS_ZERO = (
    *("subscriptionClicks", "talentLeads", "headlineImpressions", "headlineClicks", "downloadClicks"),
    *(f"document{step}Completions" for step in ("", "FirstQuartile", "Midpoint", "ThirdQuartile")),
    *(f"viral{what}" for what in ("LandingPageClicks", "CompanyPageClicks", "Likes", "Reactions", "Comments")),
    *(f"viral{what}" for what in ("CommentLikes", "Shares", "Follows", "OtherEngagements", "TotalEngagements")),
    *(f"viralExternalWebsite{kind}Conversions" for kind in ("", "PostClick", "PostView")),
    *("viralOneClickLeads", "viralOneClickLeadFormOpens"),
    *("viralVideoStarts", "viralVideoViews", "viralVideoCompletions"),
    *("eventViews", "eventWatchTime", "videoWatchTime", "averageVideoWatchTime", "audiencePenetration"),
    *("jobApplications", "jobApplyClicks", "registrations"),
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
KEYS = ("dateRange", "pivotValues")


def _zero(row: Row) -> int:
    return 0


METRICS: dict[str, Callable[[Row], int]] = (
    dict.fromkeys(_ALWAYS_ZERO, _zero)
    | _DERIVED
    | {name: (lambda row, index=index: row[index]) for index, name in enumerate(CORE)}
)
"""By field name, the figure of a row; money in units of 10⁻⁵."""

FIELDS = frozenset({*METRICS, *KEYS})


def is_money(name: str) -> bool:
    return name in MONEY
