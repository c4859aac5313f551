"""Will the budget be spent: of every account's month, campaign group and ad set with a budget of its own."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from workbench.analytics import pacing_rows
from workbench.analytics.pacing import LONGEST_HISTORY, Budget, pacing
from workbench.analytics.pacing_causes import PACING_CAUSES, CampaignPace, Cause, causes, causes_frame
from workbench.analytics.pacing_rows import PACING, PacedLevel, pacing_frame
from workbench.answers.inputs import Asker, Known, known, parts
from workbench.answers.registry import ACCOUNTS, LAST_DAY, Answer, Found, Output, Said, frame_of
from workbench.queries.sql_files import Item
from workbench.schema.resources import CAMPAIGN_DAYS

_SPEND = "cost_in_local_currency"
_MONEY = ("budget", "spent", "needed_daily", "forecast", "forecast_low", "forecast_high", "daily_rate")
_CAUSES = Output(
    {"account_id": pl.Int64(), "level": pl.String(), "level_id": pl.Int64(), **PACING_CAUSES},
    {"gap": "account currency over the days left"},
)
_PACING = Output(
    {"account_id": pl.Int64(), **PACING},
    {
        **dict.fromkeys(_MONEY, "account currency"),
        "p_over": "probability, 0 to 1",
        "pace_index": "factor, 1 is on pace",
    },
)


@dataclass(frozen=True)
class _Level:
    """A budget: where it stands, its period, its ad sets and what limits it."""

    level: str
    id: int
    account_id: int
    currency: str | None
    first: date
    last: date
    budget: Budget
    running: bool
    campaigns: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class _Spend:
    """Spend of the ad sets of an account by day, and the days of it that are known."""

    by_campaign: Mapping[int, Mapping[date, float]]
    complete: set[date]
    last_day: date

    def days(self, campaigns: Sequence[Mapping[str, Any]] | None, first: date) -> dict[date, float | None]:
        """Spend by day from the period's first day, or from 56 days back, to the last complete day.

        Days before the first row of any ad set are left out where they are known: nothing ran then.

        Args:
            campaigns: None: all ad sets of the account, listed or not.
        """
        ids = self.by_campaign if campaigns is None else [row["campaign_id"] for row in campaigns]
        mine = [self.by_campaign.get(campaign_id, {}) for campaign_id in ids]
        begun = min((day for one in mine for day in one if day <= self.last_day), default=None)
        day = min(first, self.last_day - timedelta(days=LONGEST_HISTORY - 1))
        found: dict[date, float | None] = {}
        while day <= self.last_day:
            if day not in self.complete:
                if day >= first or (begun is not None and day >= begun):
                    found[day] = None
            elif begun is not None and day >= begun:
                found[day] = math.fsum(one.get(day, 0.0) for one in mine)
            day += timedelta(days=1)
        return found


def _answer(ask: Asker, values: Mapping[str, Any]) -> Found:
    days = known(ask, values["account_ids"], CAMPAIGN_DAYS, values["last_day"])
    rows: list[pl.DataFrame] = []
    why: list[pl.DataFrame] = []
    said = [Said(text) for text in days.left_out()]
    if days.last_day is None:
        return Found({"pacing": frame_of([], _PACING), "pacing_causes": frame_of([], _CAUSES)}, tuple(said))
    budgets = ask("campaign_budgets", account_ids=values["account_ids"])
    figures = ask("campaign_day_figures", account_ids=values["account_ids"], last_day=days.last_day)
    in_order = budgets.sort("campaign_group_id", "campaign_id")
    for (account_id,), settings in parts(in_order, ["account_id"]):
        if account_id not in days.accounts:
            continue
        spend = _spend_of(figures, days, account_id)
        for level in _levels(account_id, settings.to_dicts(), spend, days, values["monthly_plan"]):
            paced, found = _paced(level, spend)
            if paced is None:
                continue
            of = [pl.lit(account_id).alias("account_id")]
            rows.append(pacing_frame([paced]).with_columns(of))
            where = [*of, pl.lit(level.level).alias("level"), pl.lit(level.id).alias("level_id")]
            why.append(causes_frame(found).with_columns(where))
            said.append(Said(pacing_rows.sentence(paced, found), account_id, entity_id=level.id))
    frames = {"pacing": frame_of(rows, _PACING), "pacing_causes": frame_of(why, _CAUSES)}
    return Found(frames, tuple(said))


def _spend_of(figures: pl.DataFrame, days: Known, account_id: int) -> _Spend:
    by_campaign: dict[int, dict[date, float]] = {}
    mine = figures.filter(pl.col("account_id") == account_id)
    for campaign_id, day, cost in mine.select("campaign_id", "date", _SPEND).iter_rows():
        by_campaign.setdefault(campaign_id, {})[day] = float(cost)
    return _Spend(by_campaign, days.complete(account_id), days.last_day or date.min)


def _levels(
    account_id: int, settings: Sequence[Mapping[str, Any]], spend: _Spend, days: Known, plan: Any
) -> list[_Level]:
    """The account's calendar month, its campaign groups with a budget, and the ad sets with a total budget."""
    currency = days.currencies.get(account_id)
    month = _month(spend.last_day)
    monthly = Budget(amount=None if plan is None else float(plan))
    found = [_Level("account", account_id, account_id, currency, *month, monthly, True, settings)]
    groups: dict[int | None, list[Mapping[str, Any]]] = {}
    for row in settings:
        groups.setdefault(row["campaign_group_id"], []).append(row)
    for group_id, rows in groups.items():
        one = rows[0]
        budgeted = one["campaign_group_total_budget"] is not None or one["campaign_group_daily_budget"] is not None
        if group_id is not None and budgeted:
            money = (one["campaign_group_total_budget"], one["campaign_group_daily_budget"])
            schedule = (one["campaign_group_start"], one["campaign_group_end"])
            status = one["campaign_group_status"] == "ACTIVE"
            found += _level(("campaign_group", group_id), (account_id, currency), money, schedule, status, rows, spend)
        for row in rows:
            if row["total_budget"] is not None and not budgeted:
                money, schedule = (
                    (row["total_budget"], row["daily_budget"]),
                    (row["run_schedule_start"], row["run_schedule_end"]),
                )
                status = row["status"] == "ACTIVE" and one["campaign_group_status"] in ("ACTIVE", None)
                where = ("campaign", row["campaign_id"])
                found += _level(where, (account_id, currency), money, schedule, status, [row], spend)
    return found


def _level(
    where: tuple[str, int],
    account: tuple[int, str | None],
    money: tuple[Any, Any],
    schedule: tuple[datetime | None, datetime | None],
    active: bool,
    campaigns: Sequence[Mapping[str, Any]],
    spend: _Spend,
) -> list[_Level]:
    """The level, if its period holds the last complete day and it is active or has spent in it."""
    total, daily = (None if amount is None else float(amount) for amount in money)
    month = _month(spend.last_day)
    begun, ends = (None if moment is None else moment.date() for moment in schedule)
    set_schedule = begun is not None and ends is not None
    first, last = (begun or month[0], ends or month[1]) if set_schedule else month
    if not set_schedule:
        first, last = max(first, begun or first), min(last, ends or last)
    if not first <= spend.last_day <= last:
        return []
    since = spend.days(campaigns, begun or first)
    spent = math.fsum(value for day, value in since.items() if value is not None and day >= (begun or first))
    whole = (last - first).days + 1
    amount = total if set_schedule and total is not None else None if daily is None else daily * whole
    budget = Budget(
        amount=amount,
        total_left=None if total is None else max(0.0, total - spent),
        daily=daily,
        flight=(first, last) if set_schedule else None,
        spent_in_flight=spent if set_schedule else None,
    )
    if not active and not spent:
        return []
    return [_Level(*where, *account, first, last, budget, active, campaigns)]


def _paced(level: _Level, spend: _Spend) -> tuple[PacedLevel | None, list[Cause]]:
    days = spend.days(None if level.level == "account" else level.campaigns, level.first)
    found = pacing(days, level.first, level.last, level.budget, running=level.running)
    if found is None:
        return None, []
    why = causes((_pace(row, level, spend) for row in level.campaigns if row["listed"]), found.days_left)
    row = PacedLevel(level.level, level.id, level.currency, level.first, level.last, level.budget.amount, found)
    return row, why


def _pace(row: Mapping[str, Any], level: _Level, spend: _Spend) -> CampaignPace:
    daily = None if row["daily_budget"] is None else float(row["daily_budget"])
    found = pacing(spend.days([row], level.first), level.first, level.last, Budget(daily=daily))
    serving = tuple(row["serving_statuses"] or ("RUNNABLE",))
    if found is None:
        return CampaignPace(row["campaign_id"], daily, None, row["status"], serving, 0)
    stopped = found.state == "stopped"
    return CampaignPace(row["campaign_id"], daily, found.daily_rate, row["status"], serving, found.known_days, stopped)


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


ANSWER = Answer(
    name="pacing",
    title="Will the budget be spent at the end of the month or flight, and which ad sets are why not?",
    params={
        "account_ids": ACCOUNTS,
        "last_day": LAST_DAY,
        "monthly_plan": Item("numeric", "null: none; what each account is to spend in the month, account currency"),
    },
    inputs=("accounts", "covered_days", "campaign_budgets", "campaign_day_figures"),
    outputs={"pacing": _PACING, "pacing_causes": _CAUSES},
    method=_answer,
)
