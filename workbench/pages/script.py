"""The sync notebook as a script: it runs the sync itself, prints lines, and ends with the exit codes cron relies on."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Sequence
from datetime import date

from workbench.console import tell
from workbench.errors import WorkbenchError


async def run_sync(argv: Sequence[str]) -> int:
    """Sync as the arguments say; returns the exit code.

    0 all done or fresh, 10 something but not everything, 75 try later, 77 sign in, 78 configuration, 70 anything else,
    130 interrupted (SIGINT, SIGTERM), 2 usage.
    """
    from workbench import logs
    from workbench.cli.progress_table import show_progress
    from workbench.cli.summary import summary
    from workbench.pipeline.api import sync
    from workbench.pipeline.report import INTERRUPTED
    from workbench.settings import Settings, read_settings

    asked = _arguments(argv)
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101  (a coroutine runs in a task)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        settings = read_settings(Settings)
        logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
        with show_progress() as on_progress:
            report = await sync(
                days=asked.days,
                first_day=asked.first,
                last_day=asked.last,
                account_ids=asked.account,
                force=asked.force,
                trigger="script",
                on_progress=on_progress,
                settings=settings,
            )
    except asyncio.CancelledError:
        task.uncancel()
        tell("Interrupted; what was fetched is kept, and the next sync goes on from there.")
        return INTERRUPTED
    except WorkbenchError as error:
        tell(str(error))
        return error.exit_code
    tell(summary(report), err=False)
    return report.exit_code


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sync.py", description="Fetch what is new, and bring PostgreSQL up to date.")
    parser.add_argument("--days", type=int, help="ask for today − N … today (UTC days)")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first UTC day, as 2026-11-01")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last UTC day; today if left out")
    parser.add_argument("--account", type=int, action="append", help="only this ad account; may be repeated")
    parser.add_argument("--force", action="store_true", help="ask even if the last sync is still fresh")
    return parser.parse_args([word for word in argv if word != "--"])
