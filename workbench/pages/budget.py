"""The pieces of the page Budget: where each budget lands, why, and the course of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import marimo as mo
import polars as pl

from workbench import charts
from workbench.analytics import formatting, wording
from workbench.analytics.formatting import text
from workbench.answers.plan import read_plan
from workbench.app_context import current
from workbench.errors import WorkbenchError
from workbench.pages.budget_rows import (
    ALARMING,
    EXPORTED,
    VERDICTS,
    Paced,
    bounded,
    headline,
    paced,
    unjudged,
)
from workbench.pages.components import messages
from workbench.pages.components.comparison_table import remark
from workbench.pages.components.exports import exports
from workbench.pages.components.footer import are_old, daily_facts, facts_view, origin
from workbench.pages.components.navigation import section
from workbench.pages.components.page_queries import answers, figure
from workbench.pages.components.selection import Choices
from workbench.pages.components.style import styled
from workbench.pages.components.tables import text_table
from workbench.pages.components.url_widgets import kept_menu
from workbench.schema.resources import CAMPAIGN_DAYS
from workbench.settings.fields import ReaderSettings, read_settings

HOW = (
    "Pace is spend ÷ (budget × elapsed part of the period). The forecast follows the level and the weekdays of up to "
    "8 weeks, cut to what LinkedIn's budgets allow; its range holds in 4 of 5 cases. Up to the last day the band is "
    "drawn straight. The cap is 1.5 times the daily budgets, the most that LinkedIn spends on one day."
)
_HAVE_CAUSES = frozenset({"under", "early", "stopped"})
_WIDEST = 1.2
"""The share of the budget at the right end of a bullet."""


def budgets(choices: Choices) -> list[Paced]:
    """Every budget of the chosen accounts; old figures have no forecast. A failure ends the cell."""
    try:
        rows = paced(choices, read_plan(read_settings(ReaderSettings)))
    except WorkbenchError as error:
        messages.stop(error)
    return unjudged(rows) if are_old(choices) else rows


def verdict(rows: Sequence[Paced]) -> mo.Html:
    """The answer in one sentence; without any budget also how to set one."""
    shown = mo.Html(styled(f'<div class="wb-verdict" aria-live="polite"><b>{text(headline(rows))}</b></div>'))
    return shown if bounded(rows) else mo.vstack([shown, _no_budget(rows)])


def choice(rows: Sequence[Paced]) -> mo.ui.dropdown:
    """The menu of budgets to draw; the one that is furthest off its plan comes first."""
    names = [f"{row.name} · {row.level_words.lower()}" for row in rows]
    menu = {
        name if names.count(name) == 1 else f"{name} ({row.key})": row for name, row in zip(names, rows, strict=True)
    }
    return kept_menu("budget", menu, label="Budget", key=lambda row: row.key, searchable=True)


def course(choices: Choices, row: Paced) -> mo.Html:
    """One budget: its sentences, its spend by day with plan and forecast, and what a day needs."""
    asked: dict[str, Any] = {"account_ids": [row.account_id], "first_day": row.first, "last_day": row.last_day}
    figures, covered = answers(choices, "campaign_day_figures", "covered_days", resource=CAMPAIGN_DAYS, **asked)
    known = covered.filter("complete")["date"]
    mine = figures if row.campaign_ids is None else figures.filter(pl.col("campaign_id").is_in(row.campaign_ids))
    parts = (row.forecast, row.low, row.high)
    ends = None if None in parts else tuple(map(float, parts))  # type: ignore[arg-type]  # none of them is None
    drawn = charts.budget_course(
        _cumulative(mine, known, row),
        first=row.first,
        last=row.last,
        budget=None if row.budget is None else float(row.budget),
        ends=ends,  # type: ignore[arg-type]  # three of them
        currency=row.currency,
    )
    days = formatting.days(row.first, row.last)
    left = (row.last - row.last_day).days
    period = f"{days}, {'the last day' if left == 0 else wording.counted(left, 'day') + ' left'}"
    said = [row.text] if row.text else [f"{wording.money(row.spent, row.currency)} spent on the days that are known."]
    return mo.vstack(
        [
            remark(f"{row.account} · {period} · budget: {row.plan_from}"),
            remark(" ".join(said)),
            figure(drawn, "Spend and budget", row.name, f"{days} · {row.currency} · source: LinkedIn Ads"),
        ]
    )


def table(rows: Sequence[Paced]) -> mo.Html:
    """Every budget as a row."""
    limited = bounded(rows)
    if not limited:
        return mo.Html("")
    without = sorted({row.name for row in rows if row.budget is None})
    bare = f"No monthly figure is given for {wording.listed(without)}." if without else ""
    heads = (
        "Budget",
        "Spent of plan",
        "Plan",
        "Spent",
        "Forecast",
        "Off plan",
        "Needed a day",
        "Runs at",
        "Cap a day",
    )
    figures = heads[2:9]
    head = "".join(f'<th scope="col"{_right(name in figures)}>{name}</th>' for name in heads)
    body = "".join(_line(row) for row in limited)
    html = f'<table class="wb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return mo.vstack(
        [
            section("Every budget", "the furthest off plan first; the mark on the bar is today"),
            mo.Html(
                styled(f'<div class="wb-scroll" tabindex="0" role="region" aria-label="Every budget">{html}</div>')
            ),
            remark(bare),
        ]
    )


def pace(rows: Sequence[Paced], most: int = 6) -> str:
    """Budgets as a short table: a bullet and a word each."""
    shown = bounded(rows)[:most]
    lines = "".join(
        f'<tr><td>{text(row.name)}<span class="s">{text(_shares(row))}</span></td>'
        f"<td>{bullet(row)}</td><td>{_word(row)}</td></tr>"
        for row in shown
    )
    return f'<table class="wb-table narrow"><tbody>{lines}</tbody></table>' if shown else ""


def bullet(row: Paced) -> str:
    """A bar of the spent part of a budget, with a mark at the elapsed part of its period."""
    if not row.budget:
        return ""
    share, said = float(row.spent / row.budget), _shares(row)
    width, mark = min(share, _WIDEST) / _WIDEST * 100, row.elapsed / _WIDEST * 100
    bar = f'<i style="width:{width:.1f}%"></i><b style="left:{mark:.1f}%"></b>'
    return f'<span class="wb-bullet" role="img" aria-label="{text(said)}" title="{text(said)}">{bar}</span>'


def export(choices: Choices, rows: Sequence[Paced]) -> mo.ui.dictionary:
    """The table as files, with ids."""
    data = frame(rows)
    columns = {name: EXPORTED.get(name, name.capitalize()) for name in data.columns}
    of = replace(origin(choices, last=choices.until), first=None)
    return mo.ui.dictionary(dict(exports(data, columns, name="budgets", currency=None, origin=of)))


def frame(rows: Sequence[Paced]) -> pl.DataFrame:
    """The budgets as a frame; money in the currency of its row."""
    names = ("account_id", "account", "level", "key", "name", "currency", "plan_from", "first", "last", "last_day")
    money = ("budget", "spent", "needed", "rate", "forecast", "low", "high", "off_plan", "cap")
    records = [
        {
            **{name: getattr(row, name) for name in names},
            **{name: None if (value := getattr(row, name)) is None else round(float(value), 2) for name in money},
            "pace": row.pace,
            "verdict": VERDICTS[row.verdict],
            "cause": row.cause,
        }
        for row in rows
    ]
    return pl.DataFrame(records, infer_schema_length=None)


def footer(choices: Choices) -> mo.Html:
    """Where the figures come from, and how the forecast is made."""
    return facts_view(daily_facts(choices, HOW))


def page_text(rows: Sequence[Paced]) -> str:
    """The page as text, for a terminal or a mail."""
    lines: list[Mapping[str, str]] = [
        {
            "Budget": row.name,
            "Plan": _money(row, row.budget),
            "Spent": _money(row, row.spent),
            "Forecast": _range(row),
            "Needed a day": _money(row, row.needed),
            "Verdict": VERDICTS[row.verdict],
        }
        for row in bounded(rows)
    ]
    said = [f"{row.name}: {row.text}" for row in rows if row.text]
    return "\n\n".join([headline(rows), *([text_table(lines)] if lines else []), "\n".join(said)])


def _cumulative(figures: pl.DataFrame, known: pl.Series, row: Paced) -> pl.DataFrame:
    """What was spent up to each day; null on days that are not known."""
    spend = figures.group_by("date").agg(pl.col("cost_in_local_currency").sum().cast(pl.Float64).alias("cost"))
    days = pl.DataFrame({"date": pl.date_range(row.first, row.last_day, eager=True)})
    joined = days.join(spend, on="date", how="left", maintain_order="left")
    spent = pl.when(pl.col("date").is_in(known.implode())).then(pl.col("cost").fill_null(0.0).cum_sum())
    return joined.select("date", spent.alias("spent"))


def _no_budget(rows: Sequence[Paced]) -> mo.Html:
    if current().readers:
        return messages.note("Ask the person who runs this workbench to give a monthly figure.", kind="plain")
    month = max((row.last_day for row in rows), default=None)
    account = rows[0].account_id if rows else 0
    entry = f'[[month]]\naccount = {account}\nmonth = "{month:%Y-%m}"\nbudget = 10000' if month else ""
    said = "Daily budgets of ad sets are no figure that a month could land on. Give one in plan.toml:"
    return mo.Html(
        styled(
            f'<section class="wb-note info" role="note"><p class="t">Give a monthly figure.</p><p>{text(said)}</p>'
            f"<pre>{text(entry)}</pre></section>"
        )
    )


def _line(row: Paced) -> str:
    of = f"{row.level_words} · {row.account}" if row.level != "account" else row.level_words
    period = wording.days(row.first, row.last)
    name = f'<span class="t">{text(row.name)}</span><span class="s">{text(of)} · {text(period)}</span>'
    cells = [
        ("", name),
        ("", f'{bullet(row)}<span class="t">{_word(row)}</span>'),
        *((' class="n"', text(value)) for value in _figures(row)),
    ]
    line = f"<tr>{''.join(f'<td{kind}>{value}</td>' for kind, value in cells)}</tr>"
    if not row.cause or row.verdict not in _HAVE_CAUSES:
        return line
    return f'{line}<tr class="why"><td colspan="{len(cells)}">Why: {text(row.cause)}</td></tr>'


def _figures(row: Paced) -> list[str]:
    off = row.off_plan
    return [
        _money(row, row.budget),
        _money(row, row.spent),
        _range(row),
        formatting.NOT_AVAILABLE if off is None else wording.signed_money(off, row.currency, like=row.budget),
        _money(row, row.needed),
        _money(row, row.rate),
        _money(row, row.cap),
    ]


def _range(row: Paced) -> str:
    if row.low is None or row.high is None:
        return _money(row, row.forecast)
    return wording.money_range(row.low, row.high, row.currency)


def _money(row: Paced, amount: Decimal | float | None) -> str:
    return formatting.NOT_AVAILABLE if amount is None else wording.money(amount, row.currency)


def _word(row: Paced) -> str:
    kind = "off" if row.verdict in ALARMING else "pending"
    return f'<span class="wb-pill {kind}">{text(VERDICTS[row.verdict])}</span>'


def _shares(row: Paced) -> str:
    spent, over = (formatting.percent(part, 0) for part in (float(row.spent / (row.budget or row.spent)), row.elapsed))
    return f"{spent} of the budget, {over} of the time"


def _right(right: bool) -> str:
    return ' class="n"' if right else ""
