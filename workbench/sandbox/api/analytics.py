"""`adAnalytics`: both finders, their rules, and what they leave out without a word.

Source: LinkedIn docs "Ads reporting" and "Ads reporting schema"; limits and refusals as observed on the live API.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workbench.sandbox.api.calls import Call, need_finder
from workbench.sandbox.api.grouping import GRANULARITIES, SPLIT_PIVOTS, Grouped, by_member, by_pivots, effective_window
from workbench.sandbox.api.metrics import FIELDS, KEYS, NOT_BY_MEMBER, PENETRATION_PIVOTS, UP_TO_92_DAYS
from workbench.sandbox.api.rendering import elements
from workbench.sandbox.api.restli import Query, Value, required
from workbench.sandbox.refusals import field_invalid, invalid_param, missing_param, too_long
from workbench.sandbox.world.model import Creative
from workbench.sandbox.world.vocabulary import MEMBER_PIVOTS

SCHEMA = "com.linkedin.ads.externalapi.reportingapi.v9.AdAnalyticsV9"
ENTITY_PIVOTS = ("ACCOUNT", "CAMPAIGN_GROUP", "CAMPAIGN", "CREATIVE", "SHARE", "COMPANY")
_SILENT_PIVOTS = (
    "CONVERSATION_NODE",
    "CONVERSATION_NODE_OPTION_INDEX",
    "CARD_INDEX",
    "PLACEMENT_NAME",
    "EVENT_STAGE",
)
_SHARED_PIVOTS = (*ENTITY_PIVOTS, *SPLIT_PIVOTS, *_SILENT_PIVOTS)
_ANALYTICS_PIVOTS = (*_SHARED_PIVOTS, *MEMBER_PIVOTS)
_STATISTICS_PIVOTS = (*_SHARED_PIVOTS, "OBJECTIVE_TYPE")
_NO_REACH = ("approximateMemberReach", "externalWebsiteConversions", "conversionValueInLocalCurrency")
_FACETS = {
    "accounts": ("sponsoredAccount",),
    "campaignGroups": ("sponsoredCampaignGroup",),
    "campaigns": ("sponsoredCampaign",),
    "creatives": ("sponsoredCreative",),
    "shares": ("share", "ugcPost"),
    "companies": ("organization",),
}
_PARAMS = ("q", "timeGranularity", "dateRange", "fields", "start", "count", "campaignType", "sortBy", *_FACETS)
_SORTS = {
    "COST_IN_LOCAL_CURRENCY": 2,
    "IMPRESSIONS": 0,
    "CLICKS": 1,
    "ONE_CLICK_LEADS": 10,
    "OPENS": 16,
    "SENDS": 17,
    "EXTERNAL_WEBSITE_CONVERSIONS": 12,
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """A report request, checked."""

    pivots: tuple[str, ...]
    granularity: str
    first: date
    last: date
    fields: tuple[str, ...]
    count: int | None

    @property
    def by_member(self) -> bool:
        return self.pivots[0] in MEMBER_PIVOTS

    @property
    def metrics(self) -> int:
        return sum(name not in KEYS for name in self.fields)


def report(call: Call) -> bytes:
    """The report as JSON text.

    The answer of an account without activity, without access and without existence is the same: no elements.
    """
    finder = need_finder(call, ("analytics", "statistics"))
    call.need_scope("adAnalytics", f"FINDER-{finder}", "r_ads_reporting")
    query = call.read(*_PARAMS, "pivot" if finder == "analytics" else "pivots")
    question = _question(query, finder, call.world.clock.today)
    longest = call.switches.longest_window
    if longest is not None and (question.last - question.first).days >= longest:
        raise too_long(call.switches.too_long)
    if call.switches.broken_day and question.first <= call.switches.broken_day <= question.last:
        raise too_long(500)
    grouped = _grouped(call, query, question)
    order = _sort(query)
    if order is not None:
        index, descending = order
        grouped.sort(key=lambda entry: entry.row[index], reverse=descending)
    shown = elements(grouped, question.fields, _residue_seed(call))
    limit = min(_limits(call, question))
    kept = shown[:limit]
    call.throttles.spend(len(kept) * question.metrics)
    return b'{"paging":{"start":0,"count":10,"links":[]},"elements":[' + ",".join(kept).encode() + b"]}"


def _limits(call: Call, question: Question) -> Iterable[int]:
    """The limits on the number of elements of an answer, which is cut there without a word."""
    yield call.switches.element_cap
    if question.count is not None:
        yield question.count
    elif call.switches.default_rows is not None:
        yield call.switches.default_rows


def _residue_seed(call: Call) -> str | None:
    return call.query if call.switches.residue else None


# --- the question ------------------------------


def _question(query: Query, finder: str, today: date) -> Question:
    pivots = _pivots(query, finder)
    granularity = query.enum("timeGranularity", GRANULARITIES)
    required(granularity, "timeGranularity")
    first, last = _window(query.value("dateRange"), today)
    if not any(name in query for name in _FACETS):
        raise field_invalid("facets", "ERROR :: / :: At least one facet is required")
    if query.integer("start", 0) > 0:
        raise invalid_param("start")
    first, last = effective_window(first, last, str(granularity), today)
    return Question(
        pivots=pivots,
        granularity=str(granularity),
        first=first,
        last=last,
        fields=_fields(query, pivots, first, last),
        count=query.integer("count", 0) if "count" in query else None,
    )


def _pivots(query: Query, finder: str) -> tuple[str, ...]:
    if finder == "analytics":
        pivot = query.enum("pivot", _ANALYTICS_PIVOTS)
        required(pivot, "pivot")
        return (str(pivot),)
    pivots = query.texts("pivots")
    required(pivots, "pivots")
    chosen = tuple(pivots or ())
    if not 1 <= len(chosen) <= 3 or len(set(chosen)) != len(chosen):
        raise field_invalid("pivots", "ERROR :: /pivots :: between 1 and 3 different pivots are supported")
    for pivot in chosen:
        if pivot not in _STATISTICS_PIVOTS:
            raise field_invalid("pivots", f"ERROR :: /pivots :: {pivot!r} is not supported by this finder")
    return chosen


def _window(value: Value | None, today: date) -> tuple[date, date]:
    if value is None:
        raise missing_param("dateRange")
    if not isinstance(value, dict) or "start" not in value or not set(value) <= {"start", "end"}:
        raise invalid_param("dateRange")
    first = _day(value["start"])
    last = _day(value["end"]) if "end" in value else today
    if last < first:
        raise field_invalid("dateRange", "ERROR :: /dateRange :: start must not be after end")
    return first, last


def _day(value: Value) -> date:
    if not isinstance(value, dict) or set(value) != {"year", "month", "day"}:
        raise invalid_param("dateRange")
    try:
        return date(*(int(str(value[part])) for part in ("year", "month", "day")))
    except ValueError as error:
        raise invalid_param("dateRange") from error


def _fields(query: Query, pivots: tuple[str, ...], first: date, last: date) -> tuple[str, ...]:
    names = query.fields(SCHEMA, FIELDS)
    if names is None:
        return ("impressions", "clicks")
    if len(names) > 20:
        raise field_invalid("fields", "ERROR :: /fields :: At most 20 fields can be requested")
    for name in names:
        if name in NOT_BY_MEMBER and pivots[0] in MEMBER_PIVOTS:
            raise field_invalid("fields", f"ERROR :: /fields :: {name} is not supported with {pivots[0]}")
        if name in _NO_REACH and "IMPRESSION_DEVICE_TYPE" in pivots:
            raise field_invalid("fields", f"ERROR :: /fields :: {name} is not supported with IMPRESSION_DEVICE_TYPE")
        if name == "audiencePenetration" and not set(pivots) <= set(PENETRATION_PIVOTS):
            raise field_invalid("fields", f"ERROR :: /fields :: {name} is not supported with {', '.join(pivots)}")
        if name in UP_TO_92_DAYS and (last - first).days >= 92:
            raise field_invalid("fields", f"ERROR :: /fields :: {name} is not supported for more than 92 days")
    return tuple(dict.fromkeys(names))


def _sort(query: Query) -> tuple[int, bool] | None:
    value = query.value("sortBy")
    if value is None:
        return None
    if not isinstance(value, dict) or value.get("field") not in _SORTS:
        raise invalid_param("sortBy")
    return _SORTS[str(value["field"])], value.get("order", "DESCENDING") == "DESCENDING"


# --- whose rows ------------------------------


def _grouped(call: Call, query: Query, question: Question) -> list[Grouped]:
    creatives = _creatives(call, query)
    kept = call.switches.days_kept
    if question.granularity == "DAILY" and kept is not None:
        question = replace(question, first=max(question.first, call.world.clock.today - timedelta(days=kept)))
    if question.by_member:
        return by_member(call.world, creatives, question.pivots[0], question.granularity, question.first, question.last)
    if set(question.pivots) & set(_SILENT_PIVOTS):
        return []
    return by_pivots(call.world, creatives, question.pivots, question.granularity, question.first, question.last)


def _creatives(call: Call, query: Query) -> list[Creative]:
    """The creatives that every facet accepts, of accounts on which the member has a role, listed or not."""
    wanted = {name: query.urns(name, *kinds) for name, kinds in _FACETS.items()}
    sets = {name: frozenset(urns) for name, urns in wanted.items() if urns is not None}
    kind = query.text("campaignType")
    found = _of_accounts(call, sets.pop("accounts", None))
    for name, urns in sets.items():
        found = [creative for creative in found if _facet(call, creative, name) in urns]
    campaigns = call.world.campaigns
    return [c for c in found if kind is None or campaigns[c.campaign_id].element["type"] == kind]


def _of_accounts(call: Call, urns: frozenset[str] | None) -> list[Creative]:
    return [
        creative
        for account in call.world.visible_accounts()
        if urns is None or f"urn:li:sponsoredAccount:{account.id}" in urns
        for creative in call.world.creatives_by_account[account.id]
    ]


def _facet(call: Call, creative: Creative, name: str) -> str:
    element = creative.element
    if name == "campaigns":
        return str(element["campaign"])
    if name == "creatives":
        return str(element["id"])
    if name == "shares":
        return str(element.get("content", {}).get("reference", ""))
    if name == "companies":
        return str(call.world.accounts[creative.account_id].element["reference"])
    return str(call.world.campaigns[creative.campaign_id].element["campaignGroup"])
