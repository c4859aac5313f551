"""Plan the analytics calls of an account so that LinkedIn cuts no answer. Pure: no clock, no network.

adAnalytics has no pages and silently cuts an answer at 15,000 elements (Microsoft Learn, "Reporting", restrictions), so
every call is planned to stay below that, and an answer of a suspicious length is checked by asking for its halves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from workbench.errors import WorkbenchError
from workbench.schema.windows import Window

CAP = 15_000
_UNREAD = 10  # days of one part that LinkedIn may not answer for
DEFAULT_COUNT = 10  # some have seen answers end after 10 elements where no `count` was sent


@dataclass(frozen=True)
class Slice:
    """One part of a snapshot: a window of one account, asked whole or campaign list by campaign list.

    Attributes:
        campaign_ids: lists of campaigns, one call each; empty: one call for the whole account.
    """

    window: Window
    campaign_ids: tuple[tuple[int, ...], ...] = ()

    def with_campaigns(self, campaigns: Iterable[int]) -> Slice:
        """The same, with a list of its own for each campaign that is in none yet."""
        others = sorted(set(campaigns).difference(*self.campaign_ids))
        return replace(self, campaign_ids=(*self.campaign_ids, *((campaign,) for campaign in others)))


@dataclass
class Halving:
    """The result of halving windows that LinkedIn refuses as too large.

    Attributes:
        days: the longest window that it answered for after a refusal.
        unread: days that it does not answer for even alone.
        why: what it says of the last of them.
    """

    days: int | None = None
    unread: set[date] = field(default_factory=set)
    why: str | None = None

    def answered(self, window: Window) -> None:
        self.days = min(window.days, self.days or window.days)

    def gave_up(self, window: Window, error: WorkbenchError) -> None:
        """Leave a day out. Raises the error where no other day was answered, or too many were not."""
        self.unread.add(window.first)
        self.why = f"{window.first}: {error.why or error.what}"
        if len(self.unread) > (_UNREAD if self.days else 1):
            raise error


def slices(
    window: Window,
    entities_by_campaign: Mapping[int, int],
    *,
    batch_size: int,
    all_known: bool = True,
    most_days: int | None = None,
) -> list[Slice]:
    """Cut a window so that no call can reach the cap, in as few calls as that takes.

    Every day of the window lies in exactly one slice; every campaign in exactly one list of a slice.

    Args:
        window: the days to cover.
        entities_by_campaign: for every campaign of the account how many rows a day it can give: 1 for campaign
            metrics, the number of its creatives for creative metrics.
        batch_size: campaigns a list, where whole accounts are too large.
        most_days: the longest window that LinkedIn answers for, where it has refused a longer one.
        all_known: whether no other campaign can have rows; if one can, lists would leave it out, unnoticed.
    """
    rows_a_day = sum(entities_by_campaign.values())
    if rows_a_day < CAP or not all_known:
        return [Slice(part) for part in _cut(window, rows_a_day, most_days)]
    lists = _lists(entities_by_campaign, batch_size)
    heaviest = max(sum(entities_by_campaign[campaign] for campaign in batch) for batch in lists)
    return [Slice(part, tuple(lists)) for part in _cut(window, heaviest, most_days)]


def suspicious(elements: int) -> bool:
    """Whether an answer of this length may be cut: it is as long as the cap, the default count, or a round hundred."""
    return elements >= CAP or elements == DEFAULT_COUNT or (elements > 0 and elements % 100 == 0)


def _lists(entities_by_campaign: Mapping[int, int], batch_size: int) -> list[tuple[int, ...]]:
    """Lists of at most `batch_size` campaigns whose rows of one day stay below the cap.

    A campaign that alone reaches it is alone in its list; LinkedIn allows a hundred creatives in one.
    """
    lists: list[list[int]] = [[]]
    rows_a_day = 0
    for campaign, entities in sorted(entities_by_campaign.items()):
        if lists[-1] and (len(lists[-1]) == batch_size or rows_a_day + entities >= CAP):
            lists.append([])
            rows_a_day = 0
        lists[-1].append(campaign)
        rows_a_day += entities
    return [tuple(batch) for batch in lists]


def _cut(window: Window, rows_a_day: int, most_days: int | None) -> list[Window]:
    days = min(max(1, (CAP - 1) // max(1, rows_a_day)), most_days or window.days)
    count = -(-window.days // days)
    # Equal shares rather than full ones and a rest: the same number of calls, each with more room for surprises.
    share, extra = divmod(window.days, count)
    parts, first = [], window.first
    for index in range(count):
        last = first + timedelta(days=share + (index < extra) - 1)
        parts.append(Window(first, last))
        first = last + timedelta(days=1)
    return parts
