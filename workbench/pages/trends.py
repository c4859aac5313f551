"""The daily trend of a currency: all accounts together, and a line per account where there are several."""

from __future__ import annotations

import marimo as mo
import polars as pl

from workbench import charts
from workbench.analytics import formatting
from workbench.analytics.periods import provisional_from
from workbench.pages.components.comparison_table import remark
from workbench.pages.components.page_queries import figure
from workbench.pages.components.selection import Choices
from workbench.pages.overview import of_currency


def trends(
    choices: Choices, days: pl.DataFrame, account_days: pl.DataFrame, metric: str, currency: str | None
) -> mo.Html:
    """One metric by day, its provisional days hollow.

    Args:
        days: `daily_series`.
        account_days: `daily_series_by_account`.
    """
    fetched = choices.fetched_at
    first = provisional_from(metric, fetched.date()) if fetched else None
    total = charts.daily_trend(of_currency(days, currency), metric, currency=currency, provisional_from=first)
    shown: list[mo.Html] = [figure(total)]
    if first is not None and first <= choices.period.last:
        shown.append(remark(f"Hollow from {formatting.day(first)}: LinkedIn may still correct these days."))
    accounts = of_currency(account_days, currency)
    if accounts["account_id"].n_unique() > 1:
        shown += [remark("By account"), figure(charts.trend_by_account(accounts, metric, currency=currency))]
    return mo.vstack(shown)
