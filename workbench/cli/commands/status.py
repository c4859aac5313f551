"""`workbench status`: how this installation stands. It describes, and never fails because a part is missing."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.app import PLAIN, print_json
from workbench.diagnostics.status import gather
from workbench.diagnostics.status.text import described
from workbench.logs import redact

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Describe sign-in, database, syncs, coverage and snapshots; exits 0 also where nothing is set up yet.

    Nothing is changed and LinkedIn is not asked; an embedded database that holds data is started, to count its rows.
    `workbench doctor` also probes, and says what to do.

    Example: workbench status --json
    """
    health = gather()
    if as_json:
        print_json(health.as_dict())
    else:
        typer.echo(redact(described(health)))
