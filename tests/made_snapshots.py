"""Snapshots made by hand, written by the real writer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

from workbench.schema.snapshot_names import moment_of
from workbench.snapshots.journal import JOURNAL
from workbench.snapshots.manifest import Covers, Part, Plan, ResourceName, Snapshot
from workbench.snapshots.writer import SnapshotWriter

PIVOTS = ("MEMBER_JOB_TITLE", "MEMBER_SENIORITY")
RESOURCES: tuple[str, ...] = get_args(ResourceName)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Made:
    """A part to be written: envelopes as dictionaries, or as the bytes of a line."""

    resource: Any
    account_id: int
    lines: Sequence[Any] = ()
    covers: Covers = ()
    pivot: str | None = None
    context: dict[str, Any] = field(default_factory=dict)

    def encoded(self) -> list[bytes]:
        return list(self._encoded)

    @cached_property
    def _encoded(self) -> list[bytes]:
        head = {"account_id": self.account_id, **self.context}
        return [
            line if isinstance(line, bytes) else json.dumps({**head, "element": line}).encode() for line in self.lines
        ]


def plan(window: tuple[date, date] = (date(2026, 8, 26), date(2026, 11, 24)), **changes: Any) -> Plan:
    facts = {"linkedin_version": "202607", "account_ids": None, "campaign_statuses": (), "pivots": PIVOTS}
    return Plan.model_validate({**facts, "window": window, **changes})


def writer(folder: Path, **changes: Any) -> SnapshotWriter:
    return SnapshotWriter.create(folder, plan(**changes), trigger="script", started_at=NOON, version="0.1.0")


def write(into: SnapshotWriter, made: Made, number: int | None = None) -> Part:
    path = f"{made.resource}/{made.account_id}{'' if number is None else f'-{number}'}.ndjson.gz"
    part = Part(path=path, resource=made.resource, account_id=made.account_id, covers=made.covers, pivot=made.pivot)
    with into.new_part(path) as file:
        file.write(made.encoded())
        return into.commit(file, part)


def snapshot(snapshot_dir: Path, name: str, parts: Iterable[Made], **changes: Any) -> Snapshot:
    into = writer(snapshot_dir / name, **changes)
    for number, made in enumerate(parts):
        write(into, made, number)
    return into.finish(finished_at=moment_of(name), api_calls=1, complete=True)


def journal_entries(folder: Path) -> list[dict[str, Any]]:
    """The whole lines of a journal, its plan first; a torn last line is left out."""
    path = folder / JOURNAL
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]
