"""Compute which days to ask for, by account: the user's window, or what coverage lacks; and which are fresh."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache, cached_property

from workbench.clock import Clock
from workbench.errors import ConfigurationError, ValidationError
from workbench.schema.resources import CONVERSION_DAYS, CORE_DAYS, DAILY, WINDOWED, CoverageRow
from workbench.schema.snapshot_names import moment_of
from workbench.schema.windows import Window

_SET_TIME = "Let the system set its time (NTP), then sync again; nothing was asked or written."
_MOST_DAYS = 36_500  # further back than LinkedIn's figures reach
_GRACE = timedelta(minutes=10)  # at midnight, two clocks may differ by a little
_DAYS_KEPT, _DEMOGRAPHICS_KEPT = timedelta(days=3652), timedelta(days=730)
"""Source: Microsoft Learn, "Reporting", data retention."""
_EQUAL = timedelta(seconds=30)  # LinkedIn says whole seconds, and its answer needs a moment to arrive


@dataclass(frozen=True)
class AccountWindows:
    """The days to ask for, for one account: `windows[resource]` of everything that has figures."""

    by_resource: Mapping[str, Window]

    @classmethod
    def same(cls, window: Window) -> AccountWindows:
        """The same window for every resource."""
        return cls(dict.fromkeys((*DAILY, *WINDOWED), window))

    @classmethod
    def kept(cls, window: Window, today: date) -> AccountWindows:
        """The days of a window that LinkedIn keeps: ten years, and two of demographics. All of it if it keeps none."""
        days, people = (_newer(window, today - kept) for kept in (_DAYS_KEPT, _DEMOGRAPHICS_KEPT))
        return cls({**dict.fromkeys(DAILY, days), **dict.fromkeys(WINDOWED, people)})

    def __getitem__(self, resource: str) -> Window:
        return self.by_resource[resource]

    def whole(self) -> Window:
        """The window from the first to the last day of the metrics that every sync asks for."""
        windows = [self[resource] for resource in CORE_DAYS]
        return Window(min(window.first for window in windows), max(window.last for window in windows))


def window_of_sync(
    today: date,
    *,
    sync_days: int,
    lookback_days: int,
    covered: Iterable[tuple[date, date]] = (),
    doubted: Iterable[date] = (),
) -> Window:
    """The days of one account and resource that a sync asks for, today's partial day included.

    From the earlier of today − `lookback_days` (LinkedIn restates that long) and the first day since
    today − `sync_days`, or since coverage ended if that is earlier, that nothing loaded covers. So neither a holiday
    nor a failed account leaves a hole. Days that are `doubted` are asked for again, however long ago they were.
    """
    windows = sorted(covered)
    since = today - timedelta(days=sync_days)
    if windows:
        since = min(since, max(last for _, last in windows) + timedelta(days=1))
    since = min([since, *doubted])
    return Window(min(today, today - timedelta(days=lookback_days), _first_gap(since, windows, today)), today)


def requested_window(
    today: date, *, days: int | None = None, first_day: date | None = None, last_day: date | None = None
) -> Window | None:
    """The window that the user asked for, or None if it is to be planned. `days` counts back from today (UTC).

    Raises:
        ValidationError: days that are not a window, or lie in the future.
    """
    if days is None and first_day is None and last_day is None:
        return None
    if days is not None and (first_day is not None or last_day is not None):
        raise ValidationError("Days and a window cannot both be asked for.", next_step="Give one of them.")
    if days is None and first_day is None:
        raise ValidationError("A window needs its first day.", next_step="Give the first day as well.")
    if days is not None and days > _MOST_DAYS:
        raise ValidationError("So many days cannot be asked for.", next_step=f"Ask for {_MOST_DAYS:,} at the most.")
    last = last_day or today
    if last > today:
        why = f"In UTC, LinkedIn's time, today is {today}."
        raise ValidationError(f"{last} lies in the future.", why=why, next_step="Ask up to today at the latest.")
    first = first_day or today - timedelta(days=days or 0)
    if first > today:
        why = f"In UTC, LinkedIn's time, today is {today}."
        raise ValidationError(f"{first} lies in the future.", why=why, next_step="Give an earlier day.")
    if first > last:
        why = f"It would run from {first} to {last}."
        raise ValidationError("The window ends before it starts.", why=why, next_step="Give the earlier day first.")
    return Window(first, last)


def refuse_clock_of_another_day(here: datetime, there: datetime) -> None:
    """Refuse to sync if this machine's clock (`here`) is on another UTC day than LinkedIn's (`there`).

    - Ahead: a day that has not begun for LinkedIn would count as complete, a window that ends with it would stay the
      newest until that day, and the snapshot's name, which is the time of its figures, would be wrong.
    - Behind: LinkedIn's newest day would not be asked for, and count as asked.

    Raises:
        ConfigurationError: the days differ by more than ten minutes at midnight explain.
    """
    if here.date() > (there + _GRACE).date():
        side, today = "ahead of", "has not begun"
    elif there.date() > (here + _GRACE).date():
        side, today = "behind", "is over"
    else:
        return
    raise ConfigurationError(
        f"This machine's clock is {side} LinkedIn's.",
        why=f"Here it is {here:%Y-%m-%d %H:%M} UTC, there {there:%Y-%m-%d %H:%M}: today {today}.",
        next_step=_SET_TIME,
    )


def shared_clock(clock: Clock, there: datetime) -> Clock:
    """This machine's clock, or LinkedIn's where the two differ within one day.

    The time at which a sync starts names its snapshot, and of two snapshots the one with the later name counts. So the
    machines that sync one sign-in go by one clock, even where their snapshots meet only later, in one database.

    Raises:
        ConfigurationError: this machine is on another UTC day than LinkedIn.
    """
    here = clock()
    refuse_clock_of_another_day(here, there)
    ahead = here - there
    if abs(ahead) <= _EQUAL or here.date() != there.date():
        return clock
    return lambda: clock() - ahead


@dataclass(frozen=True)
class SyncWindows:
    """The days that one sync asks for, by account.

    Attributes:
        requested: the window that the user asked for; None: the days are planned from `coverage`.
        coverage: rows of PostgreSQL's `coverage`.
        doubted: rows of it that are no longer believed; they count as not covered.
        fresh: accounts that are skipped.
        accounts: ids of the accounts in the database, in a complete listing, or named by the user.
        rule_days: the longest window of any conversion rule, in days: conversions by rule may change that long.
        groups: the groups of metrics beyond the core without which days of campaigns and creatives are not covered.
        accounts_are_complete: whether no other account can exist: a complete listing had these, or the user named them.
    """

    today: date
    sync_days: int
    lookback_days: int
    requested: Window | None = None
    coverage: Sequence[CoverageRow] = ()
    doubted: Sequence[CoverageRow] = ()
    fresh: Collection[int] = field(default=frozenset())
    accounts: Collection[int] = field(default=frozenset())
    accounts_are_complete: bool = True
    groups: Collection[str] = frozenset()
    rule_days: int = 0

    def windows(self, account_id: int) -> AccountWindows:
        """The days to ask of an account, fresh or not."""
        if self.requested:
            return AccountWindows.kept(self.requested, self.today)
        planned = {resource: self._planned(account_id, resource) for resource in DAILY}
        return AccountWindows({**planned, **dict.fromkeys(WINDOWED, Window(self._since(), self.today))})

    def windows_unless_fresh(self, account_id: int) -> AccountWindows | None:
        return None if account_id in self.fresh else self.windows(account_id)

    def with_fresh(self, fresh: Callable[[Window], Collection[int]]) -> SyncWindows:
        """The same, without the accounts that `fresh` returns for the window that they would be asked for."""
        fresh_by_window = {
            window: fresh(window) for window in {self.windows(account_id).whole() for account_id in self.accounts}
        }
        skipped = {
            account_id
            for account_id in self.accounts
            if account_id in fresh_by_window[self.windows(account_id).whole()]
        }
        return replace(self, fresh=skipped)

    def overall(self, account_ids: Iterable[int] | None = None) -> Window:
        """From the earliest to the latest day asked of any of these accounts (None: of `accounts`)."""
        windows_by_account = [
            self.windows(account_id) for account_id in (self.accounts if account_ids is None else account_ids)
        ]
        firsts = [windows.whole().first for windows in windows_by_account]
        return Window(min(firsts, default=self._since()), self.requested.last if self.requested else self.today)

    def all_fresh(self) -> bool:
        """Whether there is nothing to ask: the accounts are complete, and all are fresh."""
        return self.accounts_are_complete and bool(self.accounts) and set(self.accounts) <= set(self.fresh)

    def _planned(self, account_id: int, resource: str) -> Window:
        covered = self._settled_windows.get((account_id, resource), ())
        doubted = [
            first for account, of, first, *_ in self.doubted if (account, of) == (account_id, resource) and first
        ]
        return window_of_sync(
            self.today,
            sync_days=self.sync_days,
            lookback_days=self._lookback(resource),
            covered=covered,
            doubted=doubted,
        )

    @cached_property
    def _settled_windows(self) -> dict[tuple[int, str], list[tuple[date, date]]]:
        """The windows that are covered and final, by account and resource, computed once."""
        found: dict[tuple[int, str], set[tuple[date, date]]] = {}
        settled = cache(self._settled)  # many rows, few snapshots
        for account_id, resource, first, last, snapshot, *more in self.coverage:
            if self.groups and resource in CORE_DAYS and not self._has_groups(*more):
                continue
            lookback = self._lookback(resource)
            if resource in DAILY and first is not None and last is not None and first <= settled(snapshot, lookback):
                found.setdefault((account_id, resource), set()).add((first, min(last, settled(snapshot, lookback))))
        return {key: _joined(windows) for key, windows in found.items()}

    def _has_groups(self, pivot: str | None = None) -> bool:
        """Whether days are whole for every group of metrics that is asked for, by what coverage says of them."""
        return set(self.groups) <= set((pivot or "").split(","))

    def _lookback(self, resource: str) -> int:
        """For how many days LinkedIn may still change figures."""
        return max(self.lookback_days, self.rule_days) if resource == CONVERSION_DAYS else self.lookback_days

    @staticmethod
    def _settled(snapshot: str, lookback_days: int) -> date:
        """The last day whose figures were final when a snapshot was taken.

        Days younger than the lookback were still being restated: after a longer pause they are read once more.
        """
        return moment_of(snapshot).date() - timedelta(days=max(lookback_days, 1))

    def _since(self) -> date:
        if self.requested:
            return self.requested.first
        return self.today - timedelta(days=self.sync_days)


def _newer(window: Window, since: date) -> Window:
    return Window(max(window.first, since), window.last) if since <= window.last else window


def _joined(windows: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Windows that touch or overlap made one, ascending."""
    joined: list[tuple[date, date]] = []
    for first, last in sorted(windows):
        if joined and first <= joined[-1][1] + timedelta(days=1):
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _first_gap(since: date, windows: Sequence[tuple[date, date]], today: date) -> date:
    day = since
    for first, last in windows:
        if first > day:
            break
        day = max(day, last + timedelta(days=1))
    return min(day, today)
