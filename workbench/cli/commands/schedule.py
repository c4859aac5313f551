"""`workbench schedule`: run a command every day, with a log and a message on failure."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import COMMANDS, PLAIN
from workbench.cli.notify import Notify
from workbench.cli.options import choice_option
from workbench.cli.scheduled_run import run_and_tell
from workbench.cli.schedules import KINDS, Job, chosen_kind, time_of
from workbench.console import tell
from workbench.errors import ConfigurationError
from workbench.paths import nearest_env_file, working_folder
from workbench.settings.fields import ReaderSettings, read_settings

app = typer.Typer(**PLAIN)
_WORDS = {**PLAIN["context_settings"], "ignore_unknown_options": True, "allow_interspersed_args": False}

_ENDLESS = ("schedule", "serve", "open", "demo", "mcp", "sandbox")


@app.command(context_settings=_WORDS)
def run(
    *,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[COMMAND…]", help="A command with its options; sync --quiet if none.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="This machine's local time; 06:15 if left out.")
    ] = None,
    kind: Annotated[str | None, choice_option(tuple(KINDS), "; what this machine has if left out", "--kind")] = None,
    install: Annotated[bool, typer.Option("--install", help="Write it and turn it on.")] = False,
    now: Annotated[bool, typer.Option("--run", help="Run it once, now, as the schedule does.")] = False,
    notify: Notify = None,
) -> None:
    """Print what runs a command of the workbench every day: a systemd user timer, a launchd agent or a cron line.

    The output goes to a log in LOG_DIR. If the command fails, --notify sends a message; its target has to be @FILE.

    Example: workbench schedule --at 06:15 --notify @targets --install sync --quiet
    """
    chosen = list(words or ("sync", "--quiet"))
    if chosen[0] not in COMMANDS or chosen[0] in _ENDLESS:
        raise typer.BadParameter(
            f"{chosen[0]!r} is no command that ends by itself, such as sync, check, report or publish.",
            param_hint="COMMAND",
        )
    if now:
        for option, given in (("--install", install), ("--kind", kind), ("--at", at)):
            if given:
                raise typer.BadParameter("It does not go with --run, which runs the command now.", param_hint=option)
        log_dir = read_settings(ReaderSettings).log_dir
        if log_dir is None:
            raise ConfigurationError(
                "There is no folder for the log.", why="No home and no LOG_DIR is set.", next_step="Set LOG_DIR."
            )
        code = run_and_tell(chosen, log_dir, notify)
        if code:
            raise typer.Exit(code)
        return
    job = _job(chosen, "06:15" if at is None else at, notify)
    made = KINDS[kind or chosen_kind()]
    tell("\n".join(made.install(job)) if install else made.text(job).rstrip("\n"), err=False)


def _job(words: list[str], at: str, notify: list[str] | None) -> Job:
    try:
        hour, minute = time_of(at)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None
    targets = [part for target in notify or () for part in ("--notify", _lasting(target))]
    words = list(_with_lasting_targets(words))
    # Not resolved: the link in a virtual environment is what finds its packages.
    # -P keeps Python from taking modules of the working directory.
    command = [sys.executable, "-P", "-m", "workbench", "schedule", "--run", *targets, *words]
    env_file = nearest_env_file(working_folder())
    folder = env_file.parent if env_file is not None else working_folder() or Path("/")
    try:
        return Job(f"linkedin-ads-{words[0]}", words, command, folder.absolute(), hour, minute)
    except ValueError as error:
        raise typer.BadParameter(f"{error}.", param_hint="COMMAND") from None


def _with_lasting_targets(words: list[str]) -> Iterator[str]:
    """The words of a command; targets among them are files, with whole paths."""
    before = ""
    for word in words:
        name, is_one, target = word.partition("=")
        if is_one and name == "--notify":
            yield f"--notify={_lasting(target)}"
        else:
            yield _lasting(word) if before == "--notify" else word
        before = word


def _lasting(target: str) -> str:
    """A target that a timer can use: it has no variables of this shell, and another working directory."""
    if not target.startswith("@"):
        raise typer.BadParameter("In a schedule, name a file of targets: --notify @FILE.", param_hint="--notify")
    return f"@{Path(target[1:]).absolute()}"
