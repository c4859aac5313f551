"""Models of the rows of adAnalytics, and their keys; the metrics of each are the catalogue's.

Source: Microsoft Learn, LinkedIn Marketing API, "Reporting", 2026.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any, Required

from pydantic import Field
from typing_extensions import TypedDict  # pydantic cannot use typing's own before Python 3.12

from workbench.linkedin.kinds import URN, Count, Kind, Money, Number, T, Urn, strict_record
from workbench.schema.metrics import BY_CONVERSION, BY_DEMOGRAPHIC, CORE, STORED, Stored
from workbench.schema.reach_metrics import REACHED

_RULE = re.compile(r"urn:[a-z]+:[a-zA-Z]+:[0-9]{1,18}")  # `urn:lla:llaPartnerConversion:` so far


@strict_record
class CalendarDay(TypedDict):
    """A day as LinkedIn writes it: UTC, and not a moment in time."""

    year: Annotated[int, Field(ge=1, le=9999)]
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]


@strict_record
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
    return strict_record(TypedDict(cls.__name__, fields, total=False))  # type: ignore[operator]  # made at run time


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
    if not URN.fullmatch(entity):
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


_DAYS = 8  # keys in a dateRange: start, end; year, month, day each
DAILY_METRICS = Kind(_with_metrics(DailyMetrics, STORED), daily_key, nested=_DAYS, daily=True)
MONTHLY_METRICS = Kind(_with_metrics(DailyMetrics, CORE), monthly_key, nested=_DAYS)
PLACEMENT_METRICS = Kind(_with_metrics(DividedMetrics, CORE), placement_key, nested=_DAYS, daily=True)
CONVERSION_METRICS = Kind(_with_metrics(DividedMetrics, BY_CONVERSION), conversion_key, nested=_DAYS, daily=True)
REACHED_MEMBERS = Kind(_with_metrics(Reached, REACHED), lambda record: record["pivotValues"][0])
DEMOGRAPHICS = Kind(_with_metrics(Demographics, BY_DEMOGRAPHIC), lambda record: record["pivotValues"][0])
