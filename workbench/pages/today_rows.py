"""What Today says, as text and rows: findings and their rules, yesterday against its weekday, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import formatting, metrics, wording
from workbench.analytics.creative_comparison import gamma_interval
from workbench.analytics.morning_check import LARGEST_P, SMALLEST_CHANGE
from workbench.analytics.shrinkage import Gamma
from workbench.answers.api import found_by_name
from workbench.answers.check import Checked, Finding
from workbench.answers.inputs import Asker
from workbench.errors import WorkbenchError
from workbench.pages.components.selection import Choices
from workbench.queries.api import Queries
from workbench.reports import check_texts
from workbench.schema.metrics import LATE_METRICS
from workbench.schema.snapshot_names import day_of

WEEKS = timedelta(days=28)
FIGURES = frozenset({"Spend", "Usual", "Difference", "Results", "Cost per result", "90 % range"})
RULES: Mapping[str, str] = {
    "spend_drop": "Spend fell",
    "spend_spike": "Spend jumped",
    "no_result": "No result",
    "serving_hold": "Held back",
    "over_day": "Over a day's budget",
    "over_week": "Over a week's budget",
    "stale": "Figures are old",
    "incomplete": "Incomplete",
    "unreconciled": "Does not add up",
}
_UNLIKELY = f"said where chance alone is at most {wording.one_in(LARGEST_P)}"
_MOVED = f"{_UNLIKELY} and {wording.percent(SMALLEST_CHANGE)} or more of the expected spend is at stake"
_THRESHOLDS: Mapping[str, str] = {
    "spend_drop": _MOVED,
    "spend_spike": _MOVED,
    "no_result": _UNLIKELY,
    "serving_hold": "said of every active ad set that LinkedIn does not serve",
    "over_day": "LinkedIn may spend 1.5 times a daily budget on one day",
    "over_week": "LinkedIn may spend 7 times a daily budget from Monday to Sunday",
}
_DAILY = frozenset({"spend_drop", "spend_spike", "serving_hold", "over_day"})
_MOST_COUNTED = 1_000
"""With more results than this the range of their cost is narrower than its rounding."""
_NO_RESULT_AT_95 = 3.0
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def today_of(choices: Choices, now: date) -> date:
    """The day of the check: that of the state that was asked for; of the sample, the day after its last one."""
    if choices.source == "sample":
        return choices.until + timedelta(days=1)
    return choices.as_of or now


def is_yesterday(choices: Choices) -> bool:
    """Whether the last complete day is the day before the newest fetch."""
    fetched = choices.fetched_at
    return fetched is not None and (fetched.date() - choices.until).days <= 1


def sentence(checked: Checked) -> str:
    """The outcome in one sentence; where it is quiet also what was watched."""
    if checked.findings or not checked.cannot_tell:
        return checked.sentence
    return f"It cannot be told: the check needs figures to {wording.day(checked.last_day)}."


def at_stake(findings: Sequence[Finding]) -> str:
    """`€80 a day at stake`, by currency; each ad set counts once, with its largest amount."""
    most: dict[tuple[str | None, int | None, int | None], float] = {}
    for one in findings:
        if one.rule in _DAILY and one.money is not None:
            key = (one.currency, one.account_id, one.campaign_id)
            most[key] = max(most.get(key, 0.0), one.money)
    sums: dict[str | None, float] = {}
    for (currency, _, _), amount in most.items():
        sums[currency] = sums.get(currency, 0.0) + amount
    said = [wording.about_money(amount, currency) for currency, amount in sums.items()]
    return f"{wording.listed(said)} a day at stake" if said else ""


def rule(one: Finding) -> str:
    return RULES[one.rule]


def money(one: Finding) -> tuple[str, str]:
    """The amount of a finding, and what it is an amount of."""
    if one.money is None:
        return "", ""
    since = f"since {wording.day(one.since)}" if one.since else "in all"
    return wording.money(one.money, one.currency), "a day" if one.rule in _DAILY else since


def threshold(one: Finding) -> str:
    """From when on the rule says something."""
    return _THRESHOLDS.get(one.rule, "")


def chance(one: Finding) -> str:
    """How likely chance alone brings what was seen, where the rule is a test."""
    return "" if one.p is None else f"here {wording.one_in(one.p)}"


def told(one: Finding, name: str) -> str:
    """The finding's sentence without the ad set's name, which stands above it."""
    return one.text.replace(f" ({name}).", ".", 1) if name else one.text


def quiet(checked: Checked) -> Iterator[tuple[str, list[str]]]:
    """Titles and lines of what needs nobody: explained, small, and what can be signed."""
    changed = f"{wording.counted(len(checked.explained), 'finding')} explained by a change of yours"
    yield changed, [check_texts.line(one) for one in checked.explained]
    small = f"{wording.counted(len(checked.small), 'finding')} too small to be said"
    yield small, [check_texts.line(one) for one in checked.small]
    signed = f"{wording.counted(len(checked.certified), 'account')}: what can be signed"
    yield signed, [f"{one.account}: {one.text}" for one in checked.certified]


def spend_rows(days: pl.DataFrame, day: date) -> list[Mapping[str, str]]:
    """Spend of one day by currency, beside the mean of the same weekday in the four weeks before.

    Args:
        days: `daily_series` of the day and the 28 days before.
    """
    spend = "cost_in_local_currency"
    rows: list[Mapping[str, str]] = []
    for (currency,), mine in sorted(days.partition_by("currency", as_dict=True).items(), key=lambda pair: str(pair[0])):
        now = mine.filter(date=day)[spend].sum() or 0
        before = [float(value) for when, value in mine.select("date", spend).iter_rows() if _same_weekday(when, day)]
        usual = sum(before) / len(before) if before else None
        code: Any = currency
        rows.append(
            {
                "Currency": code or formatting.NOT_AVAILABLE,
                "Spend": wording.money(now, code),
                "Usual": formatting.NOT_AVAILABLE if usual is None else wording.money(usual, code),
                "Difference": formatting.change(float(now) / usual - 1 if usual else None),
            }
        )
    return rows


def result_rows(kinds: pl.DataFrame) -> list[Mapping[str, str]]:
    """Key results of one day by currency and objective, and the range of what one costs.

    Args:
        kinds: `kpis_by_objective` of the day alone.
    """
    known = metrics.add_key_result(kinds).filter(pl.col("cost_in_local_currency") > 0)
    rows = known.sort("currency", "cost_in_local_currency", descending=[False, True])
    made = [_result(row) for row in rows.iter_rows(named=True) if metrics.key_result(row["objective_type"]).metric]
    if known["currency"].n_unique() < 2:
        return [{name: value for name, value in row.items() if name != "Currency"} for row in made]
    return made


def arriving(kinds: pl.DataFrame) -> str:
    """A remark where results of the day go on arriving for weeks; "" where none do."""
    late = {metrics.key_result(name).metric for name in kinds["objective_type"]} & LATE_METRICS
    return "Conversions of this day go on arriving for weeks." if late else ""


def changed(choices: Choices, queries: Queries) -> tuple[str, list[str]] | None:
    """A title and sentences: what changed since the newest snapshot of an earlier day; None without a history."""
    try:
        history = Asker(queries, choices.source, choices.as_of).history()
        if history is None:
            return None
        names = sorted(history("snapshots")["snapshot"].to_list())
        before = [name for name in names if day_of(name) < day_of(names[-1])]
        if not before:
            return "What changed", ["There is one day of snapshots so far; the next one shows what changed."]
        states = {"before": before[-1], "after": names[-1], "account_ids": choices.account_ids}
        found = found_by_name(queries, "restatements", history.source, history.as_of, states)
        settings = history.at(None)("changed_settings", **states)
    except WorkbenchError:
        return None
    return "What changed", [*_restated(found.sentences), _settings(settings)]


def _restated(sentences: Sequence[Any]) -> list[str]:
    said = [one.text for one in sentences if not one.text.startswith("Nothing LinkedIn had reported")]
    return said or ["LinkedIn corrected nothing that it had reported."]


def _settings(settings: pl.DataFrame) -> str:
    mine = settings.filter(~pl.col("is_new"))
    if mine.is_empty():
        return "No setting changed."
    named = mine["name"].drop_nulls().unique(maintain_order=True).to_list()
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f"{wording.counted(mine.height, 'setting')} changed: {', '.join(named[:3])}{more}."


def usual_is(day: date) -> str:
    """What the usual spend of a day is made of."""
    return f"usual: the mean of the last {WEEKS.days // 7} {_WEEKDAYS[day.weekday()]}"


def _same_weekday(when: date, day: date) -> bool:
    return when < day and (day - when).days % 7 == 0


def _result(row: Mapping[str, Any]) -> Mapping[str, str]:
    result, currency = metrics.key_result(row["objective_type"]), row["currency"]
    count, spend = row["key_result"], float(row["cost_in_local_currency"])
    per = f" per {result.scale:,}" if result.scale > 1 else ""
    cost = row["cost_per_key_result"]
    return {
        "Currency": currency or "unknown",
        "Objective": formatting.objective_words(row["objective_type"]),
        "Spend": wording.money(spend, currency),
        "Results": _counted(count, result.label),
        "Cost per result": formatting.NOT_AVAILABLE if cost is None else wording.money(cost, currency) + per,
        "90 % range": _range(count, spend, result.scale, currency),
    }


def _counted(count: Any, label: str) -> str:
    """`1 lead`, `2,261 impressions`."""
    if count is None:
        return formatting.NOT_AVAILABLE
    return f"{formatting.number(count)} {label.lower() if count != 1 else label.lower().removesuffix('s')}"


def _range(count: Any, spend: float, scale: int, currency: str | None) -> str:
    if count is None or spend <= 0:
        return ""
    if count == 0:
        return f"at least {wording.money(spend / _NO_RESULT_AT_95 * scale, currency)}"
    if count > _MOST_COUNTED:
        return ""
    low, high = gamma_interval(Gamma(float(count) + 0.5, spend))
    return wording.money_range(scale / high, scale / low, currency)
