"""Agree to a finding from Today or Setup: with a reason and a day until which it is quiet. Readers cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import marimo as mo
import polars as pl

from workbench import clock
from workbench.analytics import formatting
from workbench.answers.check import Checked, Finding
from workbench.answers.plan import Agreed
from workbench.app_context import current
from workbench.errors import WorkbenchError
from workbench.pages import today_rows as rows
from workbench.settings.fields import ReaderSettings, read_settings

_DAYS, _LONG = 7, 90
"""Days for which a finding of today, and a setting, are quiet unless another day is chosen."""


class Subject(Protocol):
    """What is agreed to: a rule, in an account, and in one of its ad sets or in all."""

    @property
    def rule(self) -> str: ...
    @property
    def account_id(self) -> int | None: ...
    @property
    def campaign_id(self) -> int | None: ...


@dataclass(frozen=True)
class Setting:
    """A finding of the audit; without a campaign, of all ad sets of the account."""

    rule: str
    account_id: int
    campaign_id: int | None = None


def form(checked: Checked, names: Mapping[int, str]) -> mo.ui.dictionary | None:
    """What of today is agreed to, why, and until when; None as for `form_of`."""
    found = [one for one in checked.findings if one.account_id is not None]
    return form_of({f"{number}. {_label(one, names)}": one for number, one in enumerate(found, 1)}, _DAYS)


def form_of_settings(findings: pl.DataFrame) -> mo.ui.dictionary | None:
    """What of the audit is agreed to, why, and until when; None as for `form_of`.

    Args:
        findings: as `setup.findings` leaves them.
    """
    still_open = findings.filter(pl.col("agreed").is_null())
    key = ["finding", "account_id"]
    sets = still_open.unique([*key, "campaign_id"], maintain_order=True)
    menu: dict[str, Subject] = {}
    for row in sets.filter(pl.len().over(key) > 1).unique(key, maintain_order=True).to_dicts():
        account = formatting.account(row["account_name"], row["account_id"])
        menu[f"{row['finding_words']} · every ad set of {account}"] = Setting(row["finding"], row["account_id"])
    for row in sets.to_dicts():
        named = f"{row['finding_words']} · {row['campaign_name']} · {row['campaign_id']}"
        menu[named] = Setting(row["finding"], row["account_id"], row["campaign_id"])
    return form_of(menu, _LONG)


def form_of(menu: Mapping[str, Subject], days: int) -> mo.ui.dictionary | None:
    """What is agreed to, why, and until when; None for readers, without a finding, and without a place for the plan.

    Args:
        menu: what is read → what is agreed to.
        days: until when, unless another day is chosen.
    """
    if current().readers or not menu or read_settings(ReaderSettings).plan_file is None:
        return None
    today = clock.utc_now().date()
    return mo.ui.dictionary(
        {
            "finding": mo.ui.dropdown(dict(menu), value=next(iter(menu)), label="Finding", allow_select_none=False),
            "reason": mo.ui.text(label="Reason", placeholder="why it is all right"),
            "until": mo.ui.date(value=today + timedelta(days=days), start=today, label="Quiet until"),
        }
    )


def agree_button(form: mo.ui.dictionary | None, done: Callable[[bool], None]) -> mo.ui.button | None:
    """The button that writes the agreement into the plan, then draws the page anew with `done`."""
    if form is None:
        return None

    def agree(_: Any) -> None:
        try:
            keep(dict(form.value))
        except WorkbenchError as error:
            mo.status.toast(error.what, f"{error.why} {error.next_step}", kind="danger")
        else:
            done(False)

    return mo.ui.button(label="Agree", kind="neutral", on_change=agree)


def view(form: mo.ui.dictionary | None, button: mo.ui.button | None) -> mo.Html | None:
    """The form in a row of its own, folded."""
    if form is None or button is None:
        return None
    fields = mo.hstack([*form.elements.values(), button], justify="start", align="end", gap=1, wrap=True)
    return mo.accordion({"Agree to a finding …": fields})


def keep(value: Mapping[str, Any]) -> None:
    """Write what was agreed to into the plan of the installation.

    Raises:
        WorkbenchError: there is no reason, or the plan cannot be written.
    """
    from workbench.answers.plan_writing import add_agreement  # pages for others never load what writes
    from workbench.errors import ValidationError

    one: Subject = value["finding"]
    file = read_settings(ReaderSettings).plan_file
    if current().readers or file is None or not str(value["reason"]).strip():
        raise ValidationError(
            "Nothing was agreed to.",
            why="An agreement needs a reason, which readers of it see.",
            next_step="Say in a few words why this finding is all right.",
        )
    facts = {"rule": one.rule, "account": one.account_id, "campaign": one.campaign_id}
    add_agreement(file, Agreed.model_validate({**facts, "reason": value["reason"].strip(), "until": value["until"]}))


def _label(one: Finding, names: Mapping[int, str]) -> str:
    return f"{rows.rule(one)} · {names.get(one.campaign_id or 0) or one.account}"
