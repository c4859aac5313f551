"""The command line: list and load commands, turn failures into messages and exit codes.

Commands are imported when they are run, so that `workbench --help` loads neither databases nor notebooks.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from workbench.cli.help_texts import make_plain
from workbench.console import forget_refused, forget_unsaid, hold_streams, speaks_utf8, tell
from workbench.errors import StorageError, WorkbenchError

COMMANDS = {
    "demo": "No account needed: invented data, a real sync, then the pages.",
    "init": "Set up: ask what is needed, write the settings, sign in, fetch for the first time.",
    "auth": "Sign in to LinkedIn, see how the sign-in stands, sign out.",
    "sync": "Fetch what is new into a snapshot and bring PostgreSQL up to date.",
    "load": "Bring PostgreSQL up to date from snapshots on disk.",
    "status": "Describe sign-in, database, syncs, coverage and snapshots.",
    "doctor": "Probe this installation and say what to do.",
    "check": "Say whether anything needs you: the morning check and what can be signed, as a gate.",
    "report": "Write the report of an account or client as HTML, PDF, Excel or CSV.",
    "publish": "Write the reports of all accounts as a folder of static pages.",
    "export": "Write the history as Parquet that other engines read in place.",
    "schedule": "Run a command every day, with a log and a message on failure.",
    "questions": "List the questions there are; show one with its parameters, columns and SQL.",
    "query": "Ask one question and print or save the answer.",
    "new": "Write a file with a question or a notebook of your own, to begin with.",
    "config": "Show every setting in effect and where it comes from.",
    "db": "Migrate the database, create the read-only role, connect other programs.",
    "open": "Open the pages for yourself.",
    "mcp": "Offer questions and answers as tools for an assistant.",
    "serve": "Serve read-only pages to your team.",
    "sandbox": "Run the invented LinkedIn alone.",
}


class _Group(TyperGroup):
    """Says which command was probably meant."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            ctx.fail(f"There is no command {args[0]!r}.{_meant(args[0], known)}")
        return super().resolve_command(ctx, args)


HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}
PLAIN: dict[str, Any] = {
    "cls": _Group,
    "add_completion": False,
    "context_settings": HELP_OPTIONS,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}


class _Commands(_Group):
    """Lists every command by name and line; loads one only to run it or to show its own help."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        summary = COMMANDS.get(cmd_name)
        return None if summary is None else TyperCommand(cmd_name, short_help=summary)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        command = typer.main.get_command(import_module(f"workbench.cli.commands.{name}").app)
        command.name = name
        make_plain(command)
        return name, command, rest


def _meant(word: str, known: Iterable[str]) -> str:
    """The commands that were probably meant, as a sentence; empty where none is near."""
    near = get_close_matches(word, list(known), n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(near)}?" if near else ""


app = typer.Typer(invoke_without_command=True, **{**PLAIN, "cls": _Commands, "add_completion": True})


@app.callback()
def workbench(
    context: typer.Context,
    *,
    version: bool = typer.Option(False, "--version", help="Print the version and stop."),
) -> None:
    """LinkedIn Ads, kept and explained: fetch into snapshots, load into PostgreSQL, read on pages.

    Example: workbench demo
    """
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"workbench {installed('linkedin-ads-workbench')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> None:
    """Run a command; print a failure that a person can act on in three lines; anything else is a bug."""
    hold_streams()
    _leave_no_core()
    try:
        app(arguments, standalone_mode=True, prog_name="workbench")
    except WorkbenchError as error:
        complain(error)
        sys.exit(error.exit_code)
    except OSError as error:
        if not forget_refused():
            raise
        complain(_unsaid(error))
        sys.exit(StorageError.exit_code)
    finally:
        forget_unsaid()


def _leave_no_core() -> None:
    """Let no crash write this process's memory to disk, with the tokens in it; programs that it starts neither."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def complain(error: WorkbenchError) -> None:
    """What failed, why, what next; on stderr, without secrets."""
    from workbench.logs import redact

    tell(redact(str(error)))


def print_json(value: Any, *, exit_code: int = 0) -> None:
    """One JSON object on stdout.

    Args:
        exit_code: the command's exit code; a failure keeps it even if its message cannot be printed.

    Raises:
        StorageError: the command succeeded, but its output cannot be written.
    """
    import json

    try:
        print(json.dumps(value, ensure_ascii=not speaks_utf8(sys.stdout), default=str), flush=True)  # noqa: T201  (this is its place)
    except OSError as error:
        if exit_code:
            complain(_unsaid(error))
        elif isinstance(error, BrokenPipeError):
            raise  # the reader closed the pipe on purpose
        else:
            raise _unsaid(error) from error


def _unsaid(error: OSError) -> StorageError:
    return StorageError(
        "The answer could not be written.",
        why=f"Where it should go says: {error.strerror}.",
        next_step="Make room there, or send it elsewhere.",
    )
