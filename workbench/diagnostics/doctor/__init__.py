"""Check an installation: each finding holds what, why, and what to do next.

    findings = examine()
    healthy = not any(finding.level == "problem" for finding in findings)

Nothing is migrated, renewed or repaired. LinkedIn is asked for its time, and where client id and secret exist, for its
word on the token; no data is fetched.
"""

from __future__ import annotations

from workbench.diagnostics.doctor.checks import examine
from workbench.diagnostics.doctor.finding import Finding, Level, as_dict

__all__ = ["Finding", "Level", "as_dict", "examine"]
