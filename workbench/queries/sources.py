"""The sources, and the rules which of them may be asked and how; the owner of the queries sets the rules."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from workbench.errors import StorageError, ValidationError
from workbench.queries.parameter_values import read_text

Source = Literal["database", "snapshots", "sample"]
AsOf = date | datetime | None
GivenAsOf = AsOf | str
"""As callers give it: a text such as `2026-11-01` will do."""
Accounts = frozenset[int] | None
"""Ids of the accounts that a viewer may see; None: every account."""

SOURCES: tuple[Source, ...] = ("database", "snapshots", "sample")


def every_account() -> Accounts:
    return None


@dataclass(frozen=True)
class Access:
    """The rules for asking: allowed sources and accounts, role, limits.

    Attributes:
        allowed: the sources that may be asked.
        readers: whether the database is asked as the role that can only read, through a pool for many visitors.
        accounts: returns the accounts that may be seen by the viewer for whom the calling thread works.
        version_seconds: how long a data version is reused: one page asks for it ten times.
    """

    allowed: tuple[Source, ...] = SOURCES
    readers: bool = False
    accounts: Callable[[], Accounts] = every_account
    version_seconds: float = 0.0

    def check(self, source: Source) -> None:
        """Refuse a source that may not be asked, also if its settings happen to be there.

        Raises:
            ValidationError: there is no such source.
            StorageError: it may not be asked here.
        """
        if source not in SOURCES:
            raise ValidationError(
                f"Nothing can be asked of {source!r}.",
                why=f"{source!r} is not a source.",
                next_step=f"Use one of {', '.join(SOURCES)}.",
            )
        if source not in self.allowed:
            raise _not_allowed(source, self.allowed)


def known_at(as_of: GivenAsOf) -> AsOf:
    """The day or moment of `as_of`, which may be given as text.

    Raises:
        ValidationError: the text is neither.
    """
    if not isinstance(as_of, str):
        return as_of
    for kind in ("date", "timestamptz"):
        with suppress(ValueError):
            return read_text(as_of, kind)
    raise ValidationError(
        "The state of that time cannot be asked for.",
        why=f"{as_of!r} is no day and no moment.",
        next_step="Write as_of as 2026-11-01, or as 2026-11-01T06:00:00Z.",
    )


def nothing_synced(where: str) -> StorageError:
    """The error for a source that holds nothing yet."""
    return StorageError(
        f"Nothing has been synced to {where} yet.",
        why="It holds no account and no figures.",
        next_step="Run `workbench sync`, or look at the sample data meanwhile.",
        nothing_synced=True,
    )


def _not_allowed(source: Source, allowed: tuple[Source, ...]) -> StorageError:
    if source == "database":
        what, step = "No database is asked here.", "Serve without --snapshots-only to ask the database."
    else:
        what, step = f"The source {source!r} is not asked here.", "Ask another source, or run a workbench of your own."
    served = {"database": "the database", "snapshots": "snapshots", "sample": "the sample"}
    why = f"These pages are served from {' and '.join(served[one] for one in allowed) or 'nothing'} alone."
    return StorageError(what, why=why, next_step=step, nothing_synced=True)
