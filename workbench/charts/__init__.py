"""Draw Altair charts from frames, by pure functions: no data is fetched and no metric is computed."""

from __future__ import annotations

from workbench.charts.bars import movers, segments
from workbench.charts.budget import budget_course
from workbench.charts.lines import creative_weeks, daily_trend, tradeoff, trend_by_account

__all__ = [
    "budget_course",
    "creative_weeks",
    "daily_trend",
    "movers",
    "segments",
    "tradeoff",
    "trend_by_account",
]
