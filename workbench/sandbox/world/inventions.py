"""The worlds that can be chosen by name."""

from __future__ import annotations

from datetime import date

from workbench.sandbox.world.believable.generator import BelievableWorld
from workbench.sandbox.world.hostile.generator import HostileWorld
from workbench.sandbox.world.model import Invention

SIZES = ("small", "medium", "large")
WORLDS = ("believable", "hostile")


def invent(
    world: str, size: str, seed: int, anchor: date, *, quirks: bool = True, stories: frozenset[str] | None = None
) -> Invention:
    """A world by its name; `quirks` is about the hostile one, `stories` about the believable one."""
    if world == "believable":
        return BelievableWorld(size, seed, anchor, stories)
    return HostileWorld(size, seed, anchor, quirks=quirks)
