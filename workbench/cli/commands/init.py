"""`workbench init`: ask what the workbench needs, write `.env`, check it, sign in, fetch for the first time."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from workbench import logs
from workbench.cli.app import PLAIN
from workbench.cli.interview import agree, choose
from workbench.cli.options import ACCOUNT_HELP
from workbench.cli.setup_questions import interview, without_questions
from workbench.cli.setup_values import Known, find_known, refusal
from workbench.cli.signing_in import NEXT_STEP, sign_in, welcome
from workbench.console import tell
from workbench.errors import ConfigurationError, StorageError
from workbench.exit_codes import INTERRUPTED
from workbench.files import private_descriptor
from workbench.paths import working_folder
from workbench.settings.env_lines import updated, write
from workbench.settings.fields import Settings, read_settings

app = typer.Typer(**PLAIN)


@app.command()
def run(
    *,
    client_id: Annotated[str | None, typer.Option(help="Client id of your LinkedIn app.")] = None,
    redirect_uri: Annotated[str | None, typer.Option(help="A redirect URL of the app's Auth tab.")] = None,
    scopes: Annotated[str | None, typer.Option(help="Scopes to ask for, separated by blanks.")] = None,
    account: Annotated[list[str] | None, typer.Option(metavar="ID", help=ACCOUNT_HELP)] = None,
    sync: Annotated[
        bool | None, typer.Option("--sync/--no-sync", help="Fetch at the end, or not. Default: ask on a terminal.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: take options, environment, .env file and defaults.")
    ] = False,
) -> None:
    """Set up this installation: ask what is needed, write the .env file, check it, sign in, fetch for the first time.

    Secrets are never options: they are asked for, or read from LINKEDIN_CLIENT_SECRET, LINKEDIN_ACCESS_TOKEN,
    DATABASE_URL and POSTGRES_PASSWORD in the environment. What the .env file already says is offered as the default;
    its other lines stay as they are. With --yes it asks nothing and signs in to nothing.

    Example: workbench init
    """
    options = {
        "LINKEDIN_CLIENT_ID": client_id,
        "LINKEDIN_REDIRECT_URI": redirect_uri,
        "LINKEDIN_SCOPES": scopes,
        "LINKEDIN_ACCOUNT_IDS": ",".join(account or ()),
    }
    given = {name: value.strip() for name, value in options.items() if value and value.strip()}
    _refuse_wrong(given)
    if not yes and not sys.stdin.isatty():
        raise ConfigurationError(
            "Nothing can be asked here.",
            why="Standard input is not a terminal.",
            next_step="Run `workbench init` in a terminal, or add --yes to take options, environment and defaults.",
        )
    try:
        _set_up(find_known(working_folder(), given), yes=yes, sync=sync)
    except (typer.Abort, KeyboardInterrupt, EOFError):
        tell("\nInterrupted. Run `workbench init` again: it offers what is in the file by then.")
        raise typer.Exit(INTERRUPTED) from None


def _refuse_wrong(options: Mapping[str, str]) -> None:
    hints = {"LINKEDIN_ACCOUNT_IDS": "--account"}
    for name, value in options.items():
        if reason := refusal(name, value):
            hint = hints.get(name, f"--{name.removeprefix('LINKEDIN_').lower().replace('_', '-')}")
            raise typer.BadParameter(reason, param_hint=hint)


def _set_up(known: Known, *, yes: bool, sync: bool | None) -> None:
    answers = without_questions(known) if yes else interview(known)
    if not _written(known, answers, yes=yes):
        return
    settings = read_settings(Settings)
    logs.configure(settings.log_dir, level=settings.LOG_LEVEL)
    from workbench.cli.setup_checks import check

    tell("\nChecks")
    asyncio.run(check(settings))
    signed_in = settings.LINKEDIN_ACCESS_TOKEN is not None or (not yes and _signed_in(settings))
    if not signed_in:
        signed_in = settings.token_file.exists()
    if not signed_in:
        tell("\nNext: `workbench auth login` signs you in; then `workbench sync` fetches your figures.")
    elif sync or (sync is None and not yes and agree("\nFetch your figures now? The first time takes some minutes.")):
        from workbench.cli.commands import sync as sync_command

        sync_command.run()
    else:
        tell(f"\n{NEXT_STEP}")


def _written(known: Known, answers: Mapping[str, str], *, yes: bool) -> bool:
    """Write what changed, after asking the user; whether to go on."""
    changes = known.changes(answers)
    for name in answers:
        if os.environ.get(name) and os.environ[name] != answers[name]:
            tell(f"  {name} is also set in the environment, which wins over the file: unset it there.")
    if not changes:
        if known.file.exists():
            os.close(private_descriptor(known.file, os.O_RDONLY))  # mode 0600: others may have been able to read it
        tell(f"\n{known.file} already says all of this.")
        return True
    if not yes and not agree(f"\nWrite {', '.join(changes)} to {known.file}?"):
        tell("Nothing was written.")
        return False
    try:
        text = known.file.read_text("utf-8") if known.file.exists() else ""
        write(known.file, updated(text, changes))
    except (OSError, UnicodeDecodeError) as error:
        why = "It is not UTF-8 text" if isinstance(error, ValueError) else error.strerror or str(error)
        raise StorageError(
            f"{known.file} cannot be written.", why=f"{why}.", next_step="Make it writable for you, then try again."
        ) from error
    tell(f"Written to {known.file} (mode 0600): {', '.join(changes)}.")
    return True


def _signed_in(settings: Settings) -> bool:
    """Sign in now, if the user wants to."""
    from workbench.linkedin.auth.redirect_listener import can_listen

    here = can_listen(settings.LINKEDIN_REDIRECT_URI)
    way = choose(
        "\nSign in to LinkedIn now?",
        ("yes, with a browser on this machine", "yes, with a browser elsewhere: I paste the address it ends at", "no"),
        default=3 if settings.token_file.exists() else 1 if here else 2,
    )
    if way == 3:
        return False
    tell(welcome(sign_in(settings, paste=way == 2), settings))
    return True
