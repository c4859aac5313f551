"""Turn LinkedIn's answers into the parts of a snapshot: check the elements, write them, set what the part covers.

One function per kind of part. Each leaves no part half written.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, cast

from workbench.errors import DataFetchError, WorkbenchError, capitalized
from workbench.linkedin.ad_analytics_models import DAILY_METRICS
from workbench.linkedin.client import FEW_ATTEMPTS
from workbench.linkedin.error_mapping import is_fatal, is_too_large
from workbench.linkedin.kinds import Kind
from workbench.linkedin.urns import urn_id
from workbench.linkedin.validation import Accepted, Page, Rejected, check, without_repeats
from workbench.linkedin.worker_thread import offload
from workbench.pipeline.fetch.answer_merger import merged
from workbench.pipeline.fetch.call_planner import CAP, Halving, Slice, suspicious
from workbench.pipeline.fetch.rejected_days import days_of, without_days
from workbench.schema.metric_groups import GROUP_FIELDS
from workbench.schema.metrics import ANCHOR
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Covers, Part
from workbench.snapshots.part_file import PartFile
from workbench.snapshots.writer import SnapshotWriter

Reason = Callable[[Hashable], str | None]
"""Called with a key; returns a reason against its element, or None."""

Ask = Callable[..., Awaitable[Page]]
"""Called with a window and campaigns, and with `attempts` where it shall try less often than usual."""


@dataclass
class PartBuilder:
    """Builds one part: accepted lines go to the file at once, rejects are collected for the journal.

    Attributes:
        context: members of the envelope that the element itself lacks.
        reject_if: returns a reason to reject a key that is valid but was not asked for.
        mended: elements that were accepted without an attribute that no column can hold.
        unread: why days of `rejected_days` were not read, where that is not for a reject.
        rejected_days: the UTC days of rejected daily rows; None: a rejected row has no readable day.
    """

    file: PartFile
    part: Part
    kind: Kind[Any]
    context: dict[str, Any]
    reject_if: Reason = lambda key: None
    seen: dict[Hashable, int] = field(default_factory=dict)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    mended: list[dict[str, Any]] = field(default_factory=list)
    rejected_days: set[date | None] = field(default_factory=set)
    unread: str | None = None

    def add(self, elements: Sequence[bytes], skip_reason: Reason = lambda key: None) -> list[Any]:
        """Check and write elements; return the records of the accepted ones. Runs in a worker thread.

        Args:
            skip_reason: returns a reason to leave an element out without a reject, or None to keep it.
        """
        verdicts = (
            verdict
            for verdict in check(elements, self.kind)
            if isinstance(verdict, Rejected) or skip_reason(verdict.key) is None
        )
        head = json.dumps({"account_id": self.part.account_id, **self.context}, separators=(",", ":"))[:-1].encode()
        lines, records = [], []
        for verdict in without_repeats(verdicts, self.seen):
            if isinstance(verdict, Accepted) and (reason := self.reject_if(verdict.key)):
                verdict = Rejected(verdict.raw, reason)
            if isinstance(verdict, Rejected):
                self.rejects.append(self._reject(verdict))
                self.rejected_days |= days_of(verdict.raw)
            else:
                if verdict.odd:
                    self.mended.append(self._reject(verdict.odd))
                lines.append(head + b',"element":' + verdict.raw + b"}")
                records.append(verdict.record)
        self.file.write(lines)
        return records

    def _reject(self, verdict: Rejected) -> dict[str, Any]:
        return {
            "resource": self.part.resource,
            "account_id": self.part.account_id,
            "reason": verdict.reason,
            "element": verdict.raw.decode("utf-8", "backslashreplace"),
            "part": self.part.path,
        }


def part_path(resource: str, account_id: int, number: int | None = None) -> str:
    """`campaigns/512345678.ndjson.gz`, `creative_daily_metrics/512345678-2.ndjson.gz`."""
    return f"{resource}/{account_id}{'' if number is None else f'-{number}'}.ndjson.gz"


def commit(
    writer: SnapshotWriter,
    builder: PartBuilder,
    covers: Covers,
    *,
    why: str | None = None,
    filtered: bool = False,
    failed: Mapping[str, WorkbenchError] = MappingProxyType({}),
) -> Part:
    """Give the part its final name. A rejected daily row takes its day out of `covers`; any other reject empties it."""
    rejected = len(builder.rejects)
    lost = why is not None
    left = without_days(covers, builder.rejected_days) if not lost and builder.kind.daily else ()
    if rejected:
        why = why or f"{rejected} element(s) set aside, first: {builder.rejects[0]['reason']}"
    why = why or builder.unread
    whole = why is None
    if whole and failed:
        why = "; ".join(f"the group {group} failed: {error.why or error.what}" for group, error in failed.items())
    if whole and filtered:
        why = "filtered"
    part = builder.part.model_copy(
        update={
            "covers": covers if whole and not filtered else left,
            "why": why,
            "status": "done" if whole and not failed else "partial",
        }
    )
    return writer.commit(builder.file, part, [*builder.rejects, *builder.mended])


async def daily_metrics(
    writer: SnapshotWriter,
    part: Part,
    piece: Slice,
    asks: Sequence[Ask],
    *,
    extra: Mapping[str, Ask] = MappingProxyType({}),
    kind: Kind[Any] = DAILY_METRICS,
    urn: str,
    campaigns: Sequence[int],
    on_ids: Callable[[set[int]], None],
) -> Part:
    """One slice of daily metrics, whole or not covered at all.

    Args:
        asks: for each group of metrics one call for a window and a list of campaigns (empty: the whole account).
        extra: the same for groups beyond the core, by name: one that fails is missing in the rows, and stops nothing.
        kind: of the rows; its key is an entity's URN, a day, and perhaps more.
        urn: the kind of URN that the rows must speak of.
        on_ids: called with the ids of entities that have figures.
        campaigns: every campaign that can have rows, by which an answer of a single day can still be split; none where
            they are not all known.
    """
    prefix = f"urn:li:{urn}:"

    def unasked(key: Hashable) -> str | None:
        entity, day = cast(tuple[str, date], key)[:2]
        if not entity.startswith(prefix):
            return f"{entity} is not a {urn}"
        return None if piece.window.first <= day <= piece.window.last else f"{day} was not asked for"

    halving = Halving()
    failed: dict[str, WorkbenchError] = {}
    with writer.new_part(str(part.path)) as file:
        builder = PartBuilder(file, part, kind, {}, unasked)
        for ids in piece.campaign_ids or ((),):
            answers = [await whole_answers(ask, piece.window, ids, campaigns, halving=halving) for ask in asks]
            for name, ask in extra.items():
                if name not in failed:
                    try:
                        answers.append(await whole_answers(ask, piece.window, ids, campaigns))
                    except WorkbenchError as error:
                        if is_fatal(error):
                            raise
                        failed[name] = error
            for elements in await offload(merged, answers, kind):
                await offload(builder.add, elements)
        builder.rejected_days.update(halving.unread)
        builder.unread = halving.why
        builder.part = _lacking(part, failed).model_copy(
            update={"days_a_call": None if halving.unread else halving.days}
        )
        on_ids(await offload(_entities, builder.seen))
        return commit(writer, builder, ((piece.window.first, piece.window.last),), failed=failed)


def _lacking(part: Part, failed: Iterable[str]) -> Part:
    """The part without the metrics of groups that failed."""
    lacks = {*part.lacks, *(name for group in failed for name in GROUP_FIELDS[group] if name != ANCHOR)}
    return part.model_copy(update={"lacks": tuple(sorted(lacks)), "failed_groups": tuple(failed)})


async def whole_answers(
    ask: Ask,
    window: Window,
    ids: Sequence[int],
    campaigns: Sequence[int],
    *,
    longest: int = 0,
    halving: Halving | None = None,
    again: bool = False,
) -> list[Page]:
    """Answers that together hold everything of a window, split where their length says they may have been cut.

    Args:
        longest: the length of the answer that is being split. A cut has one length, so a shorter answer is whole.
        halving: takes what is learned where LinkedIn refuses windows as too large.
        again: whether this is a part of what it has refused.

    Raises:
        DataFetchError: one day of one campaign still looks cut, or the figures moved while they were read.
    """
    halving = halving or Halving()
    try:
        page = await (ask(window, ids, attempts=FEW_ATTEMPTS) if again else ask(window, ids))
    except WorkbenchError as error:
        if not is_too_large(error):
            raise
        if window.days == 1 and len(ids or campaigns) < 2:
            if not again:
                raise
            halving.gave_up(window, error)
            return []
        return [
            page
            for smaller, some in _halves(window, ids, campaigns)
            for page in await whole_answers(ask, smaller, some, campaigns, halving=halving, again=True)
        ]
    if again:
        halving.answered(window)
    length = len(page.elements)
    if length < CAP and (length < longest or not suspicious(length)):
        return [page]
    halves: list[Page] = []
    for smaller, some in _halves(window, ids, campaigns):
        halves += await whole_answers(ask, smaller, some, campaigns, longest=length, halving=halving)
    found = sum(len(half.elements) for half in halves)
    if found < length:
        raise incomplete(window, f"{length:,} rows became {found:,} when they were asked for in halves")
    return [page] if found == length < CAP else halves


async def active_campaigns(asks: Sequence[Ask], window: Window) -> set[int]:
    """The campaigns that had figures, listed or not; each of `asks` returns a group of metrics by campaign.

    Raises: as `whole_answers`.
    """
    found: set[int] = set()
    for page in [page for ask in asks for page in await whole_answers(ask, window, (), ())]:
        found |= _entities(await offload(keys_of, page.elements, DAILY_METRICS))
    return found


def _halves(window: Window, ids: Sequence[int], campaigns: Sequence[int]) -> list[tuple[Window, Sequence[int]]]:
    if window.days > 1:
        return [(half, ids) for half in window.halves()]
    several = ids or campaigns
    if not several:
        raise incomplete(window, "one day has as many rows as LinkedIn would cut, and not all campaigns are known")
    if len(several) < 2:
        raise incomplete(window, "the rows of one day of one campaign are as many as LinkedIn would cut")
    middle = len(several) // 2
    return [(window, several[:middle]), (window, several[middle:])]


def _entities(keys: Iterable[Hashable]) -> set[int]:
    """The ids of the entities in these keys of daily metrics."""
    return {urn_id(entity) for entity in {cast(tuple[str, date], key)[0] for key in keys}}


def keys_of(elements: Sequence[bytes], kind: Kind[Any]) -> set[Hashable]:
    """The keys of the elements that can be used."""
    return {verdict.key for verdict in check(elements, kind) if isinstance(verdict, Accepted)}


def incomplete(window: Window, why: str) -> DataFetchError:
    """The error of figures that are not whole; `why` is a sentence without full stop."""
    return DataFetchError(
        f"The figures of {window} are not whole.",
        why=f"{capitalized(why)}.",
        next_step="Sync again later; these days are asked for again, everything else is kept.",
        window=(window.first, window.last),
    )
