"""How much more counts scatter from day to day than chance, and how much less they therefore weigh.

A window is one entity in one stretch of days. Its counts c at exposures n scatter around E = n·C/N; what Poisson's law
does not explain is taken to grow with the square of the count, so that large ads are not trusted too much.

Sources: Wedderburn 1974; McCullagh and Nelder 1989 (quasi-likelihood).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

ENOUGH_COUNTS = 50
"""With fewer events in all windows together, scatter beyond chance cannot be seen: κ is 0."""


@dataclass(frozen=True)
class Scatter:
    """How days scatter beyond chance.

    Attributes:
        kappa: squared coefficient of variation of daily rates beyond Poisson, 0 to 1.
        phi: by window, what its count and its exposure are divided by, 1 or more.
    """

    kappa: float
    phi: Mapping[Hashable, float]


@dataclass(frozen=True)
class _Window:
    days: tuple[tuple[float, float], ...]
    exposure: float
    count: float


def day_scatter(days: Iterable[tuple[Hashable, float, float]]) -> Scatter:
    """κ over all windows, and φ of each.

    Args:
        days: one (window, exposure, count) per day, in any order; unknown days are left out, known zeros are not.
    """
    windows = _windows(days)
    kappa = _kappa(windows.values())
    return Scatter(kappa, {name: _phi(kappa, window) for name, window in windows.items()})


def phi(kappa: float, days: Iterable[tuple[float, float]]) -> float:
    """φ of one window: what its count and exposure are divided by where days scatter by `kappa`.

    Args:
        days: one (exposure, count) per day, in any order.
    """
    return _phi(kappa, _windows(("", exposure, count) for exposure, count in days).get("", _Window((), 0.0, 0.0)))


def _windows(days: Iterable[tuple[Hashable, float, float]]) -> dict[Hashable, _Window]:
    found: dict[Hashable, list[tuple[float, float]]] = {}
    for window, exposure, count in days:
        found.setdefault(window, []).append((float(exposure), float(count)))
    return {
        name: _Window(tuple(pairs), math.fsum(n for n, _ in pairs), math.fsum(c for _, c in pairs))
        for name, pairs in found.items()
    }


def _kappa(windows: Iterable[_Window]) -> float:
    shown = [window for window in windows if window.exposure > 0]
    if math.fsum(window.count for window in shown) < ENOUGH_COUNTS:
        return 0.0
    excess: list[float] = []
    scale: list[float] = []
    for window in shown:
        for exposure, count in window.days:
            expected = exposure * window.count / window.exposure
            free = 1 - exposure / window.exposure
            excess.append((count - expected) ** 2 - expected * free)
            scale.append((expected * free) ** 2)
    bottom = math.fsum(scale)
    return min(1.0, max(0.0, math.fsum(excess) / bottom)) if bottom > 0 else 0.0


def _phi(kappa: float, window: _Window) -> float:
    if window.exposure <= 0:
        return 1.0
    squares = math.fsum(exposure**2 for exposure, _ in window.days)
    return 1 + kappa * window.count * squares / window.exposure**2
