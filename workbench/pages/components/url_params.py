"""Read choices from the address bar, else from the command line, and write them to the address bar."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import date

import marimo as mo

from workbench.settings.account_ids import account_id


def asked(name: str) -> tuple[str, ...]:
    """The values given for a name, none if there are none; several may be joined by commas."""
    typed = mo.cli_args().get_all(name.replace("_", "-")) or mo.cli_args().get_all(name)
    given = mo.query_params().get_all(name) or typed
    return tuple(word for value in given for word in str(value).split(",") if word)


def commanded(name: str) -> tuple[str, ...]:
    """Those values of `asked` that were given on the command line: they are meant now, while an address may be old."""
    return () if mo.query_params().get_all(name) else asked(name)


def asked_once(name: str) -> str | None:
    """The last value given for a name."""
    return next(reversed(asked(name)), None)


def asked_accounts() -> tuple[int, ...]:
    """The ad accounts asked for, by id or URN; what is no id counts as not asked for."""
    return tuple(found for found in map(account_id, asked("account")) if found is not None)


def asked_day(name: str) -> date | None:
    """The day asked for, as `2026-11-22`; anything else counts as not asked for."""
    with suppress(ValueError):
        return date.fromisoformat(asked_once(name) or "")
    return None


def remember(**values: str | None) -> None:
    """Write choices to the address bar, so that they survive a reload and the address can be sent; None removes one."""
    if is_script():
        return
    bar = mo.query_params()
    for name, value in values.items():
        if value is None and name in bar:
            bar.remove(name)
        elif value is not None and bar.get(name) != value:
            bar.set(name, value)


def help_asked() -> bool:
    """Whether a page that runs as a script is asked how it is used."""
    return is_script() and not {"-h", "--help"}.isdisjoint(sys.argv[1:])


def is_script() -> bool:
    """Whether this notebook runs without a page: print, and do not draw."""
    return mo.app_meta().mode == "script"
