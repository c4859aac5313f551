"""`workbench demo`: the first five minutes, without an account."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from workbench import logs
from workbench.cli import demo_environment, demo_history
from workbench.cli.app import PLAIN
from workbench.cli.progress_table import show_progress
from workbench.console import tell
from workbench.errors import StorageError
from workbench.exit_codes import INTERRUPTED

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    once: Annotated[bool, typer.Option("--once", help="Make and check all data, then stop.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address only.")] = False,
) -> None:
    """Show invented data from a LinkedIn on loopback: a real sign-in, a real sync, the pages. Needs no account.

    Example: workbench demo
    """
    with demo_environment.installation() as (settings, sandbox):
        logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
        typer.echo("Inventing ad accounts, signing in and syncing: a week ago, yesterday and today.")
        try:
            with show_progress() as on_progress:
                report = asyncio.run(
                    demo_environment.fill(settings, sandbox, on_progress=on_progress, announce=lambda words: None)
                )
        except KeyboardInterrupt:
            tell(f"The demo has stopped before its data were there. {demo_environment.where(settings)}")
            raise typer.Exit(INTERRUPTED) from None
        if report.exit_code:
            raise StorageError("The demo's sync did not finish.", why=str(report.error), next_step="Run it again.")
        typer.echo(demo_environment.summary(settings))
        if once:
            demo_history.make(settings, sandbox.clock.today)
            typer.echo(demo_environment.verified(settings))
            typer.echo(demo_environment.where(settings))
            return
        from workbench.web.serve import serve_to_owner

        typer.echo("Five weeks of daily snapshots come within two minutes. Ctrl-C stops the demo.")
        with demo_history.made_in_background():
            serve_to_owner(browser=not no_browser)
    typer.echo("\nThe demo has stopped: its pages and its invented LinkedIn no longer answer.")
    typer.echo(demo_environment.where(settings))
