"""Adapters of answers 7 to 12."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from workbench.analytics import (
    audience_saturation,
    certificate,
    demographic_index,
    morning_check,
    placement,
    reallocation,
    reconciliation,
)
from workbench.analytics.shrinkage import Gamma


def run_spend_alarm(given: Mapping[str, Any]) -> Any:
    found = morning_check.spend_alarm(_days(given))
    return {"alarm": found and {**asdict(found), "money": found.money}}


def run_morning(given: Mapping[str, Any]) -> Any:
    campaigns = [
        morning_check.Campaign(
            row["id"],
            _days(row),
            daily_budget=row.get("daily_budget"),
            group_budget=bool(row.get("group_budget")),
            serving_statuses=tuple(row.get("serving") or ()),
            rate=Gamma(*row["results_prior"]) if row.get("results_prior") else None,
            spend_since_result=row.get("spend_since_result"),
        )
        for row in given["campaigns"]
    ]
    alarms = morning_check.morning(campaigns).alarms
    return {"alarms": [{**asdict(alarm), "id": alarm.campaign_id, "reasons": list(alarm.reasons)} for alarm in alarms]}


def run_demographic_index(given: Mapping[str, Any]) -> Any:
    account = tuple(given.get("account") or (None, None))
    segments = [tuple(segment) for segment in given["segments"]]
    found = asdict(demographic_index.demographic_index(segments, account, draws=given.get("draws", 1)))
    return {**found, "segments": list(found["segments"])}


def run_saturation(given: Mapping[str, Any]) -> Any:
    windows = [audience_saturation.Window(int(days), *figures) for days, figures in given["windows"].items()]
    found = audience_saturation.saturation(windows)
    return {
        "windows": {
            str(window.days): {
                "frequency": window.frequency,
                "cost_per_1000_reached": window.cost_per_1000_reached,
            }
            for window in found.windows
        },
        "marginal": [
            {"from": step.first_days, "to": step.last_days, "new_per_1000": step.new_per_1000}
            for step in found.marginal
        ],
        "model": asdict(found.model),
        "range": [asdict(end) for end in found.range],
    }


def run_placement(given: Mapping[str, Any]) -> Any:
    parts = {name: _part(figures) for name, figures in given["parts"].items()}
    found = placement.placement(parts, _part(given["total"]))
    rows = {
        row.location: {
            "spend": float(row.part.spend),
            "results": row.part.results,
            "share_of_spend": row.share_of_spend,
            "share_of_results": row.share_of_results,
        }
        for row in found.rows
    }
    return {**asdict(found), "rows": rows}


def run_reallocation(given: Mapping[str, Any]) -> Any:
    sets = [
        reallocation.AdSet(
            row["id"], Decimal(str(row["spend"])), row["results"], bool(row["limited"]), row.get("phi") or 1.0
        )
        for row in given["sets"]
    ]
    found = reallocation.reallocation(sets)
    suggestion = found.suggestion and _pair(found.suggestion)
    return {"pairs": [_pair(pair) for pair in found.pairs], "suggestion": suggestion}


def run_certificate(given: Mapping[str, Any]) -> Any:
    coverage = [
        (1, "campaign_daily_metrics", date.fromisoformat(first), date.fromisoformat(last), _snapshot(made))
        for first, last, made in given["covers"]
    ]
    kinds = {"account_id": pl.Int64, "resource": pl.String, "window_start": pl.Date, "window_end": pl.Date}
    frame = pl.DataFrame(coverage, schema={**kinds, "snapshot": pl.String}, orient="row")
    settled = given.get("settled_age")
    states = certificate.certificate(
        frame,
        [(1, "campaign_daily_metrics")],
        [date.fromisoformat(day) for day in given["days"]],
        settled_ages={} if settled is None else {1: settled},
    )
    rows = {row["date"].isoformat(): row for row in states.to_dicts()}
    return {"days": [{**rows[day], "date": day} for day in given["days"]]}


def run_reconcile(given: Mapping[str, Any]) -> Any:
    frames = (_rows(given[name], given["metrics"]) for name in ("campaign_rows", "creative_rows"))
    gaps = reconciliation.reconcile(*frames, given["metrics"])
    exact = [{name: float(v) if isinstance(v, Decimal) else v for name, v in row.items()} for row in gaps.to_dicts()]
    return {"gaps": [{**row, "date": row["date"].isoformat()} for row in exact]}


def _rows(rows: list[Mapping[str, Any]], metrics: list[str]) -> pl.DataFrame:
    def exact(value: Any) -> Any:
        return None if value is None else Decimal(str(value))

    made = [
        {"campaign_id": row["campaign_id"], "date": date.fromisoformat(row["date"])}
        | {metric: exact(row.get(metric, 0)) for metric in metrics}
        for row in rows
    ]
    figures = {metric: pl.Decimal(38, 18) for metric in metrics}
    return pl.DataFrame(made, schema={"campaign_id": pl.Int64, "date": pl.Date, **figures})


def _snapshot(day: str) -> str:
    return f"{day.replace('-', '')}T060000Z"


def _pair(pair: reallocation.Pair) -> dict[str, Any]:
    figures = asdict(pair)
    return {**figures, "source": pair.source.id, "target": pair.target.id, "amount": float(pair.amount)}


def _days(given: Mapping[str, Any]) -> tuple[tuple[date, float | None], ...]:
    return tuple(zip(map(date.fromisoformat, given["dates"]), given["spend"], strict=True))


def _part(figures: Any) -> placement.Part:
    spend, results = figures
    return placement.Part(Decimal(str(spend)), results)


ADAPTERS = {
    "spend_alarm": run_spend_alarm,
    "morning": run_morning,
    "demographic_index": run_demographic_index,
    "saturation": run_saturation,
    "placement": run_placement,
    "reallocation": run_reallocation,
    "certificate": run_certificate,
    "reconcile": run_reconcile,
}
