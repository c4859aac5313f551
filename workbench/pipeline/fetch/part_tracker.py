"""Track the parts of a running fetch: skip those on disk, count those that come, note those that fail.

A part or listing that fails does not stop the others. A failure that every other request would meet too (`is_fatal`)
stops the fetch.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from workbench.errors import DataFetchError, WorkbenchError
from workbench.linkedin.error_mapping import is_fatal
from workbench.linkedin.kinds import Kind
from workbench.linkedin.validation import Page
from workbench.pipeline.fetch import listings, part_builder
from workbench.pipeline.fetch.access import Access, is_refusal
from workbench.pipeline.progress import OnProgress, Progress
from workbench.pipeline.steps import Step, Steps
from workbench.schema.literals import Outcome, Stage
from workbench.snapshots.manifest import Covers, Part, Snapshot
from workbench.snapshots.part_file import read_lines
from workbench.snapshots.reader import listed
from workbench.snapshots.writer import SnapshotWriter


@dataclass
class PartTracker:
    """The parts and steps of one fetch.

    Attributes:
        answers: limits how many answers are in memory at a time, from the request until they are written.
        access: whether an empty listing of an account can be believed; every refusal is passed to it.
        earlier: finished snapshots, oldest first.
        sign_in: a fingerprint of the sign-in whose accounts are listed.
        names: names of accounts, as they become known.
    """

    writer: SnapshotWriter
    steps: Steps
    on_progress: OnProgress
    answers: asyncio.Semaphore
    access: Access
    earlier: Sequence[Snapshot] = ()
    sign_in: str | None = None
    names: dict[int, str | None] = field(default_factory=dict)

    def name_account(self, account_id: int, name: str | None) -> None:
        """Remember an account's name for progress messages."""
        self.names[account_id] = name

    @asynccontextmanager
    async def step(
        self, account_id: int, resource: str, stage: Stage, *, optional: bool = False
    ) -> AsyncIterator[Step]:
        """Start and end the step of one resource. A failure of the block is noted in it; only a fatal one is raised.

        Args:
            optional: whether not every sign-in may read it. A refusal then ends the step without an error, and says
                nothing about the rest of the account.
        """
        step = self.steps.of(account_id, resource)
        step.start()
        self.report(step, stage)
        try:
            yield step
        except WorkbenchError as error:
            if self.access.is_gone(account_id, error) or (optional and is_refusal(error)):
                self.writer.note(_failed_part(_part(step), error, status="done"))
                step.leave_out()
                return
            error.concern(account_id)
            step.fail(error)
            if not optional:
                self.access.note_refusal(account_id, error)
            self.writer.note(_failed_part(_part(step), error))
            if is_fatal(error):
                raise
        else:
            step.end("partial" if step.error else "done")
        finally:
            self.report(step, stage)

    @asynccontextmanager
    async def parts(self, account_id: int, resource: str, stage: Stage, total: int) -> AsyncIterator[Step]:
        """Start and end the step of a resource of several parts; its status follows from how many are whole.

        Args:
            total: how many parts; who fetches them may lower the step's `total` meanwhile.
        """
        step = self.steps.of(account_id, resource)
        step.start(total)
        self.report(step, stage)
        yield step
        step.end("done" if step.done == step.total else "partial" if step.done or step.fetched else "failed")
        self.report(step, stage)

    async def part(
        self,
        step: Step,
        number: int,
        stage: Stage,
        covers: Covers,
        fetch: Callable[[Part], Awaitable[Part]],
        *,
        pivot: str | None = None,
    ) -> None:
        """Fetch one part unless an equal one is on disk."""
        part = _part(step, number, pivot)
        done = self.writer.finished(str(part.path))
        if done is None or ((done.asked,) if done.asked else done.covers) != covers:
            try:
                async with self.answers:
                    done = await fetch(part)
            except WorkbenchError as error:
                if is_fatal(error):
                    raise
                if self.access.is_gone(step.account_id, error):
                    done = _failed_part(part, error, status="done")
                else:
                    error.concern(step.account_id)
                    step.note(error)
                    self.access.note_refusal(step.account_id, error)
                    done = _failed_part(part, error)
                self.writer.note(done)
        if done.status == "done":
            step.done += 1
        _count(step, done)
        self.report(step, stage)

    async def listing(
        self,
        step: Step,
        stage: Stage,
        kind: Kind[Any],
        pages: Callable[[], AsyncIterator[Page]],
        on_records: Callable[[list[Any]], None],
        *,
        complete: bool = True,
        skip_reason: part_builder.Reason = lambda key: None,
    ) -> int:
        """Fetch one listing, or read it from disk if it is there; `on_records` is called with its records either way.

        Returns: how many pages LinkedIn was asked for.
        """
        planned = _part(step)
        if not step.account_id:
            planned = planned.model_copy(update={"sign_in": self.sign_in})
        part = self.writer.finished(str(planned.path))
        read = 0
        if part is not None and part.sign_in == planned.sign_in:
            envelopes = read_lines(self.writer.folder / str(part.path))
            on_records([envelope["element"] for envelope in envelopes])
        else:

            def count(records: list[Any]) -> None:
                nonlocal read
                read += 1
                on_records(records)
                step.fetched += len(records)
                self.report(step, stage)

            part = await listings.listing(
                self.writer,
                planned,
                lambda: self._limited(pages()),
                kind,
                on_records=count,
                complete_if_whole=complete,
                skip_reason=skip_reason,
                known=partial(listed, self.earlier, step.resource, step.account_id, sign_in=planned.sign_in),
                may_be_empty=partial(self.access.is_proven, step.account_id),
            )
        _count(step, part)
        return read

    async def listing_again(self, step: Step, kind: Kind[Any], pages: Callable[[], AsyncIterator[Page]]) -> None:
        """Read a complete listing once more; entities that only the first reading had are kept."""
        part = await listings.listing_again(self.writer, _part(step), lambda: self._limited(pages()), kind)
        _count(step, part)

    def report(self, step: Step, stage: Stage, *, note: str = "") -> None:
        """Pass the state of a step to `steps` and to `on_progress`."""
        self.steps.changed(step)
        self.on_progress(
            Progress(
                step=stage,
                account_id=step.account_id or None,
                account_name=self.names.get(step.account_id),
                resource=step.resource,
                status=step.status,
                done=step.fetched,
                note=note or (step.error.what if step.error else ""),
            )
        )

    def withdraw_coverage(
        self, step: Step, stage: Stage, unproven: Collection[str], error_of: Callable[[Part], DataFetchError]
    ) -> None:
        """Let the empty parts of a resource cover nothing.

        Args:
            unproven: paths of further parts that hold an empty answer.
            error_of: returns the reason for a part.
        """
        parts = [part for part in self.writer.parts if _belongs_to(part, step)]
        doubtful = [part for part in parts if part.covers and (not part.elements or part.path in unproven)]
        if not doubtful:
            return
        for part in doubtful:
            error = error_of(part)
            if step.account_id in self.access.gone:
                self.writer.note(part.model_copy(update={"covers": (), "why": error.why}))
                continue
            self.writer.note(part.model_copy(update={"covers": (), "status": "partial", "why": error.why}))
            step.note(error)
            step.done -= step.total is not None
        ends = [last for part in parts if part not in doubtful for _, last in part.covers if last]
        step.complete_through = max(ends, default=None)
        if step.account_id not in self.access.gone:
            step.end("partial" if step.done or step.fetched else "failed")
        self.report(step, stage)

    async def _limited(self, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        """The pages. Each counts against `answers` until it is written."""
        while True:
            async with self.answers:
                page = await anext(pages, None)
                if page is None:
                    return
                yield page


def _part(step: Step, number: int | None = None, pivot: str | None = None) -> Part:
    path = part_builder.part_path(step.resource, step.account_id, number)
    return Part(path=path, resource=step.resource, account_id=step.account_id, pivot=pivot)


def _failed_part(part: Part, error: WorkbenchError, *, status: Outcome = "failed") -> Part:
    """A part that could not be fetched, with the reason."""
    return part.model_copy(update={"path": None, "status": status, "why": error.why or error.what})


def _belongs_to(part: Part, step: Step) -> bool:
    return (part.resource, part.account_id) == (step.resource, step.account_id)


def _count(step: Step, part: Part) -> None:
    """Add the counts of a part to its step. A listing has one part; the parts of other resources add up."""
    if part.path is not None:
        step.fetched = part.elements if step.total is None else step.fetched + part.elements
    step.rejected += part.rejected
    if part.status == "partial":
        step.note(
            DataFetchError(
                f"Not everything of {step.resource} could be used.",
                why=part.why or "",
                next_step="See rejects.ndjson in the snapshot; the rest was kept, and it is asked for again next time.",
                account_id=step.account_id or None,
            )
        )
    ends = [last for _, last in part.covers if last is not None]
    if ends:
        step.complete_through = max(*ends, step.complete_through or ends[0])
