"""The choices of the page about audiences: one source, one account, one pivot, one kind of answer.

There is no period: the window is the one that LinkedIn was asked for, because approximate figures of two may not be
added up.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import marimo as mo
import polars as pl

from workbench.analytics import formatting
from workbench.analytics.audiences import ANSWERS
from workbench.analytics.metrics import SUMS
from workbench.answers.api import found_by_name
from workbench.answers.registry import Found
from workbench.errors import StorageError, WorkbenchError
from workbench.pages import audience_entities
from workbench.pages.audience_entities import Entity, with_totals_of_account
from workbench.pages.components import messages
from workbench.pages.components.filters import as_of_menu
from workbench.pages.components.selection import default_source
from workbench.pages.components.unknown_choices import no_such_account
from workbench.pages.components.url_params import asked_accounts, asked_day, asked_once, remember
from workbench.pages.components.url_widgets import kept_menu
from workbench.queries.api import Source, default, query
from workbench.queries.sql_files import find
from workbench.schema.pivots import SHOWN
from workbench.schema.resources import CAMPAIGN_DAYS, DEMOGRAPHICS, ENTITY_DEMOGRAPHICS

_CARRIED = ("period", "objective", "campaign_group")
"""Choices of other pages, which links keep."""
_OF_ENTITY = {"demographics": "entity_demographics", "demographics_totals": "entity_demographics_totals"}
"""The questions about an entity, by those about an account."""


@dataclass(frozen=True, kw_only=True)
class Audience:
    """The choices on which the page's figures depend.

    Attributes:
        account: its row of `accounts`.
        pivot: what divides people into segments, in LinkedIn's name.
        answer: what is set against impressions, one of `audiences.ANSWERS`.
        entity: the campaign group or campaign whose audience it is; None: the account's.
    """

    source: Source
    as_of: date | None
    account: dict[str, Any]
    pivot: str
    answer: str
    entity: Entity | None = None

    @property
    def currency(self) -> str | None:
        currency = self.account["currency"]
        assert currency is None or isinstance(currency, str)  # noqa: S101  (a text column)
        return currency

    @property
    def name(self) -> str:
        """The account, distinct from others of its name."""
        return formatting.account(self.account["name"], self.account["account_id"])

    @property
    def whose(self) -> str:
        """Whose audience it is: the account, or one campaign or ad set of it."""
        return f"{self.entity.label} of {self.name}" if self.entity else self.name

    @property
    def whole(self) -> str:
        """What the segments are parts of, in a word: `account`, `campaign` or `ad set`."""
        return self.entity.kind.lower() if self.entity else "account"

    @property
    def resource(self) -> str:
        """What a sync fetched it as."""
        return ENTITY_DEMOGRAPHICS if self.entity else DEMOGRAPHICS

    def ask(self, question: str, **params: Any) -> pl.DataFrame:
        """The answer to a question about this account; of segments and their totals, about the chosen entity.

        Raises:
            WorkbenchError: as `query`.
        """
        account = (self.account["account_id"],)
        chosen = {"account_ids": account, "pivot": self.pivot, "resource": CAMPAIGN_DAYS, **params}
        if self.entity and question in _OF_ENTITY:
            question = _OF_ENTITY[question]
            chosen |= {"level": self.entity.level, "entity_id": self.entity.entity_id}
        taken = find(question).params
        asked = {name: value for name, value in chosen.items() if name in taken}
        frame = query(question, source=self.source, as_of=self.as_of, **asked)
        return with_totals_of_account(frame) if question == _OF_ENTITY["demographics_totals"] else frame

    def found(self, name: str) -> Found:
        """An answer about this account, with its sentences; a failure ends the cell as with `answers`."""
        ids = (self.account["account_id"],)
        try:
            return found_by_name(default, name, self.source, self.as_of, {"account_ids": ids})
        except WorkbenchError as error:
            messages.stop(error)

    def answers(self, *questions: str) -> tuple[pl.DataFrame, ...]:
        """One frame per question; a failure ends the cell with what, why and what next."""
        try:
            return tuple(self.ask(question) for question in questions)
        except WorkbenchError as error:
            messages.stop(error)


def strip(source: mo.ui.dropdown) -> mo.ui.dictionary:
    """Make the widgets for state, account, pivot and kind of answer; the address bar gives the defaults."""
    as_of = asked_day("as_of") if source.value == "snapshots" else None
    accounts = pl.DataFrame()
    with suppress(WorkbenchError):  # `choose` meets the same failure and says so
        accounts = _accounts(source.value, as_of)
    return mo.ui.dictionary(
        {
            "as_of": as_of_menu(source.value, as_of),
            "account": _account_menu(accounts),
            "by": kept_menu("by", {formatting.pivot(name): name for name in SHOWN}, label="By"),
            "answer": kept_menu("answer", {SUMS[name].label: name for name in ANSWERS}, label="Answer"),
        }
    )


def strip_view(source: mo.ui.dropdown, strip: mo.ui.dictionary) -> mo.Html:
    """The choices as one row that wraps on narrow screens."""
    names = [*(["as_of"] if source.value == "snapshots" else []), "account", "by", "answer"]
    return mo.hstack([source, *(strip[name] for name in names)], justify="start", align="end", gap=1, wrap=True)


def chosen(source: mo.ui.dropdown, strip: mo.ui.dictionary) -> dict[str, str]:
    """The choices that links to other pages carry: this page's, and those of other pages, unchanged."""
    facts = {
        "source": source.value if source.value != default_source() else None,
        "as_of": strip.value["as_of"] if source.value == "snapshots" else None,
        "account": strip.value["account"],
        **{name: asked_once(name) for name in _CARRIED},
    }
    return {name: str(fact) for name, fact in facts.items() if fact is not None}


def choose(source: mo.ui.dropdown, strip: mo.ui.dictionary) -> Audience:
    """Read the choices and write them to the address bar. If there is nothing to show, end the cell with the reason."""
    messages.remember_failure(failed=False)
    value: dict[str, Any] = dict(strip.value)
    now = chosen(source, strip)
    accounts: Any = strip["account"]
    meant = asked_accounts() or [value["account"]]
    if accounts.options and (value["account"] is None or value["account"] not in meant):
        remember(of=None)  # it was of the account that was shown before
    if accounts.options:  # else the menus could not be filled, and what the address asks for is still meant
        remember(**{name: now.get(name) for name in ("source", "as_of", "account")})
    as_of = date.fromisoformat(now["as_of"]) if "as_of" in now else None
    try:
        rows = _accounts(source.value, as_of).filter(pl.col("account_id").eq_missing(value["account"])).to_dicts()
        if not rows:
            raise _no_account()
    except WorkbenchError as error:
        messages.stop(error)
    return Audience(source=source.value, as_of=as_of, account=rows[0], pivot=value["by"], answer=value["answer"])


def entity_menu(audience: Audience) -> mo.ui.dropdown:
    """The menu of campaigns and ad sets of which a sync fetched the audience; a failure ends the cell."""
    try:
        rows = audience.ask("entity_demographics", pivot=None, level=None, entity_id=None, objective_type=None)
    except WorkbenchError as error:
        messages.stop(error)
    return audience_entities.menu(audience_entities.entities(rows))


def entity_view(menu: mo.ui.dropdown) -> mo.Html | None:
    """The menu where it offers anything beside the account."""
    return mo.hstack([menu], justify="start") if len(menu.options) > 1 else None


def of_entity(audience: Audience, menu: mo.ui.dropdown) -> Audience:
    """The audience of what the menu chose. If the address asks for one that is not there, end the cell and name it."""
    try:
        return replace(audience, entity=audience_entities.chosen(menu))
    except WorkbenchError as error:
        messages.stop(error)


def _accounts(source: Source, as_of: date | None) -> pl.DataFrame:
    """The accounts, those whose segments show most impressions first."""
    accounts = query("accounts", source=source, as_of=as_of)
    shown = query("demographics_totals", source=source, as_of=as_of).group_by("account_id")
    return accounts.join(shown.agg(pl.col("shown_impressions").max()), on="account_id", how="left").sort(
        "shown_impressions", descending=True, nulls_last=True, maintain_order=True
    )


def _account_menu(accounts: pl.DataFrame) -> mo.ui.dropdown:
    """One account; none is chosen if one was asked for that is not there."""
    rows = list(accounts.select("account_id", "name").iter_rows()) if accounts.height else []
    menu = {formatting.account(name, account_id): account_id for account_id, name in rows}
    wanted = asked_accounts()
    found = next((label for label, account_id in menu.items() if account_id in wanted), None)
    shown = found if wanted else next(iter(menu), None)
    return mo.ui.dropdown(menu, value=shown, label="Account", allow_select_none=shown is None)


def _no_account() -> WorkbenchError:
    if asked_accounts():
        return no_such_account(asked_accounts())
    return StorageError(
        "There is no ad account to show.",
        why="The sign-in that synced it can see none.",
        next_step="Ask an account admin to add you as Viewer in Campaign Manager, then sync again.",
    )
