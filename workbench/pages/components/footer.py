"""The origin and reliability of a page's figures: the line on top, banners, and the footer."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from datetime import UTC, date, datetime

import marimo as mo

from workbench.analytics import formatting, periods
from workbench.analytics.completeness import NO_ACTIVITY
from workbench.analytics.formatting import text
from workbench.errors import WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.exports import Origin
from workbench.pages.components.selection import SOURCE_LABELS, Choices
from workbench.pages.components.style import styled
from workbench.pages.components.url_params import is_script

OLD_DAYS = 3


def lead(choices: Choices, strip: mo.ui.dictionary, *, now: datetime | None = None) -> mo.Html:
    """The period in words, date widgets for a range of one's own, and banners for old or incomplete figures."""
    try:
        states_of = choices.states()
    except WorkbenchError as error:
        return messages.failed_figures(error)
    picker = [strip["range"]] if strip.value["period"] == periods.RANGE else []
    return mo.vstack([*picker, _period_line(choices, now or datetime.now(UTC)), *_banners(choices, states_of, now)])


def data_to(choices: Choices, *, now: datetime | None = None) -> mo.Html:
    """The last complete day in words, and the banners of `lead`: for pages that have no period to choose."""
    try:
        states_of = choices.states()
    except WorkbenchError as error:
        return messages.failed_figures(error)
    moment = now or datetime.now(UTC)
    day, ago = formatting.day(choices.until), formatting.days_ago(choices.until, moment)
    line = f'<div class="wb-period" aria-live="polite"><b>Figures to {text(day)}</b><span>complete, {ago}</span></div>'
    return mo.vstack([mo.Html(styled(line)), *_banners(choices, states_of, moment)])


def are_old(choices: Choices, *, now: datetime | None = None) -> bool:
    """Whether the figures are too old to forecast or judge from; a past state is as old as it was meant to be."""
    return choices.source != "sample" and choices.as_of is None and _age(choices, now or datetime.now(UTC)) >= OLD_DAYS


def stop_without_figures(choices: Choices, figures: Sized) -> None:
    """End this cell and those that need it if there are no figures, with the reason: no activity, or not known."""
    if len(figures):
        return
    title = f"No figures for {formatting.days(choices.period.first, choices.period.last)}."
    unknown = [f"{account}: {why}." for account, why in choices.states().items()]
    if is_script():
        print(title, *unknown, sep="\n")  # noqa: T201  (a script prints)
    way_on = "Widen the period, or choose other accounts, objectives or campaigns."
    mo.stop(True, messages.note(title, way_on, kind="plain", points=unknown[:8]))


def footer(choices: Choices, *, level: str = "ad set", now: datetime | None = None) -> mo.Html:
    """Window, source, snapshot, freshness, what is incomplete, and how the figures are made."""
    try:
        facts = facts_of(choices, level=level, now=now or datetime.now(UTC))
    except WorkbenchError as error:
        return messages.failed_figures(error)
    return facts_view(facts)


def facts_view(facts: Mapping[str, str]) -> mo.Html:
    """A footer of facts, each under its name."""
    rows = "".join(f"<dt>{text(name)}</dt><dd>{text(fact)}</dd>" for name, fact in facts.items())
    return mo.Html(styled(f'<footer class="wb-foot"><dl>{rows}</dl></footer>'))


def facts_of(choices: Choices, *, level: str = "ad set", now: datetime) -> dict[str, str]:
    """The footer's facts as plain text.

    Raises:
        WorkbenchError: the source cannot be read.
    """
    period = choices.period
    as_of = f", as of {formatting.day(choices.as_of)}" if choices.as_of else ""
    said = [(account, why) for account, why in choices.states().items()]
    incomplete = [f"{account}: {why}" for account, why in said if why != NO_ACTIVITY]
    quiet = [account for account, why in said if why == NO_ACTIVITY]
    return {
        "Window": f"{formatting.days(period.first, period.last)} (UTC days), compared with "
        f"{formatting.days(period.previous.first, period.previous.last)}",
        "Source": SOURCE_LABELS[choices.source] + as_of,
        "Snapshot": choices.newest_snapshot or formatting.NOT_AVAILABLE,
        "Fetched": formatting.age(choices.fetched_at, now),
        "Complete": f"until {formatting.day(choices.until)}, {formatting.days_ago(choices.until, now)}",
        "Incomplete": "; ".join(incomplete) or "nothing in this window",
        **({"No activity": f"{', '.join(quiet)}: LinkedIn was asked, and reported nothing"} if quiet else {}),
        "Made from": f"daily figures per {level}; sums first, ratios after, never over two currencies. Conversions as "
        "LinkedIn attributes them (last touch by ad set): one may count for several ad sets. The newest days are "
        "provisional.",
    }


def origin(choices: Choices, first: date | None = None, last: date | None = None) -> Origin:
    """What the files of a page's tables say of their rows; the days are those of the period unless others are given."""
    return Origin(
        first=first or choices.period.first,
        last=last or choices.period.last,
        snapshot=lambda: choices.newest_snapshot,
        facts=lambda: facts_of(choices, now=datetime.now(UTC)),
    )


def daily_facts(choices: Choices, how: str) -> dict[str, str]:
    """The footer of a page without a period: source, snapshot, freshness, and how its figures are made."""
    facts = facts_of(choices, now=datetime.now(UTC))
    kept = {name: facts[name] for name in ("Source", "Snapshot", "Fetched", "Complete")}
    return {**kept, "Made from": how}


def _period_line(choices: Choices, now: datetime) -> mo.Html:
    period = choices.period
    return mo.Html(
        styled(
            f'<div class="wb-period" aria-live="polite"><b>{text(formatting.days(period.first, period.last))}</b>'
            f"<span>compared with {text(formatting.days(period.previous.first, period.previous.last))}</span>"
            f"<span>complete until {text(formatting.day(choices.until))}, "
            f"{formatting.days_ago(choices.until, now)}</span></div>"
        )
    )


def _banners(choices: Choices, states_of: dict[str, str], now: datetime | None) -> list[mo.Html]:
    shown = []
    if choices.source == "sample":
        shown.append(messages.invented())
    if are_old(choices, now=now):
        shown.append(messages.old(_age(choices, now or datetime.now(UTC))))
    unknown = [f"{account}: {why}." for account, why in states_of.items() if why != NO_ACTIVITY]
    if unknown:
        shown.append(messages.note("Some figures are missing. Missing is not zero.", kind="warn", points=unknown[:8]))
    return shown


def _age(choices: Choices, now: datetime) -> int:
    return (now.date() - choices.until).days
