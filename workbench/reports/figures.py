"""The figures of a report's period beside those of the period before, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.comparison import said, unlisted
from workbench.analytics.metrics import METRICS, add_key_result, add_ratios, against_previous, change, key_result
from workbench.reports.model import Column, Table
from workbench.reports.scope import Scope

SPEND = "cost_in_local_currency"
_RESULTS = {
    SPEND: Column("Spend", "money"),
    "spend_change": Column("Change", "change"),
    "impressions": Column("Impressions", "count"),
    "ctr": Column("CTR", "share"),
    "key_result_label": Column("Result"),
    "key_result": Column("Results", "count"),
    "cost_per_key_result": Column("Cost per result", "money"),
    "previous_cost_per_key_result": Column("Before", "money"),
}
_TOTALS = (SPEND, "impressions", "clicks", "ctr", "cpc", "cpm", "landing_page_clicks", "total_engagements")
_UNITS = {"money": "account currency", "usd": "USD", "share": "share, 0 to 1", "factor": "factor", "count": "count"}


@dataclass(frozen=True)
class Figures:
    """Frames of one report.

    Attributes:
        objectives, ad_sets: a row each with sums, ratios, key results, and the same of the period before.
        days: a row per day of the period with activity: sums and ratios.
        totals: a row per metric: value, value before, change.
        by_account: sums of the period by account and objective.
    """

    objectives: pl.DataFrame
    ad_sets: pl.DataFrame
    days: pl.DataFrame
    totals: pl.DataFrame
    by_account: pl.DataFrame

    def total(self, metric: str, column: str = "value") -> Any:
        """A figure of the whole period, or of the one `before`."""
        return self.totals.filter(metric=metric)[column].item(0)


def figures_of(scope: Scope) -> Figures:
    """Ask for the figures of a report."""
    window, before = scope.pin.period, scope.pin.previous
    ids = list(scope.pin.account_ids)
    days = {"first_day": window.first, "last_day": window.last}
    previous = {"previous_first_day": before and before.first, "previous_last_day": before and before.last}
    campaigns = scope.ask("campaigns", account_ids=ids, **days, **previous)
    by_objective = scope.ask("kpis_by_objective", account_ids=ids, **days, **previous)
    series = scope.ask("daily_series", account_ids=ids, **days)
    ad_sets = _results(campaigns, ["account_id", "campaign_id"]).with_columns(
        pl.col("name").fill_null(unlisted(pl.col("campaign_id")))
    )
    current = campaigns.filter(pl.col("period") == "current")
    return Figures(
        _results(by_objective, ["objective_type"]).sort(SPEND, descending=True, maintain_order=True),
        ad_sets.sort([SPEND, "campaign_id"], descending=[True, False], nulls_last=True),
        add_ratios(series).sort("date"),
        _totals(scope.ask("kpis", account_ids=ids, **days, **previous)),
        _results(current, ["account_id", "objective_type"]),
    )


def _results(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    made = add_key_result(add_ratios(against_previous(rows, by)))
    return made.with_columns(
        said("objective_type", formatting.objective_words).alias("objective_words"),
        change(SPEND, f"previous_{SPEND}").alias("spend_change"),
    )


def _totals(kpis: pl.DataFrame) -> pl.DataFrame:
    """A row per metric of the whole report: value and value before as floats, change as a share."""
    both = against_previous(kpis, ["currency"])
    row: Mapping[str, Any] = add_ratios(both).row(0, named=True) if both.height else {}
    made = []
    for name, metric in METRICS.items():
        if both.height and name not in row:
            continue
        value, before = (_number(row.get(key)) for key in (name, f"previous_{name}"))
        moved = value / before - 1 if value is not None and before else None
        made.append((name, metric.label, _UNITS.get(metric.unit, metric.unit), value, before, moved, metric.formula))
    schema = {
        "metric": pl.String,
        "label": pl.String,
        "unit": pl.String,
        "value": pl.Float64,
        "before": pl.Float64,
        "change": pl.Float64,
        "definition": pl.String,
    }
    return pl.DataFrame(made, schema=schema, orient="row")


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def totals_table(figures: Figures, currency: str | None) -> Table:
    """Every metric of the report: in pages as finished text, in files exact."""
    units = {"value": "as the column unit says", "before": "as the column unit says", "change": "share of before"}
    texts = [
        [formatting.metric(row["metric"], row[name], currency) for name in ("value", "before")]
        for row in figures.totals.iter_rows(named=True)
    ]
    shown = figures.totals.with_columns(
        pl.Series("value_text", [text[0] for text in texts], pl.String),
        pl.Series("before_text", [text[1] for text in texts], pl.String),
    )
    columns = {
        "label": Column("Figure"),
        "value_text": Column("In the period", "right"),
        "before_text": Column("Before", "right"),
        "change": Column("Change", "change"),
        "definition": Column("How it is made"),
    }
    return Table("totals", "All figures, and how they are made", figures.totals, columns, units, shown)


def objectives_table(figures: Figures) -> Table:
    """Results by objective, most money first."""
    columns = {"objective_words": Column("Objective"), **_RESULTS}
    return Table("objectives", "By objective", figures.objectives, columns, units_of(figures.objectives))


def ad_sets_table(figures: Figures) -> Table:
    """Results by ad set, most money first; those without any figure in the period are in the files only."""
    columns = {"name": Column("Ad set"), "objective_words": Column("Objective"), **_RESULTS}
    del columns["impressions"], columns["previous_cost_per_key_result"]
    return Table("ad_sets", "By ad set", figures.ad_sets, columns, units_of(figures.ad_sets))


def days_table(figures: Figures) -> Table:
    """The days, for files."""
    return Table("days", "By day", figures.days, {}, units_of(figures.days))


def units_of(frame: pl.DataFrame) -> dict[str, str]:
    """The units of the columns of a frame that are metrics."""
    units = {}
    for name in frame.columns:
        plain = name.removeprefix("previous_")
        if plain in METRICS:
            units[name] = _UNITS.get(METRICS[plain].unit, METRICS[plain].unit)
        elif plain == "cost_per_key_result":
            units[name] = "account currency"
    return units


def main_objective(figures: Figures) -> Mapping[str, Any] | None:
    """The objective with most spend of those whose results are counted."""
    for row in figures.objectives.iter_rows(named=True):
        if row["key_result"] is not None and (row[SPEND] or 0) > 0 and key_result(row["objective"]).scale == 1:
            return row
    return None
