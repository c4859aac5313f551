"""How an ad tires: its CTR against its first days.

The form is ours, the levels after Yirla (0.51 % to 0.31 % in week 4 at the worst) and strategicnerds (0.8 % to 0.3 %
while frequency went from 4 to 12): a plateau until people have seen the ad twice, then a decline that ends.
"""

from __future__ import annotations

import math

REST = 0.72
"""What is left of the CTR of an ad that its whole audience knows."""
_PLATEAU, _SLOPE = 2, 3


def freshness(days: int, pressure: float, rest: float = REST) -> float:
    """CTR against the first days.

    Args:
        days: since the ad began.
        pressure: how often a member of the audience sees the ad in one day.
        rest: what is left in the end.
    """
    beyond = days * pressure - _PLATEAU
    if beyond <= 0:
        return 1.0
    return round(rest + (1 - rest) * math.exp(-beyond / _SLOPE), 6)
