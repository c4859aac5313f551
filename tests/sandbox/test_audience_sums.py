"""The values of a pivot together have no more than the account has, figure by figure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from workbench.sandbox.clock import Clock
from workbench.sandbox.expected.audiences import PIVOTS
from workbench.sandbox.expected.truth import Truth
from workbench.sandbox.world.demography import portions
from workbench.sandbox.world.model import MetricsRow, Slice
from workbench.sandbox.world.world import World

from .believable import TODAY

FIGURES = ("impressions", "clicks", "landing_page_clicks", "one_click_leads", "external_website_conversions")


@pytest.mark.parametrize("days", [7, 28])
@pytest.mark.parametrize("name", ["believable", "hostile"])
def test_values_have_at_most_what_their_account_has(name: str, days: int) -> None:
    truth = Truth(World(world=name, clock=Clock(TODAY)))
    window = TODAY - timedelta(days=days), TODAY - timedelta(days=2)
    whole: Counter[tuple[int, str]] = Counter()
    for row in truth.campaign_daily_metrics(*window):
        whole.update({(row["account_id"], figure): row[figure] for figure in FIGURES})
    shown: Counter[tuple[int, str, str]] = Counter()
    for row in truth.audience_demographics(*window):
        shown.update({(row["account_id"], row["pivot"], figure): row[figure] for figure in FIGURES})
        assert row["landing_page_clicks"] <= row["clicks"] <= row["impressions"]
        assert row["one_click_leads"] <= row["clicks"]
    assert {pivot for _, pivot, _ in shown} == set(PIVOTS)
    for (account, pivot, figure), total in shown.items():
        assert total <= whole[account, figure], (account, pivot, figure)
    assert sum(shown.values()) > 0.85 * len(PIVOTS) * sum(whole.values())


def test_single_events_go_to_values_by_their_shares() -> None:
    row = MetricsRow(*(1 for _ in MetricsRow._fields))
    slices = tuple(Slice(str(share), share * 10_000, 100, 100) for share in (50, 30, 15, 5))
    times = Counter(
        value.value
        for seed in range(2_000)
        for value, part in zip(slices, portions(row, slices, seed, False), strict=True)
        for _ in range(part.one_click_leads)
    )
    assert sum(times.values()) == 2_000
    assert all(abs(times[one.value] / 2_000 - one.share / 1_000_000) < 0.04 for one in slices)
