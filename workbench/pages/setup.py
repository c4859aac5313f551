"""The pieces of the page Setup: is it set up as agreed, where do ads show, and how is each ad set set up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import marimo as mo
import polars as pl

from workbench import clock
from workbench.analytics import ad_set_setups, audit, formatting, setup_findings, wording
from workbench.analytics.formatting import text
from workbench.answers.plan import Plan, read_plan
from workbench.answers.registry import Found
from workbench.errors import WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.comparison_table import comparison_table, remark
from workbench.pages.components.exports import Origin
from workbench.pages.components.footer import daily_facts, facts_view, origin
from workbench.pages.components.navigation import section
from workbench.pages.components.page_queries import answer, answers
from workbench.pages.components.selection import Choices
from workbench.pages.components.style import styled
from workbench.pages.components.tables import small_table, table_view, text_table
from workbench.reports import check_texts
from workbench.settings.fields import ReaderSettings, read_settings

HOW = (
    "the newest settings of active ad sets and their spend of the last 30 complete days. Where ads were shown is "
    "compared with the ad sets' own totals of the same days. What is agreed to stands in plan.toml."
)
FINDING_COLUMNS: Mapping[str, str] = {**audit.AUDIT_COLUMNS, "agreed": "Agreed to"}
_HEADS = ("Objective", "Account", "Where", "Spend", "Share of spend", "Results", "Share of results")
_FIGURES = frozenset({"Spend", "Results"})


def looked_at(choices: Choices) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The audit, the ad sets with their spend, the settings, and what was fetched; a failure ends the cell."""
    asked = {**audit.audit_days(choices.until), "campaign_group_id": None}
    found, spend, settings, covered = answers(
        choices, "audit", "campaigns", "campaign_settings", "covered_windows", **asked
    )
    return found, spend, settings, covered


def places(choices: Choices) -> Found:
    """Where money was spent in the same days; a failure ends the cell."""
    return answer(choices, "placement", **audit.audit_days(choices.until))


def findings(choices: Choices, found: pl.DataFrame, spend: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """The findings of one currency, most money first, with what was agreed about them."""
    try:
        plan = read_plan(read_settings(ReaderSettings))
    except WorkbenchError as error:
        messages.stop(error)
    rows = audit.audited(found, currency, spend)
    return setup_findings.with_agreements(rows, _agreements(plan, choices.as_of or clock.utc_now().date()))


def verdict(rows: pl.DataFrame, spend: pl.DataFrame, currency: str | None) -> mo.Html:
    """The answer in one sentence."""
    said, quiet = setup_findings.headline(rows, _spent(spend, currency), currency)
    more = f"<span>{text(quiet)}</span>" if quiet else ""
    return mo.Html(styled(f'<div class="wb-verdict" aria-live="polite"><b>{text(said)}</b>{more}</div>'))


def placement_view(found: Found, rows: pl.DataFrame, choices: Choices, currency: str | None) -> mo.Html:
    """Where ads were shown: shares of money and of results, and how sure the comparison is."""
    heading = section("Where ads show", "on LinkedIn and off it, last 30 complete days")
    lines = placement_rows(found, choices, currency)
    said = [remark(one) for one in placement_sentences(found, choices, currency)]
    if not lines:
        return mo.vstack([heading, *said, remark(setup_findings.switched_on(rows, currency))])
    body = "".join(_place(line) for line in lines)
    head = "".join(f'<th scope="col"{_number(name)}>{name}</th>' for name in _HEADS)
    table = f'<table class="wb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    scrolled = f'<div class="wb-scroll" tabindex="0" role="region" aria-label="Where ads show">{table}</div>'
    return mo.vstack([heading, mo.Html(styled(scrolled)), *said])


def placement_rows(found: Found, choices: Choices, currency: str | None) -> list[Mapping[str, Any]]:
    """One row per objective and place of the objectives that have more places than one, most money first."""
    names = dict(choices.accounts.select("account_id", "name").iter_rows())
    key = ["account_id", "objective_type"]
    mine = found.frames["placement"].filter(pl.col("currency").eq_missing(pl.lit(currency)))
    apart = mine.filter(pl.len().over(key) > 1).sort(pl.col("spend").sum().over(key), descending=True)
    return [
        {
            "Objective": formatting.objective_words(row["objective_type"]),
            "Account": names.get(row["account_id"]) or str(row["account_id"]),
            "Where": setup_findings.PLACES.get(row["serving_location"]) or formatting.words(row["serving_location"]),
            "Spend": formatting.money(row["spend"], currency),
            "Share of spend": row["share_of_spend"],
            "Results": formatting.number(row["results"]),
            "Share of results": row["share_of_results"],
        }
        for row in apart.iter_rows(named=True)
    ]


def placement_sentences(found: Found, choices: Choices, currency: str | None) -> list[str]:
    """What was spent off LinkedIn, by account and objective; where nothing was, all in one sentence."""
    of_currency = choices.accounts.filter(pl.col("currency").eq_missing(pl.lit(currency)))["account_id"].to_list()
    shared = [one.text for one in found.sentences if one.account_id is None]
    mine = [one for one in found.sentences if one.account_id in of_currency]
    on_linkedin = [one for one in mine if one.text.startswith("Nothing was spent off LinkedIn.")]
    told = [f"{formatting.objective_words(one.objective_type)}: {one.text}" for one in mine if one not in on_linkedin]
    if on_linkedin:
        kinds = sorted({formatting.objective_words(one.objective_type) for one in on_linkedin})
        told.append(f"{wording.listed(kinds)}: nothing was spent off LinkedIn.")
    return [*shared, *told]


def findings_view(
    table: mo.ui.dictionary, rows: pl.DataFrame, choices: Choices, covered: pl.DataFrame, currency: str | None
) -> mo.Html:
    """Findings by kind, and finding by finding."""
    still_open = rows.filter(pl.col("agreed").is_null())
    return mo.vstack(
        [
            section("Settings to look at", "open findings by kind, most money first; kinds overlap"),
            small_table(audit.audit_summary(still_open), numbers=audit.AUDIT_FIGURES),
            *([table_view(table)] if rows.height else []),
            remark(audit.audit_remark(rows, choices.accounts, covered, currency)),
        ]
    )


def findings_table(choices: Choices, rows: pl.DataFrame, currency: str | None) -> mo.ui.dictionary:
    """Every finding with its money, its field and what was agreed."""
    return comparison_table(rows, FINDING_COLUMNS, name="audit", currency=currency, origin=_origin(choices))


def setups(choices: Choices, settings: pl.DataFrame, spend: pl.DataFrame, currency: str | None) -> pl.DataFrame:
    """The active ad sets of one currency, and of the chosen objective, with their settings in words."""
    names = choices.accounts.select("account_id", pl.col("name").alias("account_name"))
    rows = ad_set_setups.ad_set_setups(settings, spend, currency, choices.objective)
    return rows.join(names, on="account_id", how="left", maintain_order="left")


def setups_table(choices: Choices, rows: pl.DataFrame, currency: str | None) -> mo.ui.dictionary:
    """Every active ad set with its settings in words."""
    columns, name = ad_set_setups.SETUP_COLUMNS, "ad_set_settings"
    return comparison_table(rows, columns, name=name, currency=currency, origin=_origin(choices))


def setups_view(table: mo.ui.dictionary, rows: pl.DataFrame) -> mo.Html:
    """How every active ad set is set up, and whether names follow a pattern."""
    heading = section("How active ad sets are set up", "bid, budgets, flight and targeting in words; most money first")
    if rows.is_empty():
        return mo.vstack([heading, remark("No active ad set in this currency.")])
    names = ad_set_setups.naming(rows["name"].drop_nulls())
    return mo.vstack([heading, table_view(table), remark(_naming(names))])


def footer(choices: Choices) -> mo.Html:
    """Where the figures come from."""
    return facts_view(daily_facts(choices, HOW))


def page_text(choices: Choices, found: pl.DataFrame, spend: pl.DataFrame, covered: pl.DataFrame, places: Found) -> str:
    """The page's figures in every currency as text, for a terminal or a mail."""
    return "\n\n".join(_in_currency(choices, found, spend, covered, places, one) for one in choices.currencies)


def _in_currency(
    choices: Choices, found: pl.DataFrame, spend: pl.DataFrame, covered: pl.DataFrame, places: Found, currency: str
) -> str:
    rows = findings(choices, found, spend, currency)
    said, _ = setup_findings.headline(rows, _spent(spend, currency), currency)
    summary = audit.audit_summary(rows.filter(pl.col("agreed").is_null()))
    parts = [
        f"Audit of active ad sets · {currency}: {said}",
        text_table(summary) if summary else "",
        audit.audit_remark(rows, choices.accounts, covered, currency),
        "\n".join(placement_sentences(places, choices, currency)),
    ]
    return "\n\n".join(filter(None, parts))


def _origin(choices: Choices) -> Origin:
    days = audit.audit_days(choices.until)
    return origin(choices, days["first_day"], days["last_day"])


def _agreements(plan: Plan, today: date) -> Any:
    def agreed(rule: str, account_id: int, campaign_id: int) -> str | None:
        kept = next((one for one in plan.agreed if one.covers(rule, account_id, campaign_id, today)), None)
        return None if kept is None else check_texts.agreement(kept)

    return agreed


def _naming(found: ad_set_setups.Naming) -> str:
    said = ad_set_setups.naming_sentence(found)
    return f"Names: {said}" if said else ""


def _spent(spend: pl.DataFrame, currency: str | None) -> Decimal:
    mine = spend.filter(pl.col("period") == "current", pl.col("currency").eq_missing(pl.lit(currency)))
    return Decimal(mine["cost_in_local_currency"].sum() or 0)


def _place(line: Mapping[str, Any]) -> str:
    cells = [
        f"<td{_number(name)}>{_share(line[name]) if name.startswith('Share') else text(line[name])}</td>"
        for name in _HEADS
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _share(share: float | None) -> str:
    """A share as a bar and its number."""
    if share is None:
        return text(formatting.NOT_AVAILABLE)
    said = formatting.percent(share, 0)
    width = min(max(share, 0.0), 1.0) * 100
    return (
        f'<span class="wb-bullet" role="img" aria-label="{text(said)}"><i style="width:{width:.1f}%"></i></span> '
        f'<span style="white-space:nowrap">{text(said)}</span>'
    )


def _number(name: str) -> str:
    return ' class="n"' if name in _FIGURES else ""
