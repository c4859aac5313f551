"""One result of a check: what was looked at, its level, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from workbench.diagnostics.status import Trouble
from workbench.errors import WorkbenchError
from workbench.logs import redact

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        check: what was looked at, a stable word such as `sign-in` or `snapshots`.
        level: a `problem` keeps something from working; a `warning` will, or may.
        what: how it stands, one sentence.
        why: the cause, or "".
        next_step: what a person can do, or "" where all is well.
    """

    check: str
    level: Level
    what: str
    why: str = ""
    next_step: str = ""


def ok(check: str, what: str) -> Finding:
    return Finding(check, "ok", what)


def warning(check: str, what: str, *, why: str = "", next_step: str = "") -> Finding:
    return Finding(check, "warning", what, why, next_step)


def problem(check: str, what: str, *, why: str = "", next_step: str = "") -> Finding:
    return Finding(check, "problem", what, why, next_step)


def of_trouble(check: str, trouble: Trouble | WorkbenchError, *, level: Level = "problem") -> Finding:
    """An error as a finding."""
    return Finding(check, level, trouble.what, trouble.why, trouble.next_step)


def as_dict(findings: Iterable[Finding]) -> dict[str, Any]:
    """The object that `doctor --json` prints."""
    listed = [
        {
            "check": finding.check,
            "level": finding.level,
            "what": redact(finding.what),
            "why": redact(finding.why),
            "next": redact(finding.next_step),
        }
        for finding in findings
    ]
    return {"exit_code": int(any(one["level"] == "problem" for one in listed)), "findings": listed}
