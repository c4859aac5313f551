"""What a month was to bring and what it brought: budgets, results and their cost by account and objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from workbench.analytics import formatting, wording
from workbench.analytics.metrics import key_result
from workbench.answers.api import found_by_name
from workbench.answers.plan import Month, Plan
from workbench.reports.figures import SPEND, Figures
from workbench.reports.model import Column, Section, Table
from workbench.reports.scope import Scope, month_end

_SCHEMA = {
    "account_id": pl.Int64,
    "account": pl.String,
    "month": pl.String,
    "objective": pl.String,
    "figure": pl.String,
    "planned": pl.Float64,
    "reached": pl.Float64,
    "share": pl.Float64,
    "forecast": pl.Float64,
    "forecast_low": pl.Float64,
    "forecast_high": pl.Float64,
}
_COLUMNS = {
    "account": Column("Account"),
    "objective_words": Column("Objective"),
    "figure": Column("Figure"),
    "planned_text": Column("Planned", "right"),
    "reached_text": Column("Reached", "right"),
    "share": Column("Share", "share"),
    "forecast_text": Column("By the month's end, 80 %", "right"),
}


def against_plan(scope: Scope, figures: Figures, plan: Plan) -> Section:
    """The section that compares with the plan; a sentence says so where there is none for these days."""
    title = "Against plan"
    if scope.month is None:
        return Section(title, ("A plan is for a calendar month; these days do not begin one.",))
    months = plan.of_month(scope.pin.account_ids, scope.month)
    if not months:
        return Section(title, (f"There is no plan for {date.fromisoformat(f'{scope.month}-01'):%B %Y}.",))
    names = dict(scope.accounts.select("account_id", "name").iter_rows())
    forecasts = _forecasts(scope)
    rows = [
        {"account_id": month.account, "account": names[month.account], "month": month.month, **row}
        for month in months
        for row in _rows(month, figures, forecasts)
    ]
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    page = frame.with_columns(
        pl.Series("objective_words", [_objective(row["objective"]) for row in rows], pl.String),
        *(pl.Series(f"{name}_text", [_text(row, name, scope) for row in rows]) for name in ("planned", "reached")),
        pl.Series("forecast_text", [_range(row, scope.pin.currency) for row in rows], pl.String),
    )
    units = dict.fromkeys(("planned", "reached", "forecast", "forecast_low", "forecast_high"), "of the figure")
    table = Table("plan", "Planned and reached", frame, _COLUMNS, units, page)
    return Section(title, tuple(_sentences(rows, scope)), tables=(table,))


def _rows(month: Month, figures: Figures, forecasts: Mapping[int, Any]) -> Iterable[dict[str, Any]]:
    mine = figures.by_account.filter(pl.col("account_id") == month.account)
    if month.objective is not None:
        mine = mine.filter(pl.col("objective") == month.objective)
    spent = float(mine[SPEND].sum() or 0)
    result = mine["key_result"].sum() if month.objective is not None and mine["key_result"].count() else None
    results = None if result is None else float(result)
    scale = key_result(month.objective).scale
    if month.budget is not None:
        forecast = forecasts.get(month.account, {}) if month.objective is None else {}
        yield _row(month, "Spend", month.budget, spent, forecast)
    if month.results is not None:
        yield _row(month, key_result(month.objective).label, month.results, results, {})
    if month.cost_per_result is not None:
        cost = spent / results * scale if results else None
        yield _row(month, "Cost per result", month.cost_per_result, cost, {})


def _row(month: Month, figure: str, planned: Any, reached: float | None, forecast: Mapping[str, Any]) -> dict[str, Any]:
    aim = float(planned)
    return {
        "objective": month.objective,
        "figure": figure,
        "planned": aim,
        "reached": reached,
        "share": reached / aim if reached is not None and aim else None,
        **{name: forecast.get(name) for name in ("forecast", "forecast_low", "forecast_high")},
    }


def _forecasts(scope: Scope) -> dict[int, Mapping[str, Any]]:
    """What each account will most likely have spent at the month's end; none where the month is over."""
    last = scope.pin.period.last
    if last == month_end(last):
        return {}
    asked = {"account_ids": list(scope.pin.account_ids), "last_day": last}
    found = found_by_name(scope.ask.queries, "pacing", scope.ask.source, scope.ask.as_of, asked)
    return {row["account_id"]: row for row in found.frame.filter(level="account").iter_rows(named=True)}


def _sentences(rows: Iterable[Mapping[str, Any]], scope: Scope) -> Iterable[str]:
    last, several = scope.pin.period.last, scope.accounts.height > 1
    elapsed = f"{last.day} of {month_end(last).day} days"
    for row in rows:
        if row["share"] is None:
            continue
        what = _objective(row["objective"])
        what = f"{row['account'] or row['account_id']}, {what.lower()}" if several else what
        reached, planned = (_text(row, name, scope, rounded=True) for name in ("reached", "planned"))
        if row["figure"] == "Cost per result":
            yield f"{what}: a result cost {reached}; {planned} was planned."
            continue
        noun = "" if row["figure"] == "Spend" else f" {row['figure'].lower()}"
        made = f"{what}: {reached} of {planned}{noun} ({wording.percent(row['share'])}) in {elapsed}"
        ends = _range(row, scope.pin.currency)
        yield f"{made}; by the month's end it will most likely be {ends}." if ends else f"{made}."


def _objective(name: str | None) -> str:
    return "All" if name is None else formatting.objective_words(name)


def _text(row: Mapping[str, Any], name: str, scope: Scope, *, rounded: bool = False) -> str:
    if row["figure"] in ("Spend", "Cost per result"):
        if rounded and row[name] is not None:
            return wording.money(row[name], scope.pin.currency)
        return formatting.money(row[name], scope.pin.currency)
    return formatting.number(row[name])


def _range(row: Mapping[str, Any], currency: str | None) -> str | None:
    if row["forecast_low"] is None or row["forecast_high"] is None:
        return None
    return wording.money_range(row["forecast_low"], row["forecast_high"], currency)
