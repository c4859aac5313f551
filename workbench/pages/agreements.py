"""Agree to a finding from the page Today: with a reason and a day until which it is quiet. Readers cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import marimo as mo

from workbench import clock
from workbench.answers.check import Checked, Finding
from workbench.answers.plan import Agreed
from workbench.app_context import current
from workbench.errors import WorkbenchError
from workbench.pages import today_rows as rows
from workbench.settings.fields import ReaderSettings, read_settings

_DAYS = 7


def form(checked: Checked, names: Mapping[int, str]) -> mo.ui.dictionary | None:
    """What is agreed to, why, and until when; None for readers, without a finding, and without a place for the plan."""
    found = [one for one in checked.findings if one.account_id is not None]
    if current().readers or not found or read_settings(ReaderSettings).plan_file is None:
        return None
    menu = {f"{number}. {_label(one, names)}": one for number, one in enumerate(found, 1)}
    today = clock.utc_now().date()
    return mo.ui.dictionary(
        {
            "finding": mo.ui.dropdown(menu, value=next(iter(menu)), label="Finding", allow_select_none=False),
            "reason": mo.ui.text(label="Reason", placeholder="why it is all right"),
            "until": mo.ui.date(value=today + timedelta(days=_DAYS), start=today, label="Quiet until"),
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

    one: Finding = value["finding"]
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
