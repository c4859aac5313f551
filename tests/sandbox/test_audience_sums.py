"""The values of a pivot have no more leads than their campaign has, whatever story is told."""

from __future__ import annotations

from datetime import date

import pytest

from workbench.sandbox.clock import Clock
from workbench.sandbox.world.world import World


@pytest.mark.parametrize("pivot", ["MEMBER_JOB_FUNCTION", "MEMBER_SENIORITY"])
def test_all_values_together_have_at_most_all_leads(pivot: str) -> None:
    world = World(world="believable", size="small", clock=Clock(date(2026, 11, 30)))
    for campaign_id in world.campaigns:
        slices = list(world.audience(campaign_id, pivot))
        assert sum(one.share * one.lead_response for one in slices) <= 100 * 1_000_000
