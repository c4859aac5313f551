"""The groups of figures that `METRIC_GROUPS` chooses; `core` is always asked for."""

from __future__ import annotations

CORE = "core"
AUDIENCES = "audiences"
GROUPS = ("video", "detail", "viral", "placement", "conversions", "months", "reach", AUDIENCES)
"""Every group beyond the core, all of which a sync asks for unless the setting names some."""


def chosen(words: tuple[str, ...]) -> tuple[str, ...]:
    """The groups beyond the core that some words name, in the order of `GROUPS`.

    Raises:
        ValueError: a word names no group.
    """
    wanted = {word.lower() for word in words}
    if not wanted <= {CORE, *GROUPS}:
        raise ValueError(f"it must be some of {', '.join((CORE, *GROUPS))}, separated by commas")
    return tuple(group for group in GROUPS if group in wanted)
