"""Frames in, Altair charts out: pure functions that fetch no data, compute no metric and know no page."""

from __future__ import annotations

from workbench.charts.bars import movers, segments
from workbench.charts.lines import creative_weeks, daily_trend, tradeoff, trend_by_account

__all__ = [
    "creative_weeks",
    "daily_trend",
    "movers",
    "segments",
    "tradeoff",
    "trend_by_account",
]
