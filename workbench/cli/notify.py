"""The options --notify and --dry-run of commands that can send messages."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from workbench import exit_codes
from workbench.console import printable, tell
from workbench.reports.messages import Item, body_of, send, targets_of
from workbench.settings.fields import read_settings
from workbench.settings.home import HomeSettings

Notify = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TARGET",
        help="Send a message there, by Apprise: @FILE, or an address with ${NAME} for a variable. Repeat it for more.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="With --notify: show what would be sent, and send nothing.")]


def tell_targets(
    words: Sequence[str] | None,
    title: str,
    items: Sequence[Item],
    *,
    today: date,
    dry_run: bool,
    attach: Path | None = None,
) -> int:
    """Send what is new today to every target; what became of it goes to stderr. Returns 0, or 70 where one failed.

    Raises:
        ConfigurationError: a target cannot be used.
    """
    if not words:
        return exit_codes.DONE
    targets = targets_of(words, os.environ)
    if dry_run:
        for target in targets:
            tell(f"Would send to {target.shown}: {printable(title)}\n{body_of(items)}" if items else "Nothing to send.")
        return exit_codes.DONE
    if not items:
        return exit_codes.DONE
    sent = send(targets, title, items, home=read_settings(HomeSettings).home, today=today, attach=attach)
    for one in sent:
        if one.trouble:
            tell(f"Not sent to {one.target}. {one.trouble}")
        elif one.told:
            tell(f"Sent to {one.target}{f', without {one.known} sent earlier today' if one.known else ''}.")
    return exit_codes.FAILED if any(one.trouble for one in sent) else exit_codes.DONE
