"""Budgets as rows: every account's month, campaign group and ad set with a budget, its forecast, cap and cause."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from workbench.analytics import formatting, wording
from workbench.analytics.pacing import MOST_A_DAY
from workbench.answers.plan import Plan
from workbench.pages.components.selection import Choices

Verdict = Literal[
    "under", "over", "early", "spent", "on", "paused", "too_early", "stopped", "no_budget", "unknown", "old"
]
VERDICTS: Mapping[Verdict, str] = {
    "under": "Lands under",
    "over": "Lands over",
    "early": "Used up early",
    "spent": "Spent early",
    "on": "On budget",
    "paused": "Paused",
    "too_early": "Too early to tell",
    "stopped": "Spends nothing",
    "no_budget": "No budget",
    "unknown": "Some days unknown",
    "old": "Too old to tell",
}
ALARMING: frozenset[Verdict] = frozenset({"under", "over", "early", "spent", "stopped"})
SMALLEST_GAP = 0.01
"""A forecast nearer to the budget than this part of it is on budget."""
EXPORTED: Mapping[str, str] = {
    "key": "Budget id",
    "name": "Budget",
    "plan_from": "Plan from",
    "first": "Begins",
    "last": "Ends",
    "last_day": "Last complete day",
    "needed": "Needed a day",
    "rate": "Runs at",
    "low": "Forecast, at least",
    "high": "Forecast, at most",
    "off_plan": "Off plan",
    "cap": "Cap a day",
}
"""The headings of an exported table that are more than the column's name."""
_WHY = {
    "not_active": "not active",
    "stopped": "spends nothing",
    "new": "is new",
    "spends_less": "spends less than it may",
}
_LEVELS = {"account": "Account", "campaign_group": "Campaign", "campaign": "Ad set"}


@dataclass(frozen=True)
class Paced:
    """One budget and where its spend ends; money in the account's currency, None where unknown.

    Attributes:
        key: of the address: level and id.
        plan_from: whose figure the budget is.
        elapsed: the part of the period that is over, 0 to 1.
        cap: the most that LinkedIn lets its ad sets spend on one day.
        campaign_ids: its ad sets; None: every ad set of the account.
        text: the answer's sentences.
    """

    key: str
    name: str
    account: str
    account_id: int
    level: str
    currency: str | None
    plan_from: str
    first: date
    last: date
    last_day: date
    budget: Decimal | None
    spent: Decimal
    pace: float | None
    needed: Decimal | None
    rate: float | None
    forecast: Decimal | None
    low: Decimal | None
    high: Decimal | None
    cap: Decimal | None
    cause: str
    state: str
    verdict: Verdict
    campaign_ids: tuple[int, ...] | None
    text: str

    @property
    def elapsed(self) -> float:
        return ((self.last_day - self.first).days + 1) / ((self.last - self.first).days + 1)

    @property
    def off_plan(self) -> Decimal | None:
        """Forecast less budget."""
        return None if self.budget is None or self.forecast is None else self.forecast - self.budget

    @property
    def level_words(self) -> str:
        return _LEVELS[self.level]


def paced(choices: Choices, plan: Plan) -> list[Paced]:
    """Every budget of the chosen accounts, and the month of accounts without one; the largest gap first.

    Raises:
        WorkbenchError: the source cannot be read.
    """
    ids = choices.accounts["account_id"].to_list()
    months = plan.of_month(ids, f"{choices.until:%Y-%m}")
    own = {one.account: one.budget for one in months if one.objective is None and one.budget is not None}
    settings = choices.ask("campaign_budgets", account_ids=ids).to_dicts()
    without = [account_id for account_id in ids if account_id not in own]
    asked: list[tuple[list[int], Decimal | None]] = [(without, None)] if without else []
    rows: list[Paced] = []
    for account_ids, budget in [*asked, *(([account_id], amount) for account_id, amount in own.items())]:
        found = choices.answer("pacing", account_ids=account_ids, last_day=choices.until, monthly_plan=budget)
        levels, causes = found.frames["pacing"].to_dicts(), found.frames["pacing_causes"]
        said = [one.text for one in found.sentences if one.account_id is not None]
        rows += [
            _row(level, text, causes, [one for one in settings if one["account_id"] == level["account_id"]], choices)
            for level, text in zip(levels, said, strict=True)
        ]
    return sorted(rows, key=_order)


def unjudged(rows: Iterable[Paced]) -> list[Paced]:
    """The rows without forecasts and verdicts: the figures are too old for them."""
    nothing: dict[str, Any] = dict.fromkeys(("needed", "rate", "forecast", "low", "high"))
    return [replace(row, **nothing, cause="", text="", verdict="old") for row in rows]


def bounded(rows: Iterable[Paced]) -> list[Paced]:
    """The rows that have a budget."""
    return [row for row in rows if row.budget is not None]


def headline(rows: Sequence[Paced]) -> str:
    """One sentence about all budgets."""
    budgets = bounded(rows)
    off = [row for row in budgets if row.verdict in ALARMING]
    if not budgets:
        return "No budget is set in LinkedIn for a period that includes the last complete day, and none in the plan."
    if budgets[0].verdict == "old":
        return "The figures are too old to say where budgets land."
    if not off:
        on = sum(row.verdict == "on" for row in budgets)
        idle = len(budgets) - on
        rest = f"; {idle} {'is' if idle == 1 else 'are'} paused or cannot be told" if idle else ""
        return f"{wording.counted(on, 'budget')} of {len(budgets)} {'lands' if on == 1 else 'land'} on plan{rest}."
    if len(off) == 1:
        return f"{off[0].name}: {VERDICTS[off[0].verdict].lower()}."
    return f"{len(off)} of {len(budgets)} budgets do not land on plan."


def _order(row: Paced) -> tuple[Any, ...]:
    off = abs(float(row.off_plan or 0)) / float(row.budget or 1)
    return row.budget is None, row.verdict not in ALARMING, -off, row.level, row.key


def _row(
    level: Mapping[str, Any], text: str, causes: pl.DataFrame, settings: Sequence[Mapping[str, Any]], choices: Choices
) -> Paced:
    of = [one for one in settings if _belongs(one, level)]
    whole = level["level"] == "account"
    account = next((one["account_name"] for one in settings), None)
    if account is None:
        account = dict(choices.accounts.select("account_id", "name").iter_rows()).get(level["account_id"])
    account = account or str(level["account_id"])
    names = {
        "account": account,
        "campaign_group": of and of[0]["campaign_group_name"],
        "campaign": of and of[0]["name"],
    }
    mine = causes.filter(account_id=level["account_id"], level=level["level"], level_id=level["id"])
    campaign_names = {one["campaign_id"]: one["name"] for one in settings}
    row = Paced(
        key=f"{level['level']}-{level['id']}",
        name=names[level["level"]] or "Unnamed",
        account=account,
        account_id=level["account_id"],
        level=level["level"],
        currency=level["currency"],
        plan_from="own plan" if whole and level["budget"] is not None else "LinkedIn",
        first=level["period_first"],
        last=level["period_last"],
        last_day=choices.until,
        budget=level["budget"],
        spent=level["spent"],
        pace=level["pace_index"],
        needed=level["needed_daily"],
        rate=level["daily_rate"],
        forecast=level["forecast"],
        low=level["forecast_low"],
        high=level["forecast_high"],
        cap=_cap(of, level["level"]),
        cause=_cause(mine.to_dicts(), campaign_names, level["currency"]),
        state=level["state"],
        verdict=_verdict(level, choices.until),
        campaign_ids=None if whole else tuple(one["campaign_id"] for one in of),
        text=text,
    )
    return row


def _belongs(setting: Mapping[str, Any], level: Mapping[str, Any]) -> bool:
    return bool(level["level"] == "account" or setting[f"{level['level']}_id"] == level["id"])


def _cap(of: Sequence[Mapping[str, Any]], level: str) -> Decimal | None:
    """1.5 times the daily budgets of what is active; None where an active ad set has none."""
    if level == "campaign_group" and of and of[0]["campaign_group_daily_budget"] is not None:
        return Decimal(of[0]["campaign_group_daily_budget"]) * Decimal(str(MOST_A_DAY))
    running = [one for one in of if one["listed"] and one["status"] == "ACTIVE"]
    daily = [one["daily_budget"] for one in running]
    if not daily or None in daily:
        return None
    return sum(map(Decimal, daily), Decimal(0)) * Decimal(str(MOST_A_DAY))


def _verdict(level: Mapping[str, Any], last_day: date) -> Verdict:
    budget, forecast = level["budget"], level["forecast"]
    if budget is None:
        return "no_budget"
    if level["state"] == "not_running":
        return "paused"
    if level["state"] == "over":
        early = level["level"] != "account" and last_day < level["period_last"]
        return "spent" if early else "over"  # LinkedIn ends what has spent its budget; a plan of our own ends nothing
    if level["unknown_days"]:
        return "unknown"
    if level["state"] == "too_little" or forecast is None or (last_day - level["period_first"]).days < 1:
        return "too_early"
    if level["used_up_on"] is not None and level["used_up_on"] < level["period_last"]:
        return "early"
    margin = budget * Decimal(str(SMALLEST_GAP))
    low, high = (forecast if level[f"forecast_{end}"] is None else level[f"forecast_{end}"] for end in ("low", "high"))
    if high < budget - margin:
        return "stopped" if level["state"] == "stopped" else "under"
    return "over" if low > budget + margin else "on"


def _cause(found: Sequence[Mapping[str, Any]], names: Mapping[int, str | None], currency: str | None) -> str:
    """The ad set that leaves most unspent, and how many others leave something."""
    running = [one for one in found if one["why"] != "not_active"] or list(found)
    if not running:
        return ""
    most = max(running, key=lambda one: one["gap"])
    held = wording.listed([formatting.words(reason).lower() for reason in most["reasons"]])
    why = f"is held back: {held}" if most["why"] == "held" else _WHY[most["why"]]
    said = f"{names.get(most['id']) or most['id']} {why} ({wording.money(most['gap'], currency)})"
    rest = math.fsum(one["gap"] for one in running) - most["gap"]
    if len(running) == 1:
        return said
    return f"{said}, and {len(running) - 1} more ({wording.money(rest, currency)})"
