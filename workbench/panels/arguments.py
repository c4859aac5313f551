"""What was asked for from outside: the command line in every mode, then the address bar. It decides nothing."""

from __future__ import annotations

import marimo as mo


def asked(name: str) -> tuple[str, ...]:
    """The values given for a name, none if there are none; several may be joined by commas."""
    given = mo.cli_args().get_all(name) or mo.query_params().get_all(name)
    return tuple(word for value in given for word in str(value).split(",") if word)


def asked_once(name: str) -> str | None:
    """The last value given for a name."""
    return next(reversed(asked(name)), None)


def remember(**values: str | None) -> None:
    """Keep choices in the address bar, so that they survive a reload and can be sent to somebody; None forgets one."""
    if is_script():
        return
    bar = mo.query_params()
    for name, value in values.items():
        if value is None and name in bar:
            bar.remove(name)
        elif value is not None and bar.get(name) != value:
            bar.set(name, value)


def is_script() -> bool:
    """Whether this notebook runs without a page: print, and do not draw."""
    return mo.app_meta().mode == "script"
