"""Wire forms of requests, written out by hand so that no client of ours is involved."""

from __future__ import annotations

from datetime import date

CORE = (
    "dateRange,pivotValues,impressions,clicks,costInLocalCurrency,costInUsd,landingPageClicks,totalEngagements,likes,"
    "comments,shares,follows,oneClickLeads,oneClickLeadFormOpens,externalWebsiteConversions,"
    "externalWebsitePostClickConversions,externalWebsitePostViewConversions,conversionValueInLocalCurrency,opens,sends"
)
COLUMNS = {
    "impressions": "impressions",
    "clicks": "clicks",
    "costInLocalCurrency": "cost_in_local_currency",
    "costInUsd": "cost_in_usd",
    "landingPageClicks": "landing_page_clicks",
    "totalEngagements": "total_engagements",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "follows": "follows",
    "oneClickLeads": "one_click_leads",
    "oneClickLeadFormOpens": "one_click_lead_form_opens",
    "externalWebsiteConversions": "external_website_conversions",
    "externalWebsitePostClickConversions": "external_website_post_click_conversions",
    "externalWebsitePostViewConversions": "external_website_post_view_conversions",
    "conversionValueInLocalCurrency": "conversion_value_in_local_currency",
    "opens": "opens",
    "sends": "sends",
}


def account_list(*accounts: int) -> str:
    return "accounts=List(" + ",".join(f"urn%3Ali%3AsponsoredAccount%3A{account}" for account in accounts) + ")"


def day_range(first: date, last: date) -> str:
    start, end = (f"(year:{day.year},month:{day.month},day:{day.day})" for day in (first, last))
    return f"dateRange=(start:{start},end:{end})"


def report(
    pivot: str, first: date, last: date, facet: str, *, fields: str = CORE, granularity: str = "DAILY", more: str = ""
) -> str:
    return (
        f"/rest/adAnalytics?q=analytics&pivot={pivot}&timeGranularity={granularity}&{day_range(first, last)}&{facet}"
        f"&fields={fields}{more}"
    )


def days_of(element: dict[str, dict[str, dict[str, int]]]) -> tuple[date, date]:
    start, end = (date(**element["dateRange"][end]) for end in ("start", "end"))
    return start, end
