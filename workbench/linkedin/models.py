"""Models of LinkedIn's elements: they accept unknown fields and refuse values that the snapshot views cannot read.

A record only judges; the element itself is kept as it came. Every field here is one that `sql/views/` reads.
They are typed dictionaries because pydantic judges those three times as fast as objects, and a sync sees half a
million rows.

Source: Microsoft Learn, LinkedIn Marketing API (accounts, campaign groups, campaigns, creatives, reporting), 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Any, Generic, Required, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict  # pydantic cannot use typing's own before Python 3.12

from workbench.schema.metrics import BY_CONVERSION, BY_DEMOGRAPHIC, CORE, STORED, Stored
from workbench.schema.reach_metrics import REACHED
from workbench.schema.resources import entity_id

Count = Annotated[int, Field(ge=0, lt=10**18)]
Money = Annotated[
    Annotated[str, Field(pattern=r"^-?[0-9]{1,18}(\.[0-9]{1,40})?([eE]-[0-9]{1,3})?$")]
    | Annotated[int, Field(gt=-(10**15), lt=10**15)],
    Field(union_mode="left_to_right"),
]
Number = Annotated[Money | Annotated[float, Field(gt=-(10**15), lt=10**15)], Field(union_mode="left_to_right")]
"""A share or an average: LinkedIn sends some as JSON numbers."""
Milliseconds = Annotated[int, Field(ge=0, lt=253_402_300_800_000)]  # up to the year 9999
Text = Annotated[str, Field(max_length=100_000)]
Texts = list[Text]
Days = Annotated[int, Field(ge=0, lt=10**6)]
_RULE = re.compile(r"urn:[a-z]+:[a-zA-Z]+:[0-9]{1,18}")  # `urn:lla:llaPartnerConversion:` so far
_URN = re.compile(r"urn:li:[a-zA-Z]+:[0-9]{1,18}")
Urn = Annotated[str, Field(pattern=rf"^{_URN.pattern}$")]
Id = Annotated[Annotated[int, Field(gt=0, lt=10**18)] | Urn, Field(union_mode="left_to_right")]

T = TypeVar("T")


def _record(cls: type[T]) -> type[T]:
    """The configuration of a record: strict in the fields it names, all others are ignored."""
    return with_config(ConfigDict(strict=True, extra="ignore"))(cls)


@_record
class Amount(TypedDict, total=False):
    """LinkedIn's Money: `{"amount": "1250.00", "currencyCode": "USD"}`."""

    amount: Money | None
    currencyCode: Text | None


@_record
class RunSchedule(TypedDict, total=False):
    start: Milliseconds | None
    end: Milliseconds | None


@_record
class AuditStamp(TypedDict, total=False):
    time: Milliseconds | None


@_record
class ChangeAuditStamps(TypedDict, total=False):
    created: AuditStamp | None
    lastModified: AuditStamp | None


@_record
class Review(TypedDict, total=False):
    status: Text | None


@_record
class AdAccount(TypedDict, total=False):
    id: Required[Id]
    name: Text | None
    currency: Text | None
    type: Text | None
    status: Text | None
    servingStatuses: Texts | None
    reference: Text | None
    test: bool | None
    changeAuditStamps: ChangeAuditStamps | None


@_record
class CampaignGroup(TypedDict, total=False):
    id: Required[Id]
    name: Text | None
    status: Text | None
    objectiveType: Text | None
    totalBudget: Amount | None
    dailyBudget: Amount | None
    runSchedule: RunSchedule | None
    changeAuditStamps: ChangeAuditStamps | None


@_record
class Campaign(TypedDict, total=False):
    id: Required[Id]
    campaignGroup: Urn | None
    name: Text | None
    status: Text | None
    servingStatuses: Texts | None
    type: Text | None
    format: Text | None
    objectiveType: Text | None
    costType: Text | None
    unitCost: Amount | None
    dailyBudget: Amount | None
    totalBudget: Amount | None
    optimizationTargetType: Text | None
    creativeSelection: Text | None
    pacingStrategy: Text | None
    offsiteDeliveryEnabled: bool | None
    audienceExpansionEnabled: bool | None
    runSchedule: RunSchedule | None
    targetingCriteria: dict[str, Any] | None
    test: bool | None
    changeAuditStamps: ChangeAuditStamps | None


@_record
class LeadgenCallToAction(TypedDict, total=False):
    destination: Urn | None


@_record
class Creative(TypedDict, total=False):
    """A creative, the only entity whose id is a URN."""

    id: Required[Urn]
    campaign: Urn | None
    name: Text | None
    intendedStatus: Text | None
    isServing: bool | None
    servingHoldReasons: Texts | None
    review: Review | None
    content: dict[str, Any] | None
    leadgenCallToAction: LeadgenCallToAction | None
    createdAt: Milliseconds | None
    lastModifiedAt: Milliseconds | None


@_record
class Conversion(TypedDict, total=False):
    """A conversion rule."""

    id: Required[Id]
    name: Text | None
    type: Text | None
    enabled: bool | None
    conversionMethod: Text | None
    attributionType: Text | None
    postClickAttributionWindowSize: Days | None
    viewThroughAttributionWindowSize: Days | None
    valueType: Text | None
    value: Amount | None
    created: Milliseconds | None
    lastModified: Milliseconds | None


@_record
class LeadForm(TypedDict, total=False):
    """A lead form, without its questions."""

    id: Required[Id]
    name: Text | None
    state: Text | None
    created: Milliseconds | None
    lastModified: Milliseconds | None


@_record
class CalendarDay(TypedDict):
    """A day as LinkedIn writes it: UTC, and not a moment in time."""

    year: Annotated[int, Field(ge=1, le=9999)]
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]


@_record
class DateRange(TypedDict):
    start: CalendarDay
    end: CalendarDay


def _with_metrics(cls: type[T], metrics: Sequence[Stored]) -> type[T]:
    """The record of a row's key, extended by a field for each metric.

    LinkedIn leaves a metric out of a row where it is 0. Null in its place says that the value is unknown: only figures
    that never add up may be.
    """
    fields: dict[str, Any] = dict(cls.__annotations__)
    for metric in metrics:
        kind = Count if metric.type == "count" else Money if metric.unit in ("money", "usd") else Number
        fields[metric.field] = kind | None if metric.group == "reach" else kind
    return _record(TypedDict(cls.__name__, fields, total=False))  # type: ignore[operator]  # made at run time


class DailyMetrics(TypedDict, total=False):
    """Key of a row of adAnalytics with DAILY granularity: one entity, one UTC day. Its metrics are the catalogue's."""

    dateRange: Required[DateRange]
    pivotValues: Required[Annotated[list[Urn], Field(min_length=1, max_length=1)]]


class DividedMetrics(TypedDict, total=False):
    """Key of a row of adAnalytics with the pivots CAMPAIGN and another one: a campaign, its part, a UTC day."""

    dateRange: Required[DateRange]
    pivotValues: Required[Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=2, max_length=2)]]


class Reached(TypedDict, total=False):
    """Key of a row of adAnalytics by entity over a whole window; its metrics are the catalogue's."""

    dateRange: DateRange | None
    pivotValues: Required[Annotated[list[Urn], Field(min_length=1, max_length=1)]]


class Demographics(TypedDict, total=False):
    """Key of a row of adAnalytics with a `MEMBER_*` pivot over a whole window; its metrics are the catalogue's.

    Segments are URNs, company sizes bare enums.
    """

    dateRange: DateRange | None
    pivotValues: Required[
        Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(min_length=1, max_length=1)]
    ]


@_record
class TargetingEntity(TypedDict, total=False):
    """The name of a URN, as `adTargetingEntities` answers."""

    urn: Required[Text]
    name: Text | None


@_record
class _Titled(TypedDict, total=False):
    id: Text | None
    source: Text | None
    title: Text | None


@_record
class _AdContext(TypedDict, total=False):
    dscName: Text | None


@_record
class _PostContent(TypedDict, total=False):
    article: _Titled | None
    media: _Titled | None


@_record
class Post(TypedDict, total=False):
    """The fields of a post that can name a creative, or say what it shows."""

    commentary: Text | None
    contentLandingPage: Text | None
    adContext: _AdContext | None
    content: _PostContent | None


@dataclass(frozen=True)
class Kind(Generic[T]):
    """One kind of record: how it is judged, and what identifies it within an answer.

    Attributes:
        key: from a judged record to its key; raises ValueError where there is none.
        entity: whether the record has attributes, one of which may be unknown, and no figures.
        daily: whether the record is of one UTC day, which its key names second.
        nested: how many keys lie below the first level of every record, where only what was asked for can come.
    """

    schema: type[T]
    key: Callable[[T], Hashable]
    nested: int | None = None
    entity: bool = False
    daily: bool = False

    @cached_property
    def one(self) -> TypeAdapter[T]:
        return TypeAdapter(self.schema)

    @cached_property
    def many(self) -> TypeAdapter[list[T]]:
        return TypeAdapter(list[self.schema])  # type: ignore[name-defined]  # a type made at run time


@lru_cache(maxsize=4_000)  # of constants: a listing names the same few hundred days millions of times
def _day(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def daily_key(record: DailyMetrics) -> tuple[str, date]:
    """The key of a daily row: entity and UTC day.

    Raises:
        ValueError: the calendar has no such day, or the row names several.
    """
    days = record["dateRange"]
    start = days["start"]
    if start != days["end"]:
        raise ValueError("a daily row that spans several days")
    return record["pivotValues"][0], _day(start["year"], start["month"], start["day"])


def monthly_key(record: DailyMetrics) -> tuple[str, date]:
    """The key of a row of a month: entity and first day.

    Raises:
        ValueError: the row is not of one whole calendar month.
    """
    days = record["dateRange"]
    first, last = (_day(days[end]["year"], days[end]["month"], days[end]["day"]) for end in ("start", "end"))
    if first.day != 1 or last != (first + timedelta(days=31)).replace(day=1) - timedelta(days=1):
        raise ValueError("a row that is not of one whole month")
    return record["pivotValues"][0], first


def placement_key(record: DividedMetrics) -> tuple[str, date, str]:
    """Campaign, UTC day and serving location.

    Raises:
        ValueError: the first value is no URN, the calendar has no such day, or the row speaks of several.
    """
    entity, place = record["pivotValues"]
    if not _URN.fullmatch(entity):
        raise ValueError(f"{entity} is not a URN")
    days = record["dateRange"]
    start = days["start"]
    if start != days["end"]:
        raise ValueError("a daily row that spans several days")
    return entity, _day(start["year"], start["month"], start["day"]), place


def conversion_key(record: DividedMetrics) -> tuple[str, date, int]:
    """Campaign, UTC day and conversion rule.

    Raises:
        ValueError: as `placement_key`, or the rule is no URN that ends with a number.
    """
    entity, day, rule = placement_key(record)
    if not _RULE.fullmatch(rule):
        raise ValueError(f"{rule[:100]} is not a conversion rule")
    return entity, day, int(rule.rpartition(":")[2])


def no_key(record: Post) -> None:
    """None: posts are asked for by URN, and the answer maps each URN to its post."""


AD_ACCOUNT = Kind(AdAccount, entity_id, entity=True)
CAMPAIGN_GROUP = Kind(CampaignGroup, entity_id, entity=True)
CAMPAIGN = Kind(Campaign, entity_id, entity=True)
CREATIVE = Kind(Creative, entity_id, entity=True)
ENTITIES: Mapping[str, Kind[Any]] = {
    "ad_accounts": AD_ACCOUNT,
    "campaign_groups": CAMPAIGN_GROUP,
    "campaigns": CAMPAIGN,
    "creatives": CREATIVE,
    "lead_forms": Kind(LeadForm, entity_id, entity=True),
    "conversions": Kind(Conversion, entity_id, entity=True),
}
"""The kind of record of each resource that is listed."""
_DAYS = 8  # keys in a dateRange: start, end; year, month, day each
DAILY_METRICS = Kind(_with_metrics(DailyMetrics, STORED), daily_key, nested=_DAYS, daily=True)
MONTHLY_METRICS = Kind(_with_metrics(DailyMetrics, CORE), monthly_key, nested=_DAYS)
PLACEMENT_METRICS = Kind(_with_metrics(DividedMetrics, CORE), placement_key, nested=_DAYS, daily=True)
CONVERSION_METRICS = Kind(_with_metrics(DividedMetrics, BY_CONVERSION), conversion_key, nested=_DAYS, daily=True)
REACHED_MEMBERS = Kind(_with_metrics(Reached, REACHED), lambda record: record["pivotValues"][0])
DEMOGRAPHICS = Kind(_with_metrics(Demographics, BY_DEMOGRAPHIC), lambda record: record["pivotValues"][0])
TARGETING_ENTITY = Kind(TargetingEntity, lambda record: record["urn"])
POST = Kind(Post, no_key)
