"""`workbench check`: the morning check and the certificate as a gate for cron and scripts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from workbench import clock
from workbench.answers.check import CANNOT_TELL, Checked, check
from workbench.answers.inputs import Asker
from workbench.answers.plan import read_plan
from workbench.cli.accounts import account_ids
from workbench.cli.app import PLAIN, complain, print_json
from workbench.console import tell
from workbench.errors import ConfigurationError, StorageError, ValidationError
from workbench.queries.api import default
from workbench.queries.sources import SOURCES, Source
from workbench.reports import check_texts
from workbench.settings.fields import ReaderSettings, read_settings

app = typer.Typer(**PLAIN)
FORMATS = ("text", "markdown", "json")


@app.command()
def run(
    *,
    form: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")] = "text",
    source: Annotated[str, typer.Option(help=f"One of {', '.join(SOURCES)}.")] = "database",
    account: Annotated[
        list[str] | None, typer.Option(help="This account only; an id or a URN. Repeat it for more.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="With snapshots: as known on that UTC day."),
    ] = None,
) -> None:
    """Say whether anything needs you: the morning check and the completeness certificate of every account.

    Exit codes: 0 nothing needs you, 1 findings, 2 it cannot be told, because figures are old or incomplete, or nothing
    was synced. Agreements and thresholds stand in one file (WORKBENCH_PLAN). LinkedIn is not asked.

    Example: workbench check --format markdown
    """
    if form not in FORMATS:
        raise typer.BadParameter(f"{form!r} is none of {', '.join(FORMATS)}.", param_hint="--format")
    if source not in SOURCES:
        raise typer.BadParameter(f"{source!r} is none of {', '.join(SOURCES)}.", param_hint="--source")
    code = _checked(form, source, account_ids(account), as_of.date() if as_of else None)
    if code:
        raise typer.Exit(code)


def _checked(form: str, source: Source, accounts: list[int] | None, as_of: date | None) -> int:
    """The exit code; the outcome is printed."""
    at = clock.utc_now()
    try:
        plan = read_plan(read_settings(ReaderSettings))
        found = check(Asker(default, source, as_of), plan, today=as_of or at.date(), account_ids=accounts)
    except (ConfigurationError, StorageError, ValidationError) as error:
        code = error.exit_code if isinstance(error, ConfigurationError) else CANNOT_TELL
        if form == "json":
            print_json(check_texts.failed_dict(error, code, at, source), exit_code=code)
        else:
            complain(error)
        return code
    _print(found, form, check_texts.as_dict(found, at, source))
    return found.exit_code


def _print(found: Checked, form: str, facts: dict[str, object]) -> None:
    if form == "json":
        print_json(facts, exit_code=found.exit_code)
    else:
        tell(check_texts.as_text(found) if form == "text" else check_texts.as_markdown(found), err=False)
