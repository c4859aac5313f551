"""How ad sets are set up, in words: bid, budgets, flight, targeting, and whether their names follow one pattern."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from workbench.analytics import formatting, metrics, wording

SETUP_COLUMNS: Mapping[str, str] = {
    "name": "Ad set",
    "cost_in_local_currency": "Spend in 30 days",
    "objective_words": "Objective",
    "bid": "Bid",
    "daily_budget": "Daily budget",
    "total_budget": "Total budget",
    "flight": "Flight",
    "targeting": "Targeting",
    "audience_network": "Audience Network",
    "audience_expansion": "Audience Expansion",
    "rotation": "Rotation of ads",
    "campaign_group_name": "Campaign",
    "account_name": "Account",
}
_SEPARATORS = re.compile(r"\s*[|–·_:/]\s*|\s+-\s+")
_MOST_NAMED = 5


@dataclass(frozen=True)
class Naming:
    """How names are made: the number of parts that most have, and the names that differ."""

    parts: int
    names: int
    others: tuple[str, ...]


def ad_set_setups(
    settings: pl.DataFrame, spend: pl.DataFrame, currency: str | None, objective: str | None = None
) -> pl.DataFrame:
    """Active ad sets of one currency with their settings in words, most money first.

    Args:
        settings: `campaign_settings` of every ad set.
        spend: `campaigns`; without a row of the current period an ad set spent nothing.
        objective: of the ad sets, in its one spelling; None for every one.
    """
    spent = spend.filter(period="current").select("account_id", "campaign_id", "cost_in_local_currency")
    mine = settings.filter(
        pl.col("listed"), pl.col("status") == "ACTIVE", pl.col("currency").eq_missing(pl.lit(currency))
    )
    made = mine.join(spent, on=["account_id", "campaign_id"], how="left").with_columns(
        pl.col("cost_in_local_currency").fill_null(0)
    )
    if objective is not None:
        kinds = pl.Series([metrics.objective(one) == objective for one in made["objective_type"]], dtype=pl.Boolean)
        made = made.filter(kinds)
    rows = list(made.iter_rows(named=True))
    said = {
        "objective_words": [formatting.objective_words(row["objective_type"]) for row in rows],
        "bid": [bid(row) for row in rows],
        "flight": [flight(row["run_schedule_start"], row["run_schedule_end"]) for row in rows],
        "targeting": [targeting(row["targeting_criteria"]) for row in rows],
        "audience_network": [_switch(row["offsite_delivery_enabled"]) for row in rows],
        "audience_expansion": [_switch(row["audience_expansion_enabled"]) for row in rows],
        "rotation": [formatting.words(row["creative_selection"]) for row in rows],
    }
    shown = made.with_columns(pl.Series(name, values, pl.String) for name, values in said.items())
    return shown.sort(["cost_in_local_currency", "campaign_id"], descending=[True, False])


def bid(row: Mapping[str, Any]) -> str:
    """How LinkedIn bids: `Manual: €12.00 CPC`, `Cap €90.00: cost per lead`, `Maximum delivery: lead`."""
    target, amount, currency = row["optimization_target_type"], row["unit_cost"], row["currency"]
    money = "" if amount is None else formatting.money(amount, currency)
    if target in (None, "", "NONE", "ENHANCED_CONVERSION"):
        said = f"Manual: {money} {row['cost_type'] or ''}".strip() if money else formatting.words(row["cost_type"])
        return f"{said}, enhanced" if target == "ENHANCED_CONVERSION" else said
    for start, words in (
        ("MAX_", "Maximum delivery"),
        ("TARGET_COST_PER_", "Target cost"),
        ("CAP_COST_AND_MAXIMIZE_", "Cost cap"),
    ):
        if target.startswith(start):
            aim = formatting.words(target.removeprefix(start)).lower()
            return f"{words}{f' {money}' if money and start != 'MAX_' else ''}: {aim}"
    return formatting.words(target)


def flight(start: datetime | None, end: datetime | None) -> str:
    """`25 Sep – 1 Dec 2026`, `from 25 Sep 2026`, `until 1 Dec 2026`."""
    first, last = _day(start), _day(end)
    if first and last:
        return formatting.days(first, last)
    if first:
        return f"from {formatting.day(first)}, no end"
    return f"until {formatting.day(last)}" if last else formatting.NOT_AVAILABLE


def targeting(criteria: str | None) -> str:
    """The facets that an ad set aims at and excludes, with the number of values of each, or the value in words."""
    try:
        rules = json.loads(criteria or "{}")
        included = [group["or"] for group in rules["include"]["and"]]
        excluded = [rules["exclude"]["or"]] if "exclude" in rules else []
        parts = [*_facets(included), *(f"not {facet}" for facet in _facets(excluded))]
    except (ValueError, KeyError, TypeError, AttributeError):
        return formatting.NOT_AVAILABLE
    return ", ".join(parts) or formatting.NOT_AVAILABLE


def naming(names: Iterable[str]) -> Naming:
    """Which names have as many parts as most have; blanks at the ends and `Copy of` are no part of a pattern."""
    every = list(names)
    counts = Counter(_parts(name) for name in every)
    usual = max(counts, key=lambda parts: (counts[parts], parts), default=0)
    odd = tuple(name for name in every if _parts(name) != usual or name != name.strip() or _is_copy(name))
    return Naming(usual, len(every), odd)


def naming_sentence(found: Naming) -> str:
    """How many names follow the pattern that most have, and which do not; "" where there is no pattern."""
    fit = found.names - len(found.others)
    if found.parts < 2 or found.names < 3 or fit * 2 <= found.names:
        return ""
    said = f"{fit} of {wording.counted(found.names, 'name')} have the {found.parts} parts that most have"
    if not found.others:
        return f"{said}."
    shown = [f"“{name}”" for name in found.others[:_MOST_NAMED]]
    rest = len(found.others) - len(shown)
    return f"{said}. Others: {', '.join(shown)}{f' and {rest} more' if rest else ''}."


def _parts(name: str) -> int:
    return len([part for part in _SEPARATORS.split(name) if part])


def _is_copy(name: str) -> bool:
    return name.strip().lower().startswith("copy of")


def _switch(value: bool | None) -> str:
    return formatting.NOT_AVAILABLE if value is None else "on" if value else "off"


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _facets(groups: list[dict[str, list[str]]]) -> list[str]:
    counts = [(facet, len(values)) for group in groups for facet, values in group.items()]
    return [f"{_split_words(facet.rsplit(':', 1)[-1])} ({count})" for facet, count in counts]


def _split_words(name: str) -> str:
    """`interfaceLocales` as `Interface locales`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip().capitalize()
