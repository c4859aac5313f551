"""The price and supply of impressions by day: weekdays, holidays, drift and noise.

Weekdays after everestx (Tuesday and Wednesday most, weekends 40–70 against 100); the exact factors are ours.
Thanksgiving week costs 35–69 % more in the United States (LinkedIn Ads Show, episode 83).
"""

from __future__ import annotations

from datetime import date

from workbench.sandbox.world.believable import noise

_WEEKDAYS = (0.95, 1.10, 1.12, 1.06, 0.85, 0.52, 0.55)
WEEKDAYS = tuple(7 * weight / sum(_WEEKDAYS) for weight in _WEEKDAYS)
"""Monday to Sunday, 1 on average."""
_WEEKEND_CTR = 0.9
_HOLIDAYS = {
    "AMER": {(1, 1), (7, 4), (11, 11), (12, 24), (12, 25), (12, 31)},
    "EMEA": {(1, 1), (1, 6), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)},
    "APAC": {(1, 1), (1, 2), (1, 3), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23), (12, 31)},
}
_SEED = noise.seed_of("auction")


def is_weekend(day: int) -> bool:
    return day % 7 in (6, 0)  # ordinal 1 was a Monday


def offered(region: str, day: int) -> float:
    """How much of a usual day's reach is for sale: 1 on average."""
    when = date.fromordinal(day)
    share = WEEKDAYS[when.weekday()]
    if (when.month, when.day) in _HOLIDAYS[region] and not is_weekend(day):
        share *= 0.6
    if _thanksgiving(when) == 3 and region == "AMER":
        share *= 0.6
    if (when.month, when.day) >= (12, 22):
        share *= 0.75
    if date.fromordinal(day + 3).month != when.month:  # what is left of a month's budget
        share *= 1.06
    return share


def price(region: str, seed: int, day: int) -> float:
    """The price of 1,000 impressions against the usual: the region's drift, and chance by ad set and day."""
    when = date.fromordinal(day)
    week, weekday = divmod(day - 1, 7)
    before, after = (0.05 * noise.bell(_SEED, week + step, len(region) + ord(region[0])) for step in (0, 1))
    drift = 1 + before + (after - before) * weekday / 7
    if when.month == 12 and when.day < 22:
        drift *= 1.05
    if region == "AMER" and 0 <= _thanksgiving(when) <= 6:
        drift *= 1.35 + 0.34 * noise.unit(_SEED, day)
    luck = 0.13 * noise.bell(seed, day, 7)
    return max(0.7, min(1.35, 1 + luck + luck * luck / 2)) * max(0.85, min(1.15, drift) if drift < 1.3 else drift)


def click_mood(day: int) -> float:
    """CTR against the usual: 10 % lower on weekends."""
    return _WEEKEND_CTR if is_weekend(day) else 1.02


def _thanksgiving(when: date) -> int:
    """Days since the Monday of Thanksgiving week (Thursday is 3); negative before."""
    if when.month not in (11, 12):
        return -1
    first = date(when.year, 11, 1)
    thursday = first.toordinal() + (3 - first.weekday()) % 7 + 21
    return when.toordinal() - (thursday - 3)
