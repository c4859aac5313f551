"""The ratio of two rates of events, as a distribution on a fixed grid of its logarithm.

Counts c₁ and c₂ were seen at exposures e₁ and e₂ (impressions, sends or money). Given c₁ + c₂, c₂ is binomial with
π = ρe₂ / (e₁ + ρe₂), where ρ = rate₂ / rate₁; no other unknown is left. The grid replaces an exact beta distribution
(equal to 10⁻⁴) and takes any prior of ln ρ.

Sources: Przyborowski and Wilenski 1940 (conditional test of two Poisson rates); Brown, Cai and DasGupta 2001 (Jeffreys
intervals).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from workbench.errors import ValidationError

WIDTH = 0.005
"""Width of a cell of the grid, in units of ln ρ."""
REACH = 15.0
"""The grid goes from −REACH to REACH: 6,000 cells."""
JEFFREYS = 0.5
"""Added to each count where there is no other prior."""


@dataclass(frozen=True)
class Normal:
    """One part of a prior of ln ρ: a normal distribution.

    Attributes:
        share: its weight among the parts, 0 to 1; the shares of a prior add up to 1.
        mean, sd: of ln ρ.
    """

    share: float
    mean: float
    sd: float


@dataclass(frozen=True)
class RatioPosterior:
    """The distribution of ρ = rate₂ / rate₁.

    Attributes:
        first_edge: the left edge of the first cell, in ln ρ.
        cumulated: P(ln ρ ≤ right edge), one per cell.
    """

    first_edge: float
    cumulated: tuple[float, ...]

    def below(self, ratio: float) -> float:
        """P(ρ < ratio), 0 to 1; the part of the cell that holds `ratio` counts in proportion."""
        if ratio <= 0:
            return 0.0
        position = (math.log(ratio) - self.first_edge) / WIDTH
        if position <= 0:
            return 0.0
        if position >= len(self.cumulated):
            return 1.0
        cell = int(position)
        before = self.cumulated[cell - 1] if cell else 0.0
        return before + (self.cumulated[cell] - before) * (position - cell)

    def quantile(self, probability: float) -> float:
        """The ratio below which ρ lies with `probability` (0 to 1), interpolated linearly in ln ρ inside a cell."""
        cell = _first_at_least(self.cumulated, probability)
        before = self.cumulated[cell - 1] if cell else 0.0
        weight = self.cumulated[cell] - before
        part = (probability - before) / weight if weight > 0 else 0.0
        return math.exp(self.first_edge + (cell + part) * WIDTH)

    def interval(self, probability: float = 0.9) -> tuple[float, float]:
        """The ratios between which ρ lies with `probability`, as much of the rest below as above."""
        tail = (1 - probability) / 2
        return self.quantile(tail), self.quantile(1 - tail)


def from_counts(
    count_1: float, exposure_1: float, count_2: float, exposure_2: float, *, prior: Sequence[Normal] = ()
) -> RatioPosterior:
    """The distribution of rate₂ / rate₁ from two counts and their exposures.

    Args:
        prior: a mixture of normals for ln ρ; without one, Jeffreys' half an event is added to each count.

    Raises:
        ValidationError: an exposure is not above 0, or a count is below 0.
    """
    half = 0.0 if prior else JEFFREYS
    return from_shapes(count_1 + half, exposure_1, count_2 + half, exposure_2, prior=prior)


def from_shapes(
    shape_1: float,
    exposure_1: float,
    shape_2: float,
    exposure_2: float,
    *,
    prior: Sequence[Normal] = (),
    reach: float = REACH,
) -> RatioPosterior:
    """The distribution of the ratio of two gamma variables, second to first; `shape` and `exposure` (inverse scale).

    Args:
        prior: a mixture of normals that multiplies the density of ln ρ.
        reach: cells with |ln ρ| above it are left out.

    Raises:
        ValidationError: an exposure is not above 0, or a shape is below 0, or both shapes are 0 without a prior.
    """
    _check(shape_1, exposure_1, shape_2, exposure_2, needs_events=not prior)
    weight = log_likelihood(shape_1, exposure_1, shape_2, exposure_2)
    if prior:
        weight = weight + density(prior).log()
    return from_weights(grid(reach).select((weight - weight.max()).exp().alias("weight"))["weight"].to_list(), reach)


def from_weights(weights: Sequence[float], reach: float = REACH) -> RatioPosterior:
    """The distribution whose cells have these weights; they need not add up to 1.

    Args:
        weights: one per cell of `grid(reach)`, in order.
    """
    return RatioPosterior(-_half(reach) * WIDTH, _cumulated(weights, math.fsum(weights)))


def grid(reach: float = REACH) -> pl.DataFrame:
    """The centres of the cells as column `x` (ln ρ), ascending; |x| < `reach`."""
    half = _half(reach)
    return pl.select(((pl.int_range(-half, half) + 0.5) * WIDTH).alias("x"))


def log_likelihood(
    shape_1: float | pl.Expr, exposure_1: float | pl.Expr, shape_2: float | pl.Expr, exposure_2: float | pl.Expr
) -> pl.Expr:
    """`shape₂·ln π + shape₁·ln(1 − π)` at the column `x`, finite for every x.

    Args: numbers, or expressions that give one per row; exposures above 0.
    """
    ratio = exposure_2 / exposure_1
    odds = pl.col("x") + (ratio.log() if isinstance(ratio, pl.Expr) else math.log(ratio))
    log_share = odds.clip(upper_bound=0) - (-odds.abs()).exp().log1p()
    return shape_2 * log_share + shape_1 * (log_share - odds)


def density(prior: Sequence[Normal]) -> pl.Expr:
    """The density of a mixture of normals at the column `x`, without the constant 1/√2π."""
    parts = [part.share / part.sd * (-(((pl.col("x") - part.mean) / part.sd) ** 2) / 2).exp() for part in prior]
    return pl.sum_horizontal(parts)


def _half(reach: float) -> int:
    return round(reach / WIDTH)


def _cumulated(weights: Sequence[float], total: float) -> tuple[float, ...]:
    running, cumulated = 0.0, []
    for weight in weights:
        running += weight / total
        cumulated.append(running)
    return tuple(cumulated)


def _first_at_least(cumulated: Sequence[float], probability: float) -> int:
    """The first cell whose cumulated weight reaches `probability`; the last one if none does."""
    low, high = 0, len(cumulated) - 1
    while low < high:
        middle = (low + high) // 2
        if cumulated[middle] >= probability:
            high = middle
        else:
            low = middle + 1
    return low


def _check(shape_1: float, exposure_1: float, shape_2: float, exposure_2: float, *, needs_events: bool) -> None:
    if not (exposure_1 > 0 and exposure_2 > 0):
        raise ValidationError(
            "A rate without exposure cannot be compared.",
            why=f"The exposures are {exposure_1} and {exposure_2}; both must be above 0.",
            next_step="Leave out the row that was never shown.",
        )
    if shape_1 < 0 or shape_2 < 0 or (needs_events and shape_1 == shape_2 == 0):
        raise ValidationError(
            "Two rates without any event cannot be compared.",
            why=f"The counts are {shape_1} and {shape_2}; none may be negative, and one must be above 0.",
            next_step="Compare rows that have events, or give a prior.",
        )
