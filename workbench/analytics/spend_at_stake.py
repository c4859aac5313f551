"""How much was probably spent on the days that are not known; said beside a total, never added to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from workbench.analytics import smoothing
from workbench.analytics.currency import one_currency

HISTORY_DAYS, ENOUGH_DAYS = 56, 14
"""Known days before an unknown stretch: at most, and at least."""
_SPEND = "cost_in_local_currency"


@dataclass(frozen=True)
class AtStake:
    """The expected spend of unknown days.

    Attributes:
        spend, low, high: in the account's currency, with an 80 % interval; None where a history is too short.
        days: how many days are unknown, account by account.
    """

    spend: float | None
    low: float | None
    high: float | None
    days: int


@dataclass(frozen=True)
class _Stretch:
    mean: float
    variance: float
    errors: int


def at_stake(days: pl.DataFrame, first: date, last: date) -> AtStake:
    """The spend that the unknown days of a period let expect, of accounts of one currency.

    Each stretch of unknown days is expected from the known days before it, account by account; stretches and accounts
    are taken to be independent of each other.

    Args:
        days: account_id, date, cost_in_local_currency: the sum of each day, null where unknown, with the days before
            the period; a day without a row is unknown too.
        first, last: the period, both inclusive.

    Raises:
        ValidationError: the rows (`currency`) are of two currencies.
    """
    one_currency(days)
    stretches: list[_Stretch | None] = []
    unknown = 0
    for account in sorted(days["account_id"].unique().to_list()):
        rows = days.filter(pl.col("account_id") == account).select("date", _SPEND).iter_rows()
        known = {moment: float(spend) for moment, spend in rows if spend is not None}
        absent = [moment for moment in smoothing.days_between(first, last) if moment not in known]
        unknown += len(absent)
        stretches += [_expected(known, stretch) for stretch in _stretches(absent)]
    judged = [stretch for stretch in stretches if stretch is not None]
    if len(judged) < len(stretches):
        return AtStake(None, None, None, unknown)
    mean = math.fsum(stretch.mean for stretch in judged)
    spread = math.sqrt(math.fsum(stretch.variance for stretch in judged))
    errors = min((stretch.errors for stretch in judged), default=2)
    reach = smoothing.quantile_of_t(errors - 1) * spread
    return AtStake(mean, max(0.0, mean - reach), mean + reach, unknown)


def _expected(known: dict[date, float], stretch: Sequence[date]) -> _Stretch | None:
    earliest = stretch[0] - timedelta(days=HISTORY_DAYS)
    history = [(moment, spend) for moment, spend in known.items() if earliest <= moment < stretch[0]]
    fit = smoothing.fit(history) if len(history) >= ENOUGH_DAYS else None
    if fit is None:
        return None
    return _Stretch(max(0.0, fit.mean(stretch)), fit.sd(stretch) ** 2, fit.errors)


def _stretches(days: Sequence[date]) -> list[list[date]]:
    found: list[list[date]] = []
    for moment in days:
        if found and (moment - found[-1][-1]).days == 1:
            found[-1].append(moment)
        else:
            found.append([moment])
    return found
