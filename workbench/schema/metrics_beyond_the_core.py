"""The metrics of campaigns and creatives by day that are not of the core: each group is a request of its own.

The name of a group is a word of the setting `METRIC_GROUPS`. To the metrics of a group the request adds impressions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

BEYOND_THE_CORE: Mapping[str, Sequence[tuple[str, str, str, str]]] = {
    "video": (
        ("video_starts", "videoStarts", "Video starts", "Videos that began to play"),
        (
            "video_views",
            "videoViews",
            "Video views",
            "Videos watched for 2 seconds or more at half in view, or clicked",
        ),
        (
            "video_first_quartile_completions",
            "videoFirstQuartileCompletions",
            "Videos watched to 25 %",
            "Videos watched for a quarter of their length",
        ),
        (
            "video_midpoint_completions",
            "videoMidpointCompletions",
            "Videos watched to 50 %",
            "Videos watched for half of their length",
        ),
        (
            "video_third_quartile_completions",
            "videoThirdQuartileCompletions",
            "Videos watched to 75 %",
            "Videos watched for three quarters of their length",
        ),
        ("video_completions", "videoCompletions", "Video completions", "Videos watched to 97 % or more"),
        ("full_screen_plays", "fullScreenPlays", "Full-screen plays", "Taps that play a video in full screen"),
        (
            "video_watch_time",
            "videoWatchTime",
            "Watch time",
            "Time for which videos were watched, in LinkedIn's unit",
        ),
        (
            "document_first_quartile_completions",
            "documentFirstQuartileCompletions",
            "Documents read to 25 %",
            "Documents read for a quarter of their pages",
        ),
        (
            "document_midpoint_completions",
            "documentMidpointCompletions",
            "Documents read to 50 %",
            "Documents read for half of their pages",
        ),
        (
            "document_third_quartile_completions",
            "documentThirdQuartileCompletions",
            "Documents read to 75 %",
            "Documents read for three quarters of their pages",
        ),
        ("document_completions", "documentCompletions", "Document completions", "Documents read to their end"),
        ("download_clicks", "downloadClicks", "Downloads", "Clicks that download a document"),
    ),
    "detail": (
        ("reactions", "reactions", "All reactions", "Reactions of every kind"),
        ("company_page_clicks", "companyPageClicks", "Company-page clicks", "Clicks that lead to the company's page"),
        ("text_url_clicks", "textUrlClicks", "Link clicks in messages", "Clicks on links in the text of a message"),
        ("action_clicks", "actionClicks", "Button clicks in messages", "Clicks on the button of a message"),
        ("ad_unit_clicks", "adUnitClicks", "Clicks beside messages", "Clicks on the ad beside a message"),
        (
            "other_engagements",
            "otherEngagements",
            "Other engagements",
            "Interactions that have no count of their own",
        ),
        (
            "valid_work_email_leads",
            "validWorkEmailLeads",
            "Leads with a work address",
            "Submitted lead forms with a valid work e-mail address",
        ),
        ("qualified_leads", "qualifiedLeads", "Qualified leads", "Leads that the advertiser marks as qualified"),
        (
            "message_lead_shares",
            "leadGenerationMailContactInfoShares",
            "Contact shares in messages",
            "Contact details shared in message ads",
        ),
        (
            "message_lead_clicks",
            "leadGenerationMailInterestedClicks",
            "Interested clicks in messages",
            "Clicks that show interest in message ads",
        ),
        ("headline_clicks", "headlineClicks", "Headline clicks", "Clicks on the headline of a conversation ad"),
        ("subscription_clicks", "subscriptionClicks", "Subscriptions", "Clicks that subscribe to a newsletter"),
        ("registrations", "registrations", "Registrations", "Registrations for an event"),
        ("job_applications", "jobApplications", "Job applications", "Applications for a job"),
        ("job_apply_clicks", "jobApplyClicks", "Apply clicks", "Clicks that begin an application"),
        ("card_clicks", "cardClicks", "Card clicks", "Clicks on cards of a carousel"),
    ),
    "viral": (
        (
            "viral_impressions",
            "viralImpressions",
            "Viral impressions",
            "Impressions of posts that members shared on; not charged",
        ),
        ("viral_clicks", "viralClicks", "Viral clicks", "Clicks on posts that members shared on; not charged"),
        (
            "viral_one_click_leads",
            "viralOneClickLeads",
            "Viral leads",
            "Submitted lead forms of posts that members shared on",
        ),
        (
            "viral_total_engagements",
            "viralTotalEngagements",
            "Viral engagements",
            "All interactions with posts that members shared on",
        ),
    ),
}
"""By group: column, LinkedIn's field, label, formula in words."""

IN_QUESTIONS = frozenset({"company_page_clicks", "qualified_leads", "video_views"})
"""Those that questions about days have, because they are the key result of an objective; tables and views have all."""
DECIMAL = frozenset({"job_applications", "job_apply_clicks", "registrations"})
"""The counts that LinkedIn sends as decimal strings."""
