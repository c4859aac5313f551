"""Describe an installation, without migrating, writing, asking LinkedIn or starting a sync.

    health = gather()                  # for the person whose installation it is
    health = gather(readers=True)      # for pages served to others: no sign-in, the role that can only read

Every part stands for itself: what cannot be known is None or a `Trouble` that says why, and the rest is there.
"""

from __future__ import annotations

from workbench.diagnostics.status.facts import (
    Coverage,
    DatabaseFacts,
    DiskFacts,
    Health,
    SignInFacts,
    SnapshotFacts,
    StepFacts,
    SyncFacts,
    TableFacts,
    Trouble,
    Unusable,
)
from workbench.diagnostics.status.gather import gather

__all__ = [
    "Coverage",
    "DatabaseFacts",
    "DiskFacts",
    "Health",
    "SignInFacts",
    "SnapshotFacts",
    "StepFacts",
    "SyncFacts",
    "TableFacts",
    "Trouble",
    "Unusable",
    "gather",
]
