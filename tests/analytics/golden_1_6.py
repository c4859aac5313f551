"""Adapters of answers 1 to 6."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from workbench.analytics import (
    creative_comparison,
    creative_fatigue,
    drivers,
    maturity,
    overdispersion,
    pacing,
    pacing_causes,
    restatements,
    settling,
    shrinkage,
)


def run_drivers(given: Mapping[str, Any]) -> Any:
    periods = ({int(key): drivers.Sums(**row) for key, row in given[name].items()} for name in ("before", "after"))
    maturity = tuple(given["maturity"]) if given.get("maturity") else None
    found = drivers.drivers(*periods, maturity=maturity)
    if found is None:
        return {"change": None}
    frame = drivers.campaigns_frame(found)
    return {
        "before": found.before,
        "after": found.after,
        "change": found.change,
        "parts": found.parts,
        "campaigns": {str(row.pop("campaign_id")): row for row in frame.to_dicts()},
        "chance_low": found.chance_low,
        "chance_high": found.chance_high,
        "beyond_chance": found.beyond_chance,
    }


def run_day_scatter(given: Mapping[str, Any]) -> Any:
    found = overdispersion.day_scatter(given["days"])
    return {"kappa": found.kappa, "phi": dict(found.phi)}


def run_fatigue(given: Mapping[str, Any]) -> Any:
    phis = given.get("phis") or [(1.0, 1.0)] * len(given["ads"])
    found = creative_fatigue.fatigue(
        [creative_fatigue.AdWindows(*ad, *phi) for ad, phi in zip(given["ads"], phis, strict=True)]
    )
    renamed = {"early": "early_rate", "late": "late_rate", "p_beyond_peers": "p_beyond"}
    renamed |= {"low": "change_low", "high": "change_high"}
    kept = ("p_fell", "change", "needed_late", "verdict")
    return {
        "mu": found.mu,
        "ads": [
            {name: getattr(ad, ours) for name, ours in {**renamed, **{k: k for k in kept}}.items()} for ad in found.ads
        ],
    }


def run_compare_arms(given: Mapping[str, Any]) -> Any:
    scatter = overdispersion.day_scatter(given.get("days") or [])
    phis = {name: scatter.phi.get(name, 1.0) for name in given["arms"]}
    peers = [
        (n / scatter.phi.get(name, 1.0), c / scatter.phi.get(name, 1.0)) for name, (n, c) in given["peers"].items()
    ]
    prior = shrinkage.gamma_prior(peers)
    arms = {name: creative_comparison.Arm(n, c, phis[name]) for name, (n, c) in given["arms"].items()}
    found = creative_comparison.compare(arms, prior, cpm=given.get("cpm"))
    return {
        "kappa": scatter.kappa,
        "phis": phis,
        "prior": [prior.shape, prior.exposure] if prior else None,
        "verdict": "winner" if found.verdict == "better" else found.verdict,
        "needed_per_arm": found.needed,
        "more_per_arm": found.more,
        "more_cost": found.more_cost,
        "leader": found.leader,
        "arms": {name: vars(arm) for name, arm in found.arms.items()},
    }


def _settled(given: Mapping[str, Any], curve: maturity.Curve) -> Any:
    found = settling.settle(given["target"], given["reference_weeks"], curve)
    return vars(found) if found else None


def run_maturity(given: Mapping[str, Any]) -> Any:
    observations = [
        (date.fromisoformat(day), date.fromisoformat(seen), value) for day, seen, value in given["observations"]
    ]
    curve = maturity.curve([("", *row) for row in observations], lookback=given.get("lookback", maturity.LOOKBACK))
    answer = {
        "M": {str(age): value for age, value in curve.maturity.items()},
        "sd_ln": {str(age): value for age, value in curve.sd_ln.items()},
        "phi": curve.phi,
        "enough": curve.enough,
    }
    if "target" in given:
        answer["settle"] = _settled(given, curve)
    if "period" in given:
        first, last, as_of = (date.fromisoformat(day) for day in (*given["period"], given["as_of"]))
        answer["equal_age"] = vars(maturity.equal_age(observations, first, last, as_of=as_of))
    return answer


def run_settle(given: Mapping[str, Any]) -> Any:
    by_age = {name: {int(age): value for age, value in given[name].items()} for name in ("M", "sd_ln")}
    nothing = dict.fromkeys(by_age["M"], 0)
    curve = maturity.Curve(by_age["M"], by_age["sd_ln"], nothing, nothing, given["phi"], enough=True)
    return {"settle": _settled(given, curve)}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _flight(given: Mapping[str, Any]) -> tuple[date, date] | None:
    found = next((given[name] for name in ("flight", "schedule", "run_schedule") if given.get(name)), None)
    return (date.fromisoformat(found[0]), date.fromisoformat(found[1])) if isinstance(found, list) else None


def run_pacing(given: Mapping[str, Any]) -> Any:
    days = dict(zip(map(date.fromisoformat, given["dates"]), given["spend"], strict=True))
    first, last = (date.fromisoformat(day) for day in given["period"])
    budget = pacing.Budget(
        given.get("budget"), given.get("total_budget_left"), given.get("daily_budget"), _flight(given)
    )
    running = given.get("running", True) and given.get("status", "ACTIVE") == "ACTIVE"
    changed = given.get("changed_on") or given.get("change") or given.get("changed")
    found = pacing.pacing(days, first, last, budget, running=running, changed_on=_day(changed))
    assert found is not None
    answer = {**vars(found), "low": found.forecast_low, "high": found.forecast_high}
    answer["used_up_on"] = found.used_up_on.isoformat() if found.used_up_on else None
    if found.fit:
        answer |= {name: getattr(found.fit, name) for name in ("alpha", "level", "sigma", "factors")}
    return answer


def run_pacing_causes(given: Mapping[str, Any]) -> Any:
    renamed = {"days_known": "known_days"}
    fields = pacing_causes.CampaignPace.__dataclass_fields__
    rows = []
    for campaign in given["campaigns"]:
        row = {renamed.get(name, name): value for name, value in campaign.items()}
        row["serving"] = tuple(row.get("serving") or ())
        row["stopped"] = bool(row.get("stopped") or row.get("state") == "stopped" or row.get("last_days_zero"))
        rows.append(pacing_causes.CampaignPace(**{name: value for name, value in row.items() if name in fields}))
    found = pacing_causes.causes(rows, given["days_left"])
    return {"causes": [{**vars(cause), "reasons": list(cause.reasons)} for cause in found]}


def _state(rows: list[dict[str, Any]], metrics: list[str]) -> pl.DataFrame:
    kept = [
        {**row, "date": date.fromisoformat(row["date"]), **{name: Decimal(str(row[name])) for name in metrics}}
        for row in rows
    ]
    schema = {"account_id": pl.Int64, "campaign_id": pl.Int64, "date": pl.Date}
    return pl.DataFrame(kept, schema={**schema, **dict.fromkeys(metrics, pl.Decimal(38, 6))})


def _covered(days: Mapping[str, list[str]], made: date) -> pl.DataFrame:
    rows = [
        (int(account), day, (made - day).days)
        for account, some in days.items()
        for day in map(date.fromisoformat, some)
    ]
    return pl.DataFrame(rows, schema={"account_id": pl.Int64, "date": pl.Date, "age": pl.Int64}, orient="row")


def run_restatement(given: Mapping[str, Any]) -> Any:
    metrics, day = given["metrics"], date.fromisoformat(given["before_day"])
    found = restatements.restatements(
        _state(given["before"], metrics),
        _state(given["after"], metrics),
        _covered(given["covered_before"], day),
        _covered(given["covered_after"], date.max),
        before_day=day,
        metrics=metrics,
    )
    changes = []
    for row in found.to_dicts():
        numbers = {name: row[f"{name}_value"] for name in ("before", "after")} | {"delta": row["delta"]}
        floats = {name: None if value is None else float(value) for name, value in numbers.items()}
        changes.append({**row, **floats, "date": row["date"].isoformat()})
    sums: dict[str, dict[str, Any]] = {name: {} for name in metrics}
    for row in restatements.sums(found).to_dicts():
        sums[row["metric"]][str(row["account_id"])] = {"delta": float(row["delta"]), "days": row["days"]}
    return {"changes": changes, "sums": sums}


ADAPTERS = {
    "restatement": run_restatement,
    "pacing": run_pacing,
    "pacing_causes": run_pacing_causes,
    "maturity": run_maturity,
    "settle": run_settle,
    "compare_arms": run_compare_arms,
    "fatigue": run_fatigue,
    "drivers": run_drivers,
    "day_scatter": run_day_scatter,
}
