"""Every answer there is, by the name of each of its frames."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.answers import audience, creatives, late, money, morning, pacing, reached, restated, signed
from workbench.answers.registry import Answer

ANSWERS: Mapping[str, Answer] = {
    one.name: one
    for one in (
        pacing.ANSWER,
        morning.ANSWER,
        creatives.FATIGUE,
        creatives.COMPARISON,
        money.DRIVERS,
        money.REALLOCATION,
        signed.ANSWER,
        restated.ANSWER,
        late.EQUAL_AGE,
        late.ANSWER,
        audience.ANSWER,
        reached.SATURATION,
        reached.PLACEMENT,
    )
}
"""The registry, by name."""

FRAMES: Mapping[str, str] = {output: one.name for one in ANSWERS.values() for output in one.outputs}
"""The name of the answer that a frame belongs to, by the frame's name; the main frame has the answer's own."""
