"""From frames of days, settings and changes to what the morning check judges, and its result as a frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import formatting, wording
from workbench.analytics.currency import one_currency
from workbench.analytics.metrics import key_result, objective
from workbench.analytics.morning_check import Alarm, Campaign, Morning, morning
from workbench.analytics.overdispersion import day_scatter
from workbench.analytics.shrinkage import Gamma, gamma_prior

HISTORY_DAYS = 56
"""Up to the last complete day."""
CONVERSIONS_MISSING_BEFORE = 8
"""Without a maturity curve, conversion days younger than this are left out."""
TOKEN_DAYS = 14
EXPLAINING_FIELDS = (
    "daily_budget",
    "total_budget",
    "unit_cost",
    "cost_type",
    "optimization_target_type",
    "status",
    "targeting_criteria",
)
"""Settings of a person that explain an alarm: budget, bid, status and targeting."""
_CONVERSIONS = "external_website_conversions"

SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "campaign_id": pl.Int64,
    "rule": pl.String,
    "money": pl.Float64,
    "expected": pl.Float64,
    "actual": pl.Float64,
    "p": pl.Float64,
    "reasons": pl.List(pl.String),
    "since": pl.Date,
    "explained_by": pl.List(pl.String),
}
"""The columns of `morning_table`: money, expected and actual in the account's currency (`no_result`: results)."""


@dataclass(frozen=True)
class _Day:
    """A day whose figures are known: spend in the account's currency, results, and the share that has arrived."""

    date: date
    spend: float
    results: float
    share: float

    @property
    def pair(self) -> tuple[float, float]:
        return self.spend * self.share, self.results


@dataclass(frozen=True)
class _History:
    """The known days of one campaign, in order; days whose results are still missing are in no rate."""

    campaign_id: int
    days: tuple[_Day, ...]

    @property
    def pairs(self) -> list[tuple[float, float]]:
        return [day.pair for day in self.days if day.share]

    @property
    def pairs_until_result(self) -> list[tuple[float, float]]:
        last = self.last_result
        return [day.pair for day in self.days if day.share and last is not None and day.date <= last]

    @property
    def since_result(self) -> list[_Day]:
        last = self.last_result
        return [day for day in self.days if day.pair[0] > 0 and (last is None or day.date > last)]

    @property
    def last_result(self) -> date | None:
        return max((day.date for day in self.days if day.results > 0), default=None)


def morning_check(
    days: pl.DataFrame,
    campaigns: pl.DataFrame,
    changed: pl.DataFrame | None = None,
    *,
    last_day: date,
    maturity: Mapping[str, Sequence[float]] | None = None,
    stale: Sequence[str] = (),
) -> Morning:
    """The morning check of active campaigns of one currency.

    Args:
        days: campaign_id, date, cost_in_local_currency, results (of the campaign's objective), up to `last_day`; one
            row per day since the campaign began, null where unknown; age (whole days; without it, days since + 1).
        campaigns: the active ones: campaign_id, currency, objective_type, daily_budget (null: none), group_budget
            (boolean: the campaign group sets it), serving_statuses (list of text).
        changed: campaign_id, field, of the last three days, as `changed_settings` says; its new entities left out.
        last_day: the last complete day.
        maturity: by objective, the share of results that has arrived at ages 1, 2, 3 …; later ages are the last one.
        stale: `stale_reasons`.

    Raises:
        ValidationError: the rows are of two currencies.
    """
    one_currency(days, campaigns)
    recent = pl.col("date").is_between(last_day - timedelta(days=HISTORY_DAYS - 1), last_day)
    rows: dict[int, list[Mapping[str, Any]]] = {}
    for row in days.filter(recent).sort("campaign_id", "date").iter_rows(named=True):
        rows.setdefault(row["campaign_id"], []).append(row)
    settings = campaigns.sort("campaign_id").rows(named=True)
    tested = _missing_results(settings, rows, last_day, maturity or {})
    explained = _explanations(changed)
    made = [
        Campaign(
            campaign_id=row["campaign_id"],
            days=tuple(
                (known["date"], _number(known["cost_in_local_currency"])) for known in rows.get(row["campaign_id"], [])
            ),
            daily_budget=_number(row["daily_budget"]),
            group_budget=bool(row["group_budget"]),
            serving_statuses=tuple(row["serving_statuses"] or ()),
            explained_by=explained.get(row["campaign_id"], ()),
            **tested.get(row["campaign_id"], {}),
        )
        for row in settings
    ]
    return morning(made, stale=stale, last_day=last_day)


def morning_table(alarms: Iterable[Alarm]) -> pl.DataFrame:
    """Alarms as a frame (`SCHEMA`), in their order."""
    rows = [
        {
            "campaign_id": alarm.campaign_id,
            "rule": alarm.rule,
            "money": alarm.money,
            "expected": alarm.expected,
            "actual": alarm.actual,
            "p": alarm.p,
            "reasons": list(alarm.reasons),
            "since": alarm.since,
            "explained_by": list(alarm.explained_by),
        }
        for alarm in alarms
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def stale_reasons(
    last_day: date | None, today: date, *, token_days_left: int | None = None, failed_parts: int = 0
) -> tuple[str, ...]:
    """Why the figures may be old or may soon be, in sentences; none if all is well.

    Args:
        last_day: the last complete day; None without any.
        today: the UTC day.
        token_days_left: until a person must sign in again; None where unknown.
        failed_parts: of the last sync.
    """
    said = []
    if last_day is None:
        said.append("No day is complete yet.")
    elif last_day < today - timedelta(days=1):
        said.append(f"The figures end on {formatting.day(last_day)}; later days are missing.")
    if token_days_left is not None and token_days_left < TOKEN_DAYS:
        said.append(f"The sign-in ends in {wording.counted(max(0, token_days_left), 'day')}.")
    if failed_parts:
        said.append(f"{wording.counted(failed_parts, 'part')} of the last sync failed.")
    return tuple(said)


def posterior_rates(
    histories: Mapping[int, Sequence[tuple[float, float]]], others: Mapping[int, Sequence[tuple[float, float]]]
) -> Mapping[int, Gamma]:
    """Each campaign's posterior rate of results per unit of money, under the prior of all of them; empty without any.

    Args:
        histories: by campaign, the (spend, results) of its days up to its last result; these it is judged by.
        others: by campaign, those of all its days; these the prior is fitted to.
    """
    every = day_scatter((name, n, c) for name, pairs in others.items() for n, c in pairs)
    prior = gamma_prior(_divided(pairs, every.phi[name]) for name, pairs in others.items() if pairs)
    if prior is None:
        return {}
    found = {}
    for name, pairs in histories.items():
        spend, results = _divided(pairs, _phi(every.kappa, pairs))
        found[name] = prior.updated(results, spend)
    return found


def _missing_results(
    settings: Sequence[Mapping[str, Any]],
    rows: Mapping[int, Sequence[Mapping[str, Any]]],
    last_day: date,
    maturity: Mapping[str, Sequence[float]],
) -> Mapping[int, dict[str, Any]]:
    """By campaign: rate, spend_since_result and no_result_since, objective by objective."""
    by_objective: dict[str, list[_History]] = {}
    for row in settings:
        name = objective(row["objective_type"])
        if name is not None and key_result(name).metric is not None:
            days = _weighted(name, rows.get(row["campaign_id"], []), last_day, maturity.get(name))
            by_objective.setdefault(name, []).append(_History(row["campaign_id"], days))
    found = {}
    for histories in by_objective.values():
        until = {history.campaign_id: history.pairs_until_result for history in histories}
        rates = posterior_rates(until, {history.campaign_id: history.pairs for history in histories})
        for history in histories:
            dry = history.since_result
            if history.campaign_id in rates and history.days:
                found[history.campaign_id] = {
                    "rate": rates[history.campaign_id],
                    "spend_since_result": math.fsum(day.pair[0] for day in dry),
                    "no_result_since": dry[0].date if dry else None,
                }
    return found


def _weighted(
    name: str, rows: Sequence[Mapping[str, Any]], last_day: date, curve: Sequence[float] | None
) -> tuple[_Day, ...]:
    """Known days, with the share of their results that has arrived by their age."""
    late = key_result(name).metric == _CONVERSIONS
    found = []
    for row in rows:
        if row["cost_in_local_currency"] is None or row["results"] is None:
            continue
        age_then = row.get("age")
        age = (last_day - row["date"]).days + 1 if age_then is None else age_then
        share = 0.0 if late and age < CONVERSIONS_MISSING_BEFORE else 1.0
        if curve:
            share = min(1.0, curve[min(max(age, 1), len(curve)) - 1])
        found.append(_Day(row["date"], float(row["cost_in_local_currency"]), float(row["results"]), share))
    return tuple(found)


def _explanations(changed: pl.DataFrame | None) -> Mapping[int, tuple[str, ...]]:
    if changed is None or changed.is_empty():
        return {}
    mine = changed.filter(pl.col("field").is_in(EXPLAINING_FIELDS)).select("campaign_id", "field").unique()
    grouped = mine.sort("campaign_id", "field").group_by("campaign_id", maintain_order=True).agg("field")
    return {campaign: tuple(fields) for campaign, fields in grouped.iter_rows()}


def _phi(kappa: float, pairs: Sequence[tuple[float, float]]) -> float:
    spend, results = math.fsum(n for n, _ in pairs), math.fsum(c for _, c in pairs)
    return 1 + kappa * results * math.fsum(n**2 for n, _ in pairs) / spend**2 if spend > 0 else 1.0


def _divided(pairs: Sequence[tuple[float, float]], phi: float) -> tuple[float, float]:
    return math.fsum(n for n, _ in pairs) / phi, math.fsum(c for _, c in pairs) / phi


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
