"""Will the budget be spent at the end of the period: pace, daily need, forecast with its interval.

The forecast is a smoothed level under weekday factors (`smoothing`), cut to what budgets allow. LinkedIn may spend up
to 1.5 times a daily budget on one day and 7 times it from Monday to Sunday (LinkedIn Help a422101).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.analytics.smoothing import Day, Fit, days_between, fit, quantile_of_t

LONGEST_HISTORY = 56
ENOUGH_DAYS = 14
STOPPED_DAYS = 3
DAYS_AFTER_CHANGE = 7
MOST_A_DAY, MOST_A_WEEK = 1.5, 7
STATES = ("forecast", "too_little", "stopped", "not_running", "over")


@dataclass(frozen=True)
class Budget:
    """What limits the spend of a level, in the account's currency; None where there is none.

    Attributes:
        amount: the budget of the period, which pace and need are measured against.
        total_left: what is left of a total budget.
        daily: the daily budget.
        flight: first and last day of a set schedule.
        spent_in_flight: spend since the schedule began; None: what the history says.
    """

    amount: float | None = None
    total_left: float | None = None
    daily: float | None = None
    flight: tuple[date, date] | None = None
    spent_in_flight: float | None = None


@dataclass(frozen=True)
class Pacing:
    """Where the spend of one level ends; money in the account's currency.

    Attributes:
        spent: in the period, known days only.
        unknown_days: days of the period that are not known and not in `spent`.
        days_left: days of the period after the last complete one.
        pace_index: spent ÷ (budget × elapsed share of the period); None without a budget or before its second day.
        needed_daily: what each day left must spend to spend the budget; None without a budget or days left.
        forecast, forecast_low, forecast_high: spend of the whole period, mean and 80 % interval.
        p_over: probability that the spend passes the budget, 0 to 1.
        daily_rate: mean spend of the days left, before any cap.
        used_up_on: day on which the total budget will be used up, if within the period.
        state: one of `STATES`.
        level_after: the change of settings after which the level begins anew, if any.
        last_day: the last complete day.
        last_spend_day: the last known day with spend.
        known_days: known days that the forecast rests on.
        fit: the smoothed series, if there is a forecast.
        sd: of the forecast.
    """

    spent: float
    unknown_days: int
    days_left: int
    pace_index: float | None = None
    needed_daily: float | None = None
    forecast: float | None = None
    forecast_low: float | None = None
    forecast_high: float | None = None
    p_over: float | None = None
    daily_rate: float | None = None
    used_up_on: date | None = None
    state: str = "too_little"
    level_after: date | None = None
    last_day: date | None = None
    last_spend_day: date | None = None
    known_days: int = 0
    fit: Fit | None = None
    sd: float | None = None


def pacing(
    days: Mapping[date, float | None],
    first: date,
    last: date,
    budget: Budget,
    *,
    running: bool = True,
    changed_on: date | None = None,
) -> Pacing | None:
    """Where the spend of the period ends, or None without any day.

    Args:
        days: spend by day of the level at which the budget stands, to the last complete day; None is unknown.
        first, last: the period, both inclusive.
        running: whether the level is active and within its schedule.
        changed_on: the newest change of budget, bid or status within the history.
    """
    if not days:
        return None
    end = max(days)
    recent: list[Day] = [(day, days[day]) for day in sorted(days) if (end - day).days < LONGEST_HISTORY]
    known = [(day, value) for day, value in recent if value is not None]
    base = _measured(days, first, last, end, budget.amount, known)
    over = budget.amount is not None and (budget.amount <= 0 or base.spent > budget.amount)
    if not running:
        return _with(base, state="not_running", forecast=base.spent)
    if len(known) < ENOUGH_DAYS:
        return _with(base, state="over" if over else "too_little")
    if not any(value for _, value in known[-STOPPED_DAYS:]):
        return _with(base, state="over" if over else "stopped", forecast=base.spent)
    level_after = _level_after(known, changed_on)
    fitted = fit(recent, level_after=level_after)
    if fitted is None:
        return base
    ahead = days_between(max(end + timedelta(days=1), first), last)
    state = "over" if over else "forecast"
    return _with(base, state=state, level_after=level_after, **_forecast(fitted, ahead, days, base.spent, budget))


def caps(ahead: Sequence[date], days: Mapping[date, float | None], budget: Budget) -> tuple[float | None, float | None]:
    """The smallest hard and the smallest soft cap on the spend of the days ahead, 0 or more; None where none holds."""
    hard = []
    if budget.total_left is not None:
        hard.append(budget.total_left)
    if budget.daily is not None and budget.flight is not None:
        first, last = budget.flight
        spent = budget.spent_in_flight
        if spent is None:
            spent = math.fsum(value for day, value in days.items() if value is not None and first <= day <= last)
        hard.append(budget.daily * ((last - first).days + 1) - spent)
    soft = _week_caps(ahead, days, budget.daily) if budget.daily is not None else None
    return max(0.0, min(hard)) if hard else None, soft


def _week_caps(ahead: Sequence[date], days: Mapping[date, float | None], daily: float) -> float:
    """The most that a daily budget lets through: 1.5 times on a day, 7 times from Monday to Sunday."""
    weeks: dict[date, int] = {}
    for day in ahead:
        monday = day - timedelta(days=day.weekday())
        weeks[monday] = weeks.get(monday, 0) + 1
    most = []
    for monday, count in weeks.items():
        spent = math.fsum(days.get(day) or 0.0 for day in days_between(monday, monday + timedelta(days=6)))
        most.append(max(0.0, min(MOST_A_WEEK * daily - spent, MOST_A_DAY * daily * count)))
    return math.fsum(most)


def _measured(
    days: Mapping[date, float | None],
    first: date,
    last: date,
    end: date,
    amount: float | None,
    known: Sequence[tuple[date, float]],
) -> Pacing:
    """Pace and need, which need no forecast."""
    within = [value for day, value in days.items() if first <= day <= last]
    spent = math.fsum(value for value in within if value is not None)
    left = max(0, (last - max(end, first - timedelta(days=1))).days)
    length, elapsed = (last - first).days + 1, (min(end, last) - first).days + 1
    planned = amount * elapsed / length if amount is not None and elapsed > 0 else 0.0
    return Pacing(
        spent=spent,
        unknown_days=sum(value is None for value in within),
        days_left=left,
        pace_index=spent / planned if planned > 0 else None,
        needed_daily=max(0.0, amount - spent) / left if amount is not None and left else None,
        last_day=end,
        last_spend_day=max((day for day, value in days.items() if value), default=None),
        known_days=len(known),
    )


def _level_after(known: Sequence[tuple[date, float]], changed_on: date | None) -> date | None:
    """The change after which the level begins anew, if enough known days follow and some precede it."""
    if changed_on is None or not known or changed_on < known[0][0]:
        return None
    return changed_on if sum(day > changed_on for day, _ in known) >= DAYS_AFTER_CHANGE else None


def _forecast(
    fitted: Fit, ahead: Sequence[date], days: Mapping[date, float | None], spent: float, budget: Budget
) -> dict[str, object]:
    mean, sd = fitted.mean(ahead), fitted.sd(ahead)
    reach = quantile_of_t(fitted.errors - 1) * sd
    hard, soft = caps(ahead, days, budget)
    cap = min((one for one in (hard, soft) if one is not None), default=math.inf)
    cut = [spent + min(max(value, 0.0), cap) for value in (mean, mean - reach, mean + reach)]
    return {
        "forecast": cut[0],
        "forecast_low": cut[1],
        "forecast_high": cut[2],
        "p_over": _p_over(budget.amount, spent, mean, sd, hard),
        "daily_rate": mean / len(ahead) if ahead else None,
        "used_up_on": _used_up_on(fitted, ahead, budget.total_left),
        "fit": fitted,
        "sd": sd,
    }


def _p_over(amount: float | None, spent: float, mean: float, sd: float, hard: float | None) -> float | None:
    if amount is None:
        return None
    left = amount - spent
    if hard is not None and left >= 0 and hard <= left:
        return 0.0
    if sd <= 0:
        return 1.0 if mean > left else 0.0
    return 0.5 * math.erfc((left - mean) / sd / math.sqrt(2))


def _used_up_on(fitted: Fit, ahead: Sequence[date], total_left: float | None) -> date | None:
    if total_left is None:
        return None
    running = 0.0
    for day in ahead:
        running += fitted.expected(day)
        if running >= total_left:
            return day
    return None


def _with(base: Pacing, **found: object) -> Pacing:
    return Pacing(**{**vars(base), **found})
