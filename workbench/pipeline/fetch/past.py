"""Fetch what lies half a year back or longer: months, and the days that LinkedIn still gives, newest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import Any

from workbench.errors import LinkedInAPIError
from workbench.linkedin.error_mapping import is_too_large
from workbench.linkedin.worker_thread import offload
from workbench.pipeline.fetch import history
from workbench.pipeline.fetch.call_planner import Slice
from workbench.pipeline.fetch.part_builder import part_path
from workbench.pipeline.fetch.part_tracker import PartTracker
from workbench.pipeline.fetch.rejected_days import without_days
from workbench.pipeline.steps import Step
from workbench.schema.resources import ACTIVE_DAYS, MONTHS
from workbench.schema.windows import Window
from workbench.snapshots.manifest import Part, Snapshot
from workbench.snapshots.part_file import read_lines
from workbench.snapshots.writer import SnapshotWriter

Fetch = Callable[[Slice, Part], Awaitable[Part]]


@dataclass(frozen=True)
class Past:
    """The old months and days of one fetch.

    Attributes:
        earlier: finished snapshots, whose old days need not be asked for again.
        months: impressions by month of each account whose months were read whole.
    """

    writer: SnapshotWriter
    tracker: PartTracker
    groups: Collection[str]
    earlier: Sequence[Snapshot]
    months: dict[int, history.Impressions] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.writer.started_at.date()

    @cached_property
    def _settled(self) -> dict[tuple[int, str], Sequence[Window]]:
        return dict(history.settled(self.earlier, self.groups))

    def split(self, window: Window) -> tuple[Window | None, Window | None]:
        """The old days of a window, and the others."""
        old = history.old_days(window, self.today)
        if old is None or old.last == window.last:
            return old, window if old is None else None
        return old, Window(old.last + history.ONE_DAY, window.last)

    def unsettled(self, account_id: int, resource: str, pieces: Sequence[Slice]) -> list[Slice]:
        """The slices of old days that are to be asked for, newest first."""
        return history.unsettled(pieces[::-1], self._settled.get((account_id, resource), ()))

    async def read_months(self, account_id: int) -> None:
        """Keep the impressions of the months that this snapshot has of an account."""
        found = await offload(self._impressions, account_id, MONTHS, range(1_000))
        self.months[account_id] = found

    async def days(self, step: Step, pieces: Sequence[Slice], first_number: int, fetch: Fetch) -> None:
        """Fetch old days, newest first, until LinkedIn gives none; what it does not give whole is not covered."""
        months = self.months.get(step.account_id)
        asked: list[Window] = []
        empty: list[Window] = []
        for number, piece in enumerate(pieces, first_number):
            covers = ((piece.window.first, piece.window.last),)
            await self.tracker.part(step, number, "metrics", covers, partial(self._part, piece, fetch))
            part = self._done(step, number)
            asked.append(piece.window)
            empty = [*empty, piece.window] if part is not None and not part.elements else []
            if step.resource in ACTIVE_DAYS and history.is_over(history.joined(empty), months):
                break
        step.total = (step.total or 0) - (len(pieces) - len(asked))
        if window := history.joined(asked):
            numbers = range(first_number, first_number + len(asked))
            found = await offload(self._impressions, step.account_id, step.resource, numbers)
            missing = history.not_given(step.resource, window, found, months, self.today)
            for part in filter(None, (self._done(step, number) for number in numbers)):
                left = without_days(part.covers, missing)
                if left != part.covers:
                    asked_for = part.asked or (part.covers[0][0], part.covers[-1][1])
                    self.writer.note(
                        part.model_copy(update={"covers": left, "asked": asked_for, "why": history.NOT_GIVEN})
                    )

    async def _part(self, piece: Slice, fetch: Fetch, part: Part) -> Part:
        """One slice; one that LinkedIn refuses for its age covers nothing, and is not asked for again."""
        try:
            return await fetch(piece, part)
        except LinkedInAPIError as error:
            if error.status != 400 or is_too_large(error):
                raise
            asked = (piece.window.first, piece.window.last)
            with self.writer.new_part(str(part.path)) as file:
                return self.writer.commit(file, part.model_copy(update={"asked": asked, "why": error.why}))

    def _done(self, step: Step, number: int) -> Part | None:
        return self.writer.finished(part_path(step.resource, step.account_id, number))

    def _impressions(self, account_id: int, resource: str, numbers: range) -> dict[date, int]:
        return history.by_month(self._days(account_id, resource, numbers))

    def _days(self, account_id: int, resource: str, numbers: range) -> Iterator[tuple[date, int]]:
        for number in numbers:
            path = part_path(resource, account_id, number)
            if self.writer.finished(path) is None:
                if resource == MONTHS:
                    return
                continue
            for line in read_lines(self.writer.folder / path):
                element: dict[str, Any] = line["element"]
                start = element["dateRange"]["start"]
                yield date(start["year"], start["month"], start["day"]), element.get("impressions", 1) or 0
