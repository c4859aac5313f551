"""Which findings of the check the owner has seen: a day and an amount each, in `seen.json` in the home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import msgspec

from workbench.answers.check import Finding
from workbench.errors import ConfigurationError, WorkbenchError
from workbench.settings.env_file import refuse_foreign

DAYS = 7
"""For so many days a finding counts as seen."""
GROWN = 1.5
"""A finding is new again when it is about so many times the money that it was about when it was seen."""


@dataclass(frozen=True)
class Mark:
    """When a finding was seen, and the money that it was about."""

    day: date
    money: float | None = None


def read_marks(file: Path | None) -> dict[str, Mark]:
    """The marks by `Finding.key`; none without a file, and none of a file that cannot be used."""
    if file is None or not file.exists():
        return {}
    try:
        refuse_foreign(file, what="marks of findings", verb="read")
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Mark])
    except (OSError, msgspec.DecodeError, WorkbenchError):
        return {}


def seen_on(finding: Finding, marks: Mapping[str, Mark], today: date) -> date | None:
    """The day on which a finding was seen; None for a new one, one that has grown, and one seen too long ago."""
    mark = marks.get(finding.key)
    if mark is None or _too_old(mark, today) or (finding.money or 0.0) > GROWN * (mark.money or 0.0):
        return None
    if finding.rule == "over_day" and finding.since and finding.since >= mark.day:  # of another day
        return None
    return mark.day


def mark_seen(file: Path, findings: Iterable[Finding], today: date) -> None:
    """Mark findings as seen; those that were seen keep their day, and marks that count no longer are left out.

    Raises:
        ConfigurationError: the file cannot be written, or another account could write to it.
    """
    from workbench.files import atomic_write, make_private_folder  # pages for others never load what writes

    marks = read_marks(file)
    kept = {key: mark for key, mark in marks.items() if not _too_old(mark, today)}
    new = (one for one in findings if seen_on(one, marks, today) is None)
    kept.update((one.key, Mark(today, one.money)) for one in new)
    try:
        make_private_folder(file.parent)
        with atomic_write(file, locked=False) as made:
            made.write(msgspec.json.encode(kept))
        refuse_foreign(file, what="marks of findings", verb="kept")  # else they would be read no more
    except OSError as error:
        raise ConfigurationError(
            "The findings were not marked as seen.",
            why=f"{file.name} cannot be written: {error.strerror or error}.",
            next_step="Check the rights of the home, which `workbench status` names.",
        ) from None


def _too_old(mark: Mark, today: date) -> bool:
    return today - mark.day >= timedelta(days=DAYS)
