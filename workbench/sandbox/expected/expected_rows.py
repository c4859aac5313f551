"""Turn an entity or a figure of the world into a table row; `truth.py` chooses the rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from workbench.sandbox.expected.expected_content import shown_by
from workbench.sandbox.world import reach
from workbench.sandbox.world.model import Account, Campaign, Creative, Element, MetricsRow
from workbench.sandbox.world.vocabulary import COMPANY_SIZES, Vocabulary

TableRow: TypeAlias = dict[str, Any]

METRIC_COLUMNS = (
    "impressions",
    "clicks",
    "cost_in_local_currency",
    "cost_in_usd",
    "landing_page_clicks",
    "total_engagements",
    "likes",
    "comments",
    "shares",
    "follows",
    "one_click_leads",
    "one_click_lead_form_opens",
    "external_website_conversions",
    "external_website_post_click_conversions",
    "external_website_post_view_conversions",
    "conversion_value_in_local_currency",
    "opens",
    "sends",
)
_MONEY_COLUMNS = frozenset({"cost_in_local_currency", "cost_in_usd", "conversion_value_in_local_currency"})
_FIVE_PLACES = Decimal("0.00001")
_NINE_PLACES = Decimal("0.000000001")


def segment_name(vocabulary: Vocabulary, segment: str) -> str | None:
    """The English name of a demographic value; None where LinkedIn does not send one."""
    return COMPANY_SIZES.get(segment) or vocabulary.name(segment)


def metrics(row: MetricsRow) -> TableRow:
    return {
        name: _money(value) if name in _MONEY_COLUMNS else value
        for name, value in zip(METRIC_COLUMNS, row[: len(METRIC_COLUMNS)], strict=True)
    }


def more_metrics(row: MetricsRow, *, videos: bool) -> TableRow:
    """The metrics beyond the core of a campaign's or a creative's day.

    Args:
        videos: whether the account shows videos or documents; if not, nobody asks for their figures.
    """
    video, document, leads = row.video_impressions, row.document_impressions, row.one_click_leads
    watched: TableRow = {
        "video_starts": video * 3 // 5,
        "video_views": video * 3 // 10,
        "video_first_quartile_completions": video // 5,
        "video_midpoint_completions": video // 8,
        "video_third_quartile_completions": video // 11,
        "video_completions": video // 15,
        "full_screen_plays": video // 400,
        "video_watch_time": video * 4,
        "document_first_quartile_completions": document // 9,
        "document_midpoint_completions": document // 14,
        "document_third_quartile_completions": document // 21,
        "document_completions": document // 30,
        "download_clicks": document // 90,
    }
    social = row.likes + row.comments + row.shares + row.follows
    return {
        **(watched if videos else dict.fromkeys(watched)),
        "reactions": row.likes,
        "company_page_clicks": row.clicks // 9,
        "text_url_clicks": row.opens // 8,
        "action_clicks": row.opens // 5,
        "ad_unit_clicks": row.opens // 20,
        "other_engagements": row.total_engagements - row.clicks - social,
        "valid_work_email_leads": leads * 4 // 5,
        "qualified_leads": reach.qualified_leads(leads),
        "message_lead_shares": leads if row.sends else 0,
        "message_lead_clicks": row.one_click_lead_form_opens if row.sends else 0,
        "headline_clicks": 0,
        "subscription_clicks": 0,
        "registrations": Decimal(row.clicks // 60),
        "job_applications": Decimal(0),
        "job_apply_clicks": Decimal(0),
        "card_clicks": row.clicks,
        "viral_impressions": row.impressions // 50,
        "viral_clicks": row.clicks // 50,
        "viral_one_click_leads": leads // 20,
        "viral_total_engagements": row.total_engagements // 50,
    }


def _money(units: int) -> Decimal:
    return (units * _FIVE_PLACES).quantize(_NINE_PLACES)


def reached(row: MetricsRow) -> TableRow:
    """What is known of a window."""
    qualified = reach.qualified_leads(row.one_click_leads)
    return {
        "impressions": row.impressions,
        "cost_in_local_currency": _money(row.cost_in_local_currency),
        "approximate_member_reach": reach.reach(row.impressions),
        "audience_penetration": (Decimal(reach.penetration(row.impressions)) / reach.PARTS).quantize(_NINE_PLACES),
        "average_dwell_time": Decimal(reach.dwell_time(row.impressions)).quantize(_NINE_PLACES),
        "average_video_watch_time": Decimal(reach.watch_time(row.impressions)).quantize(_NINE_PLACES),
        "cost_per_qualified_lead": _money(row.cost_in_local_currency // qualified if qualified else 0),
    }


def account_row(account: Account) -> TableRow:
    element = account.element
    return {
        "account_id": account.id,
        "name": element["name"],
        "currency": element["currency"],
        "type": element["type"],
        "status": element["status"],
        "serving_statuses": element["servingStatuses"],
        "reference": element["reference"],
        "test": element["test"],
        **_stamps(element),
        "role": account.role,
    }


def group_row(account_id: int, element: Element) -> TableRow:
    return {
        "account_id": account_id,
        "campaign_group_id": element["id"],
        "name": element["name"],
        "status": element["status"],
        "total_budget": _amount(element, "totalBudget"),
        "daily_budget": _amount(element, "dailyBudget"),
        **_run_schedule(element),
        "objective_type": element.get("objectiveType"),
        **_stamps(element),
    }


def campaign_row(account: Account, campaign: Campaign) -> TableRow:
    element = campaign.element
    return {
        "account_id": account.id,
        "campaign_id": campaign.id,
        "campaign_group_id": campaign.group_id,
        "name": element["name"],
        "status": element["status"],
        "serving_statuses": element["servingStatuses"],
        "type": element["type"],
        "format": element.get("format"),
        "objective_type": element.get("objectiveType"),
        "cost_type": element["costType"],
        "unit_cost": _amount(element, "unitCost"),
        "daily_budget": _amount(element, "dailyBudget"),
        "total_budget": _amount(element, "totalBudget"),
        "currency": account.currency,
        "optimization_target_type": element["optimizationTargetType"],
        "creative_selection": element["creativeSelection"],
        "pacing_strategy": element["pacingStrategy"],
        "offsite_delivery_enabled": element["offsiteDeliveryEnabled"],
        "audience_expansion_enabled": element["audienceExpansionEnabled"],
        **_run_schedule(element),
        "targeting_criteria": element["targetingCriteria"],
        "test": element["test"],
        **_stamps(element),
    }


def rule_row(account_id: int, element: Element) -> TableRow:
    """A conversion rule."""
    return {
        "account_id": account_id,
        "conversion_id": element["id"],
        "name": element["name"],
        "type": element["type"],
        "enabled": element["enabled"],
        "conversion_method": element["conversionMethod"],
        "attribution_type": element["attributionType"],
        "post_click_attribution_window_size": element.get("postClickAttributionWindowSize"),
        "view_through_attribution_window_size": element.get("viewThroughAttributionWindowSize"),
        "value_type": element.get("valueType"),
        "value": _amount(element, "value"),
        "currency": element.get("value", {}).get("currencyCode"),
        "created_at": _moment(element["created"]),
        "last_modified_at": _moment(element["lastModified"]),
    }


def form_row(account_id: int, element: Element) -> TableRow:
    """A lead form."""
    return {
        "account_id": account_id,
        "lead_form_id": element["id"],
        "name": element["name"],
        "status": element["state"],
        "created_at": _moment(element["created"]),
        "last_modified_at": _moment(element["lastModified"]),
    }


def creative_row(creative: Creative, post: Element | None) -> TableRow:
    """A creative; `post` is the post it refers to, where that may be read."""
    element = creative.element
    content = element.get("content", {})
    name, source = _creative_name(creative, post)
    return {
        "account_id": creative.account_id,
        "creative_id": creative.id,
        "campaign_id": creative.campaign_id,
        "name": name,
        "name_source": source,
        "intended_status": element["intendedStatus"],
        "is_serving": element["isServing"],
        "serving_hold_reasons": element.get("servingHoldReasons"),
        "review_status": element.get("review", {}).get("status"),
        "content_reference": content.get("reference"),
        "content_type": next(iter(content), None),
        "created_at": _moment(element["createdAt"]),
        "last_modified_at": _moment(element["lastModifiedAt"]),
        "lead_form_id": _number_of(element.get("leadgenCallToAction", {}).get("destination")),
        **shown_by(element, post),
    }


def _number_of(urn: str | None) -> int | None:
    return int(urn.rpartition(":")[2]) if urn else None


def _creative_name(creative: Creative, post: Element | None) -> tuple[str, str]:
    element = creative.element
    if element.get("name"):
        return element["name"], "name"
    for shown in element.get("content", {}).values():
        headline = shown.get("headline") if isinstance(shown, dict) else None
        if isinstance(headline, str) and headline:
            return headline, "headline"
    if post is not None and (name := _post_name(post)):
        return name, "post"
    return f"Creative {creative.id}", "fallback"


def _post_name(post: Element) -> str | None:
    content = post.get("content", {})
    return (
        post["adContext"].get("dscName")
        or post.get("commentary", "")[:80]
        or content.get("article", {}).get("title")
        or content.get("media", {}).get("title")
    )


def _amount(element: Element, name: str) -> Decimal | None:
    return Decimal(element[name]["amount"]) if name in element else None


def _run_schedule(element: Element) -> TableRow:
    schedule = element.get("runSchedule", {})
    return {f"run_schedule_{end}": _moment(schedule[end]) if end in schedule else None for end in ("start", "end")}


def _stamps(element: Element) -> TableRow:
    stamps = element["changeAuditStamps"]
    return {
        "created_at": _moment(stamps["created"]["time"]),
        "last_modified_at": _moment(stamps["lastModified"]["time"]),
    }


def _moment(milliseconds: int) -> datetime:
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=rest)
