"""What is broken or bleeding this morning, worst money first, with a fixed budget of false alarms.

Spend is judged against its own smoothed level and weekday, with a robust scale and heavy tails, so that one odd day
does not hide the next. However many ad sets there are, at most one false alarm in two mornings is to be expected.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from workbench.analytics import smoothing, wording
from workbench.analytics.formatting import words
from workbench.analytics.shrinkage import Gamma

Rule = Literal["stale", "spend_drop", "spend_spike", "no_result", "serving_hold", "over_day", "over_week"]

ENOUGH_DAYS = 21
"""Known days before the judged one; with fewer, spend is not judged."""
LARGEST_P, FALSE_ALARMS = 0.01, 0.5
"""An alarm needs p ≤ the smaller of `LARGEST_P` and `FALSE_ALARMS` over the number of tests."""
SMALLEST_CHANGE, SMALLEST_PART = 0.3, 0.2
"""An alarm on spend also needs so much of the expected spend, and of the median ad set's expected spend."""
SMALLEST_SCALE = 0.1
DAY_FACTOR, WEEK_FACTOR = 1.5, 7
"""What LinkedIn may spend of a daily budget on one day, and from Monday to Sunday."""
RUNNABLE = "RUNNABLE"
_FLOOR, _ROBUST = 0.02, 1.4826
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class SpendAlarm:
    """How one day's spend compares with what its history lets expect.

    Attributes:
        expected, actual: spend of the day, in the account's currency.
        scale: robust scale of past one-step errors, in logarithms; at least `SMALLEST_SCALE`.
        z: the day's error in units of `scale`; negative is less than expected.
        p: the two-sided probability of such an error, 0 to 1.
    """

    expected: float
    actual: float
    scale: float
    z: float
    p: float

    @property
    def money(self) -> float:
        """The difference, without its sign."""
        return abs(self.actual - self.expected)


@dataclass(frozen=True)
class Campaign:
    """What is known of one active campaign.

    Attributes:
        campaign_id: its id.
        days: (day, spend in the account's currency) up to the last complete day, in any order; None is unknown.
        daily_budget: in the account's currency; None where it has none.
        group_budget: whether its campaign group sets the budget.
        serving_statuses: as LinkedIn lists them; empty is unknown.
        rate: its own posterior rate of results per unit of money; None: not tested for missing results.
        spend_since_result, no_result_since: spend since its last result, weighted by maturity, and its first day.
        explained_by: settings that a person changed within three days.
    """

    campaign_id: int
    days: tuple[smoothing.Day, ...] = ()
    daily_budget: float | None = None
    group_budget: bool = False
    serving_statuses: tuple[str, ...] = ()
    rate: Gamma | None = None
    spend_since_result: float | None = None
    no_result_since: date | None = None
    explained_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alarm:
    """One row of the morning check; one per campaign and rule.

    Attributes:
        campaign_id: None for `stale`, which concerns all.
        money: what it is about, in the account's currency; None where unknown.
        p: the probability by chance of what was seen, where the rule is a test.
        reasons: LinkedIn's serving statuses, or what is stale, in words.
        since: the first day it concerns, where known.
    """

    campaign_id: int | None
    rule: Rule
    money: float | None
    expected: float | None = None
    actual: float | None = None
    p: float | None = None
    reasons: tuple[str, ...] = ()
    since: date | None = None
    explained_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Morning:
    """All alarms of one morning, sorted by money, campaign and rule.

    Attributes:
        alarms: what no change of a setting explains.
        explained: alarms of campaigns whose budget, bid, status or targeting a person changed within three days.
        checked, not_judged: campaigns looked at; those of them whose spend has too short a history to be judged.
        last_day: the last complete day.
    """

    alarms: tuple[Alarm, ...]
    explained: tuple[Alarm, ...]
    checked: int
    not_judged: int
    last_day: date | None


def spend_alarm(days: Iterable[smoothing.Day]) -> SpendAlarm | None:
    """How the last day's spend compares with the days before it.

    Args:
        days: (day, spend) in any order; None is unknown.

    Returns:
        None where the last day is unknown, fewer than `ENOUGH_DAYS` known days precede it, or no spend is expected.
    """
    *history, (today, actual) = sorted(days, key=lambda pair: pair[0]) or [(date.min, None)]
    if actual is None:
        return None
    known = [(moment, value) for moment, value in history if value is not None]
    fit = smoothing.fit(known) if len(known) >= ENOUGH_DAYS else None
    if fit is None or fit.expected(today) <= 0:
        return None
    before, _ = smoothing.one_step(known, fit.factors, fit.alpha)
    seen = known[len(known) - len(before) :]
    errors = [abs(_log(value, mean)) for (_, value), mean in zip(seen, before, strict=True) if mean > 0]
    if not errors:
        return None
    expected, scale = fit.expected(today), max(SMALLEST_SCALE, _ROBUST * statistics.median(errors))
    z = _log(actual, expected) / scale
    return SpendAlarm(expected, actual, scale, z, two_sided_p(z))


def two_sided_p(z: float) -> float:
    """The probability that Student's t with 6 degrees of freedom is further from 0 than `z`."""
    angle = math.atan(abs(z) / math.sqrt(6))
    cosine = math.cos(angle) ** 2
    return max(0.0, 1 - math.sin(angle) * (1 + cosine / 2 + 3 * cosine**2 / 8))


def no_result_p(rate: Gamma, spend: float) -> float:
    """The probability of no result at `spend`, given the posterior rate of results per unit of money."""
    return float((rate.exposure / (rate.exposure + spend)) ** rate.shape)


def morning(campaigns: Iterable[Campaign], *, stale: Sequence[str] = (), last_day: date | None = None) -> Morning:
    """The alarms of all active campaigns of one currency.

    Args:
        campaigns: in any order, each id once.
        stale: what stands above the list, as `morning_inputs.stale_reasons` says.
        last_day: the last complete day of all; without it, the latest day of any campaign.
    """
    listed = sorted(campaigns, key=lambda campaign: campaign.campaign_id)
    last = last_day or max((moment for campaign in listed for moment, _ in campaign.days), default=None)
    spends = {campaign.campaign_id: _judged(campaign, last) for campaign in listed}
    judged = [spend for spend in spends.values() if spend is not None]
    tested = len(judged) + sum(_tested(campaign) for campaign in listed)
    limit = min(LARGEST_P, FALSE_ALARMS / tested) if tested else 0.0
    typical = statistics.median(spend.expected for spend in judged) if judged else 0.0
    found = [
        replace(alarm, explained_by=campaign.explained_by)
        for campaign in listed
        for alarm in _alarms(campaign, spends[campaign.campaign_id], limit, typical, last)
    ]
    found.sort(key=lambda alarm: (alarm.money is None, -(alarm.money or 0), alarm.campaign_id, alarm.rule))
    above = [Alarm(None, "stale", None, reasons=tuple(stale))] if stale else []
    return Morning(
        tuple(above + [alarm for alarm in found if not alarm.explained_by]),
        tuple(alarm for alarm in found if alarm.explained_by),
        len(listed),
        len(listed) - len(judged),
        last,
    )


def morning_sentences(found: Morning) -> tuple[str, ...]:
    """What stands above and below the list: whether anything needs a person, and what was not judged."""
    said = []
    if not found.checked:
        said.append("There is no active ad set to check.")
    elif not found.alarms:
        checked = wording.counted(found.checked, "active ad set")
        figures = f", figures to {wording.day(found.last_day)}" if found.last_day else ""
        said.append(f"Nothing needs you: {checked} checked{figures}.")
    if found.not_judged == 1:
        said.append("1 ad set has run for under three weeks and was not judged.")
    elif found.not_judged:
        said.append(f"{found.not_judged:,} ad sets have run for under three weeks and were not judged.")
    return tuple(said)


def alarm_sentence(alarm: Alarm, *, currency: str | None, name: str = "", result: str = "result") -> str:
    """One alarm in words.

    Args:
        name: of the ad set, such as `Always on | Plant managers`.
        result: the singular name of a result in lower case, such as `lead`.
    """
    sentence = _said(alarm, currency, result)
    if name:
        sentence = f"{sentence[:-1]} ({name})."
    changed = wording.listed([words(field).lower() for field in alarm.explained_by])
    return f"{sentence} You changed {changed}." if changed else sentence


def _said(alarm: Alarm, currency: str | None, result: str) -> str:
    money, article = wording.money(alarm.money or 0, currency), "an" if result[:1] in "aeiou" else "a"
    if alarm.rule == "no_result":
        return f"{money} without {article} {result}; its own rate makes that {wording.one_in(alarm.p or 0)}."
    if alarm.rule == "serving_hold":
        held = f"LinkedIn holds it back: {wording.listed([words(reason).lower() for reason in alarm.reasons])}"
        return f"{held}." if alarm.money is None else f"{held}; about {money} a day are not spent."
    if alarm.rule == "stale":
        return " ".join(alarm.reasons)
    most = max(alarm.actual or 0, alarm.expected or 0)
    spent, due = (wording.money(amount or 0, currency, like=most) for amount in (alarm.actual, alarm.expected))
    if alarm.rule == "over_day":
        return f"Spent {spent} on {_weekday(alarm.since)}, more than {due}, which is 1.5 times the daily budget."
    if alarm.rule == "over_week":
        return f"Spent {spent} since Monday, more than {due}, which is 7 times the daily budget."
    return f"Spent {spent} on {_weekday(alarm.since)}, {due} expected."


def _weekday(moment: date | None) -> str:
    return _WEEKDAYS[moment.weekday()] if moment else "the last day"


def _log(value: float, expected: float) -> float:
    return math.log((max(0.0, value) + _FLOOR * expected) / ((1 + _FLOOR) * expected))


def _judged(campaign: Campaign, last: date | None) -> SpendAlarm | None:
    """The spend test of the last complete day; a campaign whose own days end earlier is not judged."""
    days = [pair for pair in campaign.days if last is None or pair[0] <= last]
    return spend_alarm(days) if days and max(moment for moment, _ in days) == last else None


def _tested(campaign: Campaign) -> bool:
    return campaign.rate is not None and campaign.spend_since_result is not None


def _alarms(
    campaign: Campaign, spend: SpendAlarm | None, limit: float, typical: float, last: date | None
) -> list[Alarm]:
    holds = tuple(status for status in campaign.serving_statuses if status != RUNNABLE)
    found = [*_missing_results(campaign, limit), *_over_budget(campaign, last)]
    if holds:
        money, actual = (spend.expected, spend.actual) if spend else (None, None)
        found.append(Alarm(campaign.campaign_id, "serving_hold", money, money, actual, None, holds))
    if spend and spend.p <= limit and spend.money >= max(SMALLEST_CHANGE * spend.expected, SMALLEST_PART * typical):
        rule: Rule = "spend_drop" if spend.z < 0 else "spend_spike"
        if not (holds and rule == "spend_drop"):
            figures = (spend.money, spend.expected, spend.actual, spend.p)
            found.append(Alarm(campaign.campaign_id, rule, *figures, since=last))
    return found


def _missing_results(campaign: Campaign, limit: float) -> list[Alarm]:
    rate, spend = campaign.rate, campaign.spend_since_result
    if rate is None or spend is None or spend <= 0 or (p := no_result_p(rate, spend)) > limit:
        return []
    expected = spend * rate.mean
    return [Alarm(campaign.campaign_id, "no_result", spend, expected, 0.0, p, since=campaign.no_result_since)]


def _over_budget(campaign: Campaign, last: date | None) -> list[Alarm]:
    budget = campaign.daily_budget
    if budget is None or budget <= 0 or campaign.group_budget or last is None:
        return []
    monday = last - timedelta(days=last.weekday())
    spent = {moment: value for moment, value in campaign.days if value is not None and monday <= moment <= last}
    sums: tuple[tuple[Rule, float, float, date], ...] = (
        ("over_day", spent.get(last, 0.0), DAY_FACTOR * budget, last),
        ("over_week", math.fsum(spent.values()), WEEK_FACTOR * budget, monday),
    )
    return [
        Alarm(campaign.campaign_id, rule, actual - most, most, actual, since=first)
        for rule, actual, most, first in sums
        if actual > most
    ]
