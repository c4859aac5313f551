"""Which days of which account were never fetched whole: unknown, which is not zero. Pure: frames in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from workbench.analytics import formatting
from workbench.schema import resources
from workbench.schema.resources import BY_NAME, CAMPAIGN_DAYS
from workbench.schema.windows import Window

Days = tuple[date, date]
NO_ACTIVITY = "no activity: LinkedIn was asked, and reported nothing"
LISTINGS = tuple(BY_NAME[name].entity for name in resources.LISTINGS if not BY_NAME[name].optional)


def gaps(windows: Iterable[Days], wanted: Window) -> list[Days]:
    """The stretches of `wanted` that no window covers, in order."""
    found, cursor = list[Days](), wanted.first
    for first, last in sorted(windows):
        if first > wanted.last or cursor > wanted.last:
            break
        if first > cursor:
            found.append((cursor, first - timedelta(days=1)))
        cursor = max(cursor, last + timedelta(days=1))
    return [*found, (cursor, wanted.last)] if cursor <= wanted.last else found


def missing(covered: pl.DataFrame, accounts: Sequence[int], wanted: Window) -> dict[int, list[Days]]:
    """By account, the days not fetched; accounts without any are left out.

    Args:
        covered: `covered_windows`.
        accounts: ids.
        wanted: the days that a page shows.
    """
    metrics = covered.filter((pl.col("resource") == CAMPAIGN_DAYS) & pl.col("window_start").is_not_null())
    windows: dict[int, list[Days]] = {account: [] for account in accounts}
    for account, first, last in metrics.select("account_id", "window_start", "window_end").iter_rows():
        if account in windows:
            windows[account].append((first, last))
    return {account: found for account in accounts if (found := gaps(windows[account], wanted))}


def never_listed(covered: pl.DataFrame, accounts: Sequence[int]) -> dict[int, list[str]]:
    """By account, which of `LISTINGS` LinkedIn never gave whole; accounts without any are left out.

    Args:
        covered: `covered_windows`.
        accounts: ids.
    """
    listings = covered.filter(pl.col("window_start").is_null()).select("account_id", "resource").rows()
    lacking = {
        account: [entity for entity in LISTINGS if (account, f"{entity}s") not in listings] for account in accounts
    }
    return {account: found for account, found in lacking.items() if found}


def account_states(
    accounts: pl.DataFrame,
    not_fetched: Mapping[int, list[Days]],
    active: set[int],
    unlisted: Mapping[int, list[str]] | None = None,
) -> dict[int, str]:
    """Why an account shows nothing or not all, by id; accounts with figures and nothing missing are left out.

    Args:
        accounts: `accounts`.
        not_fetched: as `missing` says.
        active: accounts with any figure in the period.
        unlisted: as `never_listed` says.
    """
    said = dict[int, str]()
    for account_id, first_day in accounts.select("account_id", "first_day").iter_rows():
        if first_day is None:
            said[account_id] = "never fetched completely; it has no figures here, which does not mean zero"
        elif account_id in not_fetched:
            stretches = ", ".join(formatting.days(*days) for days in not_fetched[account_id])
            said[account_id] = f"not fetched: {stretches}; these days are unknown, not zero"
        elif unlisted and account_id in unlisted:
            what = " and ".join(formatting.term(entity, plural=True).lower() for entity in unlisted[account_id])
            said[account_id] = f"its {what} were never listed completely; names, objectives and settings are unknown"
        elif account_id not in active:
            said[account_id] = NO_ACTIVITY
    return said
