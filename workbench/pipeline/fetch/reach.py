"""Fetch how many different members entities reached in a window: a figure that cannot be had by adding others up.

Source: Microsoft Learn, "Reporting": reach for windows of at most 92 days, 24 to 36 hours late.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain

from workbench.errors import LinkedInAPIError
from workbench.linkedin.ad_analytics_models import REACHED_MEMBERS
from workbench.linkedin.error_mapping import is_too_large
from workbench.linkedin.validation import Accepted, Page, check
from workbench.linkedin.worker_thread import offload
from workbench.pipeline.fetch.call_planner import CAP, suspicious
from workbench.pipeline.fetch.part_builder import PartBuilder, commit, incomplete
from workbench.schema.reach_metrics import REACH_FIELDS
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Part
from workbench.snapshots.writer import SnapshotWriter

LEVELS: Mapping[str, str] = {"ACCOUNT": "", "CAMPAIGN_GROUP": "campaign_groups", "CAMPAIGN": "campaigns"}
"""LinkedIn's pivots, and the resource that lists the entities of each."""
_URNS = {"ACCOUNT": "sponsoredAccount", "CAMPAIGN_GROUP": "sponsoredCampaignGroup", "CAMPAIGN": "sponsoredCampaign"}
_DAYS = (7, 28, 92)
_LATE = timedelta(days=3)  # reach of a day is complete two days after the last complete day, which is yesterday
_SURE = REACH_FIELDS[:3]  # impressions, spend, reach: LinkedIn refuses some of the others at some levels
_ONE_DAY = timedelta(days=1)

Ask = Callable[..., Awaitable[Page]]
"""Called with ids of entities (none: all of the account), and with names of metrics where they are not the usual."""
Found = dict[Hashable, bytes]


def windows(today: date) -> tuple[Window, ...]:
    """The windows to ask for: 7, 28 and 92 days to the last day whose reach is complete, and the last whole month."""
    end = today - _LATE
    month_end = (end + _ONE_DAY).replace(day=1) - _ONE_DAY
    several = [Window(end - timedelta(days=days - 1), end) for days in _DAYS]
    return tuple(dict.fromkeys([*several, Window(month_end.replace(day=1), month_end)]))


async def reach_window(writer: SnapshotWriter, part: Part, window: Window, ask: Ask, *, ids: Sequence[int]) -> Part:
    """The reach of all entities of one level in one window.

    Args:
        ids: entities of the level that are known, by which an answer that may have been cut is split.

    Raises:
        DataFetchError: an answer was cut, and not all entities are known.
    """
    prefix = f"urn:li:{_URNS[str(part.pivot)]}:"
    with writer.new_part(str(part.path)) as file:
        found, odd = await _whole(ask, window, (), ids)
        wrong = await offload(_of_other_days, found, window)

        def reason(key: Hashable) -> str | None:
            return wrong.get(key) or (None if str(key).startswith(prefix) else f"{key} is not of this level")

        context = {"pivot": part.pivot, "window_start": str(window.first), "window_end": str(window.last)}
        builder = PartBuilder(file, part, REACHED_MEMBERS, context, reason)
        await offload(builder.add, [*found.values(), *odd])
        return commit(writer, builder, ((window.first, window.last),))


async def _whole(ask: Ask, window: Window, some: Sequence[int], ids: Sequence[int]) -> tuple[Found, list[bytes]]:
    """Elements by key, and those that cannot be used; of entities `some`, or of all (`ids` where they are known)."""
    page = await _answer(ask, some)
    found, odd = await offload(_sorted_out, page)
    length, several = len(page.elements), some or ids
    if not suspicious(length) or (len(several) < 2 and length < CAP):
        return found, odd
    middle = len(several) // 2
    halves = [await _whole(ask, window, half, ids) for half in (several[:middle], several[middle:]) if half]
    parts = dict(chain.from_iterable(half.items() for half, _ in halves))
    if found.keys() - parts.keys() and (length >= CAP or parts.keys() - found.keys()):
        raise incomplete(window, f"the answer was cut at {length:,} rows, and not all entities are known")
    return {**found, **parts}, odd


async def _answer(ask: Ask, some: Sequence[int]) -> Page:
    """The answer with all figures; without the averages where LinkedIn refuses one of them."""
    try:
        return await ask(some)
    except LinkedInAPIError as error:
        if error.status != 400 or is_too_large(error):
            raise
    return await ask(some, _SURE)


def _sorted_out(page: Page) -> tuple[Found, list[bytes]]:
    found: Found = {}
    odd = []
    for verdict in check(page.elements, REACHED_MEMBERS):
        if isinstance(verdict, Accepted) and verdict.key not in found:
            found[verdict.key] = verdict.raw
        else:
            odd.append(verdict.raw)
    return found, odd


def _of_other_days(found: Found, window: Window) -> dict[Hashable, str]:
    """The keys whose rows name other days than those asked for, with the reason."""
    wrong: dict[Hashable, str] = {}
    for verdict in check(list(found.values()), REACHED_MEMBERS):
        days = verdict.record.get("dateRange") if isinstance(verdict, Accepted) else None
        if isinstance(verdict, Accepted) and days is not None:
            ends = tuple(tuple(days[end][part] for part in ("year", "month", "day")) for end in ("start", "end"))
            if ends != tuple((day.year, day.month, day.day) for day in (window.first, window.last)):
                wrong[verdict.key] = f"its figures are of other days than {window}"
    return wrong
