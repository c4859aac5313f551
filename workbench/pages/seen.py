"""Mark all findings of Today as seen, by the owner alone; readers see every finding as new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import marimo as mo

from workbench import clock
from workbench.answers.check import Checked, Finding
from workbench.answers.seen import Mark, mark_seen, read_marks, seen_on
from workbench.app_context import current
from workbench.errors import WorkbenchError
from workbench.pages.components.selection import Choices
from workbench.pages.components.url_params import is_script
from workbench.settings.fields import ReaderSettings, read_settings


def marks(choices: Choices) -> Mapping[str, Mark]:
    """What the owner has seen; nothing for readers, in a script, and where an earlier state is shown."""
    return {} if _not_kept(choices) else read_marks(_file())


def seen_days(checked: Checked, marks: Mapping[str, Mark]) -> dict[str, date]:
    """The day on which each finding was seen, by its key; new findings are not in it."""
    today = clock.utc_now().date()
    days = {one.key: seen_on(one, marks, today) for one in checked.findings}
    return {key: day for key, day in days.items() if day is not None}


def button(
    choices: Choices, checked: Checked, seen: Mapping[str, date], done: Callable[[bool], None]
) -> mo.ui.button | None:
    """The button that marks all findings as seen, then draws the page anew with `done`; None where none is new."""
    file, new = _file(), [one for one in checked.findings if one.key not in seen]
    if file is None or not new or _not_kept(choices):
        return None

    def mark(_: Any) -> None:
        try:
            keep(file, new)
        except WorkbenchError as error:
            mo.status.toast(error.what, f"{error.why} {error.next_step}", kind="danger")
        else:
            done(False)

    return mo.ui.button(label="Mark all as seen", kind="neutral", on_change=mark)


def keep(file: Path, findings: list[Finding]) -> None:
    """Mark findings as seen today.

    Raises:
        WorkbenchError: the file cannot be written.
    """
    mark_seen(file, findings, clock.utc_now().date())


def summary(checked: Checked, seen: Mapping[str, date]) -> str:
    """How many findings are marked as seen; nothing where none is."""
    if not seen:
        return ""
    new = len(checked.findings) - len(seen)
    return f"{new} not marked as seen, {len(seen)} seen" if new else "all marked as seen"


def _not_kept(choices: Choices) -> bool:
    return current().readers or is_script() or choices.as_of is not None


def _file() -> Path | None:
    return read_settings(ReaderSettings).seen_file
