"""What a correct sync must end up with: the expected rows of each table, for the world as it is now.

It reads the world, never the server's answers, and adds up on its own. Rows are dicts with the tables' column names;
ids are ints, money is `Decimal` (metrics rounded to nine decimals), moments are aware datetimes, days are dates.
Bookkeeping columns (`listed`, `snapshot`, `synced_at`) are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from workbench.sandbox.demography import MINIMUM_EVENTS, audience, known_window, portion
from workbench.sandbox.model import Account, Campaign, Creative, Element, Row
from workbench.sandbox.names import COMPANY_SIZES, SEGMENTS, urn_name
from workbench.sandbox.world import World

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
_DEMOGRAPHIC_COLUMNS = (
    "impressions",
    "clicks",
    "landing_page_clicks",
    "cost_in_local_currency",
    "one_click_leads",
    "external_website_conversions",
)
PIVOTS = tuple(SEGMENTS)
_FIVE_PLACES = Decimal("0.00001")
_NINE_PLACES = Decimal("0.000000001")


class Truth:
    """Expected table rows, each list sorted by its key.

    Every method takes the accounts it is about; None stands for all that are listed.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    # --- entities -----------------------------------------------------------------------------------------------

    def ad_accounts(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        return [_account_row(account) for account in self._accounts(accounts)]

    def campaign_groups(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        groups = [g for account in self._accounts(accounts) for g in self._world.listed_groups(account.id)]
        return _by_key([_group_row(g.account_id, g.element) for g in groups], "campaign_group_id")

    def campaigns(self, accounts: Iterable[int] | None = None) -> list[TableRow]:
        rows = [
            _campaign_row(account, campaign)
            for account in self._accounts(accounts)
            for campaign in self._world.listed_campaigns(account.id)
        ]
        return _by_key(rows, "campaign_id")

    def creatives(self, accounts: Iterable[int] | None = None, *, posts: bool = False) -> list[TableRow]:
        """Args: posts — whether the token may read posts (`r_organization_social`), which names some creatives."""
        rows = [
            self._creative_row(creative, posts)
            for account in self._accounts(accounts)
            for creative in self._world.listed_creatives(account.id)
        ]
        return _by_key(rows, "creative_id")

    def _creative_row(self, creative: Creative, posts: bool) -> TableRow:
        element = creative.element
        content = element.get("content", {})
        kind = next(iter(content), None)
        reference = content.get("reference")
        post = self._world.post(reference) if posts and reference else None
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
            "content_reference": reference,
            "content_type": kind,
            "created_at": _moment(element["createdAt"]),
            "last_modified_at": _moment(element["lastModifiedAt"]),
        }

    # --- metrics ------------------------------------------------------------------------------------------------

    def campaign_daily_metrics(self, first: date, last: date, accounts: Iterable[int] | None = None) -> list[TableRow]:
        """A campaign's day is the sum of its creatives' days, of those no longer listed too."""
        sums: dict[tuple[int, int, int], list[int]] = {}
        for creative in self._creatives(accounts):
            for day, row in self._world.days(creative, first, last):
                key = (creative.account_id, creative.campaign_id, day)
                sums[key] = [a + b for a, b in zip(sums.get(key, [0] * len(row)), row, strict=True)]
        return [
            {"account_id": account, "campaign_id": campaign, "date": date.fromordinal(day), **_metrics(sums[key])}
            for key in sorted(sums)
            for account, campaign, day in [key]
        ]

    def creative_daily_metrics(self, first: date, last: date, accounts: Iterable[int] | None = None) -> list[TableRow]:
        rows = [
            {
                "account_id": creative.account_id,
                "creative_id": creative.id,
                "date": date.fromordinal(day),
                **_metrics(row),
            }
            for creative in self._creatives(accounts)
            for day, row in self._world.days(creative, first, last)
        ]
        return sorted(rows, key=lambda row: (row["account_id"], row["creative_id"], row["date"]))

    # --- demographics -------------------------------------------------------------------------------------------

    def audience_demographics(
        self,
        first: date,
        last: date,
        accounts: Iterable[int] | None = None,
        *,
        pivots: Iterable[str] = PIVOTS,
    ) -> list[TableRow]:
        """One window, per account: at least three events, the top 100 of each creative and day, a day late."""
        rows = []
        for account in self._accounts(accounts):
            totals = self._campaign_totals(account.id, *self._answered(first, last))
            for pivot in pivots:
                for segment, figures in self._segments(totals, pivot).items():
                    if figures[0] >= MINIMUM_EVENTS:
                        key = {"account_id": account.id, "pivot": pivot, "segment_urn": segment}
                        window = {"window_start": first, "window_end": last, "segment_name": segment_name(segment)}
                        metrics = _metrics(figures)
                        rows.append(key | window | {name: metrics[name] for name in _DEMOGRAPHIC_COLUMNS})
        return sorted(rows, key=lambda row: (row["account_id"], row["pivot"], row["segment_urn"]))

    def _answered(self, first: date, last: date) -> tuple[date, date]:
        """LinkedIn answers `ALL` for whole months where a bound is older than six months."""
        today = self._world.clock.today
        if (today - first).days > 183:
            first = first.replace(day=1)
        if (today - last).days > 183:
            last = (last.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return known_window(first, last, today)

    def _campaign_totals(self, account_id: int, first: date, last: date) -> dict[int, list[int]]:
        totals: dict[int, list[int]] = {}
        for creative in self._creatives([account_id]):
            for _, row in self._world.days(creative, first, last):
                have = totals.get(creative.campaign_id, [0] * len(row))
                totals[creative.campaign_id] = [a + b for a, b in zip(have, row, strict=True)]
        return totals

    def _segments(self, totals: dict[int, list[int]], pivot: str) -> dict[str, list[int]]:
        segments: dict[str, list[int]] = defaultdict(lambda: [0] * len(METRIC_COLUMNS))
        for campaign_id, total in totals.items():
            currency = self._world.accounts[self._world.campaigns[campaign_id].account_id].currency
            for segment, share, response in audience(self._world.seed, campaign_id, pivot):
                part = portion(tuple(total), share, response, currency == "JPY")
                segments[segment] = [a + b for a, b in zip(segments[segment], part, strict=True)]
        return segments

    # --- who ----------------------------------------------------------------------------------------------------

    def _accounts(self, accounts: Iterable[int] | None) -> list[Account]:
        wanted = None if accounts is None else set(accounts)
        listed = [a for a in self._world.listed_accounts() if wanted is None or a.id in wanted]
        return sorted(listed, key=lambda account: account.id)

    def _creatives(self, accounts: Iterable[int] | None) -> list[Creative]:
        wanted = {account.id for account in self._accounts(accounts)}
        return [creative for creative in self._world.creatives.values() if creative.account_id in wanted]


def segment_name(segment: str) -> str | None:
    """What a demographic value is called in English; None where LinkedIn does not tell."""
    return COMPANY_SIZES.get(segment) or urn_name(segment)


def _metrics(row: Row | list[int]) -> TableRow:
    return {
        name: _money(value) if name in _MONEY_COLUMNS else value
        for name, value in zip(METRIC_COLUMNS, row, strict=True)
    }


def _money(units: int) -> Decimal:
    return (units * _FIVE_PLACES).quantize(_NINE_PLACES)


def _account_row(account: Account) -> TableRow:
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
    }


def _group_row(account_id: int, element: Element) -> TableRow:
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


def _campaign_row(account: Account, campaign: Campaign) -> TableRow:
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


def _by_key(rows: list[TableRow], key: str) -> list[TableRow]:
    return sorted(rows, key=lambda row: (row["account_id"], row[key]))
