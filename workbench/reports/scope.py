"""What a report is about: its accounts of one currency, the snapshot it is pinned to, its days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from workbench.analytics import formatting, wording
from workbench.analytics.periods import period as period_of
from workbench.answers.inputs import Asker
from workbench.errors import ValidationError
from workbench.queries.api import Queries
from workbench.queries.sources import Source, nothing_synced
from workbench.reports.model import Pin
from workbench.schema.resources import CAMPAIGN_DAYS
from workbench.schema.snapshot_names import moment_of
from workbench.schema.windows import Window


@dataclass(frozen=True)
class Wanted:
    """What was asked for.

    Attributes:
        account_ids: of the account, or of the client's accounts.
        name: of the client; None: the accounts' own.
        period: a month, two days, or a number of days; None: the month of the last complete day.
        snapshot: its name; None: the newest.
    """

    account_ids: tuple[int, ...]
    name: str | None = None
    period: str | None = None
    snapshot: str | None = None


@dataclass(frozen=True)
class Scope:
    """What a report asks, and of what.

    Attributes:
        ask: asks the source as the snapshot knew it.
        accounts: `accounts`, of the report, by id.
        unknown_days: account and day of the period that no fetch holds whole.
        month: the calendar month, such as `2026-11`, where the period is one or begins one.
    """

    ask: Asker
    pin: Pin
    name: str
    accounts: pl.DataFrame
    unknown_days: int
    month: str | None


def pinned(queries: Queries, source: Source, snapshot: str | None) -> tuple[Asker, str]:
    """What asks a source as one snapshot knew it, and that snapshot's name.

    The database is asked through the snapshots it was loaded from; alone, as it is, where those cannot be asked.

    Raises:
        ValidationError: there is no such finished snapshot.
        StorageError: there is none at all (`nothing_synced`).
    """
    if source == "database":
        present = Asker(queries, source)
        if snapshot is None and present.history() is None:
            return present, _newest(present)
        source = "snapshots"
    names = sorted(queries.query("snapshots", source=source)["snapshot"].to_list())
    if not names:
        raise nothing_synced("snapshots")
    if snapshot is not None and snapshot not in names:
        raise ValidationError(
            f"There is no finished snapshot {snapshot!r} to report on.",
            why=f"The source {source!r} does not hold it.",
            next_step=f"Choose one of {', '.join(names[-5:])}.",
        )
    chosen = snapshot or names[-1]
    return Asker(queries, source, moment_of(chosen)), chosen


def _newest(present: Asker) -> str:
    """The newest snapshot that the database was loaded from."""
    newest = present("completeness")["newest_snapshot"].max()
    if not isinstance(newest, str):
        raise nothing_synced("the database")
    return newest


def scope_of(queries: Queries, source: Source, wanted: Wanted) -> Scope:
    """The scope of a report.

    Raises:
        ValidationError: an account is not there, two have different currencies, or the period holds no complete day.
        StorageError: the snapshots cannot be read; `nothing_synced` if there are none.
    """
    ask, snapshot = pinned(queries, source, wanted.snapshot)
    accounts = ask("accounts", account_ids=list(wanted.account_ids)).sort("account_id")
    _refuse_others(accounts, wanted, snapshot)
    ends = accounts["last_complete_day"].drop_nulls().to_list()
    if len(ends) < accounts.height:
        raise _unknown(accounts, snapshot)
    until = min(ends)
    window = period_of(wanted.period or f"{until:%Y-%m}", until=until)
    covered = ask("covered_days", account_ids=list(wanted.account_ids), resource=CAMPAIGN_DAYS).filter("complete")
    unknown = _lacking(covered, accounts, window)
    if unknown == accounts.height * window.days:
        raise _no_day(window, snapshot)
    before = _before(wanted.period or f"{until:%Y-%m}", window)
    pin = Pin(
        tuple(accounts["account_id"].to_list()),
        snapshot,
        ask.source,
        window,
        before if _lacking(covered, accounts, before) == 0 else None,
        accounts["currency"].item(0),
    )
    name = wanted.name or wording.listed([row or "Unnamed account" for row in accounts["name"].to_list()])
    month = f"{window.first:%Y-%m}" if window.first.day == 1 and _same_month(window) else None
    return Scope(ask, pin, name, accounts, unknown, month)


def _refuse_others(accounts: pl.DataFrame, wanted: Wanted, snapshot: str) -> None:
    missing = sorted({*wanted.account_ids} - {*accounts["account_id"].to_list()})
    if missing:
        raise ValidationError(
            f"Account {missing[0]} cannot be reported on.",
            why=f"The snapshot {snapshot} and those before it do not hold it.",
            next_step="Name accounts that `workbench query accounts --source snapshots` lists.",
        )
    currencies = sorted({row or "unknown" for row in accounts["currency"].to_list()})
    if len(currencies) > 1:
        raise ValidationError(
            "These accounts cannot be reported on together.",
            why=f"Their currencies are {wording.listed(currencies)}, and money is never added over currencies.",
            next_step="Make a report for each currency.",
        )


def _unknown(accounts: pl.DataFrame, snapshot: str) -> ValidationError:
    empty = accounts.filter(pl.col("last_complete_day").is_null())["account_id"].item(0)
    return ValidationError(
        f"Account {empty} cannot be reported on.",
        why=f"Up to the snapshot {snapshot} no day of it was fetched whole.",
        next_step="Sync, or choose another snapshot.",
    )


def _no_day(window: Window, snapshot: str) -> ValidationError:
    return ValidationError(
        f"There is nothing to report on {formatting.days(window.first, window.last)}.",
        why=f"Up to the snapshot {snapshot} none of these days was fetched whole.",
        next_step="Choose another period, or fetch these days with `workbench sync --days`.",
    )


def _before(key: str, window: Window) -> Window:
    """The days to compare with: of a month the same days of the month before, else as many days right before."""
    if not re.fullmatch(r"\d{4}-\d{2}", key):
        return window.previous
    last_of_before = window.first - timedelta(days=1)
    first = last_of_before.replace(day=1)
    whole = (window.last + timedelta(days=1)).day == 1
    return Window(first, last_of_before if whole else min(last_of_before, first + timedelta(days=window.days - 1)))


def _same_month(window: Window) -> bool:
    return (window.first.year, window.first.month) == (window.last.year, window.last.month)


def _lacking(covered: pl.DataFrame, accounts: pl.DataFrame, window: Window) -> int:
    """How many days of the window, counted for each account, are not known whole."""
    known = covered.filter(pl.col("date").is_between(window.first, window.last)).height
    return accounts.height * window.days - known


def parsed_accounts(accounts: pl.DataFrame) -> list[int]:
    """The accounts that LinkedIn lists and of which a day is known whole."""
    mine = accounts.filter("listed", pl.col("last_complete_day").is_not_null())
    return sorted(mine["account_id"].to_list())


def month_end(day: date) -> date:
    """The last day of a day's month."""
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def accounts_of(queries: Queries, source: Source, asked: Sequence[int] | None, snapshot: str | None) -> list[int]:
    """The accounts that were asked for; without any, all that can be reported on.

    Raises:
        ValidationError, StorageError: as for `pinned`.
    """
    if asked:
        return list(asked)
    ask, _ = pinned(queries, source, snapshot)
    return parsed_accounts(ask("accounts"))
