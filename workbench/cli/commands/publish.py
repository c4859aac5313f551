"""`workbench publish`: the reports of all accounts as static pages for a web server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from workbench import exit_codes
from workbench.analytics.periods import period as read_period
from workbench.answers.plan import Plan
from workbench.cli.app import PLAIN, complain
from workbench.cli.commands.report import SOURCES, plan_of
from workbench.cli.options import ACCOUNT_HELP, account_numbers, choice_option, wrong_options
from workbench.console import tell
from workbench.errors import ConfigurationError, ValidationError
from workbench.paths import is_url
from workbench.queries.api import default
from workbench.queries.sources import Source
from workbench.reports.gather import make_report
from workbench.reports.model import Report
from workbench.reports.publish import publish
from workbench.reports.scope import Wanted, accounts_of

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    folder: Annotated[str, typer.Argument(help="Where the pages go; it is made if it is not there.")],
    account: Annotated[list[str] | None, typer.Option(metavar="ID", help=ACCOUNT_HELP)] = None,
    period: Annotated[
        str | None, typer.Option(help="2026-11, 2026-11-01..2026-11-15 or 28d; the newest month if left out.")
    ] = None,
    snapshot: Annotated[str | None, typer.Option(help="Figures as this one knew them; the newest if left out.")] = None,
    plan: Annotated[
        Path | None, typer.Option(help="A TOML or CSV file of monthly budgets and targets; WORKBENCH_PLAN if left out.")
    ] = None,
    source: Annotated[Source, choice_option(SOURCES, "")] = "snapshots",
) -> None:
    """Write a page for each account and an index into a folder that any web server can serve.

    Pages of earlier periods stay. Every file is replaced whole, the index last. An account of which nothing can be
    said for the period is named and left out; the exit code is then 10.

    Example: workbench publish /srv/reports --period 2026-11
    """
    if is_url(folder):
        raise ConfigurationError(
            f"Pages cannot be written to {folder}.",
            why="It is a URL, and the files are written to a folder of this machine.",
            next_step="Publish to a folder, then copy it there, index.html last.",
        )
    with wrong_options():
        accounts = accounts_of(default, source, account_numbers(account) or None, snapshot)
        if period:
            read_period(period, until=date.max)
    os.umask(os.umask(0o022) | 0o022)  # others may read the pages, and never write them
    failed: list[ValidationError] = []
    made = publish(_reports(source, accounts, period, snapshot, plan_of(plan), failed), Path(folder))
    tell(f"{len(made)} {'page' if len(made) == 1 else 'pages'} and the index: {Path(folder) / 'index.html'}", err=False)
    for error in failed:
        complain(error)
    if failed:
        raise typer.Exit(exit_codes.PARTIAL if made else exit_codes.FAILED)


def _reports(
    source: Source,
    accounts: list[int],
    period: str | None,
    snapshot: str | None,
    plan: Plan,
    failed: list[ValidationError],
) -> Iterator[Report]:
    """A report for each account, one at a time; what cannot be reported on is kept in `failed`."""
    for account_id in accounts:
        try:
            yield make_report(default, source, Wanted((account_id,), None, period, snapshot), plan)
        except ValidationError as error:
            failed.append(error)
