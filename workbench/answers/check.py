"""The morning check and the certificate as one verdict: nothing needs you, something does, or that cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from workbench.analytics import certificate, formatting, reconciliation, wording
from workbench.answers.api import found_by_name
from workbench.answers.inputs import Asker
from workbench.answers.plan import Agreed, Plan
from workbench.answers.registry import Found, Said
from workbench.errors import ValidationError
from workbench.schema.snapshot_names import day_of

NOTHING, FINDINGS, CANNOT_TELL = 0, 1, 2
"""The exit codes of the gate."""
UNKNOWN_RULES = ("stale", "incomplete")
CHANGED_DAYS = 3
"""A change of a setting this recent explains a finding."""


@dataclass(frozen=True)
class Finding:
    """One thing that needs a person, or that keeps the check from telling.

    Attributes:
        rule: of the morning check, or `stale`, `incomplete`, `unreconciled`.
        money: what it is about, in the account's currency; None where unknown.
        text: one sentence.
        since: the first day it concerns, where known.
        p: the probability by chance of what was seen, where the rule is a test.
        explained_by: settings of the ad set that a person changed within three days.
    """

    rule: str
    account_id: int | None
    account: str
    text: str
    campaign_id: int | None = None
    money: float | None = None
    currency: str | None = None
    since: date | None = None
    p: float | None = None
    explained_by: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What the finding is about, the same on every day."""
        return f"{self.rule} {self.account_id or 0} {self.campaign_id or 0}"


@dataclass(frozen=True)
class Certified:
    """What can be signed of one account's days."""

    account_id: int
    account: str
    colour: certificate.Colour
    text: str


@dataclass(frozen=True)
class Checked:
    """The outcome of a check.

    Attributes:
        findings: what needs a person, worst money first within each account.
        cannot_tell: why accounts were not judged, or not wholly.
        explained, small: findings that a change of a setting explains, and those below the smallest amount.
        agreed: findings with the agreement that covers them.
        certified: of every account whose figures are up to date.
        last_day: the day up to which figures have to be whole: yesterday.
        accounts: how many were looked at.
    """

    findings: tuple[Finding, ...]
    cannot_tell: tuple[Finding, ...]
    explained: tuple[Finding, ...]
    small: tuple[Finding, ...]
    agreed: tuple[tuple[Finding, Agreed], ...]
    certified: tuple[Certified, ...]
    last_day: date
    accounts: int

    @property
    def exit_code(self) -> int:
        """1 with a finding, else 2 where something cannot be told, else 0."""
        return FINDINGS if self.findings else CANNOT_TELL if self.cannot_tell else NOTHING

    @property
    def sentence(self) -> str:
        """The outcome in one sentence."""
        looked = f"{wording.counted(self.accounts, 'account')}, figures to {wording.day(self.last_day)}"
        if self.findings:
            count = len(self.findings)
            return f"{wording.counted(count, 'thing')} {'needs' if count == 1 else 'need'} you: {looked}."
        if self.cannot_tell:
            return f"Whether anything needs you cannot be known: {self.cannot_tell[0].text}"
        return f"Nothing needs you: {looked}."


def check(ask: Asker, plan: Plan, *, today: date, account_ids: Sequence[int] | None = None) -> Checked:
    """The check of some accounts, or of all that LinkedIn still lists.

    Args:
        ask: asks the source that the caller chose.
        today: the UTC day; figures have to be whole up to the day before.

    Raises:
        ValidationError: an account that was asked for is not there.
        StorageError: the source cannot be read; `nothing_synced` if there is nothing to read yet.
    """
    accounts = _accounts(ask, account_ids)
    last_day = today - timedelta(days=1)
    late = accounts.filter(pl.col("last_complete_day").is_null() | (pl.col("last_complete_day") < last_day))
    ready = accounts.join(late, on="account_id", how="anti", maintain_order="left")
    found = [_late(row, last_day) for row in late.iter_rows(named=True)]
    certified: list[Certified] = []
    if ready.height:
        found += _morning(ask, ready, last_day)
        for first_day, group in _begun(ready, last_day, plan.check.days):
            more, signed = _signed(ask, group, first_day, last_day)
            found += more
            certified += signed
    return _sorted_out(found, plan, certified, today, accounts.height)


def _accounts(ask: Asker, account_ids: Sequence[int] | None) -> pl.DataFrame:
    accounts = ask("accounts", account_ids=account_ids).sort("account_id")
    missing = sorted({*(account_ids or ())} - {*accounts["account_id"].to_list()})
    if missing:
        raise ValidationError(
            f"Account {missing[0]} cannot be checked.",
            why=f"The source {ask.source!r} does not hold it.",
            next_step="Name accounts that `workbench query accounts` lists.",
        )
    return accounts if account_ids is not None else accounts.filter("listed")


def _late(row: dict[str, Any], last_day: date) -> Finding:
    newest = row["last_complete_day"]
    text = (
        "No day was ever fetched whole."
        if newest is None
        else f"Figures are whole only to {wording.day(newest)}; those to {wording.day(last_day)} are needed."
    )
    return _finding("incomplete" if newest is None else "stale", row, text, since=newest)


def _morning(ask: Asker, accounts: pl.DataFrame, last_day: date) -> Iterator[Finding]:
    asked: dict[str, Any] = {"account_ids": accounts["account_id"].to_list(), "last_day": last_day}
    if ask.source != "database":
        asked["changed_since"] = _earlier_snapshot(ask)
    found = _answer(ask, "morning", asked)
    rows = found.frames["morning"]
    for account in accounts.iter_rows(named=True):
        mine = rows.filter(pl.col("account_id") == account["account_id"]).to_dicts()
        said = [one for one in found.sentences if one.account_id == account["account_id"]]
        for row, sentence in zip(mine, said, strict=False):  # after those of the rows come those of the account
            yield _finding(
                row["rule"],
                account,
                sentence.text,
                campaign_id=row["campaign_id"],
                money=row["money"],
                since=row["since"],
                p=row["p"],
                explained_by=tuple(row["explained_by"] or ()),
            )


def _earlier_snapshot(ask: Asker) -> str | None:
    """The newest snapshot that is three days older than the newest, or the oldest; None where there is one only."""
    names = sorted(ask("snapshots")["snapshot"].to_list())
    old = [name for name in names[:-1] if (day_of(names[-1]) - day_of(name)).days >= CHANGED_DAYS]
    return old[-1] if old else names[0] if len(names) > 1 else None


def _begun(accounts: pl.DataFrame, last_day: date, days: int) -> Iterator[tuple[date, pl.DataFrame]]:
    """The accounts by the first day that has to be whole: not before they were first fetched."""
    start = last_day - timedelta(days=days - 1)
    first = pl.max_horizontal(pl.col("first_day").fill_null(start), pl.lit(start)).alias("first")
    for (first_day,), group in sorted(accounts.with_columns(first).partition_by("first", as_dict=True).items()):
        yield first_day, group


def _signed(
    ask: Asker, accounts: pl.DataFrame, first_day: date, last_day: date
) -> tuple[list[Finding], list[Certified]]:
    asked = {"account_ids": accounts["account_id"].to_list(), "first_day": first_day, "last_day": last_day}
    found = _answer(ask, "certificate", asked)
    findings, certified = [], []
    for account in accounts.iter_rows(named=True):
        mine = pl.col("account_id") == account["account_id"]
        states = found.frames["certificate"].filter(mine)
        open_gaps = reconciliation.judged(found.frames["reconciliation"].filter(mine, ~pl.col("explained")))
        missing = states.filter(pl.col("state").is_in(["not_fetched", "under_way"]))
        text = _first(found.sentences, account["account_id"])
        if missing.height:
            said = text if text.startswith("Not complete") else _lacking(missing)
            findings.append(_finding("incomplete", account, said, since=missing["date"].min()))
        if open_gaps.height:
            said = reconciliation.reconciliation_sentence(open_gaps)
            findings.append(_finding("unreconciled", account, said, since=open_gaps["date"].min()))
        colour = certificate.overall(states, gaps=open_gaps.height)
        certified.append(Certified(account["account_id"], _name(account), colour, text))
    return findings, certified


def _answer(ask: Asker, name: str, asked: dict[str, Any]) -> Found:
    return found_by_name(ask.queries, name, ask.source, ask.as_of, asked)


def _first(said: Iterable[Said], account_id: int) -> str:
    return next(one.text for one in said if one.account_id == account_id)


def _lacking(missing: pl.DataFrame) -> str:
    """Days that another resource than the ad sets' figures lacks."""
    days = missing["date"].n_unique()
    newest = wording.day(missing["date"].max())  # type: ignore[arg-type]
    return f"Not complete: figures of ads of {wording.counted(days, 'day')} are missing, the newest {newest}."


def _finding(rule: str, account: dict[str, Any], text: str, **facts: Any) -> Finding:
    return Finding(rule, account["account_id"], _name(account), text, currency=account["currency"], **facts)


def _name(account: dict[str, Any]) -> str:
    return formatting.account(account["name"], account["account_id"])


def _sorted_out(
    found: Sequence[Finding], plan: Plan, certified: Sequence[Certified], today: date, accounts: int
) -> Checked:
    """Each finding in its list."""
    lists: dict[str, list[Finding]] = {name: [] for name in ("findings", "cannot_tell", "explained", "small")}
    agreed: list[tuple[Finding, Agreed]] = []
    for one in found:
        covering = [kept for kept in plan.agreed if kept.covers(one.rule, one.account_id, one.campaign_id, today)]
        if covering:
            agreed.append((one, max(covering, key=lambda kept: kept.until)))
            continue
        lists[_list_of(one, plan)].append(one)
    made = {name: tuple(those) for name, those in lists.items()}
    return Checked(
        **made, agreed=tuple(agreed), certified=tuple(certified), last_day=today - timedelta(days=1), accounts=accounts
    )


def _list_of(finding: Finding, plan: Plan) -> str:
    if finding.rule in UNKNOWN_RULES:
        return "cannot_tell"
    if finding.explained_by:
        return "explained"
    small = finding.money is not None and finding.money < plan.check.smallest_money
    return "small" if small else "findings"
