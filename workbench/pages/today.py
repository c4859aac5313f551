"""The pieces of the page Today: does anything need me, where budgets land, yesterday, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import marimo as mo

from workbench import clock
from workbench.analytics import wording
from workbench.analytics.formatting import text
from workbench.answers.check import Checked, Finding, check
from workbench.answers.inputs import Asker
from workbench.answers.plan import Agreed, read_plan
from workbench.app_context import current
from workbench.errors import WorkbenchError
from workbench.pages import seen as marks
from workbench.pages import today_rows as rows
from workbench.pages.budget import pace
from workbench.pages.budget_rows import Paced, bounded, headline
from workbench.pages.components import messages
from workbench.pages.components.comparison_table import remark
from workbench.pages.components.footer import are_old, daily_facts, facts_view
from workbench.pages.components.links import about, link
from workbench.pages.components.navigation import section
from workbench.pages.components.page_queries import answers
from workbench.pages.components.selection import Choices
from workbench.pages.components.style import styled
from workbench.pages.components.tables import small_table, text_table
from workbench.queries.api import default
from workbench.reports import check_texts
from workbench.settings.fields import ReaderSettings, read_settings

HOW = (
    "the same check as “workbench check”: spend against its own level and weekday, results against the ad set's own "
    "rate, LinkedIn's holds and budgets, at most one false alarm in two mornings; and whether every day is whole. "
    "Agreements and thresholds stand in plan.toml. A range of a cost holds in 9 of 10 cases."
)


def look(choices: Choices, accounts: Sequence[int]) -> Checked:
    """The check of `workbench check`, of some accounts or of all that are listed; a failure ends the cell."""
    today = rows.today_of(choices, clock.utc_now().date())
    try:
        plan = read_plan(read_settings(ReaderSettings))
        ask = Asker(default, choices.source, choices.as_of)
        return check(ask, plan, today=today, account_ids=tuple(accounts) or None)
    except WorkbenchError as error:
        messages.stop(error)


def verdict(checked: Checked, seen: Mapping[str, date], button: mo.ui.button | None) -> mo.Html:
    """The answer in one sentence, the money at stake, and the button that marks all as seen where there is one.

    Args:
        seen: the day on which a finding was seen, by its key.
    """
    said = filter(None, (rows.at_stake(checked.findings), marks.summary(checked, seen)))
    more = "".join(f"<span>{text(one)}</span>" for one in said)
    sentence = rows.sentence(checked)
    answer = mo.Html(styled(f'<div class="wb-verdict" aria-live="polite"><b>{text(sentence)}</b>{more}</div>'))
    return answer if button is None else mo.hstack([answer, button], align="center", gap=1, wrap=True)


def found(checked: Checked, names: Mapping[int, str], chosen: Mapping[str, str], seen: Mapping[str, date]) -> mo.Html:
    """Findings, new ones first, then what cannot be told, as a list; below it what is quiet."""
    several = checked.accounts > 1
    ordered = sorted(checked.findings, key=lambda one: one.key in seen)
    shown = "".join(_item(one, names, chosen, several, "needs", seen.get(one.key)) for one in ordered)
    shown += "".join(_item(one, names, chosen, several, "required") for one in checked.cannot_tell)
    parts = [f'<ol class="wb-found">{shown}</ol>'] if shown else []
    parts += [_agreed(checked.agreed, names)] if checked.agreed else []
    parts += [_folded(name, lines) for name, lines in rows.quiet(checked) if lines]
    return mo.Html(styled("".join(parts)))


def landing(budgets: Sequence[Paced], chosen: Mapping[str, str]) -> mo.Html:
    """Where budgets land, and the way to the page about them."""
    way = link("budget", "Budget →", chosen) if "budget" in current().pages else ""
    shown = pace(budgets)
    said = headline(budgets) if bounded(budgets) else "No budget is set for these days."
    line = f'<p class="wb-sub" style="margin:2px 0">{text(said)} {way}</p>'
    return mo.vstack(
        [
            section("Landing on budget"),
            mo.Html(
                styled(
                    line
                    + f'<div class="wb-scroll" tabindex="0" role="group" aria-label="Landing on budget">{shown}</div>'
                )
            ),
        ]
    )


def yesterday(choices: Choices) -> mo.Html:
    """The last complete day: spend against its weekday, results and what one cost, with its range."""
    spend, results, late = _yesterday(choices)
    title = "Yesterday" if not are_old(choices) and rows.is_yesterday(choices) else "The last complete day"
    heading = section(title, f"{wording.day(choices.until)} · {rows.usual_is(choices.until)}")
    if not spend:
        return mo.vstack([heading, remark("LinkedIn reported no activity on that day.")])
    shown = [small_table(table, numbers=rows.FIGURES) for table in (spend, results)]
    return mo.vstack([heading, *shown, remark(late)])


def since(choices: Choices, chosen: Mapping[str, str]) -> mo.Html:
    """What LinkedIn restated and what people changed since the newest snapshot of an earlier day."""
    changed = rows.changed(choices, default)
    if changed is None:
        return mo.Html("")
    title, lines = changed
    way = f"<p>{link('snapshots', 'History →', chosen)}</p>" if "snapshots" in current().pages else ""
    body = "".join(f"<li>{text(line)}</li>" for line in lines)
    return mo.vstack([section(title), mo.Html(styled(f'<ul class="wb-list">{body}</ul>{way}'))])


def footer(choices: Choices) -> mo.Html:
    """Where the figures come from, and how the check is made."""
    return facts_view(daily_facts(choices, HOW))


def page_text(choices: Choices, checked: Checked, budgets: Sequence[Paced]) -> str:
    """The page as text, for a terminal or a mail."""
    spend, results, _ = _yesterday(choices)
    parts = [check_texts.as_text(checked), headline(budgets)]
    parts += [text_table(table) for table in (spend, results) if table]
    return "\n\n".join(parts)


def names_of(choices: Choices) -> dict[int, str]:
    """The names of ad sets, by id."""
    (settings,) = answers(choices, "campaign_budgets")
    return {one: name for one, name in settings.select("campaign_id", "name").iter_rows() if name}


def _yesterday(choices: Choices) -> tuple[list[Mapping[str, str]], list[Mapping[str, str]], str]:
    day = choices.until
    (days,) = answers(choices, "daily_series", first_day=day - rows.WEEKS, last_day=day)
    none = {"previous_first_day": None, "previous_last_day": None}
    (kinds,) = answers(choices, "kpis_by_objective", first_day=day, last_day=day, **none)
    return rows.spend_rows(days, day), rows.result_rows(kinds), rows.arriving(kinds)


def _item(
    one: Finding,
    names: Mapping[int, str],
    chosen: Mapping[str, str],
    several: bool,
    kind: str,
    seen: date | None = None,
) -> str:
    name = names.get(one.campaign_id or 0, "")
    title = _ad_set(one, name, chosen) if one.campaign_id else text(one.account)
    account = f" · {text(one.account)}" if several and one.campaign_id else ""
    looked = f"seen on {wording.day(seen)}" if seen else ""
    why = " · ".join(filter(None, (looked, rows.threshold(one), rows.chance(one))))
    money, unit = rows.money(one)
    small = f"<small>{text(unit)}</small>" if unit else ""
    return (
        f'<li><span><span class="wb-pill {kind if seen is None else "pending"}">{text(rows.rule(one))}</span></span>'
        f'<div>{title}<span class="wb-sub">{account}</span><p>{text(rows.told(one, name))}</p>'
        f'<p class="w">{text(why)}</p></div><span class="m">{text(money)}{small}</span></li>'
    )


def _agreed(agreed: Sequence[tuple[Finding, Agreed]], names: Mapping[int, str]) -> str:
    lines = ""
    for one, kept in agreed:
        what = rows.told(one, names.get(one.campaign_id or 0, ""))
        head = names.get(one.campaign_id or 0) or one.account
        lines += (
            f'<li><span><span class="wb-pill pending">{text(rows.rule(one))}</span></span><div>{text(head)}'
            f"<p>{text(what)}</p><p>{text(check_texts.agreement(kept))}</p></div></li>"
        )
    return f'<h2>Agreed to <small>quiet until their day</small></h2><ol class="wb-found quiet">{lines}</ol>'


def _folded(name: str, lines: Sequence[str]) -> str:
    body = "".join(f"<li>{text(line)}</li>" for line in lines)
    return f'<details><summary>{text(name)}</summary><ul class="wb-list">{body}</ul></details>'


def _ad_set(one: Finding, name: str, chosen: Mapping[str, str]) -> str:
    label = name or f"Ad set {one.campaign_id}"
    if "campaigns" not in current().pages:
        return f"<b>{text(label)}</b>"
    return link("campaigns", label, about(chosen, ad_set=one.campaign_id, currency=one.currency))
