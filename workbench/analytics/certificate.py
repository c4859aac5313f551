"""Which figures can be signed: the state of every day, and what of it is missing or provisional.

The state of a day follows from the age at which its deciding fetch saw it (`day_age`). A day that was under way when it
was fetched is red whatever the coverage says, because its figures are a part of the day's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal

import polars as pl

from workbench.analytics import wording
from workbench.analytics.day_age import COMPLETE_FROM_AGE, covered_days
from workbench.analytics.spend_at_stake import AtStake
from workbench.schema.key_results import PROVISIONAL_DAYS, PROVISIONAL_RESULT_DAYS
from workbench.schema.resources import DEMOGRAPHICS

State = Literal["not_fetched", "under_way", "provisional", "provisional_results", "complete"]
Colour = Literal["red", "amber", "green"]

SETTLED_AGE = PROVISIONAL_RESULT_DAYS + 1
"""From this age late metrics count as settled, where no maturity curve says better."""
NO_DAYS = "There are no days to certify."
_COLOURS: Mapping[str, tuple[Colour, Colour]] = {
    "not_fetched": ("red", "red"),
    "under_way": ("red", "red"),
    "provisional": ("amber", "amber"),
    "provisional_results": ("green", "amber"),
    "complete": ("green", "green"),
}
"""State → colour of a metric that is not late, and of a late one."""

SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.Int64,
    "resource": pl.String,
    "date": pl.Date,
    "state": pl.String,
    "age": pl.Int64,
    "snapshot": pl.String,
}
"""The columns of `certificate`: age in whole days at the deciding fetch, snapshot its name; null if not fetched."""
WINDOW_SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.Int64,
    "window_start": pl.Date,
    "window_end": pl.Date,
    "state": pl.String,
    "age": pl.Int64,
    "snapshot": pl.String,
}
LISTING_SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.Int64,
    "resource": pl.String,
    "snapshot": pl.String,
    "age": pl.Int64,
}


def state_of(age: int | None, settled_age: int = SETTLED_AGE) -> State:
    """The state of a day.

    Args:
        age: whole days at the deciding fetch; None: nothing covers the day.
        settled_age: the age at which late metrics are settled.
    """
    if age is None:
        return "not_fetched"
    if age < COMPLETE_FROM_AGE:
        return "under_way"
    if age <= PROVISIONAL_DAYS:
        return "provisional"
    return "provisional_results" if age < settled_age else "complete"


def colour(state: str, *, late: bool) -> Colour:
    """The colour of a state, of a late metric or of any other."""
    return _COLOURS[state][late]


def certificate(
    coverage: pl.DataFrame,
    sources: Iterable[tuple[int, str]],
    days: Iterable[date],
    *,
    settled_ages: Mapping[int, int] | None = None,
) -> pl.DataFrame:
    """The state of each account, resource and day.

    Args:
        coverage: account_id, resource, window_start, window_end (both inclusive), snapshot.
        sources: (account, resource) that are to be certified.
        days: UTC days.
        settled_ages: by account, the age at which its late metrics are settled; `SETTLED_AGE` for others.

    Returns:
        `SCHEMA`, one row per source and day, sorted by account, resource and date.
    """
    covered = covered_days(coverage) if coverage.height else pl.DataFrame(schema={**SCHEMA, "complete": pl.Boolean})
    deciding = {(row[0], row[1], row[2]): (row[3], row[4]) for row in _keyed(covered).iter_rows()}
    wanted = sorted(set(days))
    rows = []
    for account_id, resource in sorted(set(sources)):
        settled = (settled_ages or {}).get(account_id, SETTLED_AGE)
        for moment in wanted:
            snapshot, age = deciding.get((account_id, resource, moment), (None, None))
            rows.append((account_id, resource, moment, state_of(age, settled), age, snapshot))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def demographic_windows(coverage: pl.DataFrame, *, settled_age: int = SETTLED_AGE) -> pl.DataFrame:
    """The state of each account's window of demographics, by its last day.

    Args:
        coverage: as for `certificate`.

    Returns:
        `WINDOW_SCHEMA`, of the newest fetch of each account.
    """
    mine = coverage.filter((pl.col("resource") == DEMOGRAPHICS) & pl.col("window_end").is_not_null())
    newest = mine.sort("account_id", "snapshot", "window_end", "window_start").group_by("account_id").last()
    rows = []
    for row in newest.sort("account_id").iter_rows(named=True):
        age = (_day_of(row["snapshot"]) - row["window_end"]).days
        window = (row["window_start"], row["window_end"])
        rows.append((row["account_id"], *window, state_of(age, settled_age), age, row["snapshot"]))
    return pl.DataFrame(rows, schema=WINDOW_SCHEMA, orient="row")


def listing_ages(coverage: pl.DataFrame, today: date) -> pl.DataFrame:
    """The newest complete listing per account and resource, and its age in days (`LISTING_SCHEMA`).

    Args:
        coverage: as for `certificate`; rows without a window are complete listings.
        today: the UTC day.
    """
    listings = coverage.filter(pl.col("window_start").is_null() & pl.col("window_end").is_null())
    newest = listings.group_by("account_id", "resource").agg(pl.col("snapshot").max()).sort("account_id", "resource")
    listed = newest.select("account_id", "resource", "snapshot").iter_rows()
    rows = [(*row, (today - _day_of(row[2])).days) for row in listed]
    return pl.DataFrame(rows, schema=LISTING_SCHEMA, orient="row")


def overall(states: pl.DataFrame, *, gaps: int = 0) -> Colour:
    """The colour of a whole period.

    Args:
        states: as `certificate` returns them; without a row nothing can be signed.
        gaps: gaps between ads and ad sets that are judged and not explained (`reconciliation.judged`).

    Returns:
        `red` with a red day or a gap, `amber` with a provisional day, else `green`.
    """
    colours = {colour(state, late=True) for state in states["state"].to_list()}
    if not colours or "red" in colours or gaps:
        return "red"
    return "amber" if "amber" in colours else "green"


def certificate_sentence(
    states: pl.DataFrame,
    names: Mapping[int, str],
    *,
    currency: str | None,
    maturity: float | None = None,
    stake: AtStake | None = None,
    gaps: int = 0,
) -> str:
    """Whether the figures are complete, and if not, what is missing and about how much spend; plain text.

    Args:
        states: as `certificate` returns them, of one resource.
        names: of accounts, by id.
        maturity: the share of conversions of these days that has arrived, 0 to 1; None where unknown.
        stake: the spend of the unknown days.
        gaps: gaps between ads and ad sets that are judged and not explained.
    """
    if states.is_empty():
        return NO_DAYS
    missing = states.filter(pl.col("state").is_in(["not_fetched", "under_way"]))
    if missing.height:
        said = "; ".join(_missing(account, rows, names) for account, rows in _by_account(missing))
        return f"Not complete: {said}{_staked(stake, currency)}."
    if gaps:
        what = "figure of an ad set differs" if gaps == 1 else "figures of ad sets differ"
        return f"Not complete: {gaps:,} {what} from the sum of its ads."
    return _complete(states, maturity)


def _complete(states: pl.DataFrame, maturity: float | None) -> str:
    days = sorted(states["date"].to_list())
    accounts = wording.counted(states["account_id"].n_unique(), "account")
    fetched = _moment(str(states["snapshot"].max()))
    said = (
        f"Complete: {accounts}, {wording.days(days[0], days[-1])}, fetched {wording.day(fetched)} {fetched:%H:%M} UTC"
    )
    if maturity is not None:
        return f"{said}; conversions of these days are about {wording.percent(maturity)} mature."
    if set(states["state"].to_list()) - {"complete"}:
        return f"{said}; some of these days are provisional."
    return f"{said}."


def _missing(account_id: int, rows: Sequence[Mapping[str, Any]], names: Mapping[int, str]) -> str:
    of_account = f" of {names.get(account_id, account_id)}"
    said = []
    for row in (row for row in rows if row["state"] == "under_way"):
        moment = _moment(row["snapshot"])
        when = f"{wording.day(moment)} {moment:%H:%M}"
        said.append(f"{wording.day(row['date'])}{of_account} was fetched while it was under way ({when})")
        of_account = ""
    never = [row["date"] for row in rows if row["state"] == "not_fetched"]
    if never:
        verb = "" if said else " was" if len(never) == 1 else " were"
        stretches = wording.listed([wording.days(*stretch) for stretch in _stretches(never)])
        tail = " not at all" if said else " not fetched"
        said.append(f"{stretches}{of_account}{verb}{tail}")
    return ", ".join(said)


def _staked(stake: AtStake | None, currency: str | None) -> str:
    if stake is None or stake.spend is None or stake.low is None or stake.high is None:
        return "; how much was spent on these days is unknown"
    ends = wording.money_range(stake.low, stake.high, currency)
    return f"; about {wording.money(stake.spend, currency)} ({ends}) of spend is not in these figures"


def _stretches(days: Sequence[date]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for moment in sorted(days):
        if found and (moment - found[-1][1]).days == 1:
            found[-1] = (found[-1][0], moment)
        else:
            found.append((moment, moment))
    return found


def _by_account(states: pl.DataFrame) -> list[tuple[int, list[dict[str, Any]]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in states.sort("account_id", "date").iter_rows(named=True):
        found.setdefault(row["account_id"], []).append(row)
    return list(found.items())


def _keyed(covered: pl.DataFrame) -> pl.DataFrame:
    return covered.select("account_id", "resource", "date", "snapshot", "age")


def _moment(snapshot: str) -> datetime:
    return datetime.strptime(snapshot, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _day_of(snapshot: str) -> date:
    return _moment(snapshot).date()
