"""Make the strip of choices on top of every report, and read what was chosen on it.

A notebook binds `source_choice()` and `strip(source)` to global names in cells of their own, and passes both on.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import formatting, periods
from workbench.analytics.day_age import last_complete_days, page_end
from workbench.analytics.metrics import METRICS, objective
from workbench.errors import StorageError, ValidationError, WorkbenchError
from workbench.pages.components import messages
from workbench.pages.components.selection import SOURCE_LABELS, Choices, default_source, sources
from workbench.pages.components.unknown_choices import no_such_account, refuse_period, refuse_unknown
from workbench.pages.components.url_params import asked_accounts, asked_day, asked_once, commanded, remember
from workbench.pages.components.url_widgets import kept_menu, kept_radio, refuse_commanded
from workbench.queries.api import Source, query
from workbench.schema.resources import CAMPAIGN_DAYS, CREATIVE_DAYS
from workbench.schema.windows import Window

_KEPT = ("source", "as_of", "account", "period", "objective", "campaign_group")
_EVERY_OBJECTIVE, _EVERY_GROUP, _NEWEST = "All objectives", "All campaigns", "Newest"


def source_choice() -> mo.ui.dropdown:
    """The menu of sources; its default is the first source that holds anything, or the one in the address bar."""
    wanted = asked_once("source")
    if wanted not in sources():
        refuse_commanded("source", sources())
    chosen: Source = wanted if wanted in sources() else default_source()
    menu = {SOURCE_LABELS[source]: source for source in sources()}
    return mo.ui.dropdown(menu, value=SOURCE_LABELS[chosen], label="Source", allow_select_none=False)


def strip(source: mo.ui.dropdown, *, opens_with: str = periods.DEFAULT) -> mo.ui.dictionary:
    """Make the widgets for account, period, objective, campaign group and state; the address bar gives the defaults.

    Args:
        opens_with: the period if the address bar names none; `chosen` and `choose` need the same.
    """
    as_of = asked_day("as_of") if source.value == "snapshots" else None
    accounts, choices = pl.DataFrame(), pl.DataFrame()
    with suppress(WorkbenchError):  # `choose` meets the same failure and says so
        accounts = query("accounts", source=source.value, as_of=as_of)
        choices = query("filter_choices", source=source.value, as_of=as_of)
    return mo.ui.dictionary(
        {
            "as_of": as_of_menu(source.value, as_of),
            "account": _account_menu(accounts),
            **period_menus(accounts, opens_with),
            "objective": _menu("objective", "Objective", {_EVERY_OBJECTIVE: None, **_objectives(choices)}),
            "campaign_group": _menu(
                "campaign_group",
                formatting.term("campaign_group", api=True),
                {_EVERY_GROUP: None, **_groups(choices, accounts)},
                searchable=True,
            ),
        }
    )


def strip_view(source: mo.ui.dropdown, strip: mo.ui.dictionary) -> mo.Html:
    """The strip as one row that wraps on narrow screens."""
    names = ["account", "period", "objective", "campaign_group"]
    shown = [source, *([strip["as_of"]] if source.value == "snapshots" else []), *(strip[name] for name in names)]
    return mo.hstack(shown, justify="start", align="end", gap=1, wrap=True)


def accounts_view(source: mo.ui.dropdown, strip: mo.ui.dictionary, *more: str) -> mo.Html:
    """Source, accounts and what else is named, for pages that choose their own days."""
    names = ["account", *more]
    shown = [source, *([strip["as_of"]] if source.value == "snapshots" else []), *(strip[name] for name in names)]
    return mo.hstack(shown, justify="start", align="end", gap=1, wrap=True)


def currency_choice(choices: Choices) -> mo.ui.radio:
    """The menu of currencies: figures of two are never in one chart or table."""
    return kept_radio("currency", {currency: currency for currency in choices.currencies}, label="Currency")


def metric_choice(names: Sequence[str]) -> mo.ui.dropdown:
    """The menu of metrics to draw by day; the first is the default."""
    return kept_menu("metric", {METRICS[name].label: name for name in names}, label="Metric")


def chosen(source: mo.ui.dropdown, strip: mo.ui.dictionary, *, opens_with: str = periods.DEFAULT) -> dict[str, str]:
    """The choices that differ from the defaults, as the address bar and links to other pages carry them."""
    value: dict[str, Any] = dict(strip.value)
    facts: dict[str, Any] = {
        "source": source.value if source.value != default_source() else None,
        "as_of": value["as_of"] if source.value == "snapshots" else None,
        "account": ",".join(map(str, value["account"])) or None,
        "period": period_key(value) if period_key(value) != opens_with else None,
        "objective": value["objective"],
        "campaign_group": value["campaign_group"],
    }
    return {name: str(fact) for name, fact in facts.items() if fact is not None}


def chosen_days(source: mo.ui.dropdown, strip: mo.ui.dictionary) -> dict[str, str]:
    """As `chosen`, always with the period: for links to figures of the same days on a page that opens with others."""
    return chosen(source, strip, opens_with="")


def choose(
    source: mo.ui.dropdown, strip: mo.ui.dictionary, *, level: str = "ad set", opens_with: str = periods.DEFAULT
) -> Choices:
    """What the page is about; remembers it in the address bar. Where it cannot be, the cell ends with the reason.

    Args:
        level: whose complete days the page ends with, `ad set` or `ad`.
        opens_with: as for `strip`.
    """
    messages.remember_failure(failed=False)
    now = chosen(source, strip, opens_with=opens_with)
    accounts: Any = strip["account"]
    known = bool(accounts.options)  # else the menus could not be filled, and what the address asks for is meant
    kept = {name: now.get(name) for name in _KEPT} if known else {}
    period = {"period": kept.pop("period")} if known else {}
    try:
        if known:
            refuse_unknown(strip, source=source.value)
        remember(**kept)
        found = choices_of(source.value, strip.value, CREATIVE_DAYS if level == "ad" else CAMPAIGN_DAYS)
        refuse_period(str(strip.value["period"]), opens_with, found.until)
    except WorkbenchError as error:
        if period.get("period"):  # chosen while the source cannot be read: it is meant when it can be again
            remember(**period)
        messages.stop(error)
    remember(**period)
    return found


def choices_of(source: Source, value: dict[str, Any], resource: str) -> Choices:
    """What the strip's `value` is about; it ends where the complete days of a resource end for all accounts together.

    Raises:
        WorkbenchError: no account is there, no day is complete, or the source cannot be read.
    """
    as_of = date.fromisoformat(value["as_of"]) if value["as_of"] and source == "snapshots" else None
    every_account = query("accounts", source=source, as_of=as_of)
    ids = tuple(value["account"]) or asked_accounts() or None
    accounts = every_account if ids is None else every_account.filter(pl.col("account_id").is_in(ids))
    last_days = _last_days(accounts, source, as_of, resource)
    until, behind = page_end(last_days.items())
    if until is None:
        raise nothing_complete(accounts, ids)
    left_out = accounts.filter(pl.col("account_id").is_in(behind))
    level = accounts.filter(~pl.col("account_id").is_in(behind))
    return Choices(
        source=source,
        as_of=as_of,
        accounts=level,
        account_ids=tuple(level["account_id"]) if behind else ids,
        behind={row["account_id"]: (row["name"], last_days[row["account_id"]]) for row in left_out.to_dicts()},
        period=periods.period(period_key(value), until=until),
        until=until,
        objective=value["objective"],
        campaign_group_id=value["campaign_group"],
    )


def _last_days(accounts: pl.DataFrame, source: Source, as_of: date | None, resource: str) -> dict[int, date]:
    """By account, the last complete day of a resource; accounts without any are left out: they hold no other back."""
    if resource == CAMPAIGN_DAYS:
        found = accounts.select("account_id", "last_complete_day")
    else:
        ids = accounts["account_id"].to_list()
        covered = query("covered_days", source=source, as_of=as_of, account_ids=ids, resource=resource)
        found = last_complete_days(covered).select("account_id", "last_complete_day")
    return dict(found.drop_nulls().iter_rows())


def nothing_complete(accounts: pl.DataFrame, ids: tuple[int, ...] | None) -> WorkbenchError:
    """Message: no account is there, or no day of one is known whole."""
    if accounts.is_empty() and ids:
        return no_such_account(ids)
    return StorageError(
        "There is no complete day to show yet.",
        why="The accounts are known, but no day of their figures was fetched whole.",
        next_step="Sync again; the sync page says what kept the last one from finishing.",
    )


def period_key(value: dict[str, Any]) -> str:
    """The key of the period that a strip's `value` holds."""
    if value["period"] != periods.RANGE:
        return str(value["period"])
    return periods.key_of(*value["range"])


def as_of_menu(source: Source, as_of: date | None) -> mo.ui.dropdown:
    """The menu of days whose state of the snapshots can be shown; the newest is the default."""
    days = set[date]()
    if source == "snapshots":
        with suppress(WorkbenchError):
            days = {moment.date() for moment in query("snapshots", source="snapshots")["started_at"]}
        if as_of is None:
            refuse_commanded("as_of", [day.isoformat() for day in sorted(days, reverse=True)])
    menu = {
        f"As of {formatting.day(day)}": day.isoformat() for day in sorted(days | ({as_of} if as_of else set()))[::-1]
    }
    label = f"As of {formatting.day(as_of)}" if as_of else _NEWEST
    return mo.ui.dropdown({_NEWEST: None, **menu}, value=label, label="State", allow_select_none=False)


def _account_menu(accounts: pl.DataFrame) -> mo.ui.multiselect:
    menu = {}
    if accounts.height:
        repeated = set(accounts.filter(accounts["name"].is_duplicated())["account_id"])
        for account_id, name in accounts.select("account_id", "name").iter_rows():
            menu[name if name and account_id not in repeated else formatting.account(name, account_id)] = account_id
    if menu and not asked_accounts():
        refuse_commanded("account", [str(account_id) for account_id in menu.values()])
    wanted = [label for label, account_id in menu.items() if account_id in asked_accounts()]
    return mo.ui.multiselect(menu, value=wanted, label="Accounts (empty: all)")


def period_menus(accounts: pl.DataFrame, opens_with: str) -> dict[str, Any]:
    """The menu of periods, and two days to choose for a range; `opens_with` as for `strip`."""
    wanted = asked_once("period") or opens_with
    last_days = accounts.select("account_id", "last_complete_day").drop_nulls() if accounts.height else accounts
    until = page_end(last_days.iter_rows()).last_day
    first = accounts["first_day"].min() if accounts.height else None
    known = isinstance(until, date) and isinstance(first, date)
    if not isinstance(until, date) or not isinstance(first, date):
        until = first = date(2000, 1, 1)  # never shown: there is no complete day
    menu = periods.options(first=first, until=until, chosen=wanted)
    labels = {key: label for label, key in menu.items()}
    label = labels.get(wanted)
    shown = Window(max(first, periods.period("28d", until=until).first), until)
    try:
        shown = periods.period(wanted, until=until)
        label = label or "Any range …"
    except ValidationError as error:
        if known and commanded("period"):
            messages.stop(error)
    label = label or labels.get(opens_with) or next(iter(menu))
    return {
        "period": mo.ui.dropdown(dict(menu), value=label, label="Period", allow_select_none=False),
        "range": mo.ui.date_range(value=(shown.first, shown.last), stop=max(until, shown.last), label="Days (UTC)"),
    }


def _objectives(choices: pl.DataFrame) -> dict[str, str]:
    if choices.is_empty():
        return {}
    found = {objective(name) for name in choices["objective_type"] if name}
    return {formatting.objective_words(name): name for name in sorted(found, key=formatting.objective_words) if name}


def _groups(choices: pl.DataFrame, accounts: pl.DataFrame) -> dict[str, int]:
    if choices.is_empty():
        return {}
    names = dict(accounts.select("account_id", "name").iter_rows())
    rows = choices.drop_nulls("campaign_group_id").unique("campaign_group_id").sort("account_id", "campaign_group_name")
    found = rows.select("campaign_group_id", "campaign_group_name", "account_id").iter_rows()
    menu = dict[str, int]()
    for group, name, account in found:
        label = f"{name or 'Unnamed'} · {names.get(account) or account}"
        menu[label if label not in menu else f"{label} ({group})"] = group
    return menu


def _menu(name: str, label: str, menu: dict[str, Any], **look: Any) -> mo.ui.dropdown:
    """A menu whose first entry means no choice; an unknown value in the address bar means the same."""
    wanted = objective(asked_once(name)) or ""
    found = next((text for text, value in menu.items() if str(value) == wanted), None)
    if found is None and len(menu) > 1:
        refuse_commanded(name, [str(value) for value in menu.values() if value is not None])
    return mo.ui.dropdown(menu, value=found or next(iter(menu)), label=label, allow_select_none=False, **look)
