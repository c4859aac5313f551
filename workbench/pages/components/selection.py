"""The choices of a page (source, accounts, period, filters), and the questions asked with them. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from workbench.analytics import formatting
from workbench.analytics.completeness import account_states, missing, never_listed
from workbench.answers.api import found_by_name
from workbench.answers.registry import Found
from workbench.errors import StorageError, WorkbenchError
from workbench.queries.api import Source, allowed_sources, data_version, default, query
from workbench.queries.sql_files import find
from workbench.schema.snapshot_names import moment_of
from workbench.schema.windows import Window

SOURCE_LABELS: dict[Source, str] = {
    "database": "Database",
    "snapshots": "Snapshots",
    "sample": "Sample data (invented)",
}


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The choices on which a page's figures depend.

    Attributes:
        accounts: rows of `accounts`, the chosen ones that are compared.
        account_ids: the chosen ones, or None for every account.
        until: the earliest of their last complete days.
        behind: by id, name and last complete day of chosen accounts that are left out, because they end days earlier.
        objective: one objective in its one spelling, or None for every one.
    """

    source: Source
    as_of: date | None
    accounts: pl.DataFrame
    account_ids: tuple[int, ...] | None
    period: Window
    until: date
    objective: str | None = None
    campaign_group_id: int | None = None
    behind: Mapping[int, tuple[str | None, date]] = field(default_factory=dict)

    def ask(self, question: str, **params: Any) -> pl.DataFrame:
        """The answer to a question with these choices as parameters; `params` are added, or replace them.

        Raises:
            WorkbenchError: as `query`.
        """
        taken = find(question).params
        asked = {name: value for name, value in self._chosen().items() if name in taken}
        return query(question, source=self.source, as_of=self.as_of, **{**asked, **params})

    def answer(self, name: str, **params: Any) -> Found:
        """An answer about just this, with its sentences; `params` add to the choices, or stand above them.

        Raises:
            WorkbenchError: as `query`.
        """
        from workbench.answers.catalogue import ANSWERS

        taken = ANSWERS[name].params
        asked = {key: value for key, value in self._chosen().items() if key in taken}
        return found_by_name(default, name, self.source, self.as_of, {**asked, **params})

    def _chosen(self) -> dict[str, Any]:
        previous = self.period.previous
        return {
            "account_ids": self.account_ids,
            "first_day": self.period.first,
            "last_day": self.period.last,
            "previous_first_day": previous.first,
            "previous_last_day": previous.last,
            "objective_type": self.objective,
            "campaign_group_id": self.campaign_group_id,
        }

    @property
    def currencies(self) -> list[str]:
        """The currencies of the chosen accounts."""
        return sorted({currency for currency in self.accounts["currency"] if currency})

    @property
    def newest_snapshot(self) -> str | None:
        """The newest snapshot that these figures come from."""
        return self.ask("completeness")["newest_snapshot"].max()  # type: ignore[return-value]  # a column of text

    @property
    def fetched_at(self) -> datetime | None:
        """The moment at which the newest figures were fetched (UTC)."""
        name = self.newest_snapshot
        return moment_of(name) if name else None

    def states(self) -> dict[str, str]:
        """By account, why it has no figures or not all of them; accounts that are in order are left out."""
        ids = self.accounts["account_id"].to_list()
        both = Window(self.period.previous.first, self.period.last)
        active = set(self.ask("kpis_by_account").filter(pl.col("period") == "current")["account_id"])
        covered = self.ask("covered_windows")
        said = account_states(self.accounts, missing(covered, ids, both), active, never_listed(covered, ids))
        names = dict(self.accounts.select("account_id", "name").iter_rows())
        late = {
            formatting.account(name, account_id): f"left out: its figures end on {formatting.day(last)}"
            for account_id, (name, last) in self.behind.items()
        }
        return late | {formatting.account(names[account_id], account_id): why for account_id, why in said.items()}


def sources() -> tuple[Source, ...]:
    """The sources that this app may ask, best first."""
    return tuple(source for source in SOURCE_LABELS if source in allowed_sources())


def default_source() -> Source:
    """The first source that holds anything or cannot be reached (the page then shows the error), else the last."""
    return next((source for source in sources() if not _is_empty(source)), sources()[-1])


def _is_empty(source: Source) -> bool:
    try:
        data_version(source)
        return query("accounts", source=source).is_empty()
    except StorageError as error:
        return error.nothing_synced
    except WorkbenchError:
        return False
