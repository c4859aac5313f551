"""`workbench report`: one account or client over one period, pinned to a snapshot, as files for people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from workbench import clock
from workbench.answers.plan import Plan, read_plan, read_plan_file
from workbench.cli.app import PLAIN
from workbench.cli.notify import DryRun, Notify, tell_targets
from workbench.cli.options import account_numbers, choice_option, only_with, wrong_options
from workbench.console import printable, tell
from workbench.errors import ValidationError
from workbench.queries.api import default
from workbench.queries.sources import Source
from workbench.reports.files import FORMATS, write_report
from workbench.reports.gather import make_report
from workbench.reports.messages import Item
from workbench.reports.model import Report
from workbench.reports.next_steps import read_next_steps
from workbench.reports.scope import Wanted, accounts_of
from workbench.settings.fields import ReaderSettings, read_settings

app = typer.Typer(**PLAIN)
SOURCES: tuple[Source, ...] = ("snapshots", "sample")


@app.command()
def run(
    *,
    account: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="By number or URN; may be repeated, for a client of several accounts."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the client; the accounts' names if left out.")] = None,
    period: Annotated[
        str | None, typer.Option(help="2026-11, 2026-11-01..2026-11-15 or 28d; the newest month if left out.")
    ] = None,
    snapshot: Annotated[str | None, typer.Option(help="Figures as this one knew them; the newest if left out.")] = None,
    next_steps: Annotated[
        Path | None, typer.Option("--next", help="A Markdown file with what you want to say next.")
    ] = None,
    plan: Annotated[
        Path | None, typer.Option(help="A TOML or CSV file of monthly budgets and targets; WORKBENCH_PLAN if left out.")
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(help="report.html, .pdf or .xlsx, or the name of a folder for CSV; repeat it for more."),
    ] = None,
    source: Annotated[Source, choice_option(SOURCES, "")] = "snapshots",
    notify: Notify = None,
    dry_run: DryRun = False,
) -> None:
    """Write the report of an account or client: one sentence, against plan, what changed, next steps, the numbers.

    The same snapshot and version make the same data, whose hash the report shows, with the command that makes it
    again. Charts and PDF need the extra `report`. With --notify each target gets the first file, if it takes files, and
    the sentence; the same report once a day.

    Example: workbench report --account 512345678 --period 2026-11 --output november.html
    """
    only_with(dry_run, "--dry-run", "--notify", there=notify)
    with wrong_options():
        asked = _one_report(account_numbers(account) or None, source, snapshot)
        wanted = Wanted(tuple(asked), name, period, snapshot)
        steps = read_next_steps(next_steps) if next_steps else ()
        made = make_report(default, source, wanted, plan_of(plan), next_steps=steps)
    given = [
        word for option, file in (("--plan", plan), ("--next", next_steps)) if file for word in (option, str(file))
    ]
    made = replace(made, again=(*made.again, *given))
    files = output or [Path(f"{_slug(made)}.html")]
    for target in files:
        write_report(made, _format(target), target)
        tell(f"Written: {target}", err=False)
    tell(printable(made.headline), err=False)
    tell(f"SHA-256 of the data: {made.data_hash}", err=False)
    attached = next((file for file in files if file.is_file()), None)
    items = [Item(f"report {made.data_hash}", made.headline)]
    today = clock.utc_now().date()
    if code := tell_targets(notify, made.title, items, today=today, dry_run=dry_run, attach=attached):
        raise typer.Exit(code)


def plan_of(file: Path | None) -> Plan:
    """The plan of a file, or of the installation."""
    return read_plan_file(file) if file else read_plan(read_settings(ReaderSettings))


def _one_report(asked: list[int] | None, source: Source, snapshot: str | None) -> list[int]:
    """The accounts of one report: those asked for, or the only one that there is."""
    found = accounts_of(default, source, asked, snapshot)
    if asked or len(found) == 1:
        return found
    raise ValidationError(
        "It is not clear which account to report on.",
        why=f"There are {len(found)} accounts with figures.",
        next_step="Name one with --account, or write all of them with `workbench publish`.",
    )


def _format(target: Path) -> str:
    ending = target.suffix.removeprefix(".").lower()
    if not ending or target.is_dir():
        return "csv"
    if ending == "csv" or ending not in FORMATS:
        raise typer.BadParameter(
            f"{str(target)!r} ends in none of .html, .pdf, .xlsx; a folder for CSV has no ending.",
            param_hint="--output",
        )
    return ending


def _slug(report: Report) -> str:
    window = report.pin.period
    return f"report-{report.pin.account_ids[0]}-{window.first.isoformat()}-{window.last.isoformat()}"
