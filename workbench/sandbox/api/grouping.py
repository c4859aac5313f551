"""Add up what creatives delivered: by pivot, by value of a demographic pivot, by day, month, year or window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.sandbox.world.demography import MINIMUM_EVENTS, known_window
from workbench.sandbox.world.model import Creative, MetricsRow
from workbench.sandbox.world.world import World

GRANULARITIES = ("ALL", "DAILY", "MONTHLY", "YEARLY")

_DEVICES = (("MOBILE_APP", 61), ("DESKTOP_WEB", 30), ("MOBILE_WEB", 8), ("UNDETECTED", 1))
SPLIT_PIVOTS = ("IMPRESSION_DEVICE_TYPE", "SERVING_LOCATION", "CONVERSION")


@dataclass(frozen=True, slots=True)
class Grouped:
    """A row of a report. The days are ordinals, both inclusive."""

    values: tuple[str, ...]
    first: int
    last: int
    row: MetricsRow


def effective_window(first: date, last: date, granularity: str, today: date) -> tuple[date, date]:
    """The window that is answered: with ALL, bounds older than six months widen to whole months."""
    if granularity != "ALL":
        return first, last
    detail = today - timedelta(days=183)
    if first < detail:
        first = first.replace(day=1)
    if last < detail:
        last = (last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first, last


def by_pivots(
    world: World, creatives: Iterable[Creative], pivots: tuple[str, ...], granularity: str, first: date, last: date
) -> list[Grouped]:
    """Rows by up to three pivots; where a creative and a day are asked for, nothing needs adding."""
    if pivots == ("CREATIVE",) and granularity == "DAILY":
        return [
            Grouped((creative.element["id"],), day, day, row)
            for creative in creatives
            for day, row in world.days(creative, first, last)
        ]
    sums: dict[tuple[tuple[str, ...], tuple[int, int]], MetricsRow] = {}
    split = bool(set(pivots) & set(SPLIT_PIVOTS))
    bucket = _bucket(granularity, first, last)
    for creative in creatives:
        entities = {pivot: _entity_value(world, creative, pivot) for pivot in pivots if pivot not in SPLIT_PIVOTS}
        if split:
            pieces = (
                ((values, bucket(day)), part)
                for day, row in world.days(creative, first, last)
                for values, part in _parts(world, creative, day, row, pivots, entities)
            )
        elif all(entities.values()):
            values = tuple(entities.values())
            pieces = (((values, period), row) for period, row in _periods_of(world, creative, granularity, first, last))
        else:
            continue
        for key, part in pieces:
            have = sums.get(key)
            sums[key] = part if have is None else have.plus(part)
    return [Grouped(values, start, end, row) for (values, (start, end)), row in sums.items()]


def _parts(
    world: World, creative: Creative, day: int, row: MetricsRow, pivots: tuple[str, ...], entities: dict[str, str]
) -> list[tuple[tuple[str, ...], MetricsRow]]:
    """The pivot values that a creative's day falls on, each with the figures that do."""
    parts: list[tuple[tuple[str, ...], MetricsRow]] = [((), row)]
    for pivot in pivots:
        if pivot == "CONVERSION":
            parts = [((*v, rule), piece) for v, part in parts for rule, piece in world.rules.parts(creative, day, part)]
        elif pivot == "SERVING_LOCATION":
            parts = [((*v, place), piece) for v, part in parts for place, piece in world.places(creative, day, part)]
        elif pivot == "IMPRESSION_DEVICE_TYPE":
            parts = [((*v, name), part.times(percent, 100)) for v, part in parts for name, percent in _DEVICES]
        else:
            parts = [((*v, entities[pivot]), part) for v, part in parts if entities[pivot]]
    return parts


def _entity_value(world: World, creative: Creative, pivot: str) -> str:
    campaign = world.campaigns[creative.campaign_id]
    reference = str(creative.element.get("content", {}).get("reference", ""))
    values: dict[str, str] = {
        "ACCOUNT": creative.element["account"],
        "CAMPAIGN_GROUP": campaign.element["campaignGroup"],
        "CAMPAIGN": creative.element["campaign"],
        "CREATIVE": creative.element["id"],
        "SHARE": reference if reference.startswith(("urn:li:share:", "urn:li:ugcPost:")) else "",
        "COMPANY": world.accounts[creative.account_id].element["reference"],
        "OBJECTIVE_TYPE": campaign.element.get("objectiveType", ""),
    }
    return values[pivot]


def by_member(
    world: World, creatives: Iterable[Creative], pivot: str, granularity: str, first: date, last: date
) -> list[Grouped]:
    """Rows by value of a demographic pivot; their campaigns are not named."""
    start, end = known_window(first, last, world.clock.today)
    sums: dict[tuple[str, tuple[int, int]], MetricsRow] = {}
    for (campaign_id, bucket), total in _campaign_totals(world, creatives, granularity, start, end).items():
        for value, part in world.audience(campaign_id, pivot, total):
            have = sums.get((value, bucket))
            sums[value, bucket] = part if have is None else have.plus(part)
    window = (first.toordinal(), last.toordinal())
    return [
        Grouped((value,), *(window if granularity == "ALL" else bucket), row)
        for (value, bucket), row in sums.items()
        if row.impressions >= MINIMUM_EVENTS
    ]


def _campaign_totals(
    world: World, creatives: Iterable[Creative], granularity: str, first: date, last: date
) -> dict[tuple[int, tuple[int, int]], MetricsRow]:
    totals: dict[tuple[int, tuple[int, int]], MetricsRow] = {}
    for creative in creatives:
        for period, row in _periods_of(world, creative, granularity, first, last):
            key = (creative.campaign_id, period)
            have = totals.get(key)
            totals[key] = row if have is None else have.plus(row)
    return totals


def _periods_of(
    world: World, creative: Creative, granularity: str, first: date, last: date
) -> Iterator[tuple[tuple[int, int], MetricsRow]]:
    if granularity == "ALL":
        total = world.total(creative, first, last)
        if total is not None:
            yield (first.toordinal(), last.toordinal()), total
        return
    bucket = _bucket(granularity, first, last)
    for day, row in world.days(creative, first, last):
        yield bucket(day), row


def _bucket(granularity: str, first: date, last: date) -> Callable[[int], tuple[int, int]]:
    """The period a day belongs to, cut at the window's ends."""
    start, end = first.toordinal(), last.toordinal()
    if granularity == "ALL":
        return lambda day: (start, end)
    if granularity == "DAILY":
        return lambda day: (day, day)
    periods = {}
    for opening, closing in _periods(first, last, granularity):
        for day in range(max(opening, start), min(closing, end) + 1):
            periods[day] = (max(opening, start), min(closing, end))
    return lambda day: periods[day]


def _periods(first: date, last: date, granularity: str) -> Iterator[tuple[int, int]]:
    day = first.replace(day=1) if granularity == "MONTHLY" else first.replace(month=1, day=1)
    while day <= last:
        step = 32 if granularity == "MONTHLY" else 367
        following = (day + timedelta(days=step)).replace(day=1)
        if granularity == "YEARLY":
            following = following.replace(month=1)
        yield day.toordinal(), following.toordinal() - 1
        day = following
