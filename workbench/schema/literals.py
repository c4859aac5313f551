"""The fixed words of a sync: who started it, whose data it fetches, its stages and states, and those of its steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Trigger = Literal["cli", "notebook", "script", "demo"]
"""Who started a sync."""
Origin = Literal["linkedin", "loopback", "sample"]
"""Whose data a snapshot or a database holds: LinkedIn's; a LinkedIn's on loopback; the invented ones that we ship."""
FetchStage = Literal["accounts", "campaigns", "metrics", "demographics", "names"]
"""The stages of a sync that ask LinkedIn, in order."""
Stage = Literal["auth"] | FetchStage | Literal["snapshot", "load", "log", "wait", "notice"]
"""The stages of a sync, in order. At any time: `wait` (LinkedIn is out of reach or wants a pause) and `notice`."""
StepStatus = Literal["pending", "running", "done", "partial", "failed"]
"""The state of one resource of one account."""
ProgressStatus = StepStatus | Literal["skipped"]
"""What progress says of a step; `skipped`: the account was fresh."""
Outcome = Literal["done", "partial", "failed"]
"""How a sync that ended by itself ended."""
EndStatus = Outcome | Literal["interrupted"]
"""How a sync ended, as `sync_log` has it."""


def overall_status(statuses: Iterable[str]) -> StepStatus:
    """One status for several steps: `done` if all are, `failed` if none brought anything, else `partial`."""
    words = set(statuses)
    if not words:
        return "pending"
    if words == {"done"}:
        return "done"
    return "failed" if words <= {"failed", "pending"} else "partial"
