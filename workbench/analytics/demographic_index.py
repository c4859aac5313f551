"""Which segments answer more or less than they see, given that LinkedIn blurs each figure and hides small ones.

LinkedIn adds noise of up to ±3 to a count and shows none below 3. The index of a segment is 100 × its share of answers
over its share of impressions, both of what is shown.

Sources: DerSimonian and Laird 1986 (spread between segments); Brown, Cai and DasGupta 2001 (intervals).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import NormalDist
from typing import Literal

import polars as pl

from workbench.analytics import rate_ratio
from workbench.analytics.audiences import ANSWERS, segment_shares
from workbench.analytics.currency import one_currency
from workbench.analytics.metrics import SUMS
from workbench.errors import ValidationError

Verdict = Literal["over", "under", "par", "too_little"]

ENOUGH_EXPECTED = 10
"""Answers expected at a segment's share of impressions; below this there is neither an interval nor a verdict."""
NOISE_VARIANCE = 3**2 / 3
"""Of a figure that LinkedIn moves by up to 3 in either direction, evenly."""
MOST_HIDDEN = 2
"""An answer that is not shown is 0 to 2."""
FEW_SEGMENTS, DEFAULT_TAU2 = 3, 0.1
_Z = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True)
class Index:
    """One segment's index; 100 is even.

    Attributes:
        index: as shown, None where the answers or the impressions are not shown.
        expected: answers at the segment's share of impressions.
        low, high: 90 % interval with noise and suppression; None below `ENOUGH_EXPECTED`. Of a segment whose answers
            are not shown, 0 and the upper end that two answers would have.
        shrunk: the index after allowing for noise; None below `ENOUGH_EXPECTED` and where answers are not shown.
        verdict: `over`, `under`, `par` or `too_little`.
        under: of a segment whose answers are not shown, the index that two answers would make; else None.
    """

    index: float | None
    expected: float | None
    low: float | None = None
    high: float | None = None
    shrunk: float | None = None
    verdict: Verdict = "too_little"
    under: float | None = None


@dataclass(frozen=True)
class Indices:
    """All segments of one account, pivot and window.

    Attributes:
        segments: in the order in which they were given.
        suppression: shown share of answers over shown share of impressions; None where the totals are not known.
        tau2: the variance of the logarithms of true indices between segments.
        shown_results: the shown answers as a share of the account's; None where these are not known.
    """

    segments: tuple[Index, ...]
    suppression: float | None
    tau2: float
    shown_results: float | None


@dataclass(frozen=True)
class _Shown:
    """The sums over shown segments, the counts of draws of noise, and the factor of suppression (1: unknown)."""

    impressions: int
    answers: int
    draws: int
    factor: float


def demographic_index(
    segments: Sequence[tuple[int | None, int | None]],
    account: tuple[int | None, int | None] = (None, None),
    *,
    draws: int = 1,
) -> Indices:
    """The index of each segment with its interval and verdict.

    Args:
        segments: (impressions, answers) of each segment of one pivot; None where LinkedIn shows none.
        account: the account's own totals of the window, None where a day of it is not known.
        draws: how often LinkedIn drew noise: 1 for a window asked as a whole, its days if it draws daily.
    """
    impressions = sum(n for n, _ in segments if n)
    answers = sum(c for _, c in segments if c)
    shown_results, shown_impressions = _share(answers, account[1]), _share(impressions, account[0])
    factor = shown_results / shown_impressions if shown_results is not None and shown_impressions else None
    shown = _Shown(impressions, answers, draws, 1.0 if factor is None else factor)
    tau2 = _tau2(segments, shown)
    return Indices(tuple(_index(n, c, shown, tau2) for n, c in segments), factor, tau2, shown_results)


def indexed_segments(
    demographics: pl.DataFrame, totals: pl.DataFrame, answer: str = "clicks", *, draws: int = 1
) -> pl.DataFrame:
    """`audiences.segment_shares` with how sure each index is.

    Args:
        demographics: rows of one account, pivot and window.
        totals: `demographics_totals`; its account figures null where a day of the window is not known.
        answer: the column of `audiences.ANSWERS` that counts answers, not money.
        draws: see `demographic_index`.

    Returns:
        The rows of `segment_shares`, most impressions first, with index_low, index_high, index_shrunk, expected
        (floats), verdict (text), suppression (float), index_under (float, only where answers are not shown).

    Raises:
        ValidationError: several accounts, pivots, windows or currencies; or `answer` is no count.
    """
    if answer not in ANSWERS or SUMS[answer].unit != "count":
        raise ValidationError(
            f"There is no index of {answer} with an interval.",
            why="Noise and chance are known for counts of answers only.",
            next_step=f"Ask for one of {', '.join(name for name in ANSWERS if SUMS[name].unit == 'count')}.",
        )
    one_currency(demographics)
    shares = segment_shares(demographics, answer)
    found = demographic_index(
        shares.select("impressions", answer).rows(), _account(shares, totals, answer), draws=draws
    )
    columns = {
        "index_low": [index.low for index in found.segments],
        "index_high": [index.high for index in found.segments],
        "index_shrunk": [index.shrunk for index in found.segments],
        "expected": [index.expected for index in found.segments],
        "index_under": [index.under for index in found.segments],
        "suppression": [found.suppression] * shares.height,
    }
    verdicts = pl.Series("verdict", [index.verdict for index in found.segments], pl.String)
    return shares.with_columns(*(pl.Series(name, made, pl.Float64) for name, made in columns.items()), verdicts)


def window_known(covered: pl.DataFrame, account_id: int, first: date, last: date) -> bool:
    """Whether every day of a window is covered and complete, so that the account's totals may be compared with.

    Args:
        covered: `day_age.covered_days` of the campaign metrics.
    """
    days = covered.filter(
        (pl.col("account_id") == account_id) & pl.col("complete") & pl.col("date").is_between(first, last)
    )
    return days["date"].n_unique() == (last - first).days + 1


def known_totals(totals: pl.DataFrame, covered: pl.DataFrame) -> pl.DataFrame:
    """The totals, those of the account null where a day of the window is not covered and complete.

    A window ends with the day of its fetch, which is under way for segments and for the account alike: of that day it
    is enough to be covered.

    Args:
        totals: `demographics_totals`.
        covered: `day_age.covered_days` of the campaign metrics.
    """
    windows = totals.select("account_id", "window_start", "window_end").unique()
    under_way = set(covered.filter(~pl.col("complete")).select("account_id", "date").iter_rows())
    known = [
        (account, first, last)
        for account, first, last in windows.iter_rows()
        if window_known(covered, account, first, last - timedelta(days=(account, last) in under_way))
    ]
    key = ["account_id", "window_start", "window_end"]
    whole = pl.DataFrame(known, schema=windows.schema, orient="row").with_columns(pl.lit(True).alias("whole"))
    own = [name for name in totals.columns if name.startswith("account_") and name != "account_id"]
    joined = totals.join(whole, on=key, how="left", maintain_order="left")
    return joined.with_columns(pl.when("whole").then(pl.col(name)).alias(name) for name in own).drop("whole")


def _account(shares: pl.DataFrame, totals: pl.DataFrame, answer: str) -> tuple[int | None, int | None]:
    key = ["account_id", "pivot", "window_start", "window_end"]
    mine = totals.join(shares.select(key).unique(), on=key, how="semi")
    if mine.is_empty():
        return None, None
    impressions, answers = mine.select("account_impressions", f"account_{answer}").row(0)
    return impressions, answers


def _share(part: int, whole: int | None) -> float | None:
    return part / whole if whole else None


def _index(impressions: int | None, answers: int | None, shown: _Shown, tau2: float) -> Index:
    if not impressions or not shown.impressions:
        return Index(None, None if impressions is None else 0.0)
    share = impressions / shown.impressions
    expected = shown.answers * share
    if not expected:
        return Index(None, expected)
    if answers is None:
        return _hidden(impressions, expected, shown, tau2)
    index = 100 * answers / expected
    if expected < ENOUGH_EXPECTED:
        return Index(index, expected)
    low, high = _interval(impressions, answers, shown)
    mean, sd = _shrunk(answers, expected, share, shown.draws, tau2)
    ends = 100 * math.exp(mean - _Z * sd), 100 * math.exp(mean + _Z * sd)
    return Index(index, expected, low, high, 100 * math.exp(mean), _verdict((low, high), ends))


def _hidden(impressions: int, expected: float, shown: _Shown, tau2: float) -> Index:
    """A segment whose answers are not shown, judged as if it had two."""
    under = 100 * MOST_HIDDEN / expected
    if expected < ENOUGH_EXPECTED:
        return Index(None, expected, under=under)
    as_two = _index(impressions, MOST_HIDDEN, shown, tau2)
    return replace(as_two, index=None, low=0.0, shrunk=None, under=under)


def _interval(impressions: int, answers: int, shown: _Shown) -> tuple[float, float]:
    """The 90 % interval of the index, with noise, moved by the factor of suppression on the side it points to."""
    others = shown.impressions - impressions
    if others <= 0:
        return 100 * min(1.0, shown.factor), 100 * max(1.0, shown.factor)
    share, part = impressions / shown.impressions, (answers + 0.5) / (shown.answers + 1)
    scatter = 1 + shown.draws * NOISE_VARIANCE / (shown.answers * part * (1 - part))
    rest = max(0, shown.answers - answers)
    ratio = rate_ratio.from_counts(rest / scatter, others, answers / scatter, impressions)
    low, high = (100 * end / (share * end + 1 - share) for end in ratio.interval(0.9))
    return low * min(1.0, shown.factor), high * max(1.0, shown.factor)


def _log_index(answers: int, expected: float, share: float, draws: int) -> tuple[float, float]:
    """The logarithm of a segment's index over 100, and its variance by chance and noise."""
    seen = answers + 0.5
    return math.log(seen / (expected + 0.5)), (seen * (1 - share) + NOISE_VARIANCE * draws) / seen**2


def _shrunk(answers: int, expected: float, share: float, draws: int, tau2: float) -> tuple[float, float]:
    value, variance = _log_index(answers, expected, share, draws)
    weight = tau2 / (tau2 + variance)
    return weight * value, math.sqrt(weight * variance)


def _tau2(segments: Sequence[tuple[int | None, int | None]], shown: _Shown) -> float:
    """The spread between segments by DerSimonian and Laird, of those with enough expected answers."""
    logs = []
    for impressions, answers in segments:
        if impressions and answers is not None:
            share = impressions / shown.impressions
            expected = shown.answers * share
            if expected >= ENOUGH_EXPECTED:
                logs.append(_log_index(answers, expected, share, shown.draws))
    if len(logs) < FEW_SEGMENTS:
        return DEFAULT_TAU2
    weights = [1 / variance for _, variance in logs]
    total = math.fsum(weights)
    mean = math.fsum(w * value for w, (value, _) in zip(weights, logs, strict=True)) / total
    scatter = math.fsum(w * (value - mean) ** 2 for w, (value, _) in zip(weights, logs, strict=True))
    return max(0.0, (scatter - (len(logs) - 1)) / (total - math.fsum(w**2 for w in weights) / total))


def _verdict(printed: tuple[float, float], shrunk: tuple[float, float]) -> Verdict:
    if min(printed[0], shrunk[0]) > 100:
        return "over"
    return "under" if max(printed[1], shrunk[1]) < 100 else "par"
