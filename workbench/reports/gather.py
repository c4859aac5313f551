"""Make a report: ask, compare, and put it into words, the answer first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from workbench import charts
from workbench.analytics import formatting, metrics, wording
from workbench.analytics.certificate import SETTLED_AGE
from workbench.analytics.periods import provisional_from
from workbench.answers.api import found_by_name
from workbench.answers.plan import Plan
from workbench.queries.api import Queries
from workbench.queries.sources import Source
from workbench.reports.against_plan import against_plan
from workbench.reports.changes import changes
from workbench.reports.figures import (
    SPEND,
    Figures,
    ad_sets_table,
    days_table,
    figures_of,
    main_objective,
    objectives_table,
    totals_table,
)
from workbench.reports.model import Block, Chart, Column, Report, Section, Table
from workbench.reports.scope import Scope, Wanted, month_end, scope_of
from workbench.schema.snapshot_names import day_of, moment_of

WIDTH = 660
"""Of a chart, in pixels."""
_STATES = ("complete", "provisional_results", "provisional", "under_way", "not_fetched")


def make_report(
    queries: Queries, source: Source, wanted: Wanted, plan: Plan, *, next_steps: Sequence[Block] = ()
) -> Report:
    """The report of an account or client; the same snapshot and version make the same.

    Raises:
        ValidationError: what was asked for is not there, or has no complete day.
        StorageError: the snapshots cannot be read; `nothing_synced` if there are none.
    """
    scope = scope_of(queries, source, wanted)
    figures = figures_of(scope)
    sections = (
        against_plan(scope, figures, plan),
        changes(scope),
        *([Section("Next steps", blocks=tuple(next_steps))] if next_steps else []),
        _numbers(scope, figures),
        _certificate(scope),
    )
    title = f"{scope.name} · {_days(scope)}"
    period = _key(scope.pin.period.first, scope.pin.period.last, wanted.period)
    again = _again(scope, wanted, period)
    return Report(scope.name, title, period, scope.pin, headline(scope, figures), sections, again)


def headline(scope: Scope, figures: Figures) -> str:
    """The answer in one sentence: what was spent, and what came of it."""
    currency = scope.pin.currency
    if scope.unknown_days:
        days = wording.counted(scope.unknown_days, "day")
        return f"{_answer(scope, figures, currency)} {days} of these are not known, and not in these figures."
    return _answer(scope, figures, currency)


def _answer(scope: Scope, figures: Figures, currency: str | None) -> str:
    if figures.days.is_empty():
        return f"{scope.name} spent nothing {_when(scope)}."
    spent = figures.total(SPEND)
    said = f"{scope.name} spent {wording.money(spent, currency)} {_when(scope)}"
    if scope.pin.previous is not None and figures.total(SPEND, "before"):
        moved = figures.total(SPEND, "change")
        than = wording.days(scope.pin.previous.first, scope.pin.previous.last)
        much = wording.percent(abs(moved))
        said += (
            f", as much as on {than}" if much == "0 %" else f", {much} {'more' if moved > 0 else 'less'} than on {than}"
        )
    main = main_objective(figures)
    return f"{said}{_results(main, spent, currency)}." if main else f"{said}."


def _results(main: Mapping[str, Any], spent: float, currency: str | None) -> str:
    """`; 71 % of it went to lead generation and brought 106 leads at €196 each (€123 before)`."""
    goal = metrics.key_result(main["objective"])
    count, cost, before = main["key_result"], main["cost_per_key_result"], main["previous_cost_per_key_result"]
    share = wording.percent(float(main[SPEND]) / spent)
    label = goal.label.lower()
    brought = wording.counted(int(count), label.removesuffix("s"), label) if count else f"no {label}"
    made = f"; {share} of it went to {formatting.objective_words(main['objective']).lower()} and brought {brought}"
    if cost is None:
        return made
    made += f" at {wording.money(cost, currency)} each"
    return made if before is None else f"{made} ({wording.money(before, currency)} before)"


def _when(scope: Scope) -> str:
    days = _days(scope)
    return f"in {days}" if days[0].isalpha() else f"on {days}"


def _days(scope: Scope) -> str:
    window = scope.pin.period
    if scope.month and window.last == month_end(window.last):
        return f"{window.first:%B} {window.first.year}"
    return formatting.days(window.first, window.last)


def _numbers(scope: Scope, figures: Figures) -> Section:
    currency = scope.pin.currency
    said = []
    first = provisional_from(SPEND, day_of(scope.pin.snapshot))
    results_from = provisional_from("one_click_leads", day_of(scope.pin.snapshot))
    if results_from <= scope.pin.period.last:
        said.append(
            f"Leads and conversions from {wording.day(results_from)} on are provisional: LinkedIn still adds to them, "
            "and the days before had more time to collect theirs."
        )
    found = [_chart(charts.daily_trend(figures.days, SPEND, currency=currency, provisional_from=first), "Spend by day")]
    main = main_objective(figures)
    counted = metrics.key_result(main["objective"]).metric if main else None
    if main is not None and counted is not None:
        drawn = charts.daily_trend(figures.days, counted, currency=currency, provisional_from=results_from)
        found.append(_chart(drawn, f"{metrics.METRICS[counted].label} by day, of all ad sets"))
    if scope.pin.previous is not None:
        moved = metrics.movers(figures.ad_sets, SPEND)
        drawn = charts.movers(moved, SPEND, currency=currency)
        found.append(_chart(drawn, f"Ad sets whose spend moved most against {_previous(scope)}", WIDTH - 180))
    tables = (
        objectives_table(figures),
        ad_sets_table(figures),
        totals_table(figures, currency),
        days_table(figures),
    )
    return Section("The numbers", tuple(said), tuple(found), tables)


def _previous(scope: Scope) -> str:
    before = scope.pin.previous
    return "" if before is None else wording.days(before.first, before.last)


def _chart(chart: Any, text: str, width: int = WIDTH) -> Chart:
    drawn = chart.properties(width=width, padding={"left": 30, "right": 10, "top": 5, "bottom": 5})
    return Chart(text, drawn.to_dict())


def _certificate(scope: Scope) -> Section:
    window = scope.pin.period
    asked = {"account_ids": list(scope.pin.account_ids), "first_day": window.first, "last_day": window.last}
    found = found_by_name(scope.ask.queries, "certificate", scope.ask.source, scope.ask.as_of, asked)
    states = found.frames["certificate"]
    names = dict(scope.accounts.select("account_id", "name").iter_rows())
    several = len(names) > 1
    said = [
        f"{names[one.account_id]}: {one.text}" if several and one.account_id else one.text for one in found.sentences
    ]
    moment = moment_of(scope.pin.snapshot)
    said.append(
        f"Figures are those that LinkedIn gave up to {formatting.day(moment.date())} {moment:%H:%M} UTC. Days are UTC "
        f"days. Leads and conversions count as settled when their day is {SETTLED_AGE} days old."
    )
    units = {"age": "days between the day and the fetch that decides it"}
    tables = (_summary(states, names), Table("certificate", "Every day", states, {}, units))
    return Section("What can be signed", tuple(said), tables=tables)


def _summary(states: pl.DataFrame, names: Mapping[int, str]) -> Table:
    """Days by state, for each account and kind of figures."""
    counts = [(pl.col("state") == state).sum().cast(pl.Int64).alias(state) for state in _STATES]
    frame = states.group_by("account_id", "resource", maintain_order=True).agg(
        *counts, pl.col("snapshot").max().alias("newest_snapshot")
    )
    words = {"campaign_daily_metrics": "Ad sets", "creative_daily_metrics": "Ads"}
    rows = frame.with_columns(
        pl.Series("account", [names.get(one) for one in frame["account_id"].to_list()], pl.String),
        pl.Series("figures", [words.get(one, one) for one in frame["resource"].to_list()], pl.String),
    )
    columns = {
        "account": Column("Account"),
        "figures": Column("Figures of"),
        **{state: Column(formatting.words(state), "count") for state in _STATES},
    }
    return Table("certificate_summary", "Days by state", rows, columns, dict.fromkeys(_STATES, "days"))


def _again(scope: Scope, wanted: Wanted, period: str) -> tuple[str, ...]:
    """The words of the command that makes the same report; the command adds the files of free text and plan."""
    words = ["workbench", "report"]
    for account_id in scope.pin.account_ids:
        words += ["--account", str(account_id)]
    if wanted.name is not None:
        words += ["--name", wanted.name]
    words += ["--period", period, "--snapshot", scope.pin.snapshot]
    return tuple(words if scope.pin.source != "sample" else [*words, "--source", scope.pin.source])


def _key(first: date, last: date, asked: str | None) -> str:
    """The period as it was asked for, where that says it for ever; a month stays a month: it is compared with one."""
    if asked and not asked.endswith("d"):
        return asked
    return f"{first:%Y-%m}" if asked is None else f"{first.isoformat()}..{last.isoformat()}"
