"""`workbench doctor`: check this installation, and print what to do."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.app import PLAIN, print_json
from workbench.console import printable
from workbench.diagnostics.doctor import Finding, as_dict, examine
from workbench.logs import redact

app = typer.Typer(**PLAIN)

_MARKS = {"ok": "ok", "warning": "warning", "problem": "PROBLEM"}


@app.command()
def run(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Check for what is wrong or soon will be, and print what to do; exits 1 if there is a problem.

    Nothing is repaired. Snapshots are read whole, to compare their checksums.

    Example: workbench doctor
    """
    findings = examine()
    found = as_dict(findings)
    if as_json:
        print_json(found)
    else:
        for finding in findings:
            typer.echo(_told(finding))
        typer.echo(f"\n{_summary(findings)}")
    raise typer.Exit(found["exit_code"])


def _told(finding: Finding) -> str:
    lines = [f"{_MARKS[finding.level]:<8} {finding.check}: {_safe(finding.what)}"]
    lines += [f"{'':<8} Why: {_safe(finding.why)}"] if finding.why else []
    lines += [f"{'':<8} Next: {_safe(finding.next_step)}"] if finding.next_step else []
    return "\n".join(lines)


def _safe(text: str) -> str:
    return printable(redact(text))


def _summary(findings: list[Finding]) -> str:
    levels = [finding.level for finding in findings]
    problems, warnings = levels.count("problem"), levels.count("warning")
    if not problems and not warnings:
        return "All is well."
    return f"{problems} problem{'s' * (problems != 1)}, {warnings} warning{'s' * (warnings != 1)}."
