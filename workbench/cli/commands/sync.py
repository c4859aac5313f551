"""`workbench sync`: one sync with progress, an outcome per account, and an exit code that cron can use."""

from __future__ import annotations

import asyncio
import gc
import signal
from datetime import date
from typing import Annotated, Any

import typer

from workbench import logs
from workbench.cli.app import PLAIN, print_json
from workbench.cli.options import ACCOUNT_HELP, account_numbers, day_option
from workbench.cli.progress_table import show_progress
from workbench.cli.summary import failure, problems, summary
from workbench.clock import utc_now
from workbench.console import tell
from workbench.errors import SyncInterruptedError, ValidationError, WorkbenchError, capitalized
from workbench.exit_codes import INTERRUPTED
from workbench.logs import redact
from workbench.pipeline.api import chosen_groups, sync
from workbench.pipeline.report import SyncReport
from workbench.pipeline.sync_windows import requested_window
from workbench.schema.shards import Shard
from workbench.settings.fields import Settings, read_settings

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    days: Annotated[int | None, typer.Option(min=0, metavar="N", help="The last N UTC days and today.")] = None,
    first: Annotated[date | None, day_option("First UTC day.", "--from")] = None,
    last: Annotated[date | None, day_option("Last UTC day; today if left out.", "--to")] = None,
    account: Annotated[list[str] | None, typer.Option(metavar="ID", help=ACCOUNT_HELP)] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="GROUP", help="Of figures beyond the core, this group only, or none; may be repeated."),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="This part of all accounts only, such as 2/4: the second of four.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Ask even if the last sync is still fresh.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Say nothing when all is well, and what is wrong once, on stderr.")
    ] = False,
    trigger: Annotated[str, typer.Option(hidden=True)] = "cli",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, all else on stderr.")] = False,
) -> None:
    """Fetch what is new into a snapshot, then bring PostgreSQL up to date from it.

    Without dates the window is planned from what is already there, so that no day is ever left out. Exit codes: 0 all
    done or fresh, 10 something but not everything, 75 try later, 77 sign in again, 78 configuration, 70 anything else,
    130 interrupted.

    Progress is shown on a terminal only. From cron, use --quiet: it prints nothing when all is well.

    Example: workbench sync --days 30
    """
    _refuse_odd_window(days, first, last)
    options = {
        "days": days,
        "first_day": first,
        "last_day": last,
        "account_ids": account_numbers(account),
        "only": _groups(only),
        "shard": _shard(shard),
        "force": force,
        "trigger": trigger,
    }
    try:
        report = asyncio.run(_interruptible(options, quiet=quiet))
    except WorkbenchError as error:
        if as_json:
            print_json(_unfinished(error, error.sync), exit_code=error.exit_code)
        raise
    except (asyncio.CancelledError, KeyboardInterrupt) as interrupted:
        tell("Interrupted; what was fetched is kept, and the next sync goes on from there.")
        if as_json:
            begun = interrupted.sync if isinstance(interrupted, SyncInterruptedError) else {}
            print_json(_unfinished(None, begun), exit_code=INTERRUPTED)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json(report.as_dict(), exit_code=report.exit_code)
    if quiet:
        message = failure(report)
    else:
        tell(summary(report), err=as_json)
        message = problems(report)
    if message:
        tell(redact(message))
    raise typer.Exit(report.exit_code)


async def _interruptible(options: dict[str, Any], *, quiet: bool) -> SyncReport:
    """Run the sync as a task that SIGINT and SIGTERM cancel cleanly."""
    settings = read_settings(Settings)
    logs.configure(settings.log_dir, level=settings.LOG_LEVEL, console=not quiet)
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101  (we are inside asyncio.run)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    gc.freeze()  # what is imported stays: without this, every collection during half a million rows looks at it
    try:
        with show_progress(quiet=quiet) as on_progress:
            return await sync(**options, settings=settings, on_progress=on_progress)
    finally:
        gc.unfreeze()  # or DuckDB complains at exit that its objects were never collected


def _refuse_odd_window(days: int | None, first: date | None, last: date | None) -> None:
    """Refuse options that contradict each other, before anything is read or asked."""
    try:
        requested_window(utc_now().date(), days=days, first_day=first, last_day=last)
    except ValidationError as error:
        raise typer.BadParameter(f"{error.what} {error.next_step}", param_hint="--days, --from, --to") from error


def _groups(words: list[str] | None) -> tuple[str, ...] | None:
    """The groups that --only names, each word one or several with commas; None where it is not given."""
    if not words:
        return None
    try:
        return chosen_groups([part for word in words for part in word.replace(",", " ").split()])
    except ValidationError as error:
        raise typer.BadParameter(f"{error.what} {error.why}", param_hint="--only") from error


def _shard(text: str | None) -> Shard | None:
    try:
        return Shard.of(text) if text is not None else None
    except ValueError as error:
        raise typer.BadParameter(f"{capitalized(str(error))}.", param_hint="--shard") from error


def _unfinished(error: WorkbenchError | None, begun: dict[str, Any]) -> dict[str, Any]:
    """The `--json` object of a sync that did not come to a report.

    Args:
        error: what ended it; None if it was interrupted.
        begun: what is known of it if it had begun to write a snapshot.
    """
    retry_at = getattr(error, "retry_at", None)
    return {
        "sync_id": None,
        "status": "failed" if error else "interrupted",
        "exit_code": error.exit_code if error else INTERRUPTED,
        "snapshot": None,
        "window": None,
        "api_calls": 0,
        "retry_at": retry_at.isoformat() if retry_at else None,
        "accounts": [],
        "error": error.as_dict() if error else None,
        **begun,
    }
