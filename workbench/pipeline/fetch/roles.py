"""Fetch the signed-in member's role on each account, which explains what may be read. No id of a member is kept."""

from __future__ import annotations

import json
from collections.abc import Collection

from workbench.errors import WorkbenchError
from workbench.linkedin.error_mapping import is_fatal
from workbench.pipeline.fetch.access import Access
from workbench.pipeline.fetch.part_builder import part_path
from workbench.pipeline.steps import Step
from workbench.snapshots.manifest import Part
from workbench.snapshots.writer import SnapshotWriter


async def fetch_roles(writer: SnapshotWriter, access: Access, step: Step, accounts: Collection[int]) -> None:
    """Write the `account_users` part: the role on each of these accounts; none where LinkedIn does not answer.

    Raises:
        WorkbenchError: a failure that every other request would meet too.
    """
    path = part_path(step.resource, 0)
    part = Part(path=path, resource=step.resource, account_id=0)
    if done := writer.finished(path):
        step.fetched = done.elements
        return
    try:
        roles = await access.roles()
    except WorkbenchError as error:
        if is_fatal(error):
            raise
        writer.note(part.model_copy(update={"path": None, "why": error.why or error.what}))
        return
    known = sorted(roles.keys() & set(accounts))
    lines = [{"account_id": account_id, "element": {"role": roles[account_id] or None}} for account_id in known]
    with writer.new_part(path) as file:
        file.write([json.dumps(line, separators=(",", ":")).encode() for line in lines])
        writer.commit(file, part)
    step.fetched = len(lines)
