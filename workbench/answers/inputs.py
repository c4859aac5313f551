"""What every answer starts from: the questions of one source, the accounts, their known days and where they end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from workbench.analytics import wording
from workbench.analytics.day_age import known_days, last_complete_days, page_end
from workbench.analytics.metrics import objective
from workbench.errors import WorkbenchError
from workbench.queries.api import Queries
from workbench.queries.sources import AsOf, Source


@dataclass(frozen=True)
class Asker:
    """Asks the questions of `sql/` of the source that the caller chose."""

    queries: Queries
    source: Source
    as_of: AsOf = None

    def __call__(self, name: str, **params: Any) -> pl.DataFrame:
        return self.queries.query(name, source=self.source, as_of=self.as_of, **params)

    def history(self) -> Asker | None:
        """The same figures with what was said of them earlier, which only snapshots remember.

        The database's history is that of the snapshots it was loaded from; None where they cannot be asked, or are
        not those.
        """
        if self.source != "database":
            return self
        other = Asker(self.queries, "snapshots")
        try:
            return other if other._newest() == self._newest() else None
        except WorkbenchError:
            return None

    def _newest(self) -> object:
        return self("completeness")["newest_snapshot"].max()

    def at(self, as_of: AsOf) -> Asker:
        """The same source as it was known at a moment."""
        return Asker(self.queries, self.source, as_of)


@dataclass(frozen=True)
class Known:
    """The days of several accounts that one resource knows.

    Attributes:
        covered: account_id, resource, date, snapshot, age, complete.
        last_day: where the accounts' complete days end together, or the earlier day that was asked for; None if no
            day is complete.
        behind: accounts left out, because they end days before the others.
        names, currencies: of accounts, by id.
    """

    covered: pl.DataFrame
    last_day: date | None
    behind: tuple[int, ...]
    names: Mapping[int, str]
    currencies: Mapping[int, str | None]

    @property
    def accounts(self) -> list[int]:
        """The accounts that are compared, ascending."""
        return [one for one in sorted(self.covered["account_id"].unique().to_list()) if one not in self.behind]

    def complete(self, account_id: int) -> set[date]:
        """The complete days of an account."""
        mine = self.covered.filter("complete", pl.col("account_id") == account_id)
        return set(mine["date"].to_list())

    def first_day(self, account_id: int) -> date | None:
        """The first day that is known of an account: what ran on it may be older."""
        return self.covered.filter(pl.col("account_id") == account_id)["date"].min()  # type: ignore[return-value]

    def left_out(self) -> list[str]:
        """The sentence that names the accounts left out; none if all are level."""
        if not self.behind or self.last_day is None:
            return []
        names = wording.listed([self.names.get(one, str(one)) for one in self.behind])
        verb = "is" if len(self.behind) == 1 else "are"
        return [f"{names} {verb} more than 3 days behind and {verb} left out."]


def known(ask: Asker, account_ids: Sequence[int] | None, resource: str, last_day: date | None = None) -> Known:
    """The known days of one resource; `last_day` is never later than the last complete one."""
    accounts = ask("accounts", account_ids=account_ids)
    covered = ask("covered_days", account_ids=account_ids, resource=resource)
    end = page_end(last_complete_days(covered).select("account_id", "last_complete_day").iter_rows())
    last = end.last_day if last_day is None or end.last_day is None else min(end.last_day, last_day)
    return Known(
        covered,
        last,
        end.behind,
        dict(accounts.select("account_id", "name").iter_rows()),
        dict(accounts.select("account_id", "currency").iter_rows()),
    )


def dense(rows: pl.DataFrame, days: Known, entity: str, figures: Sequence[str]) -> pl.DataFrame:
    """One row per entity and day up to the last one, with `age`: known figures, known zeros, unknown nulls."""
    if days.last_day is None:
        return rows.clear().select("account_id", entity, "date", *figures).with_columns(pl.lit(0).alias("age"))
    mine = rows.filter(pl.col("account_id").is_in(days.accounts))
    made = known_days(mine, days.covered, entity=entity, figures=figures, until=days.last_day)
    return made.join(days.covered.select("account_id", "date", "age"), on=["account_id", "date"], how="left")


def spelled(column: str = "objective_type") -> pl.Expr:
    """An objective in its one spelling."""
    return pl.col(column).map_elements(objective, return_dtype=pl.String)


def wanted(frame: pl.DataFrame, objective_type: str | None) -> pl.DataFrame:
    """The rows of one objective (in either spelling), or all of them, with objectives in one spelling."""
    made = frame.with_columns(spelled())
    return made if objective_type is None else made.filter(pl.col("objective_type") == objective(objective_type))


def parts(frame: pl.DataFrame, by: Iterable[str]) -> Iterator[tuple[tuple[Any, ...], pl.DataFrame]]:
    """The rows by key, in the order of the keys; rows with a null in the key are left out."""
    keys = list(by)
    found = frame.drop_nulls(keys).partition_by(keys, as_dict=True)
    yield from sorted(found.items(), key=lambda item: item[0])
