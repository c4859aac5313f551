"""Which ads have lost what they had, beyond chance and beyond what all ads of their account and objective lost.

Early is an ad's own days 1 to 14, late the last 7 complete days. The ratio of the two rates has a prior in which four
of five ads move with their peers and one loses more; with it, "90 % sure" means nine of ten across a whole list.
Probabilities come from the grid of `rate_ratio`, for all ads at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from workbench.analytics.rate_ratio import WIDTH, Normal, RatioPosterior, density, from_weights, grid, log_likelihood

STEADY_SHARE, STEADY_SD = 0.8, 0.10
TIRED_SHARE, TIRED_SD, TIRED_FACTOR = 0.2, 0.35, 0.6
"""The prior of ln ρ around the peers' change μ: steady N(μ, 0.10), tired N(μ + ln 0.6, 0.35). Shown on the page."""
FELL = 0.8
"""Tired means below this part of the early rate: a fall of more than a fifth."""
SURE, BEYOND, LIKELY = 0.9, 0.8, 0.5
PEERS_NEEDED = 8
"""With fewer ads that have a count, no change is taken to be common."""
_ROUNDS = 5
_REACH = 4.0
_CELLS = 2 * round(_REACH / WIDTH)
_STEP = 100
_MOST_NEEDED = 10_000_000
"""Above so many late impressions the need is not said: it would take too long to wait for them."""

VERDICTS = ("tired", "fell_with_others", "watch", "holding", "unclear", "too_little")
PAGE_WORDS = {
    "too_little": "Too little data",
    "tired": "Tired",
    "fell_with_others": "Fell like all",
    "watch": "Probably tired",
    "holding": "Holding",
    "unclear": "Unclear",
}


@dataclass(frozen=True)
class AdWindows:
    """Counts and exposures of one ad, early and late, as they were reported.

    Attributes:
        phi_early, phi_late: what they are divided by (`overdispersion`), 1 or more.
    """

    early_count: float
    early_exposure: float
    late_count: float
    late_exposure: float
    phi_early: float = 1.0
    phi_late: float = 1.0


@dataclass(frozen=True)
class Judged:
    """What is known of one ad; rates and changes are None where a window has no exposure.

    Attributes:
        early_rate, late_rate: count ÷ exposure.
        change, change_low, change_high: late against early, −0.5 for half: median and 90 % interval.
        p_fell: P(ρ < 0.8), 0 to 1.
        p_beyond: P(ρ < 0.8 × the peers' change, if they fell), 0 to 1.
        verdict: one of `VERDICTS`.
        needed_late: of `too_little`, the late impressions at which a week without a count would show a fall; None
            where none would.
    """

    early_rate: float | None
    late_rate: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    p_fell: float | None
    p_beyond: float | None
    verdict: str
    needed_late: int | None


@dataclass(frozen=True)
class Fatigue:
    """All ads of one account and objective, in the order they were given.

    Attributes:
        mu: ln of the change that all ads have in common; 0 with fewer than `PEERS_NEEDED` ads with a count.
    """

    mu: float
    ads: tuple[Judged, ...]


def fatigue(ads: Sequence[AdWindows]) -> Fatigue:
    """The verdicts of all active ads of one account and one objective, in the order of `ads`."""
    rows = _rows(ads)
    if rows.is_empty():
        return Fatigue(0.0, tuple(_unshown(ad) for ad in ads))
    mu = common_change(rows)
    weights = _weights(_cells(rows), mu)["weight"].reshape((-1, _CELLS)).to_list()
    without = _fell_without_count(rows, mu)
    unsure = rows.filter(pl.Series(without) < SURE)
    needed = _needed_late(unsure, mu)
    judged = {
        number: _judgement(ads[number], from_weights(row, _REACH), proof, needed.get(number), mu)
        for number, row, proof in zip(rows["ad"], weights, without, strict=True)
    }
    return Fatigue(mu, tuple(judged.get(number) or _unshown(ad) for number, ad in enumerate(ads)))


def common_change(rows: pl.DataFrame) -> float:
    """The ln of the ratio late to early that all ads have in common, by Mantel and Haenszel, tired ads weighing less.

    Args:
        rows: c1, e1, c2, e2 per `ad`, divided by φ.
    """
    if rows.filter(pl.col("c1") + pl.col("c2") > 0).height < PEERS_NEEDED:
        return 0.0
    mu = _mantel_haenszel(rows, [1.0] * rows.height)
    cells = _cells(rows)
    for _ in range(_ROUNDS):
        if mu is None:
            return 0.0
        mu = _mantel_haenszel(rows, _steady_probability(cells, mu))
    return 0.0 if mu is None else mu


def prior(mu: float) -> tuple[Normal, Normal]:
    """The prior of ln ρ where all ads changed by e^μ: steady ads, and tired ones."""
    return (
        Normal(STEADY_SHARE, mu, STEADY_SD),
        Normal(TIRED_SHARE, mu + math.log(TIRED_FACTOR), TIRED_SD),
    )


def _rows(ads: Sequence[AdWindows]) -> pl.DataFrame:
    """c1, e1, c2, e2 divided by φ, of the ads that were shown in both windows."""
    shown = [
        (number, a.early_count / a.phi_early, a.early_exposure / a.phi_early, a.late_count / a.phi_late,
         a.late_exposure / a.phi_late, a.phi_late)
        for number, a in enumerate(ads)
        if a.early_exposure > 0 and a.late_exposure > 0
    ]  # fmt: skip
    columns = ("c1", "e1", "c2", "e2", "phi")
    return pl.DataFrame(shown, schema={"ad": pl.Int64, **dict.fromkeys(columns, pl.Float64)}, orient="row")


def _mantel_haenszel(rows: pl.DataFrame, weights: Sequence[float]) -> float | None:
    """The ln of Σ w·c₂e₁/(e₁ + e₂) ÷ Σ w·c₁e₂/(e₁ + e₂); None where either sum is 0."""
    top, bottom = [], []
    for weight, (c1, e1, c2, e2) in zip(weights, rows.select("c1", "e1", "c2", "e2").iter_rows(), strict=True):
        top.append(weight * c2 * e1 / (e1 + e2))
        bottom.append(weight * c1 * e2 / (e1 + e2))
    late, early = math.fsum(top), math.fsum(bottom)
    return math.log(late / early) if late > 0 and early > 0 else None


def _cells(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per ad and cell of the grid, in order of ads and of x: `ad`, `x` and the log likelihood `lw`."""
    log_weight = log_likelihood(pl.col("c1"), pl.col("e1"), pl.col("c2"), pl.col("e2"))
    return rows.join(grid(_REACH), how="cross", maintain_order="left_right").select("ad", "x", log_weight.alias("lw"))


def _weights(cells: pl.DataFrame, mu: float) -> pl.DataFrame:
    """`cells` with `weight`, the posterior of each ad, scaled to add up to 1 over its cells."""
    log_weight = (pl.col("lw") + density(prior(mu)).log()).alias("log_weight")
    made = cells.with_columns(log_weight)
    made = made.with_columns((pl.col("log_weight") - _spread(made["log_weight"], "max")).exp().alias("weight"))
    return made.with_columns(pl.col("weight") / _spread(made["weight"], "sum"))


def _spread(values: pl.Series, kind: str) -> pl.Series:
    """The maximum or the sum of each ad's cells, repeated for each of them."""
    per_ad = _per_ad(values, kind)
    return per_ad.repeat_by(_CELLS).explode()


def _per_ad(values: pl.Series, kind: str) -> pl.Series:
    by_ad = values.reshape((-1, _CELLS)).arr
    return by_ad.max() if kind == "max" else by_ad.sum()


def _steady_probability(cells: pl.DataFrame, mu: float) -> list[float]:
    """For each ad, the probability of being a steady one."""
    steady = density(prior(mu)[:1]) / density(prior(mu))
    weighted = _weights(cells, mu).select(pl.col("weight") * steady).to_series()
    return _per_ad(weighted, "sum").to_list()


def _judgement(ad: AdWindows, posterior: RatioPosterior, without: float, needed: int | None, mu: float) -> Judged:
    fell, beyond = posterior.below(FELL), posterior.below(FELL * min(1.0, math.exp(mu)))
    low, high = posterior.interval(0.9)
    return Judged(
        early_rate=ad.early_count / ad.early_exposure,
        late_rate=ad.late_count / ad.late_exposure,
        change=posterior.quantile(0.5) - 1,
        change_low=low - 1,
        change_high=high - 1,
        p_fell=fell,
        p_beyond=beyond,
        verdict=_verdict(fell, beyond, without),
        needed_late=needed,
    )


def _verdict(fell: float, beyond: float, without: float) -> str:
    if without < SURE:
        return "too_little"
    if fell >= SURE:
        return "tired" if beyond >= BEYOND else "fell_with_others"
    if fell >= LIKELY and beyond >= LIKELY:
        return "watch"
    return "holding" if fell <= 1 - SURE else "unclear"


def _unshown(ad: AdWindows) -> Judged:
    """An ad that one of the two windows never showed: no rate to compare."""
    early = ad.early_count / ad.early_exposure if ad.early_exposure > 0 else None
    late = ad.late_count / ad.late_exposure if ad.late_exposure > 0 else None
    return Judged(early, late, None, None, None, None, None, "too_little", None)


def _fell_without_count(rows: pl.DataFrame, mu: float) -> list[float]:
    """Per row of c1, e1, e2: P(ρ < 0.8) if the late window had no count at all."""
    weights = _weights(_cells(rows.with_columns(pl.lit(0.0).alias("c2"))), mu)
    part = ((math.log(FELL) - pl.col("x")) / WIDTH + 0.5).clip(0, 1)
    return _per_ad(weights.select(pl.col("weight") * part).to_series(), "sum").to_list()


def _needed_late(rows: pl.DataFrame, mu: float) -> dict[int, int]:
    """By ad, the late impressions, times φ, at which a week without a count shows a fall; none where none would.

    All ads are searched at once: P(ρ < 0.8) grows with the late exposure.
    """
    most = _MOST_NEEDED // _STEP
    ads = rows.with_columns(e2=pl.lit(float(_MOST_NEEDED)))
    ads = ads.filter(pl.Series(_fell_without_count(ads, mu), dtype=pl.Float64) >= SURE) if ads.height else ads
    low, high = [0] * ads.height, [most] * ads.height
    while any(b - a > 1 for a, b in zip(low, high, strict=True)):
        middle = [(a + b + 1) // 2 for a, b in zip(low, high, strict=True)]
        tried = ads.with_columns(pl.Series("e2", [float(step * _STEP) for step in middle]))
        shown = [probability >= SURE for probability in _fell_without_count(tried, mu)]
        low = [a if yes else m for a, m, yes in zip(low, middle, shown, strict=True)]
        high = [m if yes else b for b, m, yes in zip(high, middle, shown, strict=True)]
    return {ad: round(step * _STEP * phi) for (ad, phi), step in zip(ads.select("ad", "phi").rows(), high, strict=True)}
