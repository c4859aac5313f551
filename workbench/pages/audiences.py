"""The pieces of the page about audiences: its answer, how much is shown, what stays unknown, and the same as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import marimo as mo
import polars as pl

from workbench import charts
from workbench.analytics import formatting
from workbench.analytics.audiences import (
    ENOUGH_EXPECTED,
    MOST_SHOWN,
    headline,
    index_range,
    is_count,
    segment_shares,
    shown_shares,
)
from workbench.analytics.demographic_index import indexed_segments
from workbench.analytics.demographic_index import known_totals as known_totals
from workbench.analytics.demographic_sentences import hidden_sentence, index_headline
from workbench.analytics.formatting import text
from workbench.analytics.metrics import ENOUGH_IMPRESSIONS, SUMS
from workbench.pages.audience_filters import Audience
from workbench.pages.components import messages
from workbench.pages.components.exports import Origin
from workbench.pages.components.footer import facts_view
from workbench.pages.components.page_queries import figure
from workbench.pages.components.selection import SOURCE_LABELS
from workbench.pages.components.style import styled
from workbench.pages.components.tables import text_table
from workbench.pages.components.url_params import is_script

SHOWN_FIGURES = frozenset({"Segments", "Impressions", "Clicks", "Leads", "Conversions", "Spend"})
OLD_DAYS = 8
"""Audiences change slowly: what is a week old still answers the question."""

_SHOWN = ("impressions", "clicks", "one_click_leads", "external_website_conversions", "cost_in_local_currency")


def banners(audience: Audience, segments: pl.DataFrame, *, now: datetime | None = None) -> mo.Html:
    """The window in words, and banners for invented or old figures."""
    shown: list[mo.Html] = []
    if segments.height:
        facts = facts_of(audience, segments, now=now or datetime.now(UTC))
        window = f"<b>{text(facts['Window'])}</b><span>approximate figures of {text(audience.whose)}</span>"
        shown.append(mo.Html(styled(f'<div class="wb-period">{window}</div>')))
    if audience.source == "sample":
        shown.append(messages.invented())
    elif segments.height and audience.as_of is None and _age(segments, now or datetime.now(UTC)) >= OLD_DAYS:
        shown.append(messages.old(_age(segments, now or datetime.now(UTC))))
    return mo.vstack(shown)


def stop_without_segments(audience: Audience, segments: pl.DataFrame, covered: pl.DataFrame) -> None:
    """End this cell and those that need it if there is no segment, with the reason: none was shown, or none asked for.

    Args:
        covered: `covered_windows` of the account.
    """
    if segments.height:
        return
    windows = covered.filter(pl.col("resource") == audience.resource)
    if windows.is_empty():
        title = f"The audience of {audience.whose} was never fetched completely."
        sentence = "The audience is unknown; people may have seen the ads. Sync again to ask LinkedIn once more."
    else:
        days = formatting.days(windows["window_start"].max(), windows["window_end"].max())  # type: ignore[arg-type]
        title = f"LinkedIn shows no segment of {audience.whose} by {formatting.pivot(audience.pivot).lower()}."
        sentence = f"It was asked for {days}, and shows segments from three events on. Choose another {audience.whole}."
    if is_script():
        print(title, sentence, sep="\n")  # noqa: T201  (a script prints)
    mo.stop(True, messages.note(title, sentence, kind="warn" if windows.is_empty() else "plain"))


def judged_segments(audience: Audience, segments: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    """`segment_shares`; of counts with the interval and verdict of each index, which decide what is `enough`.

    Args:
        totals: as `known_totals` leaves them.
    """
    if not is_count(audience.answer):
        return segment_shares(segments, audience.answer)
    rows = indexed_segments(segments, totals, audience.answer)
    return rows.with_columns((pl.col("verdict") != "too_little").alias("enough"))


def said(shares: pl.DataFrame, totals: pl.DataFrame, answer: str) -> str:
    """Who answers more and who less than they see, and what LinkedIn hides; of money, who costs most and least."""
    if not is_count(answer):
        return headline(shares, answer)
    return f"{index_headline(shares, answer)} {hidden_sentence(shares, totals, answer)}".rstrip()


def answer_view(audience: Audience, shares: pl.DataFrame, totals: pl.DataFrame) -> mo.Html:
    """The answer in a sentence, and how much of the account or entity it is about."""
    shown = shown_shares(totals).filter(pl.col("pivot") == audience.pivot).row(0, named=True)
    parts = [_tile(name, shown, audience) for name in _SHOWN]
    lead = (
        f'<p style="font-size:17px;margin:4px 0 10px;max-width:72ch">{text(said(shares, totals, audience.answer))}</p>'
    )
    return mo.Html(styled(f'{lead}<div class="wb-tiles">{"".join(parts)}</div>'))


def segments_chart(audience: Audience, shares: pl.DataFrame) -> mo.ui.altair_chart:
    """Bars and dots of the segments seen most; grey where there is too little to compare."""
    answer = audience.answer
    share = f"share_of_{answer}"
    words = {"share_of_impressions": "Impressions", share: SUMS[answer].label}
    drawn = charts.segments(shares, label="segment", result=share, words=words, most=MOST_SHOWN)
    days = formatting.days(*shares.select("window_start", "window_end").row(0))
    said = f"Share of impressions and of {SUMS[answer].label.lower()} by {formatting.pivot(audience.pivot).lower()}"
    return figure(drawn, said, f"{audience.whose} · {days} · source: LinkedIn Ads")


def chart_remark(shares: pl.DataFrame, answer: str) -> str:
    """A remark: what the chart leaves out, and what grey means."""
    few = shares.head(MOST_SHOWN).filter(~pl.col("enough")).height
    said = []
    if shares.height > MOST_SHOWN:
        said.append(f"The {MOST_SHOWN} of {formatting.number(shares.height)} segments seen most; all are in the table.")
    if few:
        said.append(f"Grey, {formatting.number(few)} of them: {_too_few(answer)}.")
    return " ".join(said)


def shown_rows(totals: pl.DataFrame) -> list[Mapping[str, str]]:
    """One row per pivot: how much of the account's figures its segments show.

    Args:
        totals: `demographics_totals` of one account.
    """
    return [
        {
            "By": formatting.pivot(row["pivot"]),
            "Segments": formatting.number(row["segments"]),
            **{SUMS[name].label: formatting.percent(row[f"shown_share_of_{name}"], 1) for name in _SHOWN},
        }
        for row in shown_shares(totals).iter_rows(named=True)
    ]


def method(answer: str) -> mo.Html:
    """Text: how the page's numbers are made."""
    label = SUMS[answer].label.lower()
    return messages.note(
        "How these numbers are made",
        kind="plain",
        points=(
            "LinkedIn approximates these figures to protect people: it adds noise, hides segments with fewer than "
            "three events, and is 12 to 24 hours late. Differences of a few events mean nothing.",
            "Shares are parts of what is shown, not of the account. What is hidden, or not counted yet, is above.",
            f"Index: 100 × share of {label} ÷ share of impressions. 100 is even, 150 is half as much again.",
            *_how_sure(answer),
            "One account and one window: figures of two may not be added up.",
        ),
    )


def facts_of(audience: Audience, segments: pl.DataFrame, *, now: datetime) -> dict[str, str]:
    """The footer's facts as plain text."""
    days = segments.select("window_start", "window_end").row(0)
    as_of = f", as of {formatting.day(audience.as_of)}" if audience.as_of else ""
    snapshots = audience.ask("covered_windows").filter(pl.col("resource") == audience.resource)["snapshot"]
    return {
        "Window": f"{formatting.days(*days)} (UTC days)",
        "Account": audience.name,
        **({"Audience of": audience.entity.label} if audience.entity else {}),
        "Source": SOURCE_LABELS[audience.source] + as_of,
        "Snapshot": str(snapshots.max() or formatting.NOT_AVAILABLE),
        "Age": f"the window ended {formatting.days_ago(_last_day(segments), now)}",
        "Made from": f"LinkedIn’s approximate figures of the whole window and {audience.whole}, one pivot at a time; "
        "never added up over windows, accounts or ad sets.",
    }


def origin(audience: Audience, segments: pl.DataFrame) -> Origin:
    """What the files of the page's table say of their rows."""
    first, last = segments.select("window_start", "window_end").row(0)
    facts = facts_of(audience, segments, now=datetime.now(UTC))
    return Origin(first=first, last=last, snapshot=lambda: facts["Snapshot"], facts=lambda: facts)


def footer(audience: Audience, segments: pl.DataFrame, *, now: datetime | None = None) -> mo.Html:
    """Window, source, snapshot, age, and what the figures are made from."""
    facts = facts_of(audience, segments, now=now or datetime.now(UTC))
    return facts_view(facts)


def page_text(audience: Audience, shares: pl.DataFrame, totals: pl.DataFrame) -> str:
    """The page's figures as text, for a terminal or a mail."""
    answer = audience.answer
    rows: list[Mapping[str, str]] = [
        {
            "Segment": row["segment"],
            "Impressions": formatting.percent(row["share_of_impressions"], 1),
            SUMS[answer].label: formatting.percent(row[f"share_of_{answer}"], 1),
            "Index": formatting.number(row[f"index_{answer}"]),
            **({"90 %": index_range(row)} if is_count(answer) else {}),
            "": "" if row["enough"] else "too few",
        }
        for row in shares.head(MOST_SHOWN).iter_rows(named=True)
    ]
    facts = facts_of(audience, shares, now=datetime.now(UTC))
    return "\n\n".join(
        [
            said(shares, totals, answer),
            text_table(rows),
            "How much LinkedIn shows\n" + text_table(shown_rows(totals)),
            "\n".join(f"{name}: {fact}" for name, fact in facts.items()),
        ]
    )


def _tile(name: str, shown: Mapping[str, Any], audience: Audience) -> str:
    part = formatting.percent(shown[f"shown_share_of_{name}"], 1)
    said, whole = (formatting.metric(name, shown[f"{of}_{name}"], audience.currency) for of in ("shown", "account"))
    label, days = SUMS[name].label, f"of shown segments ÷ of the {audience.whole} in the same days"
    formula = f"{SUMS[name].formula}: {days}"
    return (
        f'<dl class="wb-tile" style="margin:0"><dt title="{text(formula)}">{text(label)} shown</dt>'
        f'<dd class="v">{text(part)}</dd><dd class="c">{text(said)}</dd><dd class="c">of {text(whole)}</dd></dl>'
    )


def _age(segments: pl.DataFrame, now: datetime) -> int:
    return (now.date() - _last_day(segments)).days


def _last_day(segments: pl.DataFrame) -> date:
    last = segments["window_end"].max()
    assert isinstance(last, date)  # noqa: S101  (a column of dates, and there are rows)
    return last


def _how_sure(answer: str) -> tuple[str, ...]:
    if not is_count(answer):
        return (f"Enough to say: {_enough(answer)}.",)
    return (
        f"Enough to say: {_enough(answer)}.",
        "A segment is named only if its index differs from 100 after allowing for chance, for LinkedIn’s noise of up "
        "to three either way, and for what all segments have in common. Intervals hold 90 % of what the index may be.",
    )


def _enough(answer: str) -> str:
    if answer == "cost_in_local_currency":
        return f"{formatting.number(ENOUGH_IMPRESSIONS)} impressions or more"
    return (
        f"by its share of impressions a segment would have had {ENOUGH_EXPECTED} {SUMS[answer].label.lower()} or more"
    )


def _too_few(answer: str) -> str:
    if answer == "cost_in_local_currency":
        return f"fewer than {formatting.number(ENOUGH_IMPRESSIONS)} impressions"
    return f"fewer than {ENOUGH_EXPECTED} {SUMS[answer].label.lower()} were to be expected there"
