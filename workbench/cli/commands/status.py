"""`workbench status`: describe this installation. A missing part does not stop it."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.app import PLAIN, print_json
from workbench.console import printable
from workbench.diagnostics.status import Health, gather
from workbench.diagnostics.status.text import brief, described
from workbench.logs import redact

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Every fact, not only the main ones.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Print only what needs attention, a line each; exit 1 if anything does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, with every fact.")] = False,
) -> None:
    """Describe sign-in, database, syncs, coverage and snapshots.

    Nothing is changed and LinkedIn is not asked; an embedded database that holds data is started, to count its rows.
    Exit codes: 0, or 1 if the settings or the database cannot be used; with --check 1 if anything needs attention.
    `workbench doctor` also probes.

    Example: workbench status --check
    """
    if check and verbose:
        raise typer.BadParameter("Give -v or --check, not both.")
    from workbench.diagnostics.doctor.attention import attention, line  # with everything that doctor needs

    health = gather()
    found = attention(health)
    code = int(bool(found) if check else _is_out_of_order(health))
    if as_json:
        lines = [{"check": one.check, "level": one.level, "text": line(one)} for one in found]
        print_json({**health.as_dict(), "attention": lines, "exit_code": code}, exit_code=code)
    elif check:
        for one in found:
            typer.echo(printable(line(one)))
    elif verbose:
        typer.echo(redact(described(health)))
    else:
        typer.echo(redact(brief(health)))
        for one in found:
            typer.echo(printable(f"! {line(one)}"))
        typer.echo("`workbench status -v` shows everything." if health.settings is None else "")
    if code:
        raise typer.Exit(code)


def _is_out_of_order(health: Health) -> bool:
    return health.settings is not None or (health.database is not None and health.database.trouble is not None)
