"""`workbench check`: the morning check and the certificate as a gate for cron and scripts."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from workbench import clock
from workbench.answers.check import CANNOT_TELL, FINDINGS, Checked, check
from workbench.answers.inputs import Asker
from workbench.answers.plan import read_plan
from workbench.cli.app import PLAIN, complain, print_json
from workbench.cli.notify import DryRun, Notify, tell_targets
from workbench.cli.options import (
    ACCOUNT_HELP,
    account_numbers,
    choice_option,
    day_option,
    only_with,
    refuse_state_of_database,
)
from workbench.console import tell
from workbench.errors import ConfigurationError, StorageError, ValidationError
from workbench.logs import redact
from workbench.queries.api import default
from workbench.queries.sources import SOURCES, Source
from workbench.reports import check_texts
from workbench.reports.messages import Item
from workbench.settings.fields import ReaderSettings, read_settings

app = typer.Typer(**PLAIN)
FORMATS = ("text", "markdown", "json")
TITLES = {FINDINGS: "LinkedIn Ads: something needs you", CANNOT_TELL: "LinkedIn Ads: the check cannot tell"}
"""Of messages, by exit code."""


@app.command()
def run(
    *,
    form: Annotated[str, choice_option(FORMATS, "", "--format")] = "text",
    source: Annotated[Source, choice_option(SOURCES, "")] = "database",
    account: Annotated[list[str] | None, typer.Option(metavar="ID", help=ACCOUNT_HELP)] = None,
    as_of: Annotated[date | None, day_option("With snapshots: as known on that UTC day.")] = None,
    notify: Notify = None,
    dry_run: DryRun = False,
) -> None:
    """Say whether anything needs you: the morning check and the completeness certificate of every account.

    Exit codes: 0 nothing needs you, 1 findings, 2 it cannot say, because figures are old or incomplete, or nothing was
    synced. Agreements and thresholds stand in one file (WORKBENCH_PLAN). LinkedIn is not asked.
    With --source snapshots, findings that a change of yours in the last three days explains are listed apart.
    With --notify each finding is sent once a day to each target; the exit code is 70 if a message could not be sent.

    Example: workbench check --format markdown
    """
    refuse_state_of_database(as_of, source)
    only_with(dry_run, "--dry-run", "--notify", there=notify)
    code, items = _checked(form, source, account_numbers(account) or None, as_of)
    today = as_of or clock.utc_now().date()
    code = (
        tell_targets(notify, TITLES.get(code, "LinkedIn Ads: the check failed"), items, today=today, dry_run=dry_run)
        or code
    )
    if code:
        raise typer.Exit(code)


def _checked(form: str, source: Source, accounts: list[int] | None, as_of: date | None) -> tuple[int, list[Item]]:
    """The exit code, and what messages say; the outcome is printed."""
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
        return code, [Item(f"error {error.what}", redact(f"{error.what} {error.why}"))]
    _print(found, form, check_texts.as_dict(found, at, source))
    said = (*found.findings, *found.cannot_tell)
    return found.exit_code, [Item(one.key, check_texts.line(one)) for one in said]


def _print(found: Checked, form: str, facts: dict[str, object]) -> None:
    if form == "json":
        print_json(facts, exit_code=found.exit_code)
    else:
        tell(check_texts.as_text(found) if form == "text" else check_texts.as_markdown(found), err=False)
