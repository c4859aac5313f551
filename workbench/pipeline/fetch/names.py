"""Fetch names for ids: of segments from `adTargetingEntities`, of creatives from the posts they refer to.

A snapshot holds every name it uses, so that it can be read alone. Names in earlier snapshots are copied with the moment
at which they were fetched. A name that LinkedIn does not know, or refuses, is asked for again after a week.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from workbench.clock import utc_now
from workbench.linkedin import endpoints
from workbench.linkedin.client import Client
from workbench.linkedin.models import POST, TARGETING_ENTITY
from workbench.linkedin.urns import urn_kind
from workbench.linkedin.validation import Accepted, check
from workbench.linkedin.worker_thread import offload
from workbench.pipeline.fetch.batches import Ask, Batches, Known
from workbench.pipeline.fetch.call_planner import suspicious
from workbench.pipeline.fetch.part_builder import part_path
from workbench.pipeline.steps import Step
from workbench.schema.resources import WINDOWED
from workbench.snapshots.manifest import Part, Snapshot
from workbench.snapshots.part_file import read_lines
from workbench.snapshots.reader import UNREADABLE, lines
from workbench.snapshots.writer import SnapshotWriter

RESOLVED_FOR = timedelta(days=180)
UNRESOLVED_FOR = timedelta(days=7)
_SNAPSHOTS_BACK = 5
_POSTS = ("share", "ugcPost")


async def fetch_names(writer: SnapshotWriter, client: Client, step: Step, earlier: Sequence[Snapshot]) -> None:
    """Write the `names` part: every segment in this snapshot's demographics.

    Raises:
        WorkbenchError: LinkedIn refuses all names, or the disk does; names known before are written all the same.
    """
    client = client.counting(step.calls)

    async def ask(urns: Sequence[str]) -> Known:
        found: dict[str, bytes] = {}
        missing = urns
        while missing:
            page = await endpoints.names(client, missing)
            verdicts = [verdict for verdict in check(page.elements, TARGETING_ENTITY) if isinstance(verdict, Accepted)]
            found |= {verdict.record["urn"]: verdict.raw for verdict in verdicts}
            asked, missing = missing, [urn for urn in urns if urn not in found]
            if not suspicious(len(page.elements)) or len(missing) == len(asked):
                break  # the answer is whole, or has nothing new: LinkedIn does not know the rest
        return _answers(urns, found)

    await _fetch(writer, step, earlier, _segments(writer), ask)


async def fetch_posts(writer: SnapshotWriter, client: Client, step: Step, earlier: Sequence[Snapshot]) -> None:
    """Write the `posts` part: the posts that creatives show. Errors as `fetch_names`."""
    client = client.counting(step.calls)

    async def ask(urns: Sequence[str]) -> Known:
        results = await endpoints.posts(client, urns)
        found = {urn: next(check([raw], POST)) for urn, raw in results.items()}
        return _answers(urns, {urn: verdict.raw for urn, verdict in found.items() if isinstance(verdict, Accepted)})

    await _fetch(writer, step, earlier, _referenced(writer), ask)


async def _fetch(
    writer: SnapshotWriter, step: Step, earlier: Sequence[Snapshot], wanted: Iterator[str], ask: Ask
) -> None:
    path = part_path(step.resource, 0)
    if done := writer.finished(path):
        step.fetched = done.elements
        return
    urns: list[str] = sorted(await offload(set, wanted))
    known = await offload(_known, step.resource, urns, earlier)
    missing = [urn for urn in urns if urn not in known]
    batches = Batches(ask)
    await batches.run(missing, endpoints.NAMES_A_CALL)
    known |= batches.found | _answers(batches.refused, {})
    error = batches.error
    part = Part(
        path=path,
        resource=step.resource,
        account_id=0,
        status="partial" if error else "done",
        why=error.why or error.what if error else None,
    )
    with writer.new_part(path) as file:
        file.write([_compact(known[urn]) for urn in urns if urn in known])
        writer.commit(file, part)
    step.fetched = sum(1 for urn in urns if urn in known)
    if error:
        raise error


def _answers(urns: Iterable[str], found: Mapping[str, bytes]) -> Known:
    now = utc_now().isoformat(timespec="seconds")
    return {
        urn: {
            "account_id": 0,
            "urn": urn,
            "fetched_at": now,
            "element": json.loads(found[urn]) if urn in found else None,
        }
        for urn in urns
    }


def _known(resource: str, urns: Sequence[str], earlier: Sequence[Snapshot]) -> Known:
    """Names in the newest earlier snapshots that are young enough to be copied."""
    wanted, known, now = set(urns), Known(), utc_now()
    for line in chain.from_iterable(lines(earlier[-_SNAPSHOTS_BACK:], lambda part: part.resource == resource)):
        with suppress(*UNREADABLE):
            if line["urn"] in wanted and line["urn"] not in known and _young(line, now):
                known[line["urn"]] = line
    return known


def _young(line: Mapping[str, Any], now: datetime) -> bool:
    age = now - datetime.fromisoformat(line["fetched_at"])
    return age < (RESOLVED_FOR if line["element"] else UNRESOLVED_FOR)


def _segments(writer: SnapshotWriter) -> Iterator[str]:
    for line in chain.from_iterable(_lines(writer, resource) for resource in WINDOWED):
        segment = line["element"]["pivotValues"][0]
        if urn_kind(segment):
            yield segment


def _referenced(writer: SnapshotWriter) -> Iterator[str]:
    """The posts that creatives show."""
    for line in _lines(writer, "creatives"):
        content = line["element"].get("content") or {}
        reference = content.get("reference")
        if isinstance(reference, str) and urn_kind(reference) in _POSTS:
            yield reference


def _lines(writer: SnapshotWriter, resource: str) -> Iterator[dict[str, Any]]:
    for part in writer.parts:
        if part.resource == resource and part.path is not None:
            yield from read_lines(writer.folder / part.path)


def _compact(line: Mapping[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
