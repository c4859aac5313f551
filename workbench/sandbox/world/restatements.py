"""Earlier answers that LinkedIn changes."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.sandbox.world.model import Creative


@dataclass(frozen=True, kw_only=True)
class Restatement:
    """Days whose figures changed (`percent` of what they were) or went away (`percent` 0)."""

    first: int
    last: int
    percent: int
    campaign_id: int | None
    creative_id: int | None
    since: int = 0
    """The day (ordinal) from which LinkedIn says so."""

    def touches(self, creative: Creative, day: int) -> bool:
        return (
            self.first <= day <= self.last
            and self.campaign_id in (None, creative.campaign_id)
            and self.creative_id in (None, creative.id)
        )
