"""Read the listings of an account's entities, page by page, although entities may be deleted meanwhile.

A deletion on a page that was already read may move an entity from the next page to that one, so that neither page shows
it. The answers do not say so. A listing is therefore compared with the listing before it and with the entities that
other answers mention, and is read again if one is missing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from typing import Any, NamedTuple

from workbench.errors import DataFetchError, WorkbenchError
from workbench.linkedin import endpoints
from workbench.linkedin.error_mapping import is_fatal
from workbench.linkedin.kinds import Kind
from workbench.linkedin.models import ENTITIES
from workbench.linkedin.validation import Page
from workbench.linkedin.worker_thread import offload
from workbench.pipeline.fetch.part_builder import PartBuilder, Reason, commit
from workbench.schema.resources import LISTINGS
from workbench.snapshots.manifest import COMPLETE_LISTING, Part
from workbench.snapshots.part_file import read_elements
from workbench.snapshots.writer import SnapshotWriter


class EntityListing(NamedTuple):
    """The description of a listing: one kind of entity of an account."""

    kind: Kind[Any]
    pages: Callable[..., AsyncIterator[Page]]


LISTED = {name: EntityListing(ENTITIES[name], endpoints.LISTINGS[name]) for name in LISTINGS}
Pages = Callable[[], AsyncIterator[Page]]
OnRecords = Callable[[list[Any]], None]


async def listing(
    writer: SnapshotWriter,
    part: Part,
    pages: Pages,
    kind: Kind[Any],
    *,
    on_records: OnRecords,
    complete_if_whole: bool = True,
    skip_reason: Reason = lambda key: None,
    known: Callable[[], set[Hashable]] = set,
    may_be_empty: Callable[[], Awaitable[bool]] | None = None,
) -> Part:
    """Read a listing into a part. An interrupted one keeps its lines but covers nothing, so no entity becomes unlisted.

    If an entity is missing that was listed before, the pages are read once more.

    Args:
        pages: reads them from the first.
        on_records: called with the accepted records of each page.
        complete_if_whole: whether the listing was asked for without a filter.
        skip_reason: called with a key; returns a reason to leave the element out without a reject, or None to keep it.
        known: returns the keys that were listed before.
        may_be_empty: returns whether access is proven. If not, an empty listing where entities were listed before is an
            error.
    """
    with writer.new_part(str(part.path)) as file:
        builder = PartBuilder(file, part, kind, {})
        error: WorkbenchError | None = None
        try:
            await _read(builder, pages(), on_records, skip_reason)
            before = await offload(known) if complete_if_whole and not builder.rejects else set()
            if before - builder.seen.keys():
                await _read(builder, pages(), on_records, _unless_read(builder))
            if before and not builder.seen and may_be_empty and not await may_be_empty():
                error = _lost_everything(part, len(before))
        except DataFetchError as failure:
            error = failure
        except WorkbenchError as failure:
            if is_fatal(failure) or not builder.file.elements:
                raise
            error = failure
        why = error.why or error.what if error else None
        return commit(writer, builder, COMPLETE_LISTING, why=why, filtered=not complete_if_whole)


async def listing_again(writer: SnapshotWriter, part: Part, pages: Pages, kind: Kind[Any]) -> Part:
    """Read a complete listing once more, and keep the elements that only the first reading had.

    Args:
        part: the first reading, which stays as it is if this one fails.

    Returns: the part that replaces it, with the elements of both readings. If this reading has a reject, the part
        covers nothing, because the reject may be the element that was missing.
    """
    with writer.new_part(str(part.path)) as file:
        builder = PartBuilder(file, part, kind, {})
        await _read(builder, pages(), lambda records: None, _unless_read(builder))
        earlier = await offload(lambda: list(read_elements(writer.folder / str(part.path))))
        await offload(builder.add, earlier, _unless_read(builder))
        return commit(writer, builder, COMPLETE_LISTING)


def _lost_everything(part: Part, before: int) -> DataFetchError:
    return DataFetchError(
        f"The {part.resource} of account {part.account_id} may be missing for lack of permission.",
        why=f"LinkedIn listed nothing where there were {before:,} before, and nothing shows a role on the account.",
        next_step="Ask an account admin for a role (Viewer is enough), then sync again.",
        account_id=part.account_id or None,
    )


async def _read(
    builder: PartBuilder, pages: AsyncIterator[Page], on_records: OnRecords, skip_reason: Reason = lambda key: None
) -> None:
    async for page in pages:
        on_records(await offload(builder.add, page.elements, skip_reason))


def _unless_read(builder: PartBuilder) -> Reason:
    return lambda key: "read already" if key in builder.seen else None
