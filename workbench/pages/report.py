"""The pieces of the page Report: an account over a period, as `workbench report` makes it, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import escape
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import formatting, wording
from workbench.analytics.formatting import text
from workbench.answers.plan import read_plan
from workbench.app_context import current
from workbench.errors import ConfigurationError, WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.filters import as_of_menu, nothing_complete, period_key, period_menus
from workbench.pages.components.footer import OLD_DAYS, facts_view
from workbench.pages.components.selection import SOURCE_LABELS, default_source
from workbench.pages.components.style import styled
from workbench.pages.components.tables import text_table
from workbench.pages.components.unknown_choices import no_such_account
from workbench.pages.components.url_params import asked, asked_accounts, asked_day, remember
from workbench.pages.components.url_widgets import refuse_commanded
from workbench.queries.api import Source, default, query
from workbench.reports.extras import missing
from workbench.reports.files import ENCODERS, zipped
from workbench.reports.gather import make_report
from workbench.reports.html import command, html
from workbench.reports.model import Report, Table
from workbench.reports.next_steps import LARGEST, blocks_of
from workbench.reports.scope import Wanted
from workbench.schema.snapshot_names import day_of
from workbench.settings.fields import ReaderSettings, read_settings

_KEPT = ("source", "as_of", "account", "period")
_ASK = "Ask who runs this workbench to install it."
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Chosen:
    """What the report is about; `now` is what the address bar and links to other pages carry."""

    source: Source
    as_of: date | None
    account_ids: tuple[int, ...]
    period: str
    last_day: date | None
    now: Mapping[str, str]


def strip(source: mo.ui.dropdown) -> mo.ui.dictionary:
    """The widgets for account, period and state; the address bar gives the defaults."""
    as_of = asked_day("as_of") if source.value == "snapshots" else None
    accounts = _accounts(source.value, as_of)
    return mo.ui.dictionary(
        {
            "as_of": as_of_menu(source.value, as_of),
            "account": _account_menu(accounts),
            **period_menus(accounts, _newest_month(accounts)),
        }
    )


def strip_view(source: mo.ui.dropdown, strip: mo.ui.dictionary) -> mo.Html:
    """The strip as one row that wraps; two days to choose where the period is a range."""
    shown = [source, *([strip["as_of"]] if source.value == "snapshots" else []), strip["account"], strip["period"]]
    shown += [strip["range"]] if strip.value["period"] == "range" else []
    return mo.hstack(shown, justify="start", align="end", gap=1, wrap=True)


def chosen(source: mo.ui.dropdown, strip: mo.ui.dictionary) -> Chosen:
    """What was chosen; only what differs from the defaults stands in the address."""
    value: dict[str, Any] = dict(strip.value)
    as_of = date.fromisoformat(value["as_of"]) if value["as_of"] and source.value == "snapshots" else None
    accounts = _accounts(source.value, as_of)
    ids: tuple[int, ...] = value["account"] or ()
    period, usual = period_key(value), _newest_month(accounts)
    facts = {
        "source": source.value if source.value != default_source() else None,
        "as_of": as_of.isoformat() if as_of else None,
        "account": ",".join(map(str, ids)) if ids != _usual(accounts) or asked_accounts() else None,
        "period": period if period != usual else None,
    }
    last = _reported(accounts).filter(pl.col("account_id").is_in(ids))["last_complete_day"].min() if ids else None
    now = {name: fact for name, fact in facts.items() if fact}
    return Chosen(source.value, as_of, ids, period, last if isinstance(last, date) else None, now)


def report(wanted: Chosen, next_steps: str = "") -> Report:
    """The report, as the command makes it; remembers the choices. A failure ends the cell with what to do."""
    messages.remember_failure(failed=False)
    if wanted.account_ids:  # else the menus could not be filled, and what the address asks for is still meant
        remember(**{name: wanted.now.get(name) for name in _KEPT})
    try:
        if not wanted.account_ids:
            raise _no_account(wanted)
        asked = Wanted(wanted.account_ids, period=wanted.period, snapshot=_snapshot(wanted))
        steps = blocks_of(str(next_steps or "")[:LARGEST])
        return make_report(default, wanted.source, asked, read_plan(read_settings(ReaderSettings)), next_steps=steps)
    except WorkbenchError as error:
        messages.stop(error)


def steps_box() -> mo.ui.text_area:
    """A box for what is to be done next; what is typed stands in the report and its files, and is kept nowhere."""
    return mo.ui.text_area(
        label="Next steps, in Markdown", placeholder="- Move budget to the ad set that …", full_width=True, rows=4
    )


def pinned(made: Report, wanted: Chosen, *, now: datetime | None = None) -> mo.Html:
    """What the report is pinned to, and banners where its figures are invented or old."""
    before = made.pin.previous
    facts = [f"pinned to the snapshot {made.pin.snapshot}", f"data {made.data_hash[:12]}"]
    facts += [f"compared with {formatting.days(before.first, before.last)}"] if before else []
    said = "".join(f"<span>{text(fact)}</span>" for fact in facts)
    line = mo.Html(styled(f'<div class="wb-period"><b>{text(made.title)}</b>{said}</div>'))
    shown = [messages.invented()] if wanted.source == "sample" else []
    age = ((now or datetime.now(UTC)).date() - wanted.last_day).days if wanted.last_day else 0
    old = age >= OLD_DAYS and wanted.source != "sample" and wanted.as_of is None
    return mo.vstack([line, *shown, *([messages.old(age)] if old else [])])


def downloads(made: Report) -> mo.ui.dictionary:
    """Buttons for the files that can be made here; each is made when it is asked for."""
    name = f"report-{made.pin.account_ids[0]}-{made.period.replace('..', '-to-')}"
    drawn, paged = _lacking_charts() is None, _lacking_pdf() is None
    files = {
        **({"html": _file(made, "html", "HTML", name, "text/html")} if drawn else {}),
        **({"pdf": _file(made, "pdf", "PDF", name, "application/pdf")} if drawn and paged else {}),
        "xlsx": _file(made, "xlsx", "Excel", name, EXCEL),
        "zip": mo.download(lambda: zipped(made), filename=f"{name}.zip", mimetype="application/zip", label="CSV (zip)"),
    }
    return mo.ui.dictionary(files)


def downloads_view(files: mo.ui.dictionary) -> mo.Html:
    """The buttons in a row; below it what cannot be made, and how it can."""
    row = mo.hstack([files[name] for name in files.elements], justify="start", gap=0.5, wrap=True)
    lacking = [error for error in (_lacking_charts() or _lacking_pdf(),) if error]
    notes = [messages.note(error.what, error.why, _ASK if current().readers else error.next_step) for error in lacking]
    return mo.vstack([row, *notes])


def shown(made: Report) -> mo.Html:
    """The report's own page in a frame that runs nothing; without the charts' extra its sentences alone."""
    if _lacking_charts() is None:
        look = "width:100%;height:min(80vh,1200px);border:1px solid var(--wb-line);border-radius:8px;background:#fff"
        page = escape(html(made), quote=True)
        return mo.Html(
            styled(f'<iframe sandbox="" title="{text(made.title)}" style="{look}" srcdoc="{page}"></iframe>')
        )
    parts = [f"<p><b>{text(made.headline)}</b></p>"]
    for one in made.sections:
        said = "".join(f"<li>{text(sentence)}</li>" for sentence in one.sentences)
        parts.append(f'<h2>{text(one.title)}</h2><ul class="wb-list">{said}</ul>')
    return mo.Html(styled("".join(parts)))


def footer(made: Report, wanted: Chosen) -> mo.Html:
    """Where the figures come from, their hash, and the command that makes the same report."""
    return facts_view(
        {
            "Days": f"{formatting.days(made.pin.period.first, made.pin.period.last)} (UTC days)",
            "Source": SOURCE_LABELS[wanted.source],
            "Snapshot": made.pin.snapshot,
            "SHA-256": made.data_hash,
            "Make it again": command(made.again),
        }
    )


def page_text(made: Report) -> str:
    """The report as text, for a terminal or a mail."""
    parts = [made.title, made.headline]
    for one in made.sections:
        parts += [one.title, *(f"- {sentence}" for sentence in one.sentences)]
        parts += [_as_text(table, made.pin.currency) for table in one.tables if table.columns]
    return "\n\n".join([*parts, f"Snapshot {made.pin.snapshot} · SHA-256 {made.data_hash}"])


def _file(made: Report, form: str, label: str, name: str, mimetype: str) -> mo.download:
    return mo.download(lambda: ENCODERS[form](made), filename=f"{name}.{form}", mimetype=mimetype, label=label)


def _lacking_charts() -> ConfigurationError | None:
    return missing("vl_convert", "report", "The report's charts, its HTML and its PDF")


def _lacking_pdf() -> ConfigurationError | None:
    return missing("typst", "report", "The PDF")


def _as_text(table: Table, currency: str | None) -> str:
    heads = [column.label for column in table.columns.values()]
    rows = [dict(zip(heads, row, strict=True)) for row in table.rows(currency)]
    return f"{table.title}\n{text_table(rows)}"  # type: ignore[arg-type]  # a list of mappings


def _accounts(source: Source, as_of: date | None) -> pl.DataFrame:
    with suppress(WorkbenchError):  # `report` meets the same failure and says so
        return query("accounts", source=source, as_of=as_of)
    return pl.DataFrame()


def _reported(accounts: pl.DataFrame) -> pl.DataFrame:
    """The accounts of which a day is known whole."""
    return accounts.drop_nulls("last_complete_day") if accounts.height else accounts


def _usual(accounts: pl.DataFrame) -> tuple[int, ...]:
    """The account that is shown if none was chosen: the first one with figures."""
    known = _reported(accounts) if _reported(accounts).height else accounts
    return (known["account_id"].item(0),) if known.height else ()


def _newest_month(accounts: pl.DataFrame) -> str:
    asked = asked_accounts() or _usual(accounts)
    known = _reported(accounts)
    mine = known.filter(pl.col("account_id").is_in(asked)) if known.height else known
    last = mine["last_complete_day"].min() if mine.height else None
    return f"{last:%Y-%m}" if isinstance(last, date) else "28d"


def _account_menu(accounts: pl.DataFrame) -> mo.ui.dropdown:
    """One account, or the several of a client that the address names; nothing where it names one that is not there."""
    rows = accounts.select("account_id", "name").rows() if accounts.height else []
    names = [name for _, name in rows]
    labels = {one: name if name and names.count(name) == 1 else formatting.account(name, one) for one, name in rows}
    menu: dict[str, Any] = {label: (one,) for one, label in labels.items()}
    wanted = asked_accounts()
    if not wanted:
        refuse_commanded("account", list(map(str, labels)))
    if len(wanted) > 1 and all(one in labels for one in wanted):
        menu[wording.listed([labels[one] for one in wanted])] = wanted
    usual = wanted if asked("account") else _usual(accounts)
    value = next((label for label, ids in menu.items() if ids == usual), None)
    return mo.ui.dropdown(menu, value=value, label="Account", allow_select_none=value is None)


def _no_account(wanted: Chosen) -> WorkbenchError:
    """Why there is no account to report on: the source cannot be read, or it does not hold the one that was named."""
    try:
        accounts = query("accounts", source=wanted.source, as_of=wanted.as_of)
    except WorkbenchError as error:
        return error
    named = asked("account")
    return no_such_account(named) if named else nothing_complete(accounts, None)


def _snapshot(wanted: Chosen) -> str | None:
    """The newest snapshot of the day that was chosen, or of one before."""
    if wanted.as_of is None:
        return None
    names = default.query("snapshots", source=wanted.source)["snapshot"].to_list()
    return max((name for name in names if day_of(name) <= wanted.as_of), default=None)
