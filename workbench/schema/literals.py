"""The fixed words of a sync: who started it, its stages, and the states of a sync and of its steps."""

from __future__ import annotations

from typing import Literal

Trigger = Literal["cli", "notebook", "script", "demo"]
"""Who started a sync."""
Stage = Literal[
    "auth",
    "accounts",
    "campaigns",
    "creatives",
    "metrics",
    "demographics",
    "names",
    "snapshot",
    "load",
    "log",
    "wait",
    "notice",
]
"""The stages of a sync, in order. At any time: `wait` (LinkedIn is out of reach or wants a pause) and `notice`."""
StepStatus = Literal["pending", "running", "done", "partial", "failed"]
"""The state of one resource of one account."""
ProgressStatus = StepStatus | Literal["skipped"]
"""What progress says of a step; `skipped`: the account was fresh."""
Outcome = Literal["done", "partial", "failed"]
"""How a sync that ended by itself ended."""
EndStatus = Outcome | Literal["interrupted"]
"""How a sync ended, as `sync_log` has it."""
