"""Errors for choices of the address that are not there: another choice in their place would be mistaken for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import marimo as mo

from workbench.analytics import formatting, periods
from workbench.analytics.metrics import objective
from workbench.errors import ValidationError, WorkbenchError
from workbench.pages.components.url_params import asked, asked_accounts, asked_day, asked_once

_FEWEST = 2
"""A menu with fewer entries has nothing to choose, because the source could not be read."""


def no_such_account(ids: Sequence[int | str]) -> WorkbenchError:
    """Message: the account that the address bar names does not exist."""
    return ValidationError(
        f"There is no ad account {', '.join(map(str, ids))} in this source.",
        why="It was never synced, or this sign-in has no access to it.",
        next_step="Choose one of the accounts in the list, or ask an account admin to add you, then sync.",
    )


def refuse_unknown(strip: mo.ui.dictionary, *, source: str) -> None:
    """Check the account, objective, campaign group and state that the address names.

    Raises:
        ValidationError: one of them is not on offer, and nothing else was chosen.
    """
    value: Mapping[str, Any] = dict(strip.value)
    menus: dict[str, Any] = {name: strip[name] for name in ("account", "objective", "campaign_group")}
    accounts = set(menus["account"].options.values())
    if asked("account") and not value["account"] and accounts.isdisjoint(asked_accounts()):
        raise no_such_account(asked("account"))
    name = asked_once("objective")
    if not value["objective"] and _lacks(menus["objective"], objective(name)):
        said = f"{formatting.objective_words(name)} ({name})"
        raise _not_there("objective", said, "No ad set of these accounts has it.")
    group = asked_once("campaign_group")
    if not value["campaign_group"] and _lacks(menus["campaign_group"], group):
        raise _not_there("campaign (API: campaign group)", str(group), "It was never listed in these accounts.")
    state = asked_once("as_of")
    if source == "snapshots" and state and asked_day("as_of") is None and not value["as_of"]:
        raise ValidationError(
            f"{state!r} is not a day.",
            why="The address asks for the state of the snapshots on that day.",
            next_step="Write it as 2026-11-22, or choose a state in the list.",
        )


def refuse_period(chosen: str, opens_with: str, until: date) -> None:
    """Check the period that the address names; `chosen` is the one that is shown, `opens_with` the default.

    Raises:
        ValidationError: it is none, or later than the figures.
    """
    wanted = asked_once("period")
    if wanted and wanted != opens_with and chosen == opens_with:
        periods.period(wanted, until=until)


def _lacks(menu: mo.ui.dropdown, wanted: str | None) -> bool:
    """Whether a menu that offers something does not offer what is wanted."""
    offered = {str(value) for value in menu.options.values()}
    return wanted is not None and len(offered) >= _FEWEST and wanted not in offered


def _not_there(kind: str, name: str, why: str) -> ValidationError:
    return ValidationError(
        f"There is no {kind} {name} in this source.",
        why=why,
        next_step="Choose another one in the list, or remove it from the address.",
    )
