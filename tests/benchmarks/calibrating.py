"""What a calibration check is: a simulation with a known truth, and the range in which its outcome must lie."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Check:
    """A simulation and what must come of it.

    Attributes:
        name: what is measured, and for whom.
        low, high: the range in which the outcome must lie when all is run.
        run: random numbers and how many repetitions → the outcome.
        repetitions: how many are run; a small run makes a tenth of them.
        slack: by how much a small run may miss the range, because it has fewer repetitions.
    """

    name: str
    low: float
    high: float
    run: Callable[[Random, int], float]
    repetitions: int
    slack: float = 0.0


def poisson(random: Random, mean: float) -> int:
    """A count around `mean`."""
    count = 0
    while mean > 30:
        count, mean = count + poisson(random, 30.0), mean - 30
    limit, product = math.exp(-mean), random.random()
    while product > limit:
        count, product = count + 1, product * random.random()
    return count
