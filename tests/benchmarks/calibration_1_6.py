"""Checks of answers 1 to 6: intervals of budgets and of settling weeks, false "better", false "tired", false moves."""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import partial
from random import Random

from calibrating import Check, poisson

from workbench.analytics.creative_comparison import Arm, compare
from workbench.analytics.creative_fatigue import AdWindows, fatigue
from workbench.analytics.drivers import Sums, drivers
from workbench.analytics.maturity import curve
from workbench.analytics.overdispersion import day_scatter
from workbench.analytics.pacing import Budget, pacing
from workbench.analytics.settling import settle
from workbench.analytics.shrinkage import gamma_prior

LAST = date(2026, 11, 21)
WEEK = (1.05, 1.15, 1.15, 1.05, 1.0, 0.8, 0.8)
WORK_DAYS = (1.2, 1.2, 1.2, 1.2, 1.2, 0.0, 0.0)


def landings_within(random: Random, months: int, *, noise: float, week: tuple[float, ...]) -> float:
    """How often the spend of a month lies in its 80 % interval, nine days before its end."""
    held = 0
    for _ in range(months):
        first, ahead = LAST - timedelta(days=41), 9
        spends = [
            100 * week[day.weekday()] * math.exp(random.gauss(0, noise))
            for day in (first + timedelta(days=n) for n in range(42 + ahead))
        ]
        known = {first + timedelta(days=n): spends[n] for n in range(42)}
        found = pacing(known, date(2026, 11, 1), date(2026, 11, 30), Budget(amount=3000.0))
        assert found is not None
        total = math.fsum(spends[(date(2026, 11, 1) - first).days :])
        held += (found.forecast_low or 0.0) <= total <= (found.forecast_high or 0.0)
    return held / months


def falsely_better(random: Random, looks: int, *, ads: int, shown: int, scatter: float, peers: int = 8) -> float:
    """How often one of several equal ads is called better; all ads of the account are equal, over 28 days."""
    called = 0
    for _ in range(looks):
        days = []
        for ad in range(ads + peers):
            for _day in range(28):
                rate = 0.005 * math.exp(random.gauss(0, scatter) - scatter**2 / 2)
                days.append((ad, shown / 28, poisson(random, rate * shown / 28)))
        phi = day_scatter(days).phi
        counts = {ad: sum(count for one, _, count in days if one == ad) for ad in range(ads + peers)}
        prior = gamma_prior((shown / phi[ad], count / phi[ad]) for ad, count in counts.items())
        arms = {str(ad): Arm(shown, counts[ad], phi[ad]) for ad in range(ads)}
        called += compare(arms, prior).verdict == "better"
    return called / looks


def falsely_tired(random: Random, accounts: int, *, fall: float, verdicts: frozenset[str]) -> float:
    """How many of 300 ads of an account get one of these verdicts, where none lost more than all of them did."""
    called = 0
    for _ in range(accounts):
        ads = []
        for _ad in range(300):
            shown, rate = math.exp(random.gauss(math.log(5000), 1.0)), 0.004 * math.exp(random.gauss(0, 0.4))
            early, late = 2 * shown, shown
            ads.append(AdWindows(poisson(random, early * rate), early, poisson(random, late * rate * fall), late))
        called += sum(ad.verdict in verdicts for ad in fatigue(ads).ads)
    return called / accounts


def falsely_moved(random: Random, pairs: int) -> float:
    """How often cost per result is called to have moved beyond chance where nothing changed."""
    called = 0
    for _ in range(pairs):
        before, after = ({n: _sums(random) for n in range(5)} for _ in range(2))
        found = drivers(before, after)
        called += found is not None and found.beyond_chance
    return called / pairs


def _sums(random: Random) -> Sums:
    return Sums(1000.0, 20_000, 100, poisson(random, 6.0))


def weeks_within(random: Random, weeks: int, *, a_day: float, snapshots: int) -> float:
    """How often the settled results of a week lie in their 80 % interval, among weeks whose curve is enough."""
    held = judged = 0
    for _ in range(weeks):
        arrivals = {n: [_delay(random) for _ in range(poisson(random, a_day))] for n in range(snapshots + 30)}
        today = LAST + timedelta(days=1)
        days = {n: today - timedelta(days=snapshots + 30 - n) for n in arrivals}
        seen = [
            ("", days[n], made, sum(delay <= (made - days[n]).days for delay in arrivals[n]))
            for made in (today - timedelta(days=back) for back in range(snapshots))
            for n in arrivals
            if 1 <= (made - days[n]).days <= 30
        ]
        found = curve(seen)
        if not found.enough:
            continue
        known = {day: (made, value) for _, day, made, value in sorted(seen, key=lambda row: row[2])}
        aged = {n: ((known[day][0] - day).days, known[day][1], 100.0) for n, day in days.items() if day in known}
        order = sorted(aged)
        week = order[-7:]
        reference = [[aged[n] for n in order[-7 * k - 7 : -7 * k]] for k in range(1, 5)]
        said = settle([aged[n] for n in week], [one for one in reference if len(one) == 7], found)
        if said is None:
            continue
        judged += 1
        final = sum(sum(delay <= 30 for delay in arrivals[n]) for n in week)
        held += said.results_so_far + said.remaining_low <= final <= said.results_so_far + said.remaining_high
    return held / judged if judged else 1.0


def _delay(random: Random) -> int:
    """The age at which a result is known: four of nine at once, the others over weeks."""
    return 1 if random.random() < 0.45 else 1 + int(random.expovariate(1 / 7))


TIRED, PROBABLY = frozenset({"tired"}), frozenset({"tired", "watch"})
CHECKS = [
    *(
        Check(
            f"landings in the 80 % interval, noise {noise:.0%}, {label}",
            0.72,
            0.96,
            partial(landings_within, noise=noise, week=week),
            400,
            0.12,
        )
        for noise in (0.15, 0.35)
        for label, week in (("every day", WEEK), ("no weekends", WORK_DAYS))
    ),
    *(
        Check(
            f"falsely better, {ads} equal ads of {shown:,} impressions, days vary {scatter:.0%}",
            0,
            0.035,
            partial(falsely_better, ads=ads, shown=shown, scatter=scatter),
            400,
            0.06,
        )
        for ads in (2, 5, 10)
        for shown in (3000, 15_000)
        for scatter in (0.0, 0.4)
    ),
    Check(
        "falsely better, 2 equal ads that are all ads of the account",
        0.01,
        0.06,
        partial(falsely_better, ads=2, shown=15_000, scatter=0.0, peers=0),
        1500,
        0.05,
    ),
    Check("falsely tired of 300 steady ads", 0, 1, partial(falsely_tired, fall=1.0, verdicts=TIRED), 30, 2),
    Check("tired or probably of 300 steady ads", 0, 8, partial(falsely_tired, fall=1.0, verdicts=PROBABLY), 30, 5),
    Check("falsely tired where 300 fell together", 0, 1.5, partial(falsely_tired, fall=0.75, verdicts=TIRED), 30, 2),
    Check("called moved beyond chance where nothing changed", 0.06, 0.13, falsely_moved, 3000, 0.05),
    *(
        Check(
            f"settled weeks in the 80 % interval, {a_day:g} a day, {snapshots} snapshots",
            0.74,
            0.97,
            partial(weeks_within, a_day=a_day, snapshots=snapshots),
            200,
            0.15,
        )
        for a_day, snapshots in ((2, 56), (8, 28), (8, 56))
    ),
]
