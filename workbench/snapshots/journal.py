"""Read and repair the journal of an unfinished snapshot: its plan, then a line per part and per reject.

A crash may leave the last line incomplete. Lines after an incomplete one are ignored.
"""

from __future__ import annotations

import json
import logging
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.files import sync_descriptor
from workbench.snapshots.manifest import Part, Plan

JOURNAL = "journal.ndjson"
JOURNAL_BYTES = 2**30
"""More than any of ours: a line for each part and reject."""
_LOG = logging.getLogger(__name__)


def line(entry: dict[str, Any]) -> bytes:
    """An entry as the bytes of its line."""
    return json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def part_of(entry: dict[str, Any]) -> Part:
    """The part in an entry."""
    return Part.model_validate_json(json.dumps(entry["part"]))


def mend_journal(folder: Path) -> list[dict[str, Any]]:
    """The journal's entries. An incomplete line is cut off the file, or the next entry would be appended to it."""
    entries, sound = _sound_entries(folder)
    if entries:
        with (folder / JOURNAL).open("r+b") as journal:
            journal.truncate(sound)
            sync_descriptor(journal.fileno())
    return entries


def _sound_entries(folder: Path) -> tuple[list[dict[str, Any]], int]:
    """The journal's entries and how many bytes of it they take; none where a stranger's folder has no plain file."""
    entries: list[dict[str, Any]] = []
    sound = 0
    try:
        found = (folder / JOURNAL).lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > JOURNAL_BYTES:
            why = "is no plain file" if not stat.S_ISREG(found.st_mode) else f"has more than {JOURNAL_BYTES:,} bytes"
            _LOG.warning("%s is left as it is, because its journal %s: what it lacks is asked for again.", folder, why)
            return [], 0
        data = (folder / JOURNAL).read_bytes()
    except FileNotFoundError:
        return [], 0
    for line in data.split(b"\n")[:-1]:
        entry = _entry(line, first=not entries)
        if entry is None:
            break
        entries.append(entry)
        sound += len(line) + 1
    return entries, sound


def _entry(line: bytes, *, first: bool) -> dict[str, Any] | None:
    """One line of the journal, None if it cannot be one."""
    try:
        entry = json.loads(line)
        if first:
            Plan.model_validate(entry["plan"])
            datetime.fromisoformat(entry["started_at"])
            "".join((entry["trigger"], entry["workbench_version"]))  # both must be strings, or this raises TypeError
        elif "part" in entry:
            part_of(entry)
        elif "reject" in entry:
            entry["reject"].get("part")
        return entry if isinstance(entry, dict) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
