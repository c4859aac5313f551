"""Fetch the audience of an account by one pivot, over the window that LinkedIn answers for.

Bounds older than six months are answered for whole months: the rows say so in their `dateRange`, and are kept under it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import date, timedelta
from typing import Any

from workbench.errors import WorkbenchError
from workbench.linkedin.ad_analytics_models import DEMOGRAPHICS
from workbench.linkedin.client import FEW_ATTEMPTS
from workbench.linkedin.error_mapping import is_too_large
from workbench.linkedin.validation import Accepted, Page, check
from workbench.linkedin.worker_thread import offload
from workbench.pipeline.fetch.answer_merger import merged
from workbench.pipeline.fetch.call_planner import suspicious
from workbench.pipeline.fetch.part_builder import Ask, PartBuilder, commit, incomplete, keys_of
from workbench.schema.pivots import BY_NAME
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Part
from workbench.snapshots.writer import SnapshotWriter

_PROBED = 50  # campaigns in one probe
Odd = dict[Hashable, str]


async def demographics(
    writer: SnapshotWriter, part: Part, window: Window, asks: Sequence[Ask], *, campaigns: Sequence[int]
) -> Part:
    """Fetch one pivot over one window. It cannot be split, as windows do not add up; so a suspicious length is probed.

    Where LinkedIn refuses the window as too large, the later half of it is asked for instead, and so on.

    Args:
        asks: for each group of metrics one call for a window and a list of campaigns (empty: the whole account).
        campaigns: campaigns of the account, by which an answer is probed.

    Raises:
        DataFetchError: an answer was cut, or those of several groups of metrics are of different windows.
    """
    with writer.new_part(str(part.path)) as file:
        asked = window
        pages, window = await _longest(asks, asked)
        answered, odd = await offload(_answered, pages, window)
        if answered != asked:
            part = part.model_copy(update={"asked": (asked.first, asked.last)})
        if window != asked:
            part = part.model_copy(update={"days_a_call": window.days})
        context = {"pivot": part.pivot, "window_start": str(answered.first), "window_end": str(answered.last)}
        builder = PartBuilder(file, part, DEMOGRAPHICS, context, odd.get)
        await _add(builder, pages, window, asks, campaigns)
        return commit(writer, builder, ((answered.first, answered.last),))


async def of_entity(builder: PartBuilder, window: Window, asks: Sequence[Ask], level: str, entity_id: int) -> Window:
    """Add the segments of one campaign group or campaign to a part; the window that LinkedIn answered for.

    Raises: as `demographics`.
    """
    pages = [await ask(window, ()) for ask in asks]
    answered, odd = await offload(_answered, pages, window)
    builder.context = {
        "level": level,
        "entity_id": entity_id,
        "pivot": builder.part.pivot,
        "window_start": str(answered.first),
        "window_end": str(answered.last),
    }
    builder.seen, builder.reject_if = {}, odd.get
    await _add(builder, pages, window, asks, ())
    return answered


async def _add(
    builder: PartBuilder, pages: Sequence[Page], window: Window, asks: Sequence[Ask], campaigns: Sequence[int]
) -> None:
    for elements in await offload(merged, [[page] for page in pages], DEMOGRAPHICS):
        await offload(builder.add, elements)
    for ask, page in zip(asks, pages, strict=True):
        if _may_be_cut(str(builder.part.pivot), len(page.elements)):
            await _probe(builder, window, ask, campaigns)


async def _longest(asks: Sequence[Ask], window: Window) -> tuple[list[Page], Window]:
    """The answers for a window, or for the longest later part of it that LinkedIn does not refuse as too large."""
    again: dict[str, int] = {}
    while True:
        try:
            return [await ask(window, (), **again) for ask in asks], window
        except WorkbenchError as error:
            if not is_too_large(error) or window.days == 1:
                raise
        window, again = window.halves()[1], {"attempts": FEW_ATTEMPTS}


def _answered(pages: Sequence[Page], asked: Window) -> tuple[Window, Odd]:
    """The window that the rows name, `asked` where they name none; and the rows that name another, with the reason."""
    windows: list[Window] = []
    odd: Odd = {}
    for page in pages:
        named, wrong = _named(page, asked)
        odd |= wrong
        if named:
            window = Counter(named.values()).most_common(1)[0][0]
            odd |= {
                key: f"its figures are of {other}, not of {window}" for key, other in named.items() if other != window
            }
            windows.append(window)
    if len(set(windows)) > 1:
        raise incomplete(asked, f"LinkedIn answered for {windows[0]}, and for {windows[-1]}")
    return next(iter(windows), asked), odd


def _named(page: Page, asked: Window) -> tuple[dict[Hashable, Window], Odd]:
    """By key, the window that each row names; and the rows that name none that could be meant."""
    widest = Window(asked.first.replace(day=1), _end_of_month(asked.last))
    named: dict[Hashable, Window] = {}
    odd: Odd = {}
    for verdict in check(page.elements, DEMOGRAPHICS):
        days = verdict.record.get("dateRange") if isinstance(verdict, Accepted) else None
        if not isinstance(verdict, Accepted) or days is None:
            continue
        try:
            window = Window(_day(days["start"]), _day(days["end"]))
        except ValueError as error:
            odd[verdict.key] = str(error)
            continue
        if window.first < widest.first or window.last > widest.last:
            odd[verdict.key] = f"its figures are of {window}, which was not asked for"
        else:
            named.setdefault(verdict.key, window)
    return named, odd


def _day(day: dict[str, Any]) -> date:
    return date(day["year"], day["month"], day["day"])


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _may_be_cut(pivot: str, length: int) -> bool:
    """Whether an answer may be cut: its length is suspicious, and not the number of all segments of the pivot."""
    known = BY_NAME.get(pivot)
    return suspicious(length) and (known is None or length != known.most_segments)


async def _probe(builder: PartBuilder, window: Window, ask: Ask, campaigns: Sequence[int]) -> None:
    """Ask for parts (days, campaigns) too; raise DataFetchError if one has a segment that the whole lacks.

    Both ways are tried, because the largest segments of an account are often the same ones on all days.
    """
    smaller: list[tuple[Window, Sequence[int]]] = [(half, ()) for half in window.halves()] if window.days > 1 else []
    if len(campaigns) > 1:
        some = min(_PROBED, len(campaigns) // 2)
        smaller += [(window, campaigns[:some]), (window, campaigns[-some:])]
    for days, ids in smaller:
        page = await ask(days, ids)
        if await offload(keys_of, page.elements, DEMOGRAPHICS) - builder.seen.keys():
            raise incomplete(window, f"the answer was cut at {len(builder.seen):,} segments")
