"""Who sees the hostile world's campaigns."""

from __future__ import annotations

import random
from functools import lru_cache

from workbench.sandbox.world.demography import TOP_VALUES
from workbench.sandbox.world.hostile.names import VOCABULARY
from workbench.sandbox.world.model import Slice

_WIDEST = 180
_MILLION = 1_000_000


@lru_cache(maxsize=2_048)
def audience(seed: int, campaign_id: int, pivot: str) -> tuple[Slice, ...]:
    """The values a campaign reaches.

    Largest first, at most 100: as every creative of a campaign has the same audience every day, the top 100 of each
    creative and day are these. For `MEMBER_COMPANY` the shares kept add up to well under a million.
    """
    rng = random.Random(f"{seed}:{campaign_id}:{pivot}")
    values = VOCABULARY.segments(pivot)
    reached = rng.sample(values, min(len(values), _WIDEST))
    draw = rng.random
    weights = [(0.6 + 0.8 * draw()) / (rank + 2) for rank in range(len(reached))]
    scale = _MILLION / sum(weights)
    spread = []
    for value, weight in zip(reached, weights, strict=True):
        response = 50 + int(100 * draw())
        spread.append(Slice(value, int(weight * scale), response, response))
    return tuple(sorted(spread, key=lambda entry: (-entry.share, entry.value))[:TOP_VALUES])
