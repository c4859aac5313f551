"""Checks of answers 7 to 12: false alarms, false suggestions, false calls, and how often intervals hold the truth."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random

import polars as pl
from calibrating import Check, poisson

from workbench.analytics.demographic_index import demographic_index
from workbench.analytics.morning_check import Campaign, morning
from workbench.analytics.morning_inputs import morning_check
from workbench.analytics.overdispersion import day_scatter
from workbench.analytics.placement import OFF, ON, Part, placement
from workbench.analytics.reallocation import AdSet, reallocation

LAST = date(2026, 11, 21)
DAYS = [LAST - timedelta(days=number) for number in reversed(range(56))]
WEEK = (1.05, 1.15, 1.15, 1.05, 1.0, 0.8, 0.8)
SEGMENTS = [
    0.2,
    0.15,
    0.12,
    0.1,
    0.08,
    0.07,
    0.06,
    0.05,
    0.04,
    0.03,
    0.025,
    0.02,
    0.015,
    0.012,
    0.01,
    0.008,
    0.006,
    0.004,
]


def _spends(random: Random, noise: float, last: float = 1.0) -> tuple[tuple[date, float], ...]:
    level = math.exp(random.gauss(math.log(120), 0.6))
    values = [level * WEEK[day.weekday()] * math.exp(random.gauss(0, noise)) for day in DAYS]
    return tuple(zip(DAYS, [*values[:-1], values[-1] * last], strict=True))


def false_spend_alarms(random: Random, mornings: int, *, sets: int, noise: float) -> float:
    """Alarms a morning where nothing happened."""
    found = (morning([Campaign(n, _spends(random, noise)) for n in range(sets)]) for _ in range(mornings))
    return sum(len(one.alarms) for one in found) / mornings


def outages_found(random: Random, mornings: int, *, sets: int, noise: float) -> float:
    """The share of ad sets that stopped spending, one each morning, that is reported."""
    alarmed = 0
    for _ in range(mornings):
        calm = [Campaign(n, _spends(random, noise)) for n in range(1, sets)]
        level = [Campaign(0, tuple((day, value) for day, value in _spends(random, noise, 0.0)))]
        alarmed += any(alarm.campaign_id == 0 for alarm in morning([*level, *calm]).alarms)
    return alarmed / mornings


def _results(random: Random, sets: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = []
    for campaign in range(sets):
        cost = 150 * math.exp(random.gauss(0, 0.5))
        for day, spend in _spends(random, 0.15):
            rows.append((campaign, day, round(spend, 2), poisson(random, spend / cost)))
    names = ("campaign_id", "date", "cost_in_local_currency", "results")
    days = pl.DataFrame(
        rows, schema=dict(zip(names, (pl.Int64, pl.Date, pl.Float64, pl.Int64), strict=True)), orient="row"
    )
    settings = pl.DataFrame({"campaign_id": range(sets), "objective_type": ["LEAD_GENERATION"] * sets})
    nothing = (pl.lit(None, pl.Float64).alias("daily_budget"), pl.lit(False).alias("group_budget"))
    return days, settings.with_columns(*nothing, pl.lit(None, pl.List(pl.String)).alias("serving_statuses"))


def false_missing_results(random: Random, looks: int, *, sets: int) -> float:
    """Ad sets a look that are said to have spent too long without a lead, where all keep their rate."""
    found = (morning_check(*_results(random, sets), last_day=LAST).alarms for _ in range(looks))
    return sum(alarm.rule == "no_result" for alarms in found for alarm in alarms) / looks


def false_suggestions(random: Random, cases: int, *, sets: int, results: float) -> float:
    """The share of cases in which equal ad sets lead to a suggestion; four weeks, all limited."""
    suggested = 0
    for _ in range(cases):
        weeks = [(n, 750.0, poisson(random, results / 4)) for n in range(sets) for _ in range(4)]
        phi = day_scatter(weeks).phi
        counts = [sum(count for name, _, count in weeks if name == n) for n in range(sets)]
        made = [AdSet(n, Decimal(3000), count, True, phi[n]) for n, count in enumerate(counts)]
        suggested += reallocation(made).suggestion is not None
    return suggested / cases


def false_segments(random: Random, cases: int, *, clicks: int) -> float:
    """The share of cases in which any of 18 segments that answer alike is called."""
    called = 0
    for _ in range(cases):
        counts = [_blurred(random, poisson(random, clicks * share / sum(SEGMENTS))) for share in SEGMENTS]
        rows = [(1000 * share, count) for share, count in zip(SEGMENTS, counts, strict=True)]
        found = demographic_index(rows, (1000 * sum(SEGMENTS), sum(count or 0 for count in counts)))
        called += any(segment.verdict in ("over", "under") for segment in found.segments)
    return called / cases


def placement_coverage(random: Random, cases: int, *, on: float, off: float) -> float:
    """How often the 90 % interval holds the true ratio of results per money."""
    held = judged = 0
    for _ in range(cases):
        parts = {ON: Part(Decimal(6000), poisson(random, on)), OFF: Part(Decimal(3000), poisson(random, off))}
        found = placement(parts, Part(Decimal(9000), sum(part.results for part in parts.values())))
        if found.low is not None and found.high is not None:
            judged += 1
            held += found.low <= (off / 3000) / (on / 6000) <= found.high
    return held / judged


def _blurred(random: Random, count: int) -> int | None:
    """A count as LinkedIn shows it: moved by up to 3, and hidden below 3."""
    shown = round(count + random.uniform(-3, 3))
    return shown if shown >= 3 else None


CHECKS = [
    *(
        Check(
            f"false spend alarms a morning, {sets} ad sets, noise {noise:.0%}",
            0,
            0.3,
            partial(false_spend_alarms, sets=sets, noise=noise),
            repetitions,
            0.4,
        )
        for sets, noise, repetitions in ((20, 0.15, 100), (60, 0.15, 60), (60, 0.35, 60), (300, 0.35, 20))
    ),
    Check("outages found, 60 ad sets, noise 15%", 0.95, 1, partial(outages_found, sets=60, noise=0.15), 40, 0.05),
    *(
        Check(f"false no_result a look, {sets} ad sets", 0, 0.55, partial(false_missing_results, sets=sets), looks, 0.6)
        for sets, looks in ((20, 200), (60, 80), (300, 20))
    ),
    *(
        Check(
            f"false suggestions, {sets} equal ad sets of {results} results",
            0,
            0.025,
            partial(false_suggestions, sets=sets, results=results),
            cases,
            0.05,
        )
        for sets, results, cases in ((2, 15, 1000), (5, 15, 1000), (12, 15, 300), (5, 50, 500))
    ),
    *(
        Check(
            f"calls among 18 alike segments, {clicks} clicks",
            0,
            0.14,
            partial(false_segments, clicks=clicks),
            cases,
            0.12,
        )
        for clicks, cases in ((150, 300), (600, 300), (3000, 200))
    ),
    *(
        Check(
            f"placement interval holds, {on}/{off}", 0.87, 0.95, partial(placement_coverage, on=on, off=off), 1500, 0.06
        )
        for on, off in ((40, 3), (100, 15), (20, 20))
    ),
]
